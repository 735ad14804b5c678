//! `NodeOverlay`: what planning should believe about instance types instead of what the cloud says.

use super::rules;
use crate::api::patterns;
use crate::api::v1::conditions::{self, Condition, ConditionTypes, HasConditions};
use crate::api::v1::requirement::{NodeSelectorRequirementWithMinValues, Operator};
use crate::api::v1::rules::requirement_key;
use crate::api::v1::schema;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// NodeOverlaySpec says which instance types are meant, and what their price or their extended resources are.
///
/// Source: Karpenter behaviour, NodeOverlay.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "karpenter.sh",
    version = "v1alpha1",
    kind = "NodeOverlay",
    doc = "NodeOverlay is the Schema for the NodeOverlays API",
    category = "karpenter",
    shortname = "overlays",
    status = "NodeOverlayStatus",
    derive = "PartialEq",
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Weight", type_ = "integer", json_path = ".spec.weight", priority = 1)
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::spec()))]
pub struct NodeOverlaySpec {
    /// Which instance types and offerings are meant: well-known labels, karpenter.sh/nodepool, and labels of the
    /// templates of NodePools. An empty list means all.
    #[schemars(schema_with = "requirements")]
    pub requirements: Vec<NodeSelectorRequirement>,
    /// The price per hour, in place of the cloud's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32), regex(pattern = patterns::PRICE))]
    pub price: Option<String>,
    /// What the price differs by: an amount (-0.5, +1.2) or a percentage (+10%, -15%). It never falls below zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32), regex(pattern = patterns::PRICE_ADJUSTMENT))]
    pub price_adjustment: Option<String>,
    /// Extended resources that nodes will have besides those the cloud knows; cpu, memory, ephemeral-storage and pods
    /// cannot be set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "capacity")]
    pub capacity: Option<BTreeMap<String, Quantity>>,
    /// Which overlay wins where several mean the same: the higher weight. Equal weights are looked at by name, last in
    /// the alphabet first, and must not contradict each other. Absent means 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10000))]
    pub weight: Option<i32>,
}

/// A key, an operator and values that relate to it.
///
/// Source: Karpenter behaviour, NodeOverlay requirements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeSelectorRequirement {
    /// The label key that the selector applies to.
    pub key: String,
    /// Represents a key's relationship to a set of values: In, NotIn, Exists, DoesNotExist, Gt, Lt, Gte or Lte.
    pub operator: Operator,
    /// Values of the label. Non-empty for In and NotIn, empty for Exists and DoesNotExist, a single integer for
    /// Gt, Lt, Gte and Lte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        inner(length(max = 63), regex(pattern = patterns::LABEL_VALUE)),
        extend("x-kubernetes-list-type" = "atomic")
    )]
    pub values: Option<Vec<String>>,
}

impl From<&NodeSelectorRequirement> for NodeSelectorRequirementWithMinValues {
    fn from(requirement: &NodeSelectorRequirement) -> Self {
        let NodeSelectorRequirement { key, operator, values } = requirement.clone();
        Self { key, operator, values, min_values: None }
    }
}

/// NodeOverlayStatus defines the observed state of NodeOverlay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NodeOverlayStatus {
    /// Conditions of this NodeOverlay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::conditions")]
    pub conditions: Vec<Condition>,
}

impl HasConditions for NodeOverlay {
    const TYPES: ConditionTypes =
        ConditionTypes { root: conditions::READY, dependents: &[conditions::VALIDATION_SUCCEEDED] };

    fn conditions(&self) -> &[Condition] {
        self.status.as_ref().map_or(&[], |status| &status.conditions)
    }

    fn conditions_mut(&mut self) -> &mut Vec<Condition> {
        &mut self.status.get_or_insert_default().conditions
    }
}

/// Most extended resources of one overlay.
const MAX_RESOURCES: u32 = 100;

fn requirements(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let items = generator.subschema_for::<NodeSelectorRequirement>();
    schema::requirement_list(items, &requirement_key(), &rules::requirements())
}

fn capacity(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let mut schema = schema::resources(generator);
    schema.insert("maxProperties".to_owned(), MAX_RESOURCES.into());
    schema.insert("x-kubernetes-validations".to_owned(), rules::capacity().into());
    schema
}
