//! The part of a pod that DaemonSet templates have too.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use super::meta::{resources, shared_texts};
use super::pod_topology::{SlimSpread, topology};
use crate::api::problem::Problem;
use crate::model::label_selector::Labels;
use crate::model::pod::{
    HostPort, NodeSelectorExpression, NodeSelectorTerm, PodShape, PodVolumeClaim, PreferredTerm,
    UnsupportedConstraint,
};
use crate::model::pod_requests::{ContainerResources, PodResources};
use crate::model::taints::{TaintEffect, Toleration, TolerationOperator};

/// `spec` of a pod with the fields we read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SlimPodSpec {
    pub(super) node_name: Option<String>,
    pub(super) containers: Vec<SlimContainer>,
    pub(super) init_containers: Vec<SlimContainer>,
    node_selector: BTreeMap<String, String>,
    affinity: Option<core::Affinity>,
    tolerations: Vec<core::Toleration>,
    topology_spread_constraints: Vec<SlimSpread>,
    volumes: Vec<SlimVolume>,
    resource_claims: Vec<SlimPodClaim>,
    resources: Option<SlimRequirements>,
    overhead: Option<BTreeMap<String, Quantity>>,
    priority: Option<i32>,
    priority_class_name: Option<String>,
    termination_grace_period_seconds: Option<i64>,
}

