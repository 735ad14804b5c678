//! DescribeImages and DescribeImageFromFamily.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::TagFilter;
use crate::{action::rpc_action, lenient, params};

/// Selects images; all conditions must hold.
///
/// Source: Alibaba action DescribeImages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeImages {
    /// At most 100 ids; sent as comma-separated text.
    #[serde(serialize_with = "params::comma_text")]
    pub image_id: Vec<String>,
    /// Part of the name.
    pub image_name: Option<String>,
    /// Family.
    pub image_family: Option<String>,
    /// `system`, `self`, `others` or `marketplace`.
    pub image_owner_alias: Option<String>,
    /// Account that owns the image.
    pub image_owner_id: Option<String>,
    /// `i386`, `x86_64` or `arm64`.
    pub architecture: Option<String>,
    /// `linux` or `windows`.
    #[serde(rename = "OSType")]
    pub os_type: Option<String>,
    /// States to match, sent as comma-separated text; `Available` when empty.
    #[serde(serialize_with = "params::comma_text")]
    pub status: Vec<String>,
    /// Type the image must run on.
    pub instance_type: Option<String>,
    /// `CreateEcs`: only images that can boot an instance.
    pub action_type: Option<String>,
    /// Whether cloud-init must be (or must not be) supported.
    pub is_support_cloudinit: Option<bool>,
    /// Tags to match.
    pub tag: Vec<TagFilter>,
    /// From 1.
    pub page_number: Option<u32>,
    /// At most 100; the service's default is 10.
    pub page_size: Option<u32>,
}

/// One page of images.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeImagesResponse {
    /// Id of the call.
    pub request_id: String,
    /// Images in service order.
    #[serde(deserialize_with = "lenient::list")]
    pub images: Vec<Image>,
    /// Images of all pages.
    #[serde(deserialize_with = "lenient::number")]
    pub total_count: u64,
    /// Number of this page.
    #[serde(deserialize_with = "lenient::number")]
    pub page_number: u32,
    /// Size asked for.
    #[serde(deserialize_with = "lenient::number")]
    pub page_size: u32,
}

/// One image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Image {
    /// `aliyun_3_x64_20G_alibase_20240528.vhd`, `m-…`.
    pub image_id: String,
    /// Name.
    pub image_name: String,
    /// Family; empty when none.
    pub image_family: String,
    /// Version.
    pub image_version: String,
    /// `system`, `self`, `others` or `marketplace`.
    pub image_owner_alias: String,
    /// `i386`, `x86_64` or `arm64`.
    pub architecture: String,
    /// `linux` or `windows`.
    #[serde(rename = "OSType")]
    pub os_type: String,
    /// Name of the system, in Chinese.
    #[serde(rename = "OSName")]
    pub os_name: String,
    /// Name of the system, in English.
    #[serde(rename = "OSNameEn")]
    pub os_name_en: String,
    /// E.g. `Aliyun`.
    pub platform: String,
    /// GiB.
    #[serde(deserialize_with = "lenient::number")]
    pub size: u32,
    /// `Available`, `Deprecated`, ….
    pub status: String,
    /// Creation.
    #[serde(deserialize_with = "lenient::time")]
    pub creation_time: Option<DateTime<Utc>>,
    /// Text of the owner.
    pub description: String,
    /// Whether cloud-init runs.
    #[serde(deserialize_with = "lenient::boolean")]
    pub is_support_cloudinit: bool,
    /// `BIOS`, `UEFI` or `UEFI-Preferred`.
    pub boot_mode: String,
    /// What the image can do.
    pub features: ImageFeatures,
    /// Tags by key.
    #[serde(deserialize_with = "lenient::tags")]
    pub tags: BTreeMap<String, String>,
}

/// What an image can do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ImageFeatures {
    /// `supported` or `unsupported`.
    pub nvme_support: String,
    /// `v1` or `v2`.
    pub imds_support: String,
}

/// Asks for the newest available image of a family.
///
/// Source: Alibaba action DescribeImageFromFamily.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeImageFromFamily {
    /// Family.
    pub image_family: String,
}

/// The newest image, if the family has one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeImageFromFamilyResponse {
    /// Id of the call.
    pub request_id: String,
    /// The image; an empty object of the service counts as none.
    #[serde(deserialize_with = "some_image")]
    pub image: Option<Image>,
}

fn some_image<'de, D>(deserializer: D) -> Result<Option<Image>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    let image = Image::deserialize(deserializer)?;
    Ok(Some(image).filter(|image| !image.image_id.is_empty()))
}

rpc_action!(DescribeImages => DescribeImagesResponse, Ecs, "DescribeImages");
rpc_action!(DescribeImageFromFamily => DescribeImageFromFamilyResponse, Ecs, "DescribeImageFromFamily");
