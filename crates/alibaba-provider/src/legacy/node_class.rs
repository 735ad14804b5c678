//! The spec of the older kind, as its API server stores it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::api::disks::{DiskCategory, PerformanceLevel};
use crate::api::kubelet::KubeletConfiguration;
use crate::api::passwords::Password;
use crate::api::placement::VSwitchSelectionPolicy;

/// What an older ECSNodeClass says.
///
/// Source: published definition of `ecsnodeclasses.karpenter.k8s.alibabacloud`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LegacySpec {
    /// vSwitches to launch in.
    pub v_switch_selector_terms: Vec<LegacyTerm>,
    /// Which vSwitch is preferred; its API server writes `cheapest` where nothing is given.
    pub v_switch_selection_policy: Option<VSwitchSelectionPolicy>,
    /// Security groups of the instances.
    pub security_group_selector_terms: Vec<LegacyTerm>,
    /// Images.
    pub image_selector_terms: Vec<LegacyTerm>,
    /// Settings of the kubelet; the members are those of our kind.
    pub kubelet_configuration: Option<KubeletConfiguration>,
    /// Disk the instances boot from.
    pub system_disk: Option<LegacySystemDisk>,
    /// Disks beside it; without effect unless `data_disk_categories` are given.
    pub data_disks: Option<Vec<LegacyDataDisk>>,
    /// Categories of all data disks.
    pub data_disk_categories: Option<Vec<DiskCategory>>,
    /// Whether the last data disk is formatted for pods.
    pub format_data_disk: bool,
    /// Tags of the instances.
    pub tags: Option<BTreeMap<String, String>>,
    /// Resource group of the instances.
    #[serde(rename = "resourceGroupId")]
    pub resource_group_id: Option<String>,
    /// What the instances run beside the join script.
    pub user_data: Option<String>,
    /// Password in plain text.
    pub password: Option<Password>,
    /// Key pair for SSH.
    pub key_pair_name: Option<String>,
    /// Whether the password of the image is kept.
    pub password_inherit: bool,
}

/// A term of any of the three lists; each list has some of the members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LegacyTerm {
    /// Id.
    pub id: Option<String>,
    /// Name; security groups.
    pub name: Option<String>,
    /// Family, with or without version; images.
    pub alias: Option<String>,
    /// Tags by key; `*` matches any value.
    pub tags: Option<BTreeMap<String, String>>,
}

/// The system disk of the older kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LegacySystemDisk {
    /// Categories in order of preference.
    pub categories: Option<Vec<DiskCategory>>,
    /// Size as text, such as 60Gi.
    pub volume_size: Option<String>,
    /// Size in GiB; deprecated there.
    pub size: Option<i32>,
    /// Performance level; its API server writes PL0 where nothing is given.
    pub performance_level: Option<PerformanceLevel>,
}

/// A data disk of the older kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LegacyDataDisk {
    /// Size as text; its API server writes 20Gi where nothing is given.
    pub volume_size: Option<String>,
    /// Device name.
    pub device: Option<String>,
}
