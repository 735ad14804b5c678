//! NodePools: parsed once, so that no decision parses.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::meta::{Decoded, Meta, name_of, resources, shared_map};
use super::node_claim::{node_class, taints};
use crate::api::problem::Problem;
use crate::api::v1::conditions::{self, HasConditions};
use crate::api::v1::nodepool::{NodeClaimTemplate, NodePool as Object};
use crate::model::ids::NodePoolName;
use crate::model::label_rules::LabelNormalization;
use crate::model::node_pool::{ClaimTemplate, NodePool};
use crate::model::requirements::Requirements;

impl Decoded for Object {
    type Model = NodePool;

    fn key(metadata: &ObjectMeta) -> NodePoolName {
        NodePoolName::from(name_of(metadata))
    }

    fn decode(self) -> Result<NodePool, Problem> {
        let (meta, rest) = Meta::of(self.metadata.clone());
        let object = format!("NodePool {}", meta.name);
        let limits = match &self.spec.limits {
            Some(limits) => Some(resources(&object, "spec.limits", Some(limits))?),
            None => None,
        };
        Ok(NodePool {
            name: NodePoolName::from(meta.name),
            uid: meta.uid,
            resource_version: meta.resource_version,
            generation: rest.generation,
            weight: self.weight(),
            limits,
            replicas: self.spec.replicas,
            template: template(&self.spec.template),
            consolidate_after: self.spec.disruption.consolidate_after.duration(),
            ready: self.is_true(conditions::READY),
            created: meta.created,
            deleted_at: meta.deleted_at,
            object: Arc::new(self),
        })
    }
}

fn template(template: &NodeClaimTemplate) -> ClaimTemplate {
    let metadata = template.metadata.clone().unwrap_or_default();
    let spec = &template.spec;
    ClaimTemplate {
        labels: shared_map(metadata.labels),
        annotations: shared_map(metadata.annotations),
        taints: taints(spec.taints.as_deref()),
        startup_taints: taints(spec.startup_taints.as_deref()),
        requirements: Requirements::from_spec(&spec.requirements, &LabelNormalization::core()),
        node_class: node_class(&spec.node_class_ref),
        termination_grace_period: spec.termination_grace_period.as_ref().map(|d| d.duration()),
        expire_after: spec.expire_after.duration(),
    }
}
