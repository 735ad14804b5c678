//! DescribeZones: the zones of the region.

use serde::{Deserialize, Serialize};

use crate::{action::rpc_action, lenient};

/// Asks for all zones.
///
/// Source: Alibaba action DescribeZones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeZones {
    /// `PostPaid` (default) or `PrePaid`.
    pub instance_charge_type: Option<String>,
    /// As in RunInstances.
    pub spot_strategy: Option<String>,
    /// Whether the lists of a zone are filled; the service's default is true.
    pub verbose: Option<bool>,
    /// E.g. `en-US`.
    pub accept_language: Option<String>,
}

/// All zones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeZonesResponse {
    /// Id of the call.
    pub request_id: String,
    /// Zones in service order.
    #[serde(deserialize_with = "lenient::list")]
    pub zones: Vec<Zone>,
}

/// One zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Zone {
    /// E.g. `cn-hangzhou-h`.
    pub zone_id: String,
    /// Name in the asked language.
    pub local_name: String,
    /// `AvailabilityZone`, `CloudBoxZone` or `EdgeZone`.
    pub zone_type: String,
    /// Types that can be created.
    #[serde(deserialize_with = "lenient::list")]
    pub available_instance_types: Vec<String>,
    /// Disk categories that can be created.
    #[serde(deserialize_with = "lenient::list")]
    pub available_disk_categories: Vec<String>,
    /// `Instance`, `Disk`, `VSwitch`, ….
    #[serde(deserialize_with = "lenient::list")]
    pub available_resource_creation: Vec<String>,
}

rpc_action!(DescribeZones => DescribeZonesResponse, Ecs, "DescribeZones");
