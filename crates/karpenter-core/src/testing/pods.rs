//! Pods.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::quantity;
use crate::api::labels;
use crate::model::daemon_set::DaemonSet;
use crate::model::ids::{NodeName, ObjectKey, PodKey};
use crate::model::pod::{
    DoNotDisrupt, HostPort, NodeSelectorExpression, NodeSelectorTerm, Pod, PodOwners, PodPhase,
    PodShape, PodVolumeClaim, PreferredTerm, UnsupportedConstraint,
};
use crate::model::pod_topology::{PodAffinityTerm, SpreadConstraint, WeightedPodAffinityTerm};
use crate::model::resources::{ResourceName, Resources};
use crate::model::taints::{TaintEffect, Toleration, TolerationOperator};

/// A pending, unschedulable pod in namespace `default` that asks for nothing; its uid is its name.
///
/// # Example
/// ```
/// # use karpenter_core::testing::pods::{expression, pod};
/// let pod = pod("web").cpu("500m").zone("z1").require([expression("size", "In", ["large"])]).build();
/// assert_eq!(pod.requests.to_string(), r#"{"cpu":"500m"}"#);
/// ```
pub fn pod(name: &str) -> PodBuilder {
    PodBuilder {
        key: PodKey::new("default", name),
        shape: PodShape::default(),
        requests: Resources::new(),
        node_name: None,
        unschedulable: true,
        preempting: false,
        phase: PodPhase::Pending,
        created: Timestamp::UNIX_EPOCH,
        deleted_at: None,
        started_at: None,
        owners: PodOwners::default(),
        do_not_disrupt: DoNotDisrupt::No,
        volume_claims: vec![],
        resource_claims: Box::default(),
    }
}

/// One `matchExpressions` entry.
pub fn expression<'v>(
    key: &str,
    operator: &str,
    values: impl IntoIterator<Item = &'v str>,
) -> NodeSelectorExpression {
    NodeSelectorExpression {
        key: key.into(),
        operator: operator.into(),
        values: values.into_iter().map(Arc::from).collect(),
    }
}

/// Makes a [`Pod`] step by step.
#[derive(Debug, Clone)]
#[must_use]
pub struct PodBuilder {
    key: PodKey,
    shape: PodShape,
    requests: Resources,
    node_name: Option<NodeName>,
    unschedulable: bool,
    preempting: bool,
    phase: PodPhase,
    created: Timestamp,
    deleted_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
    owners: PodOwners,
    do_not_disrupt: DoNotDisrupt,
    volume_claims: Vec<PodVolumeClaim>,
    resource_claims: Box<[Arc<str>]>,
}

impl PodBuilder {
    /// In another namespace than `default`.
    pub fn namespace(mut self, namespace: &str) -> Self {
        self.key.namespace = namespace.into();
        self
    }

    /// A label.
    pub fn label(mut self, key: &str, value: &str) -> Self {
        Arc::make_mut(&mut self.shape.labels).insert(key.into(), value.into());
        self
    }

    /// One more topology spread constraint.
    pub fn spread(mut self, constraint: SpreadConstraint) -> Self {
        self.shape.topology.spread.push(constraint);
        self
    }

    /// One more required pod affinity term.
    pub fn near(mut self, term: PodAffinityTerm) -> Self {
        self.shape.topology.affinity.push(term);
        self
    }

    /// One more preferred pod affinity term.
    pub fn rather_near(mut self, weight: i32, term: PodAffinityTerm) -> Self {
        let topology = &mut self.shape.topology;
        topology.preferred_affinity.push(WeightedPodAffinityTerm { weight, term });
        self
    }

    /// One more required pod anti-affinity term.
    pub fn apart(mut self, term: PodAffinityTerm) -> Self {
        self.shape.topology.anti_affinity.push(term);
        self
    }

    /// One more preferred pod anti-affinity term.
    pub fn rather_apart(mut self, weight: i32, term: PodAffinityTerm) -> Self {
        let topology = &mut self.shape.topology;
        topology.preferred_anti_affinity.push(WeightedPodAffinityTerm { weight, term });
        self
    }

    /// Requests of processors.
    pub fn cpu(self, amount: &str) -> Self {
        self.request("cpu", amount)
    }

    /// Requests of memory.
    pub fn memory(self, amount: &str) -> Self {
        self.request("memory", amount)
    }

    /// Requests of any resource.
    pub fn request(mut self, name: &str, amount: &str) -> Self {
        self.requests.insert(ResourceName::from(name), quantity(amount));
        self
    }

    /// One entry of `nodeSelector`.
    pub fn select(mut self, key: &str, value: &str) -> Self {
        self.shape.node_selector.insert(key.into(), value.into());
        self
    }

    /// Selects a zone.
    pub fn zone(self, zone: &str) -> Self {
        self.select(labels::ZONE, zone)
    }

    /// One more alternative of the required node affinity.
    pub fn require(mut self, term: impl IntoIterator<Item = NodeSelectorExpression>) -> Self {
        self.shape.required_node_affinity.push(NodeSelectorTerm {
            expressions: term.into_iter().collect(),
            has_match_fields: false,
        });
        self
    }

    /// One more alternative of the required node affinity that only has `matchFields`.
    pub fn require_match_fields(mut self) -> Self {
        self.shape
            .required_node_affinity
            .push(NodeSelectorTerm { expressions: vec![], has_match_fields: true });
        self
    }

