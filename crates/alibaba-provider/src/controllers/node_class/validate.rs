//! Errors of a spec that the schema cannot find.

mod kubelet;
mod notes;

use std::collections::BTreeMap;

use crate::api::bootstrap::BootstrapMode;
use crate::api::conditions::{VALIDATION_SUCCEEDED, Verdict};
use crate::api::disk_sizes::size_gib;
use crate::api::node_class::ECSNodeClassSpec;
use crate::launch::disks::{data_category, system_categories};
use crate::launch::tags;
use crate::userdata::render::LIMIT;

/// Judges `spec`; `cluster_id` is the one used where the spec names none.
///
/// The first error found is reported, in the order user data, kubelet, tags, disks, cluster; without one, what is
/// accepted but not used is noted.
pub fn validate(spec: &ECSNodeClassSpec, cluster_id: &str) -> Verdict {
    let checks = [
        user_data(spec),
        kubelet::judge(spec, cluster_id),
        tag_count(spec),
        disk_sizes(spec),
        cluster(spec, cluster_id),
    ];
    match checks.into_iter().flatten().next() {
        Some((reason, message)) => Verdict::failed(VALIDATION_SUCCEEDED, reason, message),
        None => Verdict::ok(VALIDATION_SUCCEEDED, notes::of(spec).join("; ")),
    }
}

/// Reason and message of what is wrong.
type Problem = Option<(&'static str, String)>;

fn user_data(spec: &ECSNodeClassSpec) -> Problem {
    let bytes = spec.user_data.as_ref().map_or(0, String::len);
    (bytes > LIMIT).then(|| {
        let message = format!("userData has {bytes} bytes, the limit is {LIMIT}; shorten it");
        ("UserDataTooLarge", message)
    })
}

fn tag_count(spec: &ECSNodeClassSpec) -> Problem {
    let count = spec.tags.as_ref().map_or(0, BTreeMap::len);
    (count > tags::USERS).then(|| {
        let message = format!(
            "spec.tags has {count} entries, with the {} of ours an instance would exceed its limit; \
             keep at most {}",
            tags::OURS,
            tags::USERS
        );
        ("TagValidationFailed", message)
    })
}

fn disk_sizes(spec: &ECSNodeClassSpec) -> Problem {
    let own = spec.system_disk.iter().map(|d| ("systemDisk".to_owned(), d.size, &d.volume_size));
    let more = spec.data_disks.iter().flatten().enumerate();
    let more = more.map(|(at, d)| (format!("dataDisks[{at}]"), d.size, &d.volume_size));
    for (field, size, volume_size) in own.chain(more) {
        if let Err(error) = size_gib(size, volume_size.as_deref()) {
            return Some(("DiskSizeInvalid", format!("{field}: {error}")));
        }
    }
    unusable_disk(spec).map(|field| {
        let message = format!("no category of {field} allows its size; change size or categories");
        ("DiskSizeInvalid", message)
    })
}

/// The first disk whose size no category of it allows.
fn unusable_disk(spec: &ECSNodeClassSpec) -> Option<String> {
    // Families of the entry disk take every category, so nothing left there is nothing left anywhere.
    const FAMILY: &str = "ecs.u1";
    if system_categories(spec, FAMILY).is_empty() {
        return Some("systemDisk".to_owned());
    }
    let mut disks = spec.data_disks.iter().flatten();
    let at = disks.position(|disk| data_category(spec, disk, FAMILY).is_none())?;
    Some(format!("dataDisks[{at}]"))
}

fn cluster(spec: &ECSNodeClassSpec, cluster_id: &str) -> Problem {
    if spec.replaces_join_script() {
        return None;
    }
    let has_cluster = !spec.effective_cluster_id(cluster_id).is_empty();
    if !has_cluster {
        let message = "neither spec.clusterID nor the controller's cluster id is set, so there is no \
                       script to join with; set one of them, or userData with policy Replace";
        return Some(("ClusterIDMissing", message.to_owned()));
    }
    (spec.effective_bootstrap_mode(cluster_id) == BootstrapMode::Kubeadm).then(|| {
        let message = "bootstrapMode Kubeadm has no script to join with yet; set it to ACK or Auto, or to \
                       Custom with userData that joins the node";
        ("BootstrapModeUnsupported", message.to_owned())
    })
}
