//! `ECSNodeClass`: how instances are made on this cloud.
#![expect(clippy::duplicated_attributes, reason = "every printer column has the same keys")]

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::bootstrap::{BootstrapMode, UserDataPolicy};
use super::disks::{DataDisk, DiskCategory, SystemDisk};
use super::kubelet::KubeletConfiguration;
use super::metadata::MetadataOptions;
use super::passwords::{Password, PasswordSecretRef};
use super::placement::{
    CreditSpecification, InstanceStorePolicy, SecurityEnhancementStrategy, VSwitchSelectionPolicy,
};
use super::reservations::{CapacityReservationPreference, CapacityReservationSelectorTerm};
use super::rules;
use super::selectors::{ImageSelectorTerm, SecurityGroupSelectorTerm, VSwitchSelectorTerm};
use super::spot::SpotStrategy;
use super::status::ECSNodeClassStatus;

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
    /// Name of the cluster; empty means the controller's setting. Not used yet: only a Kubeadm join would need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub cluster_name: Option<String>,
    /// Address of the API server; empty means the controller's setting. Not used yet: only a Kubeadm join would need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub cluster_endpoint: Option<String>,
    /// Who writes the join script; Auto when undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bootstrap_mode: Option<BootstrapMode>,
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
    /// Categories of data disks that name none, in order of preference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 6))]
    pub data_disk_categories: Option<Vec<DiskCategory>>,
    /// Whether the last data disk is formatted for container runtime and kubelet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format_data_disk: Option<bool>,
    /// What becomes of local disks. Not used yet, which the status notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_store_policy: Option<InstanceStorePolicy>,
    /// How spot instances bid; SpotAsPriceGo when undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot_strategy: Option<SpotStrategy>,
    /// Highest spot price per hour; excludes spotPriceLimitPercent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = true, "minimum" = 0))]
    pub spot_price_limit: Option<f64>,
    /// Highest spot price in percent of the type's on-demand price; excludes spotPriceLimit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub spot_price_limit_percent: Option<i32>,
    /// Protected hours of a spot instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub spot_duration: Option<i32>,
    /// Capacity reservations that nodes of capacity type reserved are launched in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 30))]
    pub capacity_reservation_selector_terms: Option<Vec<CapacityReservationSelectorTerm>>,
    /// Private pools on-demand instances may use; target where reservations are selected, else none, when undefined.
    /// Spot instances use none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_reservation_preference: Option<CapacityReservationPreference>,
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
    /// Secret in the controller's namespace that holds the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_secret_ref: Option<PasswordSecretRef>,
    /// Password in plain text. Deprecated: whoever may read the class may read it; use passwordSecretRef.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
    /// Whether the password of the image is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_inherit: Option<bool>,
    /// Settings of the kubelet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubelet: Option<KubeletConfiguration>,
    /// Settings of the metadata service of the instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_options: Option<MetadataOptions>,
    /// Launch template that brings what is not set here.
    #[serde(rename = "launchTemplateID", default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^lt-[0-9A-Za-z*]+$"), length(max = 64))]
    pub launch_template_id: Option<String>,
    /// Version of the launch template; its default version when undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub launch_template_version: Option<i64>,
    /// IPv6 addresses of the primary interface; 0 for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 10))]
    pub ipv6_address_count: Option<i32>,
    /// Whether API and console refuse to release the instance. Not used yet, which the status notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_protection: Option<bool>,
    /// How burstable types spend their credits; other types ignore it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_specification: Option<CreditSpecification>,
    /// Deployment set that spreads the instances over hosts.
    #[serde(rename = "deploymentSetID", default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^ds-[0-9A-Za-z*]+$"), length(max = 64))]
    pub deployment_set_id: Option<String>,
    /// Whether public images get the cloud's security agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_enhancement_strategy: Option<SecurityEnhancementStrategy>,
}

impl ECSNodeClassSpec {
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
