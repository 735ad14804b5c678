//! The static-drift hash of the older kind, version `v3`: claims carry it, so taking a cluster over must find the same.
//!
//! 64-bit FNV-1 over names and values in the order of declaration; lists are combined by exclusive or, so that their
//! order does not count. Selector terms are left out; the selection policy and the plain password are in.
//!
//! Source: Karpenter behaviour, drift hash version 3.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use karpenter_core::api::duration::TextDuration;
use karpenter_core::api::structural_hash::{
    Struct, finish, fnv1, list, map, non_empty, pair, text,
};
use karpenter_core::model::quantity::Quantity;

use super::node_class::{LegacyDataDisk, LegacySpec, LegacySystemDisk};
use crate::api::kubelet::KubeletConfiguration;

/// Value of the annotation that names the version.
pub const VERSION: &str = "v3";

/// The hash as its annotation holds it: decimal, unsigned, 64 bits.
pub fn hash(spec: &LegacySpec) -> String {
    let policy = spec.v_switch_selection_policy.map(|policy| text(policy.as_str()));
    let data_disks = spec.data_disks.as_ref().map(|disks| list(disks.iter().map(data_disk)));
    let categories = spec.data_disk_categories.as_ref();
    let categories = categories.map(|all| list(all.iter().map(|one| text(one.as_str()))));
    let optional = |value: &Option<String>| value.as_deref().map(text);
    Struct::new("ECSNodeClassSpec")
        .member("VSwitchSelectionPolicy", policy)
        .member("KubeletConfiguration", spec.kubelet_configuration.as_ref().map(kubelet))
        .member("SystemDisk", spec.system_disk.as_ref().map(system_disk))
        .member("DataDisks", data_disks)
        .member("DataDisksCategories", categories)
        .member("FormatDataDisk", flag(spec.format_data_disk))
        .member("Tags", spec.tags.as_ref().map(map))
        .member("ResourceGroupID", spec.resource_group_id.as_deref().and_then(non_empty))
        .member("UserData", optional(&spec.user_data))
        .member("Password", spec.password.as_ref().and_then(|p| non_empty(p.expose())))
        .member("KeyPairName", spec.key_pair_name.as_deref().and_then(non_empty))
        .member("PasswordInherit", flag(spec.password_inherit))
        .value()
        .to_string()
}

fn system_disk(disk: &LegacySystemDisk) -> u64 {
    let categories = disk.categories.as_ref();
    Struct::new("SystemDisk")
        .member("Categories", categories.map(|all| list(all.iter().map(|one| text(one.as_str())))))
        .member("VolumeSize", disk.volume_size.as_deref().map(size))
        .member("Size", disk.size.map(int32))
        .member("PerformanceLevel", disk.performance_level.map(|level| text(level.as_str())))
        .value()
}

fn data_disk(disk: &LegacyDataDisk) -> u64 {
    Struct::new("DataDisk")
        .member("VolumeSize", disk.volume_size.as_deref().map(size))
        .member("Device", disk.device.as_deref().map(text))
        .value()
}

fn kubelet(kubelet: &KubeletConfiguration) -> u64 {
    let texts = |all: &Vec<String>| list(all.iter().map(|one| text(one)));
    let periods = kubelet.eviction_soft_grace_period.as_ref();
    Struct::new("KubeletConfiguration")
        .member("ClusterDNS", kubelet.cluster_dns.as_ref().map(texts))
        .member("MaxPods", kubelet.max_pods.map(int32))
        .member("PodsPerCore", kubelet.pods_per_core.map(int32))
        .member("SystemReserved", kubelet.system_reserved.as_ref().map(map))
        .member("KubeReserved", kubelet.kube_reserved.as_ref().map(map))
        .member("EvictionHard", kubelet.eviction_hard.as_ref().map(map))
        .member("EvictionSoft", kubelet.eviction_soft.as_ref().map(map))
        .member("EvictionSoftGracePeriod", periods.map(grace_periods))
        .member("EvictionMaxPodGracePeriod", kubelet.eviction_max_pod_grace_period.map(int32))
        .member("ImageGCHighThresholdPercent", kubelet.image_gc_high_threshold_percent.map(int32))
        .member("ImageGCLowThresholdPercent", kubelet.image_gc_low_threshold_percent.map(int32))
        .member("CPUCFSQuota", kubelet.cpu_cfs_quota.map(|on| fnv1(&[u8::from(on)])))
        .value()
}

fn grace_periods(periods: &BTreeMap<String, String>) -> u64 {
    let nanos = |text: &str| {
        let period: Option<TextDuration> = text.parse().ok();
        let nanos = period.map_or(0, |period| period.duration().as_nanos());
        u64::try_from(nanos).unwrap_or(u64::MAX)
    };
    let hash = |nanos: u64| (nanos > 0).then(|| fnv1(&nanos.to_le_bytes()));
    let value = |text: &str| Struct::new("Duration").member("Duration", hash(nanos(text))).value();
    finish(list(periods.iter().map(|(key, period)| pair(text(key), value(period)))))
}

/// Sizes count in their canonical spelling: `1024Gi` as `1Ti`.
fn size(volume: &str) -> u64 {
    match volume.parse::<Quantity>() {
        Ok(quantity) => text(&quantity.to_string()),
        Err(_) => text(volume),
    }
}

fn int32(value: i32) -> u64 {
    fnv1(&value.to_le_bytes())
}

/// A flag that is off is left out.
fn flag(on: bool) -> Option<u64> {
    on.then(|| fnv1(&[1]))
}
