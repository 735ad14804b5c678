//! What an ECSNodeClass reports.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reservations::ReservationState;

/// What the terms of an ECSNodeClass resolved to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ECSNodeClassStatus {
    /// vSwitches instances may be launched in, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub v_switches: Vec<VSwitchStatus>,
    /// Security groups instances get, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security_groups: Vec<SecurityGroupStatus>,
    /// Images in order of preference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ImageStatus>,
    /// Room in the selected capacity reservations that have not ended, by id, zone and type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capacity_reservations: Vec<CapacityReservationStatus>,
    /// Role of the spec, once it is known that instances may take it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ram_role: Option<String>,
    /// Whether the class can be used, and why not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend(
        "x-kubernetes-list-type" = "map",
        "x-kubernetes-list-map-keys" = ["type"]
    ))]
    pub conditions: Vec<Condition>,
}

/// A vSwitch instances may be launched in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VSwitchStatus {
    /// Id.
    pub id: String,
    /// Zone.
    pub zone: String,
    /// Zone, under the name other tools read.
    #[serde(rename = "zoneID", default, skip_serializing_if = "Option::is_none")]
    pub zone_id: Option<String>,
    /// Free addresses, rounded down to two significant digits.
    #[serde(rename = "availableIPAddressCount", default, skip_serializing_if = "Option::is_none")]
    pub available_ip_address_count: Option<i64>,
}

/// A security group instances get.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecurityGroupStatus {
    /// Id.
    pub id: String,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// An image instances may boot from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageStatus {
    /// Id.
    pub id: String,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// amd64 or arm64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// When it was made, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<String>,
}

/// Room for instances of one type in one zone that a capacity reservation keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CapacityReservationStatus {
    /// Id.
    pub id: String,
    /// Instance type.
    pub instance_type: String,
    /// Zone.
    pub zone: String,
    /// Instances it had room for when it was last read.
    pub available_instance_count: u32,
    /// Which instances it takes: Open, those that match, or Target, those that name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_criteria: Option<String>,
    /// Whether it ends soon.
    pub state: ReservationState,
    /// When it ends, RFC 3339; absent when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
}