    /// One more preferred node affinity term.
    pub fn prefer(
        mut self,
        weight: i32,
        term: impl IntoIterator<Item = NodeSelectorExpression>,
    ) -> Self {
        let term =
            NodeSelectorTerm { expressions: term.into_iter().collect(), has_match_fields: false };
        self.shape.preferred_node_affinity.push(PreferredTerm { weight, term });
        self
    }

    /// Puts up with taints; empty texts mean every key and every effect.
    pub fn tolerate(mut self, key: &str, operator: &str, value: &str, effect: &str) -> Self {
        self.shape.tolerations.push(Toleration {
            key: key.into(),
            operator: TolerationOperator::from(operator),
            value: value.into(),
            effect: (!effect.is_empty()).then(|| TaintEffect::from(effect)),
        });
        self
    }

    /// Occupies a TCP port on every address.
    pub fn host_port(self, port: i32) -> Self {
        self.host_port_on("0.0.0.0", port, "TCP")
    }

    /// Occupies a port.
    pub fn host_port_on(mut self, ip: &str, port: i32, protocol: &str) -> Self {
        self.shape.host_ports.push(HostPort { ip: ip.into(), port, protocol: protocol.into() });
        self
    }

    /// One more volume, of this PersistentVolumeClaim.
    pub fn claims(mut self, name: &str) -> Self {
        self.volume_claims.push(PodVolumeClaim { name: name.into(), is_ephemeral: false });
        self
    }

    /// One more generic ephemeral volume; its claim is named after the pod and the volume.
    pub fn ephemeral(mut self, volume: &str) -> Self {
        let name = format!("{}-{volume}", self.key.name).into();
        self.volume_claims.push(PodVolumeClaim { name, is_ephemeral: true });
        self
    }

    /// Has a constraint that is not planned for.
    pub fn unsupported(mut self, constraint: UnsupportedConstraint) -> Self {
        self.shape.unsupported.push(constraint);
        self
    }

    /// Creation time in seconds.
    pub fn created(mut self, second: i64) -> Self {
        self.created = Timestamp::from_second(second).expect("invariant: tests write valid times");
        self
    }

    /// Bound to a node and running.
    pub fn bound_to(mut self, node: &str) -> Self {
        self.node_name = Some(NodeName::from(node));
        self.unschedulable = false;
        self.phase = PodPhase::Running;
        self
    }

    /// Whether a scheduler has given up on it.
    pub fn seen_unschedulable(mut self, unschedulable: bool) -> Self {
        self.unschedulable = unschedulable;
        self
    }

    /// Nominated to a node by preemption.
    pub fn preempting(mut self) -> Self {
        self.preempting = true;
        self
    }

    /// Phase.
    pub fn phase(mut self, phase: PodPhase) -> Self {
        self.phase = phase;
        self
    }

    /// Being deleted.
    pub fn terminating(mut self) -> Self {
        self.deleted_at = Some(Timestamp::UNIX_EPOCH);
        self
    }

    /// Started this long after the epoch.
    pub fn started(mut self, second: i64) -> Self {
        self.started_at = Timestamp::from_second(second).ok();
        self
    }

    /// Owners.
    pub fn owners(mut self, owners: PodOwners) -> Self {
        self.owners = owners;
        self
    }

    /// Annotated not to be disrupted.
    pub fn do_not_disrupt(mut self) -> Self {
        self.do_not_disrupt = DoNotDisrupt::Always;
        self
    }

    /// Annotated not to be disrupted in its first time.
    pub fn do_not_disrupt_for(mut self, period: Duration) -> Self {
        self.do_not_disrupt = DoNotDisrupt::For(period);
        self
    }

    /// Asks for the devices of ResourceClaims with these names.
    pub fn devices<'n>(self, claims: impl IntoIterator<Item = &'n str>) -> Self {
        let resource_claims = claims.into_iter().map(Arc::from).collect();
        let claiming = self.unsupported(UnsupportedConstraint::ResourceClaim);
        Self { resource_claims, ..claiming }
    }

    /// The pod.
    pub fn build(self) -> Arc<Pod> {
        Arc::new(Pod {
            uid: self.key.name.to_string().into(),
            key: self.key,
            resource_version: "1".into(),
            shape: Arc::new(self.shape),
            requests: Arc::new(self.requests),
            node_name: self.node_name,
            phase: self.phase,
            unschedulable: self.unschedulable,
            preempting: self.preempting,
            ready: false,
            created: self.created,
            deleted_at: self.deleted_at,
            started_at: self.started_at,
            scheduled_at: None,
            owners: self.owners,
            do_not_disrupt: self.do_not_disrupt,
            deletion_cost: 0,
            volume_claims: self.volume_claims,
            resource_claims: self.resource_claims,
        })
    }

    /// A DaemonSet with such pods.
    pub fn build_daemon_set(self) -> Arc<DaemonSet> {
        Arc::new(DaemonSet {
            uid: self.key.name.to_string().into(),
            key: ObjectKey::new(self.key.namespace, self.key.name),
            resource_version: "1".into(),
            shape: Arc::new(self.shape),
            requests: Arc::new(self.requests),
        })
    }
}
