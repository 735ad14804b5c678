//! `NodeClaim`: one node that is wanted, being made, in use or going away.
#![expect(clippy::duplicated_attributes, reason = "printer columns repeat their keys")]

use super::conditions::{self, Condition, ConditionTypes, HasConditions};
use super::node_class_ref::NodeClassReference;
use super::nodepool::default_expire_after;
use super::requirement::NodeSelectorRequirementWithMinValues;
use super::taint::Taint;
use super::{rules, schema};
use crate::api::duration::{NillableDuration, TextDuration};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// NodeClaimSpec describes the desired state of the NodeClaim; it never changes.
///
/// Source: Karpenter behaviour, NodeClaim.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "karpenter.sh",
    version = "v1",
    kind = "NodeClaim",
    doc = "NodeClaim is the Schema for the NodeClaims API",
    category = "karpenter",
    status = "NodeClaimStatus",
    derive = "PartialEq",
    selectable = ".status.providerID",
    selectable = ".spec.nodeClassRef.name",
    printcolumn(
        name = "Type",
        type_ = "string",
        json_path = r".metadata.labels.node\.kubernetes\.io/instance-type"
    ),
    printcolumn(
        name = "Capacity",
        type_ = "string",
        json_path = r".metadata.labels.karpenter\.sh/capacity-type"
    ),
    printcolumn(
        name = "Zone",
        type_ = "string",
        json_path = r".metadata.labels.topology\.kubernetes\.io/zone"
    ),
    printcolumn(name = "Node", type_ = "string", json_path = ".status.nodeName"),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "ImageID", type_ = "string", json_path = ".status.imageID", priority = 1),
    printcolumn(name = "ID", type_ = "string", json_path = ".status.providerID", priority = 1),
    printcolumn(
        name = "NodePool",
        type_ = "string",
        json_path = r".metadata.labels.karpenter\.sh/nodepool",
        priority = 1
    ),
    printcolumn(
        name = "NodeClass",
        type_ = "string",
        json_path = ".spec.nodeClassRef.name",
        priority = 1
    ),
    printcolumn(
        name = "Drifted",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Drifted")].status"#,
        priority = 1
    )
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::node_claim_spec()))]
pub struct NodeClaimSpec {
    /// Taints applied to the node; pods must tolerate them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub taints: Option<Vec<Taint>>,
    /// Taints applied to the node at start and expected to be removed by something else. Pods need not tolerate them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub startup_taints: Option<Vec<Taint>>,
    /// Requirements are layered with labels and applied to the node.
    #[schemars(schema_with = "schema::requirements")]
    pub requirements: Vec<NodeSelectorRequirementWithMinValues>,
    /// What the NodeClaim was created for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// The object that defines provider specific configuration.
    pub node_class_ref: NodeClassReference,
    /// The longest time the node may take to drain, from the moment its deletion starts. If undefined, draining waits
    /// without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub termination_grace_period: Option<TextDuration>,
    /// How long the node may exist, from the creation of the NodeClaim; Never disables expiration.
    #[serde(default = "default_expire_after")]
    pub expire_after: NillableDuration,
}

/// Resources the node must have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceRequirements {
    /// The minimum required for the NodeClaim to launch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::resources")]
    pub requests: Option<BTreeMap<String, Quantity>>,
}

/// NodeClaimStatus defines the observed state of NodeClaim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeClaimStatus {
    /// Name of the corresponding node; set at registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    /// Provider ID of the corresponding node; set at launch.
    #[serde(rename = "providerID", default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// Image the node was started from; set at launch.
    #[serde(rename = "imageID", default, skip_serializing_if = "Option::is_none")]
    pub image_id: Option<String>,
    /// Expected full capacity of the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::resources")]
    pub capacity: Option<BTreeMap<String, Quantity>>,
    /// Expected capacity of the node available to pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::resources")]
    pub allocatable: Option<BTreeMap<String, Quantity>>,
    /// Conditions of this NodeClaim.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::relaxed_conditions")]
    pub conditions: Vec<Condition>,
    /// The last time a pod was bound to the node, left it, or came to its end on it; to within some seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_pod_event_time: Option<Time>,
}

impl HasConditions for NodeClaim {
    const TYPES: ConditionTypes = ConditionTypes {
        root: conditions::READY,
        dependents: &[conditions::LAUNCHED, conditions::REGISTERED, conditions::INITIALIZED],
    };

    fn conditions(&self) -> &[Condition] {
        self.status.as_ref().map_or(&[], |status| &status.conditions)
    }

    fn conditions_mut(&mut self) -> &mut Vec<Condition> {
        &mut self.status.get_or_insert_default().conditions
    }
}
