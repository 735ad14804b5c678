//! `ECSNodeClass`: how instances are made on this cloud.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::disks::{DataDisk, SystemDisk};
use super::kubelet::KubeletConfiguration;
use super::rules;
use super::selectors::{ImageSelectorTerm, SecurityGroupSelectorTerm, VSwitchSelectorTerm};
use super::string_enum::string_enum;

/// ECSNodeClassSpec says where instances are launched, from which image and with which disks.
///
/// Source: Karpenter behaviour, node classes.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "karpenter.alibabacloud.com",
    version = "v1alpha1",
    kind = "ECSNodeClass",
    plural = "ecsnodeclasses",
    doc = "ECSNodeClass is the Schema for the ECSNodeClass API",
    category = "karpenter",
    shortname = "ecsnc",
    shortname = "ecsncs",
    status = "ECSNodeClassStatus",
    derive = "PartialEq",
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Role", type_ = "string", json_path = ".spec.role", priority = 1),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].reason"#,
        priority = 1
    )
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::spec()))]
pub struct ECSNodeClassSpec {
    /// Id of the ACK cluster nodes join; empty means the controller's setting.
    #[serde(rename = "clusterID", default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub cluster_id: Option<String>,
    /// vSwitches to launch in. Terms are alternatives, members of a term must all hold.
    #[schemars(length(min = 1, max = 30))]
    pub v_switch_selector_terms: Vec<VSwitchSelectorTerm>,
    /// Whether the cheapest offering or the vSwitch with most free addresses is preferred; cheapest when undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub v_switch_selection_policy: Option<VSwitchSelectionPolicy>,
    /// Security groups of the instances; every match is attached.
    #[schemars(length(min = 1, max = 30))]
    pub security_group_selector_terms: Vec<SecurityGroupSelectorTerm>,
    /// Images in order of preference: for each instance type the first compatible one is taken.
    #[schemars(length(min = 1, max = 30))]
    pub image_selector_terms: Vec<ImageSelectorTerm>,
    /// RAM role attached to the instances; the cluster's worker role when undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub role: Option<String>,
    /// Disk the instances boot from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_disk: Option<SystemDisk>,
    /// Disks beside the system disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    pub data_disks: Option<Vec<DataDisk>>,
    /// Whether the last data disk is formatted for container runtime and kubelet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format_data_disk: Option<bool>,
    /// How spot instances bid; SpotAsPriceGo when undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot_strategy: Option<SpotStrategy>,
    /// Highest spot price per hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = true, "minimum" = 0))]
    pub spot_price_limit: Option<f64>,
    /// Protected hours of a spot instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub spot_duration: Option<i32>,
    /// Script or archive the instances run at first boot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32768))]
    pub user_data: Option<String>,
    /// Whether userData is combined with the join script or replaces it; Merge when undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_data_policy: Option<UserDataPolicy>,
    /// Tags of the instances, their disks and network interfaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "tags")]
    pub tags: Option<BTreeMap<String, String>>,
    /// Resource group of the instances.
    #[serde(rename = "resourceGroupID", default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^rg-[0-9A-Za-z*]+$"), length(max = 64))]
    pub resource_group_id: Option<String>,
    /// Key pair for SSH.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[A-Za-z][A-Za-z\d._:-]{1,127}$"))]
    pub key_pair_name: Option<String>,
    /// Whether the password of the image is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_inherit: Option<bool>,
    /// Settings of the kubelet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubelet: Option<KubeletConfiguration>,
    /// Settings of the metadata service of the instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_options: Option<MetadataOptions>,
}

string_enum! {
    /// Which vSwitch is preferred.
    VSwitchSelectionPolicy {
        /// The cheapest offering first, ties by most free addresses.
        Cheapest = "cheapest",
        /// Most free addresses first, ties by price.
        Balanced = "balanced",
    }
}

string_enum! {
    /// How a spot instance bids.
    SpotStrategy {
        /// Follows the market up to the on-demand price.
        SpotAsPriceGo = "SpotAsPriceGo",
        /// Up to a limit.
        SpotWithPriceLimit = "SpotWithPriceLimit",
    }
}

string_enum! {
    /// What user data does to the join script.
    UserDataPolicy {
        /// Runs beside it.
        Merge = "Merge",
        /// Takes its place.
        Replace = "Replace",
    }
}

string_enum! {
    /// Whether the metadata service wants tokens.
    HttpTokens {
        /// Works without.
        Optional = "optional",
        /// Refuses requests without.
        Required = "required",
    }
}

string_enum! {
    /// Whether the metadata service answers.
    HttpEndpoint {
        /// It answers.
        Enabled = "enabled",
        /// It does not.
        Disabled = "disabled",
    }
}

/// Settings of the metadata service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetadataOptions {
    /// Whether requests need a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_tokens: Option<HttpTokens>,
    /// Whether the service answers at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_endpoint: Option<HttpEndpoint>,
}

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

impl ECSNodeClassSpec {
    /// The cluster nodes join: `clusterID`, else `process_wide`; empty when neither is set.
    pub fn effective_cluster_id<'a>(&'a self, process_wide: &'a str) -> &'a str {
        self.cluster_id.as_deref().filter(|id| !id.is_empty()).unwrap_or(process_wide)
    }

    /// What user data does to the join script.
    pub fn effective_user_data_policy(&self) -> UserDataPolicy {
        self.user_data_policy.unwrap_or(UserDataPolicy::Merge)
    }

    /// Whether the user's data are all an instance gets, so that no join script is needed.
    pub fn replaces_join_script(&self) -> bool {
        self.user_data.is_some() && self.effective_user_data_policy() == UserDataPolicy::Replace
    }

    /// The system disk; all defaults when not given.
    pub fn effective_system_disk(&self) -> SystemDisk {
        self.system_disk.clone().unwrap_or_default()
    }
}

fn tags(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 20,
        "additionalProperties": { "type": "string", "maxLength": 128 },
        "x-kubernetes-validations": rules::tags(),
    })
}
