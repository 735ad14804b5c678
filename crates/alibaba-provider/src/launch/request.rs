//! The request of one attempt.

use alibaba_sdk::ecs::{DataDisk, PrivatePoolOptions, RunInstances, SystemDisk, Tag};
use karpenter_core::model::node_claim::NodeClaim;

use super::plan::Attempt;
use crate::api::disks::{self, DataDisk as DataDiskSpec, DiskCategory, PerformanceLevel};
use crate::api::disks::{DEFAULT_DATA_DISK_GIB, is_system_size_allowed};
use crate::api::node_class::{ECSNodeClass, ECSNodeClassSpec, SpotStrategy};
use crate::catalog::CapacityType;
use crate::catalog::capacity::system_disk_gib;

/// What a request is made from besides the attempt.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// Claim.
    pub claim: &'a NodeClaim,
    /// Class.
    pub class: &'a ECSNodeClass,
    /// Role where the class names none; empty for none.
    pub default_role: &'a str,
    /// Tags.
    pub tags: &'a [Tag],
}

/// Categories of the system disk to try on a type of `family`, in order; empty when no category allows the size.
pub fn system_categories(spec: &ECSNodeClassSpec, family: &str) -> Vec<DiskCategory> {
    let disk = spec.effective_system_disk();
    let level = disk.performance_level.unwrap_or(PerformanceLevel::Pl0);
    let gib = system_disk_gib(spec);
    let takes_entry = family.starts_with("ecs.u") || family.starts_with("ecs.e");
    disks::categories(disk.category, disk.categories.as_deref())
        .into_iter()
        .filter(|category| *category != DiskCategory::CloudEssdEntry || takes_entry)
        .filter(|category| is_system_size_allowed(*category, level, gib))
        .collect()
}

/// The request of `attempt` with a system disk of `category`; without a client token.
///
/// Source: Alibaba action RunInstances.
pub fn run_instances(
    order: Order<'_>,
    attempt: &Attempt,
    category: DiskCategory,
    user_data: &str,
) -> RunInstances {
    let spec = &order.class.spec;
    let status = order.class.status.as_ref();
    let groups = status.into_iter().flat_map(|status| &status.security_groups);
    let metadata = spec.metadata_options.as_ref();
    let role = spec.role.as_deref().unwrap_or(order.default_role);
    let request = RunInstances {
        instance_type: attempt.instance_type.name.to_string(),
        image_id: Some(attempt.image.id.clone()),
        v_switch_id: Some(attempt.v_switch.clone()),
        security_group_ids: groups.map(|group| group.id.clone()).collect(),
        instance_charge_type: Some("PostPaid".to_owned()),
        amount: Some(1),
        system_disk: Some(system_disk(spec, category)),
        data_disk: spec.data_disks.iter().flatten().map(data_disk).collect(),
        instance_name: Some(order.claim.name.as_str().chars().take(128).collect()),
        user_data: Some(user_data.to_owned()).filter(|data| !data.is_empty()),
        key_pair_name: spec.key_pair_name.clone(),
        password_inherit: spec.password_inherit.filter(|inherit| *inherit),
        ram_role_name: Some(role.to_owned()).filter(|role| !role.is_empty()),
        http_endpoint: metadata.and_then(|m| m.http_endpoint).map(|e| e.as_str().to_owned()),
        http_tokens: metadata.and_then(|m| m.http_tokens).map(|t| t.as_str().to_owned()),
        tag: order.tags.to_vec(),
        resource_group_id: spec.resource_group_id.clone(),
        private_pool_options: Some(PrivatePoolOptions {
            match_criteria: Some("None".to_owned()),
            id: None,
        }),
        ..RunInstances::default()
    };
    match attempt.capacity_type {
        CapacityType::OnDemand => request,
        CapacityType::Spot => as_spot(spec, request),
    }
}

/// The duration is always sent: our default is none, the service's is one hour.
fn as_spot(spec: &ECSNodeClassSpec, request: RunInstances) -> RunInstances {
    let strategy = spec.spot_strategy.unwrap_or(SpotStrategy::SpotAsPriceGo);
    let limit = match strategy {
        SpotStrategy::SpotWithPriceLimit => spec.spot_price_limit,
        SpotStrategy::SpotAsPriceGo => None,
    };
    RunInstances {
        spot_strategy: Some(strategy.as_str().to_owned()),
        spot_price_limit: limit.map(|limit| (limit * 1000.0).round() / 1000.0),
        spot_duration: Some(u32::from(spec.spot_duration == Some(1))),
        spot_interruption_behavior: Some("Terminate".to_owned()),
        ..request
    }
}

fn system_disk(spec: &ECSNodeClassSpec, category: DiskCategory) -> SystemDisk {
    let disk = spec.effective_system_disk();
    SystemDisk {
        category: Some(category.as_str().to_owned()),
        size: Some(system_disk_gib(spec)),
        performance_level: level(category, disk.performance_level),
        encrypted: disk.encrypted,
        kms_key_id: disk.kms_key_id,
        ..SystemDisk::default()
    }
}

fn data_disk(disk: &DataDiskSpec) -> DataDisk {
    let category = disks::categories(disk.category, disk.categories.as_deref()).first().copied();
    let size = disks::size_gib(disk.size, disk.volume_size.as_deref()).ok().flatten();
    DataDisk {
        category: category.map(|category| category.as_str().to_owned()),
        size: size.or(Some(DEFAULT_DATA_DISK_GIB)).filter(|_| disk.snapshot_id.is_none()),
        performance_level: category.and_then(|c| level(c, disk.performance_level)),
        device: disk.device.clone(),
        encrypted: disk.encrypted,
        kms_key_id: disk.kms_key_id.clone(),
        snapshot_id: disk.snapshot_id.clone(),
        delete_with_instance: Some(disk.delete_with_instance.unwrap_or(true)),
        ..DataDisk::default()
    }
}

/// Always sent for enterprise SSDs: our default is PL0, the service's is PL1; never for others.
fn level(category: DiskCategory, level: Option<PerformanceLevel>) -> Option<String> {
    let level = level.unwrap_or(PerformanceLevel::Pl0);
    (category == DiskCategory::CloudEssd).then(|| level.as_str().to_owned())
}
