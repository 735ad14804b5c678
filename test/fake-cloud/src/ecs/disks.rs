//! Disks of an order: categories, sizes, performance levels.
//!
//! Source: Alibaba action RunInstances (SystemDisk and DataDisk parameters).

use crate::{DiskSpec, error::ApiError, world::instance_type::InstanceType};

/// A disk as the request words it, before it is judged.
#[derive(Debug, Default)]
pub(super) struct DiskRequest {
    pub(super) category: Option<String>,
    pub(super) size_gib: Option<u32>,
    pub(super) performance_level: Option<String>,
    pub(super) encrypted: bool,
    pub(super) kms_key_id: Option<String>,
}

/// The system disk: at least as large as the image, by default 40 GiB or the image if larger.
///
/// # Errors
/// `InvalidDiskCategory.NotSupported`, `OperationDenied.ZoneSystemCategoryNotMatch`,
/// `InvalidSystemDiskSize.LessThanImageSize`, `InvalidSystemDiskSize.ValueNotSupported`.
pub(super) fn system_disk(
    request: DiskRequest,
    of: &InstanceType,
    image_gib: u32,
) -> Result<DiskSpec, ApiError> {
    let size = request.size_gib.unwrap_or(image_gib.max(40));
    let disk = disk(request, size)?;
    if disk.category == "cloud_essd_entry" && !of.takes_entry_disks() {
        return Err(ApiError::forbidden(
            "OperationDenied.ZoneSystemCategoryNotMatch",
            "The specified Zone or cluster does not offer the specified disk category.",
        ));
    }
    if size < image_gib {
        return Err(ApiError::not_found(
            "InvalidSystemDiskSize.LessThanImageSize",
            "The specified parameter SystemDisk.Size is less than the image size.",
        ));
    }
    if !is_size(&disk, size) {
        return Err(ApiError::bad(
            "InvalidSystemDiskSize.ValueNotSupported",
            "The specified parameter SystemDisk.Size is not valid.",
        ));
    }
    Ok(disk)
}

/// A data disk.
///
/// # Errors
/// `MissingParameter` without a size, `InvalidDiskCategory.NotSupported`,
/// `InvalidDataDiskSize.ValueNotSupported`.
pub(super) fn data_disk(request: DiskRequest) -> Result<DiskSpec, ApiError> {
    let size = request.size_gib.ok_or_else(|| ApiError::missing("DataDisk.Size"))?;
    let disk = disk(request, size)?;
    if !is_size(&disk, size) {
        return Err(ApiError::bad(
            "InvalidDataDiskSize.ValueNotSupported",
            "The specified DataDisk.n.Size beyond the permitted range.",
        ));
    }
    Ok(disk)
}

fn disk(request: DiskRequest, size_gib: u32) -> Result<DiskSpec, ApiError> {
    let category = request.category.unwrap_or_else(|| "cloud_efficiency".into());
    if size_range(&category, None).is_none() {
        return Err(ApiError::forbidden(
            "InvalidDiskCategory.NotSupported",
            "The specified disk category is not supported.",
        ));
    }
    let level = (category == "cloud_essd")
        .then(|| request.performance_level.unwrap_or_else(|| "PL1".into()));
    if level.as_deref().is_some_and(|l| !["PL0", "PL1", "PL2", "PL3"].contains(&l)) {
        return Err(ApiError::invalid("PerformanceLevel"));
    }
    Ok(DiskSpec {
        category,
        size_gib,
        performance_level: level,
        encrypted: request.encrypted,
        kms_key_id: request.kms_key_id,
    })
}

fn is_size(disk: &DiskSpec, size: u32) -> bool {
    size_range(&disk.category, disk.performance_level.as_deref())
        .is_some_and(|(min, max)| (min..=max).contains(&size))
}

/// Smallest and largest size of a category, GiB; `None` for a category that does not exist.
pub(super) fn size_range(category: &str, level: Option<&str>) -> Option<(u32, u32)> {
    match (category, level) {
        ("cloud_essd", Some("PL1")) => Some((20, 2048)),
        ("cloud_essd", Some("PL2")) => Some((461, 2048)),
        ("cloud_essd", Some("PL3")) => Some((1261, 2048)),
        ("cloud_essd" | "cloud_auto", _) => Some((1, 2048)),
        ("cloud", _) => Some((20, 500)),
        ("cloud_efficiency" | "cloud_ssd" | "cloud_essd_entry", _) => Some((20, 2048)),
        _ => None,
    }
}
