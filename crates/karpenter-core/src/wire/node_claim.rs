//! NodeClaims: parsed once, so that no decision parses.

use std::sync::Arc;

use jiff::Timestamp;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::meta::{Decoded, Meta, name_of, resources};
use crate::api::problem::Problem;
use crate::api::v1::conditions::{self, HasConditions};
use crate::api::v1::node_class_ref::NodeClassReference;
use crate::api::v1::nodeclaim::NodeClaim as Object;
use crate::api::v1::taint::Taint as WireTaint;
use crate::model::ids::{NodeClaimName, NodeClassKey, NodeName, ProviderId};
use crate::model::label_rules::LabelNormalization;
use crate::model::node_claim::NodeClaim;
use crate::model::requirements::Requirements;
use crate::model::taints::{Taint, TaintEffect};

impl Decoded for Object {
    type Model = NodeClaim;

    fn key(metadata: &ObjectMeta) -> NodeClaimName {
        NodeClaimName::from(name_of(metadata))
    }

    fn decode(self) -> Result<NodeClaim, Problem> {
        let (meta, _) = Meta::of(self.metadata.clone());
        let object = format!("NodeClaim {}", meta.name);
        let spec = &self.spec;
        let requests = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
        let status = self.status.clone().unwrap_or_default();
        Ok(NodeClaim {
            name: NodeClaimName::from(meta.name),
            uid: meta.uid,
            resource_version: meta.resource_version,
            labels: meta.labels,
            annotations: meta.annotations,
            node_class: node_class(&spec.node_class_ref),
            requirements: Requirements::from_spec(&spec.requirements, &LabelNormalization::core()),
            requests: resources(&object, "spec.resources.requests", requests)?,
            taints: taints(spec.taints.as_deref()),
            startup_taints: taints(spec.startup_taints.as_deref()),
            termination_grace_period: spec.termination_grace_period.as_ref().map(|d| d.duration()),
            expire_after: spec.expire_after.duration(),
            provider: status.provider_id.filter(|id| !id.is_empty()).map(ProviderId::from),
            node_name: status.node_name.filter(|name| !name.is_empty()).map(NodeName::from),
            capacity: resources(&object, "status.capacity", status.capacity.as_ref())?,
            allocatable: resources(&object, "status.allocatable", status.allocatable.as_ref())?,
            last_pod_event: status.last_pod_event_time.map(|time| -> Timestamp { time.0 }),
            created: meta.created,
            deleted_at: meta.deleted_at,
            launched: self.is_true(conditions::LAUNCHED),
            registered: self.is_true(conditions::REGISTERED),
            initialized: self.is_true(conditions::INITIALIZED),
            instance_terminating: self.is_true(conditions::INSTANCE_TERMINATING),
            object: Arc::new(self),
        })
    }
}

pub(super) fn node_class(reference: &NodeClassReference) -> NodeClassKey {
    NodeClassKey::new(&*reference.group, &*reference.kind, &*reference.name)
}

pub(super) fn taints(list: Option<&[WireTaint]>) -> Vec<Taint> {
    let taints = list.unwrap_or_default().iter();
    taints.map(|t| Taint::new(&*t.key, &*t.value, TaintEffect::from(&*t.effect))).collect()
}
