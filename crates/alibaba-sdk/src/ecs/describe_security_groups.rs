//! DescribeSecurityGroups: one page of security groups.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::TagFilter;
use crate::{action::rpc_action, lenient, params};

/// Selects security groups; all conditions must hold.
///
/// Source: Alibaba action DescribeSecurityGroups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeSecurityGroups {
    /// At most 100; sent as JSON text, unlike the parameter of the same name in RunInstances.
    #[serde(serialize_with = "params::json_text")]
    pub security_group_ids: Vec<String>,
    /// Exact name.
    pub security_group_name: Option<String>,
    /// VPC to match.
    pub vpc_id: Option<String>,
    /// `vpc` or `classic`.
    pub network_type: Option<String>,
    /// `normal` or `enterprise`.
    pub security_group_type: Option<String>,
    /// Whether `ecs_count` and `available_instance_amount` are filled.
    pub is_query_ecs_count: Option<bool>,
    /// Tags to match.
    pub tag: Vec<TagFilter>,
    /// At most 100; the service's default is 10.
    pub max_results: Option<u32>,
    /// Token of the page; none for the first.
    pub next_token: Option<String>,
}

/// One page of security groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeSecurityGroupsResponse {
    /// Id of the call.
    pub request_id: String,
    /// Groups in service order.
    #[serde(deserialize_with = "lenient::list")]
    pub security_groups: Vec<SecurityGroup>,
    /// Token of the next page; empty at the end.
    pub next_token: String,
}

/// One security group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct SecurityGroup {
    /// `sg-…`.
    pub security_group_id: String,
    /// Name.
    pub security_group_name: String,
    /// VPC.
    pub vpc_id: String,
    /// `normal` or `enterprise`.
    pub security_group_type: String,
    /// Whether a cloud service owns it.
    #[serde(deserialize_with = "lenient::boolean")]
    pub service_managed: bool,
    /// Instances in it, when asked for.
    #[serde(deserialize_with = "lenient::optional_number")]
    pub ecs_count: Option<u32>,
    /// Instances it still takes, when asked for.
    #[serde(deserialize_with = "lenient::optional_number")]
    pub available_instance_amount: Option<u32>,
    /// Tags by key.
    #[serde(deserialize_with = "lenient::tags")]
    pub tags: BTreeMap<String, String>,
}

rpc_action!(DescribeSecurityGroups => DescribeSecurityGroupsResponse, Ecs, "DescribeSecurityGroups");
