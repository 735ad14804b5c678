//! System disk and data disks of an ECSNodeClass.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rules;
use super::string_enum::string_enum;

string_enum! {
    /// Category of a disk.
    DiskCategory {
        /// Basic disk.
        Cloud = "cloud",
        /// Ultra disk.
        CloudEfficiency = "cloud_efficiency",
        /// Standard SSD.
        CloudSsd = "cloud_ssd",
        /// Enterprise SSD.
        CloudEssd = "cloud_essd",
        /// Enterprise SSD AutoPL.
        CloudAuto = "cloud_auto",
        /// Enterprise SSD Entry.
        CloudEssdEntry = "cloud_essd_entry",
    }
}

string_enum! {
    /// Performance level of an enterprise SSD.
    PerformanceLevel {
        /// 10,000 IOPS.
        Pl0 = "PL0",
        /// 50,000 IOPS.
        Pl1 = "PL1",
        /// 100,000 IOPS.
        Pl2 = "PL2",
        /// 1,000,000 IOPS.
        Pl3 = "PL3",
    }
}

/// Categories tried for a disk that names none, in order.
pub const DEFAULT_CATEGORIES: [DiskCategory; 5] = [
    DiskCategory::CloudEssd,
    DiskCategory::CloudAuto,
    DiskCategory::CloudEssdEntry,
    DiskCategory::CloudEfficiency,
    DiskCategory::CloudSsd,
];

/// Size of a system disk that names none, GiB.
pub const DEFAULT_SYSTEM_DISK_GIB: u32 = 40;
/// Size of a data disk that names none, GiB.
pub const DEFAULT_DATA_DISK_GIB: u32 = 20;

/// The disk an instance boots from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::disk()))]
pub struct SystemDisk {
    /// Category of the disk; excludes categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<DiskCategory>,
    /// Categories in order of preference; the first the instance type and zone offer is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 6))]
    pub categories: Option<Vec<DiskCategory>>,
    /// Size in GiB; 40 when undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 2048))]
    pub size: Option<i32>,
    /// Size as text, such as 60Gi; rounded up to whole GiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,5}(Gi|G|Ti|T)$"), length(max = 8))]
    pub volume_size: Option<String>,
    /// Performance level of a cloud_essd disk; PL0 when undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performance_level: Option<PerformanceLevel>,
    /// Whether the disk is encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<bool>,
    /// Key the disk is encrypted with.
    #[serde(rename = "kmsKeyID", default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub kms_key_id: Option<String>,
}

/// A disk attached beside the system disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::disk()))]
pub struct DataDisk {
    /// Category of the disk; excludes categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<DiskCategory>,
    /// Categories in order of preference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 6))]
    pub categories: Option<Vec<DiskCategory>>,
    /// Size in GiB; 20 when undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65536))]
    pub size: Option<i32>,
    /// Size as text, such as 200Gi; rounded up to whole GiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,5}(Gi|G|Ti|T)$"), length(max = 8))]
    pub volume_size: Option<String>,
    /// Performance level of a cloud_essd disk; PL0 when undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performance_level: Option<PerformanceLevel>,
    /// Whether the disk is encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<bool>,
    /// Key the disk is encrypted with.
    #[serde(rename = "kmsKeyID", default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub kms_key_id: Option<String>,
    /// Device name, such as /dev/xvdb.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub device: Option<String>,
    /// Snapshot the disk starts from.
    #[serde(rename = "snapshotID", default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub snapshot_id: Option<String>,
    /// Whether the disk is released with the instance; true when undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_with_instance: Option<bool>,
}

/// Why the size of a disk cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiskSizeError {
    /// `size` and `volumeSize` disagree.
    #[error("size {size} GiB and volumeSize {volume_size} differ; keep one of them")]
    Contradiction {
        /// `size`.
        size: i32,
        /// `volumeSize`.
        volume_size: String,
    },
    /// `volumeSize` is not a size.
    #[error("volumeSize {0:?} is not a whole number followed by Gi, G, Ti or T")]
    Malformed(String),
}

/// The size two fields agree on, whole GiB rounded up; `None` when neither is given.
///
/// # Errors
/// [`DiskSizeError`] when they disagree or the text is malformed.
pub fn size_gib(
    size: Option<i32>,
    volume_size: Option<&str>,
) -> Result<Option<u32>, DiskSizeError> {
    let Some(text) = volume_size else { return Ok(size.and_then(|gib| u32::try_from(gib).ok())) };
    let from_text =
        parse_volume_size(text).ok_or_else(|| DiskSizeError::Malformed(text.to_owned()))?;
    match size {
        Some(size) if u32::try_from(size) != Ok(from_text) => {
            Err(DiskSizeError::Contradiction { size, volume_size: text.to_owned() })
        }
        Some(_) | None => Ok(Some(from_text)),
    }
}

fn parse_volume_size(text: &str) -> Option<u32> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().ok()?;
    let bytes = match &text[digits.len()..] {
        "Gi" => number << 30,
        "Ti" => number << 40,
        "G" => number * 1_000_000_000,
        "T" => number * 1_000_000_000_000,
        _ => return None,
    };
    u32::try_from(bytes.div_ceil(1 << 30)).ok()
}

/// The categories to try, in order: `categories`, else `category`, else the default.
pub fn categories(
    category: Option<DiskCategory>,
    categories: Option<&[DiskCategory]>,
) -> Vec<DiskCategory> {
    match (category, categories) {
        (_, Some(list)) if !list.is_empty() => list.to_vec(),
        (Some(one), _) => vec![one],
        (None, _) => DEFAULT_CATEGORIES.to_vec(),
    }
}

/// Whether a system disk of `category` and `level` may have `gib`.
///
/// Source: Alibaba action RunInstances, sizes of system disks.
pub fn is_system_size_allowed(category: DiskCategory, level: PerformanceLevel, gib: u32) -> bool {
    let (min, max) = match (category, level) {
        (DiskCategory::Cloud, _) => (20, 500),
        (DiskCategory::CloudEssd, PerformanceLevel::Pl0) | (DiskCategory::CloudAuto, _) => {
            (1, 2048)
        }
        (DiskCategory::CloudEssd, PerformanceLevel::Pl2) => (461, 2048),
        (DiskCategory::CloudEssd, PerformanceLevel::Pl3) => (1261, 2048),
        (DiskCategory::CloudEssd, PerformanceLevel::Pl1)
        | (
            DiskCategory::CloudEfficiency | DiskCategory::CloudSsd | DiskCategory::CloudEssdEntry,
            _,
        ) => (20, 2048),
    };
    (min..=max).contains(&gib)
}
