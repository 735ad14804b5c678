//! System disk and data disks of an ECSNodeClass.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
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
        /// Elastic ephemeral disk, standard; data disks only.
        ElasticEphemeralStandard = "elastic_ephemeral_disk_standard",
        /// Elastic ephemeral disk, premium; data disks only.
        ElasticEphemeralPremium = "elastic_ephemeral_disk_premium",
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

/// Categories a system disk may have.
const OF_SYSTEM_DISKS: [DiskCategory; 6] = [
    DiskCategory::Cloud,
    DiskCategory::CloudEfficiency,
    DiskCategory::CloudSsd,
    DiskCategory::CloudEssd,
    DiskCategory::CloudAuto,
    DiskCategory::CloudEssdEntry,
];

/// The disk an instance boots from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::disk()))]
pub struct SystemDisk {
    /// Category of the disk; excludes categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "system_category")]
    pub category: Option<DiskCategory>,
    /// Categories in order of preference; the first the instance type and zone offer is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "system_categories")]
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
    /// IOPS of a cloud_auto disk beyond its baseline.
    #[serde(rename = "provisionedIOPS", default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 50000))]
    pub provisioned_iops: Option<i64>,
    /// Whether a cloud_auto disk may burst.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bursting_enabled: Option<bool>,
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
    /// IOPS of a cloud_auto disk beyond its baseline.
    #[serde(rename = "provisionedIOPS", default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 50000))]
    pub provisioned_iops: Option<i64>,
    /// Whether a cloud_auto disk may burst.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bursting_enabled: Option<bool>,
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
    /// Name of the disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub name: Option<String>,
}

/// The categories to try, in order: `categories`, else `category`, else `otherwise`.
pub fn categories(
    category: Option<DiskCategory>,
    categories: Option<&[DiskCategory]>,
    otherwise: &[DiskCategory],
) -> Vec<DiskCategory> {
    match (category, categories) {
        (_, Some(list)) if !list.is_empty() => list.to_vec(),
        (Some(one), _) => vec![one],
        (None, _) => otherwise.to_vec(),
    }
}

impl SystemDisk {
    /// The categories to try, in order.
    pub fn effective_categories(&self) -> Vec<DiskCategory> {
        categories(self.category, self.categories.as_deref(), &DEFAULT_CATEGORIES)
    }
}

impl DataDisk {
    /// The categories to try, in order, where the class names `shared` for disks that name none.
    pub fn effective_categories(&self, shared: Option<&[DiskCategory]>) -> Vec<DiskCategory> {
        let otherwise = shared.filter(|list| !list.is_empty()).unwrap_or(&DEFAULT_CATEGORIES);
        categories(self.category, self.categories.as_deref(), otherwise)
    }
}

fn system_category(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": OF_SYSTEM_DISKS })
}

fn system_categories(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "maxItems": 6, "items": system_category(generator) })
}
