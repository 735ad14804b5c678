//! Everything a scheduling decision depends on.

use std::sync::Arc;

use jiff::Timestamp;

use crate::model::daemon_set::DaemonSet;
use crate::model::instance_type::Catalog;
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use crate::model::namespace::Namespace;
use crate::model::node_pool::NodePool;
use crate::model::pod::Pod;
use crate::model::storage_class::UnsupportedStorage;
use crate::options::Options;
use crate::state::{BoundPods, Devices, Revision, StateNode, Storage};

/// Everything [`solve`](super::solve::solve) may look at.
#[derive(Debug, Clone)]
pub struct SchedulingInput {
    /// Revision of the state the rest was read from.
    pub based_on: Revision,
    /// The time of the decision.
    pub now: Timestamp,
    /// Where names of new claims come from, together with the revision.
    pub seed: u64,
    /// Settings.
    pub options: Options,
    /// What the plan is for.
    pub purpose: Purpose,
    /// What becomes of pods for which reserved capacity would do but is held by others.
    pub reserved: ReservedOfferings,
    /// Pods that wait for a node; they are validated before they are planned for.
    pub pods: Vec<Arc<Pod>>,
    /// Pods that nobody will create but room is kept for; they are validated too and go behind all others.
    pub virtual_pods: Vec<Arc<Pod>>,
    /// Pods of nodes marked for deletion, which need a new place.
    pub reschedule: Vec<Arc<Pod>>,
    /// Pods of nodes that could go if these find another place; empty unless that is what the plan is for.
    pub displaced: Vec<Arc<Pod>>,
    /// Nodes pods may be placed on, in any order; none of them marked for deletion.
    pub nodes: Vec<StateNode>,
    /// Nodes that go or could go, in any order; their pods that are not rescheduled still count for topology.
    pub leaving: Vec<StateNode>,
    /// Bound pods of all nodes.
    pub bound: BoundPods,
    /// What volumes of pods refer to.
    pub storage: Storage,
    /// Storage that nodes of this provider can never reach.
    pub unsupported_storage: Arc<UnsupportedStorage>,
    /// Devices that pods can claim; not looked at while such claims are ignored.
    pub devices: Devices,
    /// Namespaces in name order, for affinity terms that select them by label.
    pub namespaces: Vec<Arc<Namespace>>,
    /// NodePools with what they can launch, in any order.
    pub pools: Vec<PoolSupply>,
    /// DaemonSets, which will run a pod on every node they fit.
    pub daemon_sets: Vec<Arc<DaemonSet>>,
    /// Labels that instance types define.
    pub well_known: Arc<WellKnownLabels>,
    /// Spellings of label keys and values that mean another one.
    pub normalization: Arc<LabelNormalization>,
}

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// To place pods, those of nodes that have to go included.
    #[default]
    Placement,
    /// To see whether fewer or cheaper nodes would do: nodes that have not been quiet for as long as their pool's
    /// `consolidateAfter` take no pods that have a place.
    Consolidation,
}

/// What becomes of pods for which reserved capacity would do but is held by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReservedOfferings {
    /// They are left to a later plan, when it is known who got which reservation.
    #[default]
    Strict,
    /// They get other capacity.
    Fallback,
}

/// A NodePool and what it can launch.
#[derive(Debug, Clone)]
pub struct PoolSupply {
    /// The pool.
    pub pool: Arc<NodePool>,
    /// Its instance types; empty when the provider could not say.
    pub catalog: Catalog,
}

impl SchedulingInput {
    /// All pods that need a place: those that wait, then virtual ones, those of nodes that go, and those of nodes that
    /// could go.
    pub(super) fn all_pods(&self) -> Vec<Arc<Pod>> {
        self.every_pod().cloned().collect()
    }

    /// The same, one by one.
    pub(super) fn every_pod(&self) -> impl Iterator<Item = &Arc<Pod>> {
        let pending = self.pods.iter().chain(&self.virtual_pods);
        pending.chain(&self.reschedule).chain(&self.displaced)
    }

    /// How many of [`all_pods`](Self::all_pods), from the front, are validated.
    pub(super) fn n_pending(&self) -> usize {
        self.pods.len() + self.virtual_pods.len()
    }

    /// Whether the pod of this number among [`all_pods`](Self::all_pods) is virtual.
    pub(super) fn is_virtual(&self, pod: usize) -> bool {
        (self.pods.len()..self.n_pending()).contains(&pod)
    }
}
