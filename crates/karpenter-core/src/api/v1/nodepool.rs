//! `NodePool`: what nodes may look like, how many there may be, and when they may be disrupted.
#![expect(clippy::duplicated_attributes, reason = "printer columns repeat their keys")]

#[cfg(test)]
mod tests;

use super::budget::{self, Budget};
use super::conditions::{Condition, ConditionTypes, HasConditions};
use super::node_class_ref::NodeClassReference;
use super::requirement::NodeSelectorRequirementWithMinValues;
use super::rules;
use super::schema::{self, string_enum};
use super::taint::Taint;
use crate::api::duration::{NillableDuration, TextDuration};
use crate::api::patterns;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// NodePoolSpec is the top level nodepool specification. Nodepools launch nodes in response to pods that are
/// unschedulable. A single nodepool is capable of managing a diverse set of nodes. Node properties are determined from a
/// combination of nodepool and pod scheduling constraints.
///
/// Source: Karpenter behaviour, NodePool.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "karpenter.sh",
    version = "v1",
    kind = "NodePool",
    doc = "NodePool is the Schema for the NodePools API",
    category = "karpenter",
    status = "NodePoolStatus",
    derive = "PartialEq",
    scale(spec_replicas_path = ".spec.replicas", status_replicas_path = ".status.nodes"),
    printcolumn(
        name = "NodeClass",
        type_ = "string",
        json_path = ".spec.template.spec.nodeClassRef.name"
    ),
    printcolumn(name = "Nodes", type_ = "string", json_path = ".status.nodes"),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Weight", type_ = "integer", json_path = ".spec.weight", priority = 1),
    printcolumn(name = "CPU", type_ = "string", json_path = ".status.resources.cpu", priority = 1),
    printcolumn(
        name = "Memory",
        type_ = "string",
        json_path = ".status.resources.memory",
        priority = 1
    )
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::node_pool_spec()))]
pub struct NodePoolSpec {
    /// Template of the NodeClaims launched from this NodePool. They are often further constrained than it specifies.
    pub template: NodeClaimTemplate,
    /// When and how many nodes of this NodePool may be disrupted.
    #[serde(default)]
    #[schemars(extend("default" = serde_json::json!({ "consolidateAfter": "0s" })))]
    pub disruption: Disruption,
    /// Bounds of the resources provisioned in total; `nodes` bounds the number of nodes. Once exceeded, nothing is
    /// launched any more; nothing is removed either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::resources")]
    pub limits: Option<BTreeMap<String, Quantity>>,
    /// Priority of this NodePool: higher weights are tried first; equal weights by name, last in the alphabet first.
    /// Absent means 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub weight: Option<i32>,
    /// Number of nodes to keep. Its presence makes the NodePool static: nodes are not launched for pods.
    /// This field is alpha and may change or be removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub replicas: Option<i64>,
}

/// Labels, annotations and spec of the NodeClaims of a pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NodeClaimTemplate {
    /// Metadata every NodeClaim gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<TemplateMetadata>,
    /// Spec of every NodeClaim, before it is narrowed for its pods.
    pub spec: NodeClaimTemplateSpec,
}

/// Labels and annotations of the NodeClaims of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TemplateMetadata {
    /// Labels every NodeClaim and node gets; they are requirements too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "template_labels")]
    pub labels: Option<BTreeMap<String, String>>,
    /// Annotations every NodeClaim and node gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
}

/// NodeClaimTemplateSpec describes the desired state of the NodeClaims of a pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeClaimTemplateSpec {
    /// Taints applied to the node; pods must tolerate them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub taints: Option<Vec<Taint>>,
    /// Taints applied to the node at start and expected to be removed by something else. Pods need not tolerate them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub startup_taints: Option<Vec<Taint>>,
    /// Requirements are layered with labels and applied to every node.
    #[schemars(schema_with = "schema::node_pool_requirements")]
    pub requirements: Vec<NodeSelectorRequirementWithMinValues>,
    /// The object that defines provider specific configuration.
    #[schemars(extend("x-kubernetes-validations" = rules::immutable_node_class_kind()))]
    pub node_class_ref: NodeClassReference,
    /// The longest time a node may take to drain, from the moment its deletion starts. Takes precedence over disruption
    /// budgets of pods and over the do-not-disrupt annotation. If undefined, draining waits without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub termination_grace_period: Option<TextDuration>,
    /// How long a node may exist, from the creation of its NodeClaim; Never disables expiration.
    #[serde(default = "default_expire_after")]
    pub expire_after: NillableDuration,
}