/// A template of pods with the fields we read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct SlimTemplate {
    pub(super) metadata: ObjectMeta,
    pub(super) spec: SlimPodSpec,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SlimContainer {
    pub(super) name: String,
    resources: SlimRequirements,
    ports: Vec<SlimPort>,
    restart_policy: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimRequirements {
    requests: Option<BTreeMap<String, Quantity>>,
    limits: Option<BTreeMap<String, Quantity>>,
    claims: Vec<serde::de::IgnoredAny>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimPort {
    host_port: Option<i32>,
    #[serde(rename = "hostIP")]
    host_ip: Option<String>,
    protocol: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimVolume {
    name: String,
    persistent_volume_claim: Option<SlimClaimSource>,
    ephemeral: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimClaimSource {
    claim_name: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimPodClaim {
    name: String,
    resource_claim_name: Option<String>,
}

impl SlimPodSpec {
    /// Names of the ResourceClaims of a pod; those made from a template are named by `generated`, if at all.
    pub(super) fn resource_claims<'s>(
        &'s self,
        generated: impl Fn(&str) -> Option<&'s str>,
    ) -> Box<[Arc<str>]> {
        let claims = self.resource_claims.iter();
        let names = claims.filter_map(|claim| match &claim.resource_claim_name {
            Some(name) => Some(name.as_str()),
            None => generated(&claim.name),
        });
        names.map(Arc::from).collect()
    }

    /// PersistentVolumeClaims of the volumes of a pod called `pod`; an ephemeral one is named after both.
    pub(super) fn volume_claims(&self, pod: &str) -> Vec<PodVolumeClaim> {
        let named = |name: &str| PodVolumeClaim { name: name.into(), is_ephemeral: false };
        let claim = |volume: &SlimVolume| match &volume.persistent_volume_claim {
            Some(source) => Some(named(&source.claim_name)),
            None => volume.ephemeral.map(|_| PodVolumeClaim {
                name: format!("{pod}-{}", volume.name).into(),
                is_ephemeral: true,
            }),
        };
        self.volumes.iter().filter_map(claim).collect()
    }

    /// Requests of all parts, as the spec says.
    pub(super) fn resources(&self, object: &str) -> Result<PodResources, Problem> {
        let parse = |containers: &[SlimContainer], field: &str| {
            containers.iter().map(|c| c.resources(object, field)).collect::<Result<Vec<_>, _>>()
        };
        let pod_level = self.resources.as_ref().and_then(|r| r.requests.as_ref());
        Ok(PodResources {
            containers: parse(&self.containers, "spec.containers.resources.requests")?,
            init_containers: parse(
                &self.init_containers,
                "spec.initContainers.resources.requests",
            )?,
            pod_level: resources(object, "spec.resources.requests", pod_level)?,
            overhead: resources(object, "spec.overhead", self.overhead.as_ref())?,
            resize_infeasible: false,
        })
    }

    /// Counts a limit without request as request, as the API server does for real pods.
    pub(super) fn default_requests_from_limits(&mut self) {
        for container in self.containers.iter_mut().chain(&mut self.init_containers) {
            let limits = container.resources.limits.clone().unwrap_or_default();
            let requests = container.resources.requests.get_or_insert_default();
            for (name, quantity) in limits {
                requests.entry(name).or_insert(quantity);
            }
        }
    }
}

impl SlimContainer {
    fn resources(&self, object: &str, field: &str) -> Result<ContainerResources, Problem> {
        Ok(ContainerResources {
            requests: resources(object, field, self.resources.requests.as_ref())?,
            sidecar: self.restart_policy.as_deref() == Some("Always"),
            running: None,
            allocated: None,
        })
    }
}

/// The constraints of a pod with this spec and these labels.
pub(super) fn shape(spec: SlimPodSpec, labels: Labels) -> PodShape {
    let unsupported = unsupported(&spec);
    let host_ports = host_ports(&spec.containers);
    let class = spec.priority_class_name.as_deref();
    let affinity = spec.affinity.unwrap_or_default();
    let others = (affinity.pod_affinity, affinity.pod_anti_affinity);
    let node_affinity = affinity.node_affinity;
    let (required, preferred) = node_affinity.map_or((None, None), |affinity| {
        (
            affinity.required_during_scheduling_ignored_during_execution,
            affinity.preferred_during_scheduling_ignored_during_execution,
        )
    });
    PodShape {
        labels,
        node_selector: spec
            .node_selector
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()))
            .collect(),
        required_node_affinity: required
            .map(|selector| selector.node_selector_terms.into_iter().map(term).collect())
            .unwrap_or_default(),
        preferred_node_affinity: preferred
            .unwrap_or_default()
            .into_iter()
            .map(|p| PreferredTerm { weight: p.weight, term: term(p.preference) })
            .collect(),
        tolerations: spec.tolerations.into_iter().map(toleration).collect(),
        host_ports,
        topology: topology(spec.topology_spread_constraints, others),
        unsupported,
        critical: matches!(class, Some("system-cluster-critical" | "system-node-critical")),
        priority: spec.priority.unwrap_or_default(),
        termination_grace: spec
            .termination_grace_period_seconds
            .map(|seconds| Duration::from_secs(seconds.try_into().unwrap_or_default())),
    }
}

fn unsupported(spec: &SlimPodSpec) -> Vec<UnsupportedConstraint> {
    let containers = spec.containers.iter().chain(&spec.init_containers);
    let claims = !spec.resource_claims.is_empty()
        || containers.into_iter().any(|c| !c.resources.claims.is_empty());
    claims.then_some(UnsupportedConstraint::ResourceClaim).into_iter().collect()
}

fn host_ports(containers: &[SlimContainer]) -> Vec<HostPort> {
    let ports = containers.iter().flat_map(|container| &container.ports);
    ports
        .filter_map(|port| {
            Some(HostPort {
                port: port.host_port.filter(|number| *number != 0)?,
                ip: port.host_ip.as_deref().filter(|ip| !ip.is_empty()).unwrap_or("0.0.0.0").into(),
                protocol: port.protocol.as_deref().unwrap_or("TCP").into(),
            })
        })
        .collect()
}

pub(super) fn term(wire: core::NodeSelectorTerm) -> NodeSelectorTerm {
    NodeSelectorTerm {
        has_match_fields: wire.match_fields.is_some_and(|fields| !fields.is_empty()),
        expressions: wire
            .match_expressions
            .unwrap_or_default()
            .into_iter()
            .map(|expression| NodeSelectorExpression {
                key: Arc::from(expression.key),
                operator: Arc::from(expression.operator),
                values: shared_texts(expression.values.unwrap_or_default()),
            })
            .collect(),
    }
}

pub(super) fn toleration(wire: core::Toleration) -> Toleration {
    let effect = wire.effect.filter(|effect| !effect.is_empty());
    Toleration {
        key: wire.key.unwrap_or_default().into(),
        operator: TolerationOperator::from(wire.operator.as_deref().unwrap_or_default()),
        value: wire.value.unwrap_or_default().into(),
        effect: effect.map(|effect| TaintEffect::from(&*effect)),
    }
}
