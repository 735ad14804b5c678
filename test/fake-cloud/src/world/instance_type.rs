//! Instance types and the default catalogue.

use serde::{Deserialize, Serialize};

use super::catalogue_rows::ROWS;

/// CPU architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Architecture {
    /// `X86` in instance types, `x86_64` in images.
    X86,
    /// `ARM` in instance types, `arm64` in images.
    Arm,
}

/// Service level of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FamilyLevel {
    /// `EnterpriseLevel`.
    Enterprise,
    /// `EntryLevel`.
    Entry,
    /// `CreditEntryLevel`, burstable.
    CreditEntry,
}

/// Accelerators of a type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gpu {
    /// How many, at least 1.
    pub amount: u32,
    /// Model, such as `NVIDIA T4`.
    pub spec: String,
    /// Memory of each, GiB.
    pub memory_gib: f64,
}

/// One row of DescribeInstanceTypes.
///
/// Source: Alibaba action DescribeInstanceTypes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InstanceType {
    /// `ecs.<family>.<size>`.
    pub id: String,
    /// Cores.
    pub vcpu: u32,
    /// Memory, GiB.
    pub memory_gib: f64,
    /// CPU architecture.
    pub architecture: Architecture,
    /// Network interfaces, the primary one included.
    pub eni: u32,
    /// Private IPv4 addresses per interface.
    pub ipv4_per_eni: u32,
    /// Accelerators, if any.
    pub gpu: Option<Gpu>,
    /// Level of the family.
    pub level: FamilyLevel,
    /// Size of the one local NVMe disk, GiB; 0 means none.
    pub local_ssd_gib: u32,
    /// Pay-as-you-go price per hour; `None` means the region does not price it.
    pub price: Option<f64>,
}

impl InstanceType {
    /// Family as the service names it: `ecs.gn7i` for `ecs.gn7i-c8g1.2xlarge`.
    pub fn family(&self) -> &str {
        let end = self.id.rfind('.').unwrap_or(self.id.len());
        let family = &self.id[..end];
        family.split_once('-').map_or(family, |(head, _)| head)
    }

    /// Whether entry-level disks may be attached: burstable, `e` and `u1` families only.
    pub(crate) fn takes_entry_disks(&self) -> bool {
        self.level != FamilyLevel::Enterprise || self.family() == "ecs.u1"
    }
}

/// The default catalogue with the prices of `region`: those of ap-southeast-1 there, those of
/// cn-hangzhou everywhere else. Types without a price in the region are left out.
pub(crate) fn catalogue(region: &str) -> Vec<InstanceType> {
    let priced = |row: &super::catalogue_rows::Row| {
        let price = match region {
            "ap-southeast-1" => row.price_singapore?,
            _ => row.price_hangzhou,
        };
        Some(InstanceType {
            id: row.id.into(),
            vcpu: row.vcpu,
            memory_gib: row.memory_gib,
            architecture: row.architecture,
            eni: row.eni,
            ipv4_per_eni: row.ipv4_per_eni,
            gpu: row.gpu(),
            level: row.level,
            local_ssd_gib: row.local_ssd_gib,
            price: Some(price),
        })
    };
    ROWS.iter().filter_map(priced).collect()
}
