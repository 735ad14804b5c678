//! DescribeElasticityAssurances: one page of elasticity assurances.

use serde::{Deserialize, Serialize};

use super::{CapacityReservation, TagFilter};
use crate::{action::rpc_action, lenient, params};

/// Selects elasticity assurances; all conditions must hold.
///
/// Source: Alibaba action DescribeElasticityAssurances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeElasticityAssurances {
    /// At most 100 ids; sent as JSON text.
    #[serde(rename = "PrivatePoolOptions.Ids", serialize_with = "params::json_text")]
    pub private_pool_options_ids: Vec<String>,
    /// Type to match.
    pub instance_type: Option<String>,
    /// Zone to match.
    pub zone_id: Option<String>,
    /// `All`, `Preparing`, `Prepared`, `Active` or `Released`; when absent, all but released.
    pub status: Option<String>,
    /// Tags to match.
    pub tag: Vec<TagFilter>,
    /// At most 100.
    pub max_results: Option<u32>,
    /// Token of the page; none for the first.
    pub next_token: Option<String>,
}

/// One page of elasticity assurances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeElasticityAssurancesResponse {
    /// Id of the call.
    pub request_id: String,
    /// Assurances in service order; their ids are `eap-…`.
    #[serde(deserialize_with = "lenient::list")]
    pub elasticity_assurance_set: Vec<CapacityReservation>,
    /// Token of the next page; empty at the end.
    pub next_token: String,
}

rpc_action!(DescribeElasticityAssurances => DescribeElasticityAssurancesResponse, Ecs, "DescribeElasticityAssurances");
