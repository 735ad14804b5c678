//! What of a node's capacity pods cannot have.

use std::collections::BTreeMap;

use karpenter_core::model::instance_type::Overhead;
use karpenter_core::model::quantity::Quantity;
use karpenter_core::model::resources::{ResourceName, Resources};

use super::types::mib;
use crate::api::kubelet::KubeletConfiguration;

/// Bytes in a MiB.
const MIB: i64 = 1 << 20;
/// Memory at which the kubelet evicts, MiB.
const EVICTION_MIB: i64 = 300;
/// Scratch space the kubelet keeps, MiB.
const KUBE_STORAGE_MIB: i64 = 1024;

/// Overhead of a node with `cpu` vCPUs, `gib` of sold memory and this `capacity`.
///
/// `by_pods` chooses the formula of Kubernetes 1.28 and later. Settings of the user win per resource; one that is not
/// a quantity is passed over here and reported by validation.
///
/// Source: ACK, resource reservation policy.
pub fn overhead(
    cpu: u32,
    gib: f64,
    capacity: &Resources,
    by_pods: bool,
    kubelet: Option<&KubeletConfiguration>,
) -> Overhead {
    let pods = capacity.get_or_zero("pods").units_ceil();
    let memory = if by_pods { by_pods_mib(pods, gib) } else { tiered_mib(gib) };
    let reserved = Resources::from_iter([
        (ResourceName::cpu(), Quantity::from_milli(cpu_millicores(cpu))),
        (ResourceName::memory(), Quantity::from_bytes(memory.saturating_mul(MIB))),
        (ResourceName::ephemeral_storage(), Quantity::from_bytes(KUBE_STORAGE_MIB * MIB)),
    ]);
    let given = |map: Option<&BTreeMap<String, String>>| map.map(quantities).unwrap_or_default();
    let user = |map: fn(&KubeletConfiguration) -> Option<&BTreeMap<String, String>>| {
        given(kubelet.and_then(map))
    };
    Overhead {
        kube_reserved: reserved.override_with(&user(|k| k.kube_reserved.as_ref())),
        system_reserved: user(|k| k.system_reserved.as_ref()),
        eviction_threshold: eviction(capacity, kubelet.and_then(|k| k.eviction_hard.as_ref())),
    }
}

/// Reserved processors, thousandths.
fn cpu_millicores(cpu: u32) -> i64 {
    let whole = [(1, 60), (2, 10), (3, 5), (4, 5)];
    let steps: i64 = whole.iter().filter(|(from, _)| cpu >= *from).map(|(_, milli)| milli).sum();
    steps + i64::from(cpu.saturating_sub(4)) * 1000 * 25 / 10_000
}

/// Reserved memory from 1.28 on: 11 MiB per pod and 255 MiB, at most a quarter of what is sold.
fn by_pods_mib(pods: i64, gib: f64) -> i64 {
    pods.saturating_mul(11).saturating_add(255).min(mib(gib) / 4)
}

/// Reserved memory before 1.28: a share of each tier of what is sold.
fn tiered_mib(gib: f64) -> i64 {
    let tiers = [(4.0, 0.25), (4.0, 0.20), (8.0, 0.10), (112.0, 0.06), (f64::MAX, 0.02)];
    let mut left = gib;
    let reserved = tiers.iter().map(|(width, share)| {
        let part = left.clamp(0.0, *width);
        left -= part;
        part * share
    });
    mib(reserved.sum())
}

fn eviction(capacity: &Resources, hard: Option<&BTreeMap<String, String>>) -> Resources {
    let signal = |key: &str, resource: &str, default: Quantity| {
        let total = capacity.get_or_zero(resource);
        hard.and_then(|map| map.get(key)).and_then(|text| threshold(text, total)).unwrap_or(default)
    };
    let storage = capacity.get_or_zero("ephemeral-storage");
    Resources::from_iter([
        (
            ResourceName::memory(),
            signal("memory.available", "memory", Quantity::from_bytes(EVICTION_MIB * MIB)),
        ),
        (
            ResourceName::ephemeral_storage(),
            signal("nodefs.available", "ephemeral-storage", percent(storage, 10.0)),
        ),
    ])
}

/// A threshold given as quantity or percentage of `total`; all of it means none. `None` when it is neither.
pub fn threshold(text: &str, total: Quantity) -> Option<Quantity> {
    let Some(number) = text.strip_suffix('%') else { return text.parse().ok() };
    let number: f64 = number.parse().ok()?;
    let is_part = (0.0..100.0).contains(&number);
    match is_part {
        true => Some(percent(total, number)),
        false if (100.0..=100.0).contains(&number) => Some(Quantity::from_bytes(0)),
        false => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "amounts are far below 2^52 bytes, and float to integer saturates"
)]
fn percent(total: Quantity, percent: f64) -> Quantity {
    Quantity::from_bytes((total.units_ceil() as f64 / 100.0 * percent).ceil() as i64)
}

/// The entries that are quantities.
fn quantities(map: &BTreeMap<String, String>) -> Resources {
    map.iter().filter_map(|(name, text)| Some((name.as_str().into(), text.parse().ok()?))).collect()
}
