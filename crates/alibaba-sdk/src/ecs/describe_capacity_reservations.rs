//! DescribeCapacityReservations: one page of capacity reservations.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::TagFilter;
use crate::{action::rpc_action, lenient, params};

/// Selects capacity reservations; all conditions must hold.
///
/// Source: Alibaba action DescribeCapacityReservations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeCapacityReservations {
    /// At most 100 ids; sent as JSON text.
    #[serde(rename = "PrivatePoolOptions.Ids", serialize_with = "params::json_text")]
    pub private_pool_options_ids: Vec<String>,
    /// Type to match.
    pub instance_type: Option<String>,
    /// Zone to match.
    pub zone_id: Option<String>,
    /// `All`, `Pending`, `Preparing`, `Prepared`, `Active` or `Released`; when absent, all but pending and
    /// released.
    pub status: Option<String>,
    /// Tags to match.
    pub tag: Vec<TagFilter>,
    /// At most 100.
    pub max_results: Option<u32>,
    /// Token of the page; none for the first.
    pub next_token: Option<String>,
}

/// One page of capacity reservations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeCapacityReservationsResponse {
    /// Id of the call.
    pub request_id: String,
    /// Reservations in service order.
    #[serde(deserialize_with = "lenient::list")]
    pub capacity_reservation_set: Vec<CapacityReservation>,
    /// Token of the next page; empty at the end.
    pub next_token: String,
}

/// One capacity reservation, or one elasticity assurance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CapacityReservation {
    /// `crp-…`, or `eap-…`.
    pub private_pool_options_id: String,
    /// Name.
    pub private_pool_options_name: String,
    /// `Open` or `Target`.
    pub private_pool_options_match_criteria: String,
    /// `Active`, ….
    pub status: String,
    /// When it begins.
    #[serde(deserialize_with = "lenient::time")]
    pub start_time: Option<DateTime<Utc>>,
    /// When it ends, if limited.
    #[serde(deserialize_with = "lenient::time")]
    pub end_time: Option<DateTime<Utc>>,
    /// `Limited` or `Unlimited`.
    pub end_time_type: String,
    /// `PostPaid` or `PrePaid`.
    pub instance_charge_type: String,
    /// `linux` or `windows`.
    pub platform: String,
    /// Account that owns it.
    pub capacity_reservation_owner_id: String,
    /// What it holds.
    #[serde(deserialize_with = "lenient::list")]
    pub allocated_resources: Vec<AllocatedResource>,
    /// Tags by key.
    #[serde(deserialize_with = "lenient::tags")]
    pub tags: BTreeMap<String, String>,
}

/// Instances of one type in one zone that a reservation holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AllocatedResource {
    /// Zone; the service spells the member `zoneId`, documents also `ZoneId`.
    #[serde(alias = "zoneId")]
    pub zone_id: String,
    /// Type.
    pub instance_type: String,
    /// Instances reserved.
    #[serde(deserialize_with = "lenient::number")]
    pub total_amount: u32,
    /// Instances running in the reservation.
    #[serde(deserialize_with = "lenient::number")]
    pub used_amount: u32,
    /// Instances still free; none when the service does not say.
    #[serde(deserialize_with = "lenient::optional_number")]
    pub available_amount: Option<u32>,
}

rpc_action!(DescribeCapacityReservations => DescribeCapacityReservationsResponse, Ecs, "DescribeCapacityReservations");
