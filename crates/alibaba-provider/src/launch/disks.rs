//! The disks of a request: which categories to try, and what is sent of them.

use alibaba_sdk::ecs::{DataDisk, SystemDisk};

use crate::api::disk_sizes::{is_data_size_allowed, is_system_size_allowed, size_gib};
use crate::api::disks::{
    DEFAULT_DATA_DISK_GIB, DataDisk as DataDiskSpec, DiskCategory, PerformanceLevel,
};
use crate::api::node_class::ECSNodeClassSpec;
use crate::catalog::capacity::system_disk_gib;

/// Categories of the system disk to try on a type of `family`, in order; empty when no category allows the size.
pub fn system_categories(spec: &ECSNodeClassSpec, family: &str) -> Vec<DiskCategory> {
    let disk = spec.effective_system_disk();
    let level = disk.performance_level.unwrap_or(PerformanceLevel::Pl0);
    let gib = system_disk_gib(spec);
    let takes = |category: &DiskCategory| takes(family, *category);
    let fits = |category: &DiskCategory| is_system_size_allowed(*category, level, gib);
    disk.effective_categories().into_iter().filter(takes).filter(fits).collect()
}

/// The category of a data disk on a type of `family`: the first that allows the size; `None` when none does.
///
/// The size of a disk made from a snapshot is the snapshot's, so that it is not judged.
pub fn data_category(
    spec: &ECSNodeClassSpec,
    disk: &DataDiskSpec,
    family: &str,
) -> Option<DiskCategory> {
    let level = disk.performance_level.unwrap_or(PerformanceLevel::Pl0);
    let size = size_gib(disk.size, disk.volume_size.as_deref()).ok()?;
    let gib = size.unwrap_or(DEFAULT_DATA_DISK_GIB);
    let fits = |category: &DiskCategory| {
        disk.snapshot_id.is_some() || is_data_size_allowed(*category, level, gib)
    };
    let listed = disk.effective_categories(spec.data_disk_categories.as_deref());
    listed.into_iter().filter(|category| takes(family, *category)).find(fits)
}

/// Whether types of `family` take disks of `category`: the entry category is for entry families.
fn takes(family: &str, category: DiskCategory) -> bool {
    category != DiskCategory::CloudEssdEntry
        || family.starts_with("ecs.u")
        || family.starts_with("ecs.e")
}

/// The system disk of a request.
pub(super) fn system_disk(spec: &ECSNodeClassSpec, category: DiskCategory) -> SystemDisk {
    let disk = spec.effective_system_disk();
    SystemDisk {
        category: Some(category.as_str().to_owned()),
        size: Some(system_disk_gib(spec)),
        performance_level: level(category, disk.performance_level),
        encrypted: disk.encrypted,
        kms_key_id: disk.kms_key_id,
        provisioned_iops: provisioned(category, disk.provisioned_iops),
        bursting_enabled: disk.bursting_enabled.filter(|_| is_auto(category)),
        ..SystemDisk::default()
    }
}

/// A data disk of a request for a type of `family`.
pub(super) fn data_disk(spec: &ECSNodeClassSpec, disk: &DataDiskSpec, family: &str) -> DataDisk {
    let category = data_category(spec, disk, family);
    let size = size_gib(disk.size, disk.volume_size.as_deref()).ok().flatten();
    DataDisk {
        category: category.map(|category| category.as_str().to_owned()),
        size: size.or(Some(DEFAULT_DATA_DISK_GIB)).filter(|_| disk.snapshot_id.is_none()),
        performance_level: category.and_then(|c| level(c, disk.performance_level)),
        device: disk.device.clone(),
        disk_name: disk.name.clone(),
        encrypted: disk.encrypted,
        kms_key_id: disk.kms_key_id.clone(),
        snapshot_id: disk.snapshot_id.clone(),
        delete_with_instance: Some(disk.delete_with_instance.unwrap_or(true)),
        provisioned_iops: category.and_then(|c| provisioned(c, disk.provisioned_iops)),
        bursting_enabled: disk.bursting_enabled.filter(|_| category.is_some_and(is_auto)),
        ..DataDisk::default()
    }
}

/// Always sent for enterprise SSDs: our default is PL0, the service's is PL1; never for others.
fn level(category: DiskCategory, level: Option<PerformanceLevel>) -> Option<String> {
    let level = level.unwrap_or(PerformanceLevel::Pl0);
    (category == DiskCategory::CloudEssd).then(|| level.as_str().to_owned())
}

fn provisioned(category: DiskCategory, iops: Option<i64>) -> Option<u64> {
    iops.filter(|_| is_auto(category)).and_then(|iops| u64::try_from(iops).ok())
}

fn is_auto(category: DiskCategory) -> bool {
    category == DiskCategory::CloudAuto
}
