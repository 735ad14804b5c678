//! DescribeInstances: one page of instances.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::TagFilter;
use crate::{action::rpc_action, lenient, params};

/// Selects instances; all conditions must hold.
///
/// Source: Alibaba action DescribeInstances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeInstances {
    /// At most 100; sent as JSON text.
    #[serde(serialize_with = "params::json_text")]
    pub instance_ids: Vec<String>,
    /// Tags to match; a tag-filtered list ends after 1000 instances.
    pub tag: Vec<TagFilter>,
    /// `Pending`, `Starting`, `Running`, `Stopping` or `Stopped`.
    pub status: Option<String>,
    /// VPC to match.
    pub vpc_id: Option<String>,
    /// vSwitch to match.
    pub v_switch_id: Option<String>,
    /// Zone to match.
    pub zone_id: Option<String>,
    /// Type to match.
    pub instance_type: Option<String>,
    /// E.g. `Recycling` for spot instances about to be reclaimed.
    pub lock_reason: Option<String>,
    /// `CreationStartTime` and `CreationEndTime`, minute precision.
    pub filter: Vec<Filter>,
    /// Resource group to match.
    pub resource_group_id: Option<String>,
    /// E.g. `META_OPTIONS`, without which `metadata_options` is not filled.
    pub additional_attributes: Vec<String>,
    /// 10 to 100; the service's default is 10.
    pub max_results: Option<u32>,
    /// Token of the page; none for the first.
    pub next_token: Option<String>,
}

/// One named condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Filter {
    /// Name of the condition.
    pub key: String,
    /// Its argument.
    pub value: String,
}

/// One page of instances.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeInstancesResponse {
    /// Id of the call.
    pub request_id: String,
    /// Instances in service order.
    #[serde(deserialize_with = "lenient::list")]
    pub instances: Vec<Instance>,
    /// Token of the next page; empty at the end.
    pub next_token: String,
}

/// One instance.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Instance {
    /// `i-…`.
    pub instance_id: String,
    /// Display name.
    pub instance_name: String,
    /// Host name of the guest.
    pub host_name: String,
    /// `Pending`, `Starting`, `Running`, `Stopping` or `Stopped`.
    pub status: String,
    /// Region.
    pub region_id: String,
    /// Zone.
    pub zone_id: String,
    /// E.g. `ecs.g7.large`.
    pub instance_type: String,
    /// E.g. `ecs.g7`.
    pub instance_type_family: String,
    /// Image it was made from.
    pub image_id: String,
    /// vCPUs.
    #[serde(deserialize_with = "lenient::number")]
    pub cpu: u32,
    /// MiB.
    #[serde(deserialize_with = "lenient::number")]
    pub memory: u64,
    /// `PostPaid` or `PrePaid`.
    pub instance_charge_type: String,
    /// `NoSpot`, `SpotAsPriceGo` or `SpotWithPriceLimit`.
    pub spot_strategy: String,
    /// Highest price per hour; 0 without limit.
    #[serde(deserialize_with = "lenient::number")]
    pub spot_price_limit: f64,
    /// Creation, minute precision.
    #[serde(deserialize_with = "lenient::time")]
    pub creation_time: Option<DateTime<Utc>>,
    /// Last start, minute precision.
    #[serde(deserialize_with = "lenient::time")]
    pub start_time: Option<DateTime<Utc>>,
    /// Expiry of prepaid instances; far future otherwise.
    #[serde(deserialize_with = "lenient::time")]
    pub expired_time: Option<DateTime<Utc>>,
    /// Whether API and console refuse to release it.
    #[serde(deserialize_with = "lenient::boolean")]
    pub deletion_protection: bool,
    /// Network place.
    pub vpc_attributes: VpcAttributes,
    /// Groups of the primary interface.
    #[serde(deserialize_with = "lenient::list")]
    pub security_group_ids: Vec<String>,
    /// Tags by key.
    #[serde(deserialize_with = "lenient::tags")]
    pub tags: BTreeMap<String, String>,
    /// Why it is locked; empty when it is not.
    #[serde(deserialize_with = "lenient::list")]
    pub operation_locks: Vec<OperationLock>,
    /// Capacity reservation in use.
    pub ecs_capacity_reservation_attr: EcsCapacityReservationAttr,
    /// Settings of the metadata service, when asked for.
    pub metadata_options: MetadataOptions,
    /// Resource group.
    pub resource_group_id: String,
    /// Key pair for SSH.
    pub key_pair_name: String,
}

/// Network place of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct VpcAttributes {
    /// VPC.
    pub vpc_id: String,
    /// vSwitch.
    pub v_switch_id: String,
    /// Private IPv4 addresses, primary first.
    #[serde(deserialize_with = "lenient::list")]
    pub private_ip_address: Vec<String>,
}

/// One reason an instance is locked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct OperationLock {
    /// `Recycling`, `security`, `financial`, ….
    pub lock_reason: String,
    /// Text for people.
    pub lock_msg: String,
}

/// The capacity reservation an instance uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct EcsCapacityReservationAttr {
    /// Empty when none.
    pub capacity_reservation_id: String,
    /// `Open`, `Target` or `None`.
    pub capacity_reservation_preference: String,
}

/// Settings of the metadata service of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MetadataOptions {
    /// `enabled` or `disabled`.
    pub http_endpoint: String,
    /// `optional` or `required`.
    pub http_tokens: String,
}

rpc_action!(DescribeInstances => DescribeInstancesResponse, Ecs, "DescribeInstances");