/// When nodes of a pool may be disrupted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Disruption {
    /// How long a node must be without change of its pods before it may be consolidated; Never disables consolidation.
    #[serde(default = "default_consolidate_after")]
    pub consolidate_after: NillableDuration,
    /// Which nodes may be consolidated.
    #[serde(default)]
    pub consolidation_policy: ConsolidationPolicy,
    /// How many nodes may be disrupted at once: the most restrictive active budget counts. If undefined, one budget of
    /// 10%; an empty list does not restrict at all.
    #[serde(default = "default_budgets")]
    #[schemars(schema_with = "budget::list_schema")]
    pub budgets: Vec<Budget>,
}

impl Default for Disruption {
    fn default() -> Self {
        Self {
            consolidate_after: default_consolidate_after(),
            consolidation_policy: ConsolidationPolicy::default(),
            budgets: default_budgets(),
        }
    }
}

/// Which nodes may be consolidated.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum ConsolidationPolicy {
    /// Only those without pods that count.
    WhenEmpty,
    /// Those, and whatever makes the cluster cheaper.
    #[default]
    WhenEmptyOrUnderutilized,
    /// Those, and what saves enough to justify the disruption.
    Balanced,
}

string_enum!(ConsolidationPolicy: WhenEmpty WhenEmptyOrUnderutilized Balanced);

/// NodePoolStatus defines the observed state of NodePool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodePoolStatus {
    /// Resources provisioned in total by this NodePool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::resources")]
    pub resources: Option<BTreeMap<String, Quantity>>,
    /// Number of nodes of this NodePool.
    #[serde(default)]
    pub nodes: i64,
    /// Generation of the NodeClass that registration health was last judged for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_class_observed_generation: Option<i64>,
    /// Conditions of this NodePool.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::conditions")]
    pub conditions: Vec<Condition>,
}

impl NodePool {
    /// Whether the pool keeps a fixed number of nodes instead of launching for pods.
    pub fn is_static(&self) -> bool {
        self.spec.replicas.is_some()
    }

    /// The weight, 0 if absent.
    pub fn weight(&self) -> i32 {
        self.spec.weight.unwrap_or(0)
    }
}

impl HasConditions for NodePool {
    const TYPES: ConditionTypes = ConditionTypes {
        root: super::conditions::READY,
        dependents: &[super::conditions::VALIDATION_SUCCEEDED, super::conditions::NODE_CLASS_READY],
    };

    fn conditions(&self) -> &[Condition] {
        self.status.as_ref().map_or(&[], |status| &status.conditions)
    }

    fn conditions_mut(&mut self) -> &mut Vec<Condition> {
        &mut self.status.get_or_insert_default().conditions
    }
}

/// 720 hours, written as users do.
pub(super) fn default_expire_after() -> NillableDuration {
    "720h".parse().unwrap_or_else(|_| NillableDuration::new(Duration::from_secs(720 * 3600)))
}

fn default_consolidate_after() -> NillableDuration {
    NillableDuration::new(Duration::ZERO)
}

fn default_budgets() -> Vec<Budget> {
    vec![Budget::always("10%")]
}

fn template_labels(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "object",
        "maxProperties": 100,
        "additionalProperties": {
            "type": "string",
            "maxLength": 63,
            "pattern": patterns::LABEL_VALUE,
        },
        "x-kubernetes-map-type": "atomic",
        "x-kubernetes-validations": rules::template_labels(),
    })
}
