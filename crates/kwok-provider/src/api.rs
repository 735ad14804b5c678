//! `KWOKNodeClass`: how nodes without machines come up.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use karpenter_core::api::crd;
use karpenter_core::api::duration::TextDuration;
use kube::{CustomResource, CustomResourceExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Kind.
pub const KIND: &str = "KWOKNodeClass";
/// Version served.
pub const VERSION: &str = "v1alpha1";
/// Resource name in paths.
pub const PLURAL: &str = "kwoknodeclasses";

/// KWOKNodeClassSpec says how nodes without machines come up.
///
/// Source: Karpenter behaviour, KWOK provider.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "karpenter.kwok.sh",
    version = "v1alpha1",
    kind = "KWOKNodeClass",
    plural = "kwoknodeclasses",
    doc = "KWOKNodeClass is the Schema for the KWOKNodeClass API",
    category = "karpenter",
    status = "KWOKNodeClassStatus",
    derive = "PartialEq"
)]
#[serde(rename_all = "camelCase")]
pub struct KWOKNodeClassSpec {
    /// How long after its launch a node appears; at once when undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_registration_delay: Option<TextDuration>,
}

/// Observed state of a KWOKNodeClass.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KWOKNodeClassStatus {
    /// Conditions; a class that says nothing is ready.
    #[serde(default)]
    #[schemars(schema_with = "conditions")]
    pub conditions: Vec<Condition>,
}

impl KWOKNodeClass {
    /// Why the class cannot be used; `None` when it can, which silence means too.
    pub fn not_ready(&self) -> Option<String> {
        let conditions = self.status.iter().flat_map(|status| &status.conditions);
        let ready = conditions.into_iter().find(|condition| condition.type_ == "Ready")?;
        let name = self.metadata.name.as_deref().unwrap_or_default();
        (ready.status == "False")
            .then(|| format!("{KIND} {name} is not ready: {}: {}", ready.reason, ready.message))
    }

    /// How long after its launch a node appears.
    pub fn delay(&self) -> Duration {
        self.spec.node_registration_delay.as_ref().map_or(Duration::ZERO, TextDuration::duration)
    }
}

/// The definition as a document to write to a file.
pub fn document() -> Value {
    crd::document(&crd::normalise(KWOKNodeClass::crd()))
}

/// Conditions as a list of anything that has a type.
fn conditions(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["type", "status", "reason", "message", "lastTransitionTime"],
            "properties": {
                "type": { "type": "string" },
                "status": { "type": "string", "enum": ["True", "False", "Unknown"] },
                "reason": { "type": "string" },
                "message": { "type": "string" },
                "lastTransitionTime": { "type": "string", "format": "date-time" },
                "observedGeneration": { "type": "integer", "format": "int64" },
            },
        },
    })
}
