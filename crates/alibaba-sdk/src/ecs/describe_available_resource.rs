//! DescribeAvailableResource: stock per zone.

use serde::{Deserialize, Serialize};

use crate::{action::rpc_action, lenient};

/// Asks which resources are in stock.
///
/// Source: Alibaba action DescribeAvailableResource.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeAvailableResource {
    /// `InstanceType`, `SystemDisk`, `DataDisk`, `Zone`, ….
    pub destination_resource: String,
    /// One zone; all when absent.
    pub zone_id: Option<String>,
    /// `PostPaid` (default) or `PrePaid`: two tables.
    pub instance_charge_type: Option<String>,
    /// `NoSpot` (default), `SpotAsPriceGo` or `SpotWithPriceLimit`.
    pub spot_strategy: Option<String>,
    /// Protected hours, 0 or 1.
    pub spot_duration: Option<u32>,
    /// `optimized` (default) or `none`.
    pub io_optimized: Option<String>,
    /// `vpc` or `classic`.
    pub network_category: Option<String>,
    /// Required for disks.
    pub instance_type: Option<String>,
    /// Required for `DataDisk`.
    pub system_disk_category: Option<String>,
    /// vCPUs.
    pub cores: Option<u32>,
    /// GiB.
    pub memory: Option<f64>,
    /// `instance`.
    pub resource_type: Option<String>,
}

/// Stock by zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeAvailableResourceResponse {
    /// Id of the call.
    pub request_id: String,
    /// Zones in service order.
    #[serde(deserialize_with = "lenient::list")]
    pub available_zones: Vec<AvailableZone>,
}

/// Stock in one zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AvailableZone {
    /// Region.
    pub region_id: String,
    /// Zone.
    pub zone_id: String,
    /// `Available` or `SoldOut`.
    pub status: String,
    /// `WithStock`, …; the rows below decide, not this.
    pub status_category: String,
    /// Resources by kind.
    #[serde(deserialize_with = "lenient::list")]
    pub available_resources: Vec<AvailableResource>,
}

/// Stock of one kind of resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AvailableResource {
    /// Kind, as in the request.
    #[serde(rename = "Type")]
    pub kind: String,
    /// One row per value.
    #[serde(deserialize_with = "lenient::list")]
    pub supported_resources: Vec<SupportedResource>,
}

/// Stock of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct SupportedResource {
    /// Type name or disk category.
    pub value: String,
    /// `Available` or `SoldOut`.
    pub status: String,
    /// `WithStock`, `ClosedWithStock`, `WithoutStock` or `ClosedWithoutStock`.
    pub status_category: String,
    /// Smallest disk, GiB; disks only.
    #[serde(deserialize_with = "lenient::optional_number")]
    pub min: Option<u32>,
    /// Largest disk, GiB; disks only.
    #[serde(deserialize_with = "lenient::optional_number")]
    pub max: Option<u32>,
    /// Unit of `min` and `max`.
    pub unit: String,
}

rpc_action!(DescribeAvailableResource => DescribeAvailableResourceResponse, Ecs, "DescribeAvailableResource");
