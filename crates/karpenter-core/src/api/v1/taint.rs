//! Taints as NodePools and NodeClaims list them.

use crate::api::patterns;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The node this taint is attached to has the effect on any pod that does not tolerate the taint.
///
/// Source: Kubernetes API, taints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Taint {
    /// The taint key to be applied to a node.
    #[schemars(extend("minLength" = 1, "pattern" = patterns::QUALIFIED_KEY))]
    pub key: String,
    /// The taint value corresponding to the taint key.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>", extend("pattern" = patterns::QUALIFIED_KEY))]
    pub value: String,
    /// The effect of the taint on pods that do not tolerate it: NoSchedule, PreferNoSchedule or NoExecute.
    #[schemars(extend("enum" = ["NoSchedule", "PreferNoSchedule", "NoExecute"]))]
    pub effect: String,
    /// The time at which the taint was added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_added: Option<Time>,
}
