//! Pods as decisions see them: the constraints many pods share, and the few facts of each one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::ids::{NodeName, PodKey, ResourceVersion, Uid};
use super::label_selector::Labels;
use super::pod_topology::PodTopology;
use super::resources::Resources;
use super::taints::{Taint, Toleration, is_tolerated};

/// The scheduling constraints of a pod, without its name and its requests.
///
/// Pods of one workload are equal in all of it, so a cluster holds few distinct shapes and pods share
/// them behind an [`Arc`]. Everything a placement decision reads of a pod besides its requests is here.
///
/// Source: Kubernetes API (`v1.PodSpec`, labels of `metav1.ObjectMeta`).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodShape {
    /// Labels, which budgets and other pods select by.
    pub labels: Labels,
    /// `spec.nodeSelector`: every entry must equal the node's label.
    pub node_selector: BTreeMap<Arc<str>, Arc<str>>,
    /// Required node affinity: alternatives of which one must hold; empty means no requirement.
    pub required_node_affinity: Vec<NodeSelectorTerm>,
    /// Preferred node affinity in the order written.
    pub preferred_node_affinity: Vec<PreferredTerm>,
    /// Taints this pod accepts.
    pub tolerations: Vec<Toleration>,
    /// Ports the pod occupies on its node.
    pub host_ports: Vec<HostPort>,
    /// Where the pod may be depending on where others are.
    pub topology: PodTopology,
    /// Constraints that the planner cannot honour; a pod with one is never planned for, and says so.
    pub unsupported: Vec<UnsupportedConstraint>,
    /// `spec.priorityClassName` is `system-cluster-critical` or `system-node-critical`.
    pub critical: bool,
    /// `spec.priority`, zero when unset.
    pub priority: i32,
    /// `spec.terminationGracePeriodSeconds`; `None` when the object does not say.
    pub termination_grace: Option<Duration>,
}

/// One alternative of a node affinity: all expressions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeSelectorTerm {
    /// The `matchExpressions`, in the order written.
    pub expressions: Vec<NodeSelectorExpression>,
    /// Whether the term also has `matchFields`, which nodes that do not exist yet cannot satisfy.
    pub has_match_fields: bool,
}

/// A preferred node affinity term.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PreferredTerm {
    /// 1 to 100; heavier terms are honoured first and given up first.
    pub weight: i32,
    /// What is preferred.
    pub term: NodeSelectorTerm,
}

/// One `matchExpressions` entry as written; `operator` is text because users write it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeSelectorExpression {
    /// Label key, not normalised.
    pub key: Arc<str>,
    /// `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt` or `Lt`, or whatever the user wrote.
    pub operator: Arc<str>,
    /// Operands in the order written.
    pub values: Vec<Arc<str>>,
}

/// A port a pod occupies on its node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort {
    /// Address; `0.0.0.0` when the pod does not say, which clashes with every address.
    pub ip: Arc<str>,
    /// Port number, 1 to 65535.
    pub port: i32,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: Arc<str>,
}

/// A hard constraint of a pod that the planner does not understand (yet).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnsupportedConstraint {
    /// Dynamic resource allocation.
    ResourceClaim,
}

/// `status.phase` of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PodPhase {
    /// Accepted, not all containers started.
    #[default]
    Pending,
    /// At least one container runs.
    Running,
    /// All containers ended well.
    Succeeded,
    /// All containers ended, one badly.
    Failed,
    /// The node does not answer.
    Unknown,
}

/// What the annotation `karpenter.sh/do-not-disrupt` of a pod asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DoNotDisrupt {
    /// Absent, or a value that asks for nothing.
    #[default]
    No,
    /// `true`: never disrupt.
    Always,
    /// Not before the pod has run this long.
    For(Duration),
    /// Text that is neither `true` nor a positive duration; treated as absent and reported.
    Invalid(Arc<str>),
}

/// Which kinds of owner a pod has, as far as they matter for scheduling and eviction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodOwners {
    /// Owned by an `apps/v1` DaemonSet.
    pub daemonset: bool,
    /// Owned by an `apps/v1` StatefulSet.
    pub statefulset: bool,
    /// Owned by a Node: a static (mirror) pod.
    pub node: bool,
    /// Uid of the controlling owner.
    pub controller: Option<Uid>,
}

