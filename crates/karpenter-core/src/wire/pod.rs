//! Pods.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference, Time};
use kube::Resource;
use serde::Deserialize;

use super::meta::{Decoded, Meta, name_of, namespace_of, resources};
use super::pod_template::{SlimPodSpec, shape};
use crate::api::duration::go;
use crate::api::labels;
use crate::api::problem::Problem;
use crate::model::ids::{NodeName, PodKey, Uid};
use crate::model::pod::{DoNotDisrupt, Pod, PodOwners, PodPhase};
use crate::model::pod_requests::PodResources;

/// A pod with the fields we read.
#[derive(Debug, Clone, Default, Deserialize, Resource)]
#[resource(inherit = core::Pod)]
pub struct SlimPod {
    /// Metadata.
    pub metadata: ObjectMeta,
    /// Spec.
    #[serde(default)]
    pub spec: SlimPodSpec,
    /// Status.
    #[serde(default)]
    pub status: SlimPodStatus,
}

/// `status` of a pod.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SlimPodStatus {
    phase: Option<String>,
    #[serde(default)]
    conditions: Vec<SlimCondition>,
    start_time: Option<Time>,
    nominated_node_name: Option<String>,
    #[serde(default)]
    container_statuses: Vec<SlimContainerStatus>,
    #[serde(default)]
    init_container_statuses: Vec<SlimContainerStatus>,
    #[serde(default)]
    resource_claim_statuses: Vec<SlimPodClaimStatus>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SlimPodClaimStatus {
    name: String,
    resource_claim_name: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SlimCondition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    reason: Option<String>,
    last_transition_time: Option<Time>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SlimContainerStatus {
    name: String,
    resources: Option<core::ResourceRequirements>,
    allocated_resources: Option<BTreeMap<String, Quantity>>,
}

impl Decoded for SlimPod {
    type Model = Pod;

    fn key(metadata: &ObjectMeta) -> PodKey {
        PodKey::new(namespace_of(metadata), name_of(metadata))
    }

    fn decode(self) -> Result<Pod, Problem> {
        let (meta, rest) = Meta::of(self.metadata);
        let key = PodKey::new(meta.namespace, meta.name);
        let object = format!("Pod {key}");
        let status = self.status;
        let mut parts = self.spec.resources(&object)?;
        status.apply_to(&self.spec, &mut parts, &object)?;
        let scheduled = status.condition("PodScheduled");
        Ok(Pod {
            uid: meta.uid,
            resource_version: meta.resource_version,
            requests: Arc::new(parts.effective()),
            node_name: self.spec.node_name.clone().filter(|n| !n.is_empty()).map(NodeName::from),
            phase: phase(status.phase.as_deref()),
            unschedulable: scheduled.is_some_and(|c| c.reason.as_deref() == Some("Unschedulable")),
            preempting: status.nominated_node_name.as_ref().is_some_and(|name| !name.is_empty()),
            ready: status.condition("Ready").is_some_and(|c| c.status == "True"),
            created: meta.created,
            deleted_at: meta.deleted_at,
            started_at: status.start_time.as_ref().map(|time| time.0),
            scheduled_at: scheduled
                .filter(|condition| condition.status == "True")
                .and_then(|condition| condition.last_transition_time.as_ref().map(|time| time.0)),
            owners: owners(&rest.owners),
            do_not_disrupt: do_not_disrupt(meta.annotations.get(labels::DO_NOT_DISRUPT)),
            deletion_cost: deletion_cost(meta.annotations.get(labels::POD_DELETION_COST)),
            volume_claims: self.spec.volume_claims(&key.name),
            resource_claims: self.spec.resource_claims(|name| status.generated_claim(name)),
            shape: Arc::new(shape(self.spec, meta.labels)),
            key,
        })
    }
}

impl SlimPodStatus {
    fn condition(&self, kind: &str) -> Option<&SlimCondition> {
        self.conditions.iter().find(|condition| condition.kind == kind)
    }

    /// The name of the ResourceClaim made for an entry of the spec; `None` while there is none, or when none is needed.
    fn generated_claim(&self, name: &str) -> Option<&str> {
        let mut made = self.resource_claim_statuses.iter().filter(|made| made.name == name);
        made.next()?.resource_claim_name.as_deref()
    }

    /// Adds what the kubelet reports of containers that are resized in place.
    fn apply_to(
        &self,
        spec: &SlimPodSpec,
        parts: &mut PodResources,
        object: &str,
    ) -> Result<(), Problem> {
        parts.resize_infeasible = self
            .condition("PodResizePending")
            .is_some_and(|condition| condition.reason.as_deref() == Some("Infeasible"));
        let regular = spec.containers.iter().zip(&mut parts.containers);
        let initial = spec.init_containers.iter().zip(&mut parts.init_containers);
        for (container, part) in regular.chain(initial) {
            let statuses = self.container_statuses.iter().chain(&self.init_container_statuses);
            let Some(status) = statuses.into_iter().find(|s| s.name == container.name) else {
                continue;
            };
            let Some(running) = &status.resources else { continue };
            let field = "status.containerStatuses.resources";
            part.running = Some(resources(object, field, running.requests.as_ref())?);
            part.allocated = Some(resources(object, field, status.allocated_resources.as_ref())?);
        }
        Ok(())
    }
}

fn phase(text: Option<&str>) -> PodPhase {
    match text {
        Some("Running") => PodPhase::Running,
        Some("Succeeded") => PodPhase::Succeeded,
        Some("Failed") => PodPhase::Failed,
        Some("Unknown") => PodPhase::Unknown,
        Some(_) | None => PodPhase::Pending,
    }
}

fn owners(references: &[OwnerReference]) -> PodOwners {
    let is = |version: &str, kind: &str| {
        references.iter().any(|owner| owner.api_version == version && owner.kind == kind)
    };
    PodOwners {
        daemonset: is("apps/v1", "DaemonSet"),
        statefulset: is("apps/v1", "StatefulSet"),
        node: is("v1", "Node"),
        controller: references
            .iter()
            .find(|owner| owner.controller == Some(true))
            .map(|owner| Uid::from(owner.uid.as_str())),
    }
}

fn do_not_disrupt(annotation: Option<&Arc<str>>) -> DoNotDisrupt {
    let Some(text) = annotation else { return DoNotDisrupt::No };
    if &**text == "true" {
        return DoNotDisrupt::Always;
    }
    match go::parse_nanos(text).map(u64::try_from) {
        Ok(Ok(nanos)) if nanos > 0 => DoNotDisrupt::For(Duration::from_nanos(nanos)),
        Ok(_) | Err(_) => DoNotDisrupt::Invalid(text.clone()),
    }
}

/// The annotated cost; text the API server would refuse counts as absent.
fn deletion_cost(annotation: Option<&Arc<str>>) -> i32 {
    annotation.and_then(|text| text.parse().ok()).unwrap_or_default()
}
