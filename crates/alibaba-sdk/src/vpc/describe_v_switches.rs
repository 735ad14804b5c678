//! DescribeVSwitches: one page of vSwitches.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::VpcApi;
use crate::{
    action::{Action as _, rpc_action},
    ecs::TagFilter,
    error::SdkError,
    lenient,
    page::{NumberedPage, PageBounds, by_number},
};

/// Selects vSwitches; all conditions must hold.
///
/// Source: Alibaba action DescribeVSwitches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeVSwitches {
    /// One id; the action takes no list.
    pub v_switch_id: Option<String>,
    /// Exact name.
    pub v_switch_name: Option<String>,
    /// VPC to match.
    pub vpc_id: Option<String>,
    /// Zone to match.
    pub zone_id: Option<String>,
    /// Tags to match.
    pub tag: Vec<TagFilter>,
    /// Resource group to match.
    pub resource_group_id: Option<String>,
    /// From 1.
    pub page_number: Option<u32>,
    /// At most 50; the service's default is 10.
    pub page_size: Option<u32>,
}

/// One page of vSwitches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeVSwitchesResponse {
    /// Id of the call.
    pub request_id: String,
    /// vSwitches in service order.
    #[serde(deserialize_with = "lenient::list")]
    pub v_switches: Vec<VSwitch>,
    /// vSwitches of all pages.
    #[serde(deserialize_with = "lenient::number")]
    pub total_count: u64,
    /// Number of this page.
    #[serde(deserialize_with = "lenient::number")]
    pub page_number: u32,
    /// Size asked for.
    #[serde(deserialize_with = "lenient::number")]
    pub page_size: u32,
}

/// One vSwitch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct VSwitch {
    /// `vsw-…`.
    pub v_switch_id: String,
    /// Name.
    pub v_switch_name: String,
    /// VPC.
    pub vpc_id: String,
    /// Zone.
    pub zone_id: String,
    /// IPv4 range.
    pub cidr_block: String,
    /// IPv6 range; empty without.
    pub ipv6_cidr_block: String,
    /// Free IPv4 addresses.
    #[serde(deserialize_with = "lenient::number")]
    pub available_ip_address_count: u64,
    /// `Pending` or `Available`.
    pub status: String,
    /// Whether it is the zone's default.
    #[serde(deserialize_with = "lenient::boolean")]
    pub is_default: bool,
    /// `Sharing` when another account owns it.
    pub share_type: String,
    /// Tags by key.
    #[serde(deserialize_with = "lenient::tags")]
    pub tags: BTreeMap<String, String>,
}

rpc_action!(DescribeVSwitches => DescribeVSwitchesResponse, Vpc, "DescribeVSwitches");

/// Largest page.
const PAGE_SIZE: u32 = 50;

/// All vSwitches that match `request`, whose paging fields are overwritten.
///
/// # Errors
/// As [`by_number`].
pub async fn v_switches(
    api: &dyn VpcApi,
    request: &DescribeVSwitches,
) -> Result<Vec<VSwitch>, SdkError> {
    by_number(DescribeVSwitches::NAME, PageBounds::default(), |number| {
        let (page_number, page_size) = (Some(number), Some(PAGE_SIZE));
        let request = DescribeVSwitches { page_number, page_size, ..request.clone() };
        async move {
            let page = api.describe_v_switches(&request).await?;
            Ok(NumberedPage { items: page.v_switches, total_count: page.total_count })
        }
    })
    .await
}
