//! What a node of a type has.

use alibaba_sdk::ecs::InstanceType as Row;
use karpenter_core::model::quantity::Quantity;
use karpenter_core::model::resources::{ResourceName, Resources};

use super::types::{gpu_manufacturer, mib};
use crate::api::disk_sizes::size_gib;
use crate::api::disks::{DEFAULT_DATA_DISK_GIB, DEFAULT_SYSTEM_DISK_GIB};
use crate::api::kubelet::KubeletConfiguration;
use crate::api::node_class::ECSNodeClassSpec;
use crate::cluster::Network;

/// Bytes in a MiB.
const MIB: i64 = 1 << 20;
/// Bytes in a GiB.
const GIB: i64 = 1 << 30;
/// Pods of a node on the host's network, which need no address of their own.
const HOST_NETWORK_PODS: i64 = 3;
/// Most pods of a node whose addresses come from a range.
const MAX_RANGE_PODS: i64 = 256;
/// Most pods of a node of which we know nothing.
const DEFAULT_PODS: i64 = 110;

/// What capacity depends on besides the type.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// How pods get addresses.
    pub network: Network,
    /// Disks and kubelet settings.
    pub spec: &'a ECSNodeClassSpec,
    /// Part of the memory the virtual machine hides, 0 to 1.
    pub vm_memory_overhead_percent: f64,
    /// Network interfaces kept for other uses.
    pub reserved_enis: u32,
}

/// Full capacity of a node; entries of zero are left out.
///
/// Source: Alibaba action DescribeInstanceTypes; ACK, pods per node.
pub fn capacity(row: &Row, setting: Setting<'_>) -> Resources {
    let memory_mib = memory_mib(row.memory_size, setting.vm_memory_overhead_percent);
    let mut capacity = Resources::from_iter([
        (ResourceName::cpu(), Quantity::from_units(i64::from(row.cpu_core_count))),
        (ResourceName::memory(), Quantity::from_bytes(memory_mib.saturating_mul(MIB))),
        (ResourceName::pods(), Quantity::from_units(max_pods(row, setting))),
        (
            ResourceName::ephemeral_storage(),
            Quantity::from_bytes(ephemeral_gib(setting.spec).saturating_mul(GIB)),
        ),
    ]);
    let gpus = gpu_manufacturer(row).filter(|maker| matches!(maker.as_str(), "nvidia" | "amd"));
    if let Some(maker) = gpus {
        let amount = Quantity::from_units(i64::from(row.gpu_amount));
        capacity.insert(format!("{maker}.com/gpu").into(), amount);
    }
    capacity.iter().filter(|(_, q)| !q.is_zero()).map(|(n, q)| (n.clone(), q)).collect()
}

/// Memory pods and system share, whole MiB: what is sold less what the virtual machine hides, the latter rounded up.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "amounts of memory are far below 2^52 MiB, and float to integer saturates"
)]
fn memory_mib(gib: f64, hidden: f64) -> i64 {
    let sold = mib(gib);
    sold - (sold as f64 * hidden).ceil() as i64
}

/// Most pods of a node of this type.
pub fn max_pods(row: &Row, setting: Setting<'_>) -> i64 {
    let kubelet = setting.spec.kubelet.as_ref();
    let set =
        |value: fn(&KubeletConfiguration) -> Option<i32>| kubelet.and_then(value).map(i64::from);
    let limit = set(|k| k.max_pods).unwrap_or_else(|| network_pods(row, setting));
    match set(|k| k.pods_per_core).filter(|per_core| *per_core > 0) {
        Some(per_core) => limit.min(per_core * i64::from(row.cpu_core_count)),
        None => limit,
    }
}

fn network_pods(row: &Row, setting: Setting<'_>) -> i64 {
    let enis = i64::from(row.eni_quantity.saturating_sub(1).saturating_sub(setting.reserved_enis));
    match setting.network {
        Network::TerwayShared => {
            enis * i64::from(row.eni_private_ip_address_quantity) + HOST_NETWORK_PODS
        }
        Network::TerwayExclusive => enis + HOST_NETWORK_PODS,
        Network::Flannel { node_cidr_mask } => {
            let bits = 32_u32.saturating_sub(node_cidr_mask).min(8);
            (1_i64 << bits).min(MAX_RANGE_PODS)
        }
        Network::Unknown => DEFAULT_PODS,
    }
}

/// Scratch space, GiB: the system disk, or the last data disk when that is formatted for pods.
fn ephemeral_gib(spec: &ECSNodeClassSpec) -> i64 {
    let last = spec.data_disks.as_deref().and_then(<[_]>::last);
    let gib = match last.filter(|_| spec.format_data_disk == Some(true)) {
        Some(disk) => size_gib(disk.size, disk.volume_size.as_deref())
            .ok()
            .flatten()
            .unwrap_or(DEFAULT_DATA_DISK_GIB),
        None => system_disk_gib(spec),
    };
    i64::from(gib)
}

/// Size of the system disk, GiB; sizes that contradict each other count as the default.
pub fn system_disk_gib(spec: &ECSNodeClassSpec) -> u32 {
    let disk = spec.effective_system_disk();
    size_gib(disk.size, disk.volume_size.as_deref())
        .ok()
        .flatten()
        .unwrap_or(DEFAULT_SYSTEM_DISK_GIB)
}