/// One pod: its identity, where it is, and references to what it shares with others.
///
/// Source: Kubernetes API (`v1.Pod`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// Namespace and name.
    pub key: PodKey,
    /// Uid; a pod recreated under the same name has another one.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// Constraints, shared with equal pods.
    pub shape: Arc<PodShape>,
    /// Effective requests including init containers, sidecars and overhead; without the `pods` count.
    pub requests: Arc<Resources>,
    /// Node the pod is bound to.
    pub node_name: Option<NodeName>,
    /// Phase.
    pub phase: PodPhase,
    /// A scheduler has looked at the pod and found no place (`PodScheduled` with reason `Unschedulable`).
    pub unschedulable: bool,
    /// The scheduler is preempting others for it (`status.nominatedNodeName`).
    pub preempting: bool,
    /// Condition `Ready` is `True`.
    pub ready: bool,
    /// Creation time, whole seconds.
    pub created: Timestamp,
    /// Instant after which the pod may be killed; set while it is being deleted.
    pub deleted_at: Option<Timestamp>,
    /// `status.startTime`.
    pub started_at: Option<Timestamp>,
    /// When the pod was bound (`PodScheduled` became `True`).
    pub scheduled_at: Option<Timestamp>,
    /// Owners.
    pub owners: PodOwners,
    /// Disruption annotation.
    pub do_not_disrupt: DoNotDisrupt,
    /// Relative cost of deleting the pod, as annotated; zero when absent or not an integer of 32 bits.
    pub deletion_cost: i32,
    /// PersistentVolumeClaims its volumes use, in the order of the volumes.
    pub volume_claims: Vec<PodVolumeClaim>,
    /// Names of the ResourceClaims it uses, in the namespace of the pod and in the order of its spec; those that are not
    /// known yet, or turned out not to be needed, are left out.
    pub resource_claims: Box<[Arc<str>]>,
}

/// A PersistentVolumeClaim that a volume of a pod uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodVolumeClaim {
    /// Name, in the namespace of the pod.
    pub name: Arc<str>,
    /// Made for the pod and deleted with it (`ephemeral`).
    pub is_ephemeral: bool,
}

/// How long a pod may overstay its deletion before it no longer holds up a drain.
pub const STUCK_TERMINATING: Duration = Duration::from_secs(60);

impl Pod {
    /// Phase `Failed` or `Succeeded`.
    pub fn is_terminal(&self) -> bool {
        matches!(self.phase, PodPhase::Failed | PodPhase::Succeeded)
    }

    /// The pod is being deleted.
    pub fn is_terminating(&self) -> bool {
        self.deleted_at.is_some()
    }

    /// Neither terminal nor terminating.
    pub fn is_active(&self) -> bool {
        !self.is_terminal() && !self.is_terminating()
    }

    /// A scheduler has given up on the pod and a new node could help it.
    ///
    /// Source: Karpenter behaviour (IsProvisionable). Differs: terminal and terminating pods are left out.
    pub fn is_provisionable(&self) -> bool {
        self.unschedulable
            && self.node_name.is_none()
            && !self.preempting
            && !self.owners.daemonset
            && !self.owners.node
            && self.is_active()
    }

    /// The pod will need a place elsewhere when its node goes away.
    pub fn is_reschedulable(&self) -> bool {
        (self.is_active() || (self.owners.statefulset && self.is_terminating()))
            && !self.is_terminal()
            && !self.owners.daemonset
            && !self.owners.node
    }

    /// The pod asks not to be disrupted at `now`.
    pub fn blocks_disruption(&self, now: Timestamp) -> bool {
        match &self.do_not_disrupt {
            DoNotDisrupt::No | DoNotDisrupt::Invalid(_) => false,
            DoNotDisrupt::Always => true,
            DoNotDisrupt::For(period) => {
                self.started_at.is_none_or(|started| elapsed(started, now) < *period)
            }
        }
    }

    /// The pod accepts `taint`, so tainting the node does not push it away.
    pub fn tolerates(&self, taint: &Taint) -> bool {
        is_tolerated(&self.shape.tolerations, taint)
    }

    /// More than [`STUCK_TERMINATING`] past its deletion deadline: its kubelet is not doing its work.
    pub fn is_stuck_terminating(&self, now: Timestamp) -> bool {
        self.deleted_at.is_some_and(|at| elapsed(at, now) > STUCK_TERMINATING)
    }

    /// A drain has to wait for this pod. `disrupted` is the taint of draining nodes.
    pub fn is_waiting_eviction(&self, disrupted: &Taint, now: Timestamp) -> bool {
        !self.is_terminal()
            && !self.tolerates(disrupted)
            && !self.is_stuck_terminating(now)
            && !self.owners.node
    }

    /// The eviction API may be asked to remove this pod at `now`.
    pub fn is_evictable(&self, disrupted: &Taint, now: Timestamp) -> bool {
        self.is_active()
            && !self.tolerates(disrupted)
            && !self.owners.node
            && !self.blocks_disruption(now)
    }
}

/// Time from `since` to `now`, zero when `since` lies in the future.
pub fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or(Duration::ZERO)
}
