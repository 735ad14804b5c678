//! Errors of a spec that the schema cannot find.

use std::collections::BTreeMap;

use karpenter_core::model::quantity::Quantity;

use crate::api::conditions::{VALIDATION_SUCCEEDED, Verdict};
use crate::api::disks;
use crate::api::kubelet::KubeletConfiguration;
use crate::api::node_class::ECSNodeClassSpec;
use crate::catalog::overhead::threshold;
use crate::launch::request::system_categories;
use crate::launch::tags;
use crate::userdata::render::LIMIT;

/// Judges `spec`; `cluster_id` is the one used where the spec names none.
///
/// The first error found is reported, in the order user data, kubelet, tags, disks, cluster.
pub fn validate(spec: &ECSNodeClassSpec, cluster_id: &str) -> Verdict {
    let checks = [
        user_data(spec),
        kubelet(spec),
        tag_count(spec),
        disk_sizes(spec),
        cluster(spec, cluster_id),
    ];
    match checks.into_iter().flatten().next() {
        Some((reason, message)) => Verdict::failed(VALIDATION_SUCCEEDED, reason, message),
        None => Verdict::ok(VALIDATION_SUCCEEDED, ""),
    }
}

type Problem = Option<(&'static str, String)>;

fn user_data(spec: &ECSNodeClassSpec) -> Problem {
    let bytes = spec.user_data.as_ref().map_or(0, String::len);
    (bytes > LIMIT).then(|| {
        let message = format!("userData has {bytes} bytes, the limit is {LIMIT}; shorten it");
        ("UserDataTooLarge", message)
    })
}

fn kubelet(spec: &ECSNodeClassSpec) -> Problem {
    let kubelet = spec.kubelet.as_ref()?;
    let amount = |text: &str| text.parse::<Quantity>().is_ok();
    let signal = |text: &str| threshold(text, Quantity::from_units(1)).is_some();
    let maps: [(&str, Option<&BTreeMap<String, String>>, &dyn Fn(&str) -> bool); 3] = [
        ("kubeReserved", kubelet.kube_reserved.as_ref(), &amount),
        ("systemReserved", kubelet.system_reserved.as_ref(), &amount),
        ("evictionHard", kubelet.eviction_hard.as_ref(), &signal),
    ];
    for (field, map, is_valid) in maps {
        if let Some((key, value)) = map.into_iter().flatten().find(|(_, value)| !is_valid(value)) {
            return Some(invalid(field, key, value));
        }
    }
    negative(kubelet)
}

fn invalid(field: &str, key: &str, value: &str) -> (&'static str, String) {
    let message = format!("kubelet.{field}[{key}] is {value:?}, which is not an amount");
    ("KubeletInvalid", message)
}

fn negative(kubelet: &KubeletConfiguration) -> Problem {
    let counts = [("maxPods", kubelet.max_pods), ("podsPerCore", kubelet.pods_per_core)];
    let (field, count) = counts.into_iter().find(|(_, n)| n.is_some_and(|n| n < 0))?;
    let message = format!("kubelet.{field} is {}, it must not be negative", count.unwrap_or(0));
    Some(("KubeletInvalid", message))
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
        if let Err(error) = disks::size_gib(size, volume_size.as_deref()) {
            return Some(("DiskSizeInvalid", format!("{field}: {error}")));
        }
    }
    // Families of the entry disk take every category, so nothing left there is nothing left anywhere.
    system_categories(spec, "ecs.u1").is_empty().then(|| {
        let message = "no category of systemDisk allows its size; change size or categories";
        ("DiskSizeInvalid", message.to_owned())
    })
}

fn cluster(spec: &ECSNodeClassSpec, cluster_id: &str) -> Problem {
    let has_cluster = !spec.effective_cluster_id(cluster_id).is_empty();
    (!has_cluster && !spec.replaces_join_script()).then(|| {
        let message = "neither spec.clusterID nor the controller's cluster id is set, so there is no \
                       script to join with; set one of them, or userData with policy Replace";
        ("ClusterIDMissing", message.to_owned())
    })
}
