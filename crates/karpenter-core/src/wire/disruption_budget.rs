//! PodDisruptionBudgets.

use k8s_openapi::api::policy::v1 as policy;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::Resource;
use serde::Deserialize;

use super::meta::{Decoded, Meta, name_of, namespace_of, selector};
use crate::api::problem::Problem;
use crate::model::disruption_budget::PodDisruptionBudget;
use crate::model::ids::ObjectKey;

/// A PodDisruptionBudget with the fields we read.
#[derive(Debug, Clone, Default, Deserialize, Resource)]
#[resource(inherit = policy::PodDisruptionBudget)]
pub struct SlimDisruptionBudget {
    /// Metadata.
    pub metadata: ObjectMeta,
    #[serde(default)]
    spec: SlimBudgetSpec,
    #[serde(default)]
    status: SlimBudgetStatus,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimBudgetSpec {
    selector: Option<LabelSelector>,
    max_unavailable: Option<IntOrString>,
    min_available: Option<IntOrString>,
    unhealthy_pod_eviction_policy: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimBudgetStatus {
    disruptions_allowed: i32,
    current_healthy: i32,
    desired_healthy: i32,
}

impl Decoded for SlimDisruptionBudget {
    type Model = PodDisruptionBudget;

    fn key(metadata: &ObjectMeta) -> ObjectKey {
        ObjectKey::new(namespace_of(metadata), name_of(metadata))
    }

    fn decode(self) -> Result<PodDisruptionBudget, Problem> {
        let (meta, _) = Meta::of(self.metadata);
        let spec = self.spec;
        let none_unavailable = match &spec.max_unavailable {
            Some(IntOrString::Int(count)) => *count == 0,
            Some(IntOrString::String(text)) => text == "0%",
            None => false,
        };
        let all_available =
            matches!(&spec.min_available, Some(IntOrString::String(text)) if text == "100%");
        Ok(PodDisruptionBudget {
            key: ObjectKey::new(meta.namespace, meta.name),
            uid: meta.uid,
            resource_version: meta.resource_version,
            selector: spec.selector.map(selector),
            disruptions_allowed: self.status.disruptions_allowed,
            current_healthy: self.status.current_healthy,
            desired_healthy: self.status.desired_healthy,
            blocks_everything: none_unavailable || all_available,
            always_allow_unhealthy: spec.unhealthy_pod_eviction_policy.as_deref()
                == Some("AlwaysAllow"),
        })
    }
}
