//! Images.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::instance_type::Architecture;

/// One row of DescribeImages.
///
/// Source: Alibaba action DescribeImages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Image {
    /// `….vhd` for public images, `m-…` for custom ones.
    pub id: String,
    /// Name; filters match it with `*` wildcards.
    pub name: String,
    /// Family, empty if none.
    pub family: String,
    /// `system`, `self`, `others` or `marketplace`.
    pub owner_alias: String,
    /// CPU architecture.
    pub architecture: Architecture,
    /// Operating system in words.
    pub os_name: String,
    /// Platform, such as `Aliyun`.
    pub platform: String,
    /// The `image_type` of the cluster's version metadata, such as `AliyunLinux3`; empty if ACK does
    /// not offer the image.
    pub ack_type: String,
    /// Smallest system disk, GiB.
    pub size_gib: u32,
    /// `Available`, `Deprecated`, `UnAvailable`, `Waiting`, `Creating` or `CreateFailed`.
    pub status: String,
    /// When it was made; the newest of a family is the family's image.
    pub created: DateTime<Utc>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Image {
    /// `x86_64` or `arm64`.
    pub(crate) fn architecture_name(&self) -> &'static str {
        match self.architecture {
            Architecture::X86 => "x86_64",
            Architecture::Arm => "arm64",
        }
    }
}
