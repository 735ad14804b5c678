//! What pods ask of each other's places: topology spread, affinity and anti-affinity, as written.
//!
//! Keys are not normalised and nothing is merged with the labels of the pod yet; `decide::scheduling::topology` does
//! both.
//!
//! Source: Kubernetes API (`v1.TopologySpreadConstraint`, `v1.PodAffinity`, `v1.PodAntiAffinity`).

use std::sync::Arc;

use super::ids::Namespace;
use super::label_selector::LabelSelector;

/// All constraints of a pod that depend on where other pods are, in the order written.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodTopology {
    /// `spec.topologySpreadConstraints`.
    pub spread: Vec<SpreadConstraint>,
    /// Required pod affinity: all terms must hold.
    pub affinity: Vec<PodAffinityTerm>,
    /// Preferred pod affinity.
    pub preferred_affinity: Vec<WeightedPodAffinityTerm>,
    /// Required pod anti-affinity: all terms must hold.
    pub anti_affinity: Vec<PodAffinityTerm>,
    /// Preferred pod anti-affinity.
    pub preferred_anti_affinity: Vec<WeightedPodAffinityTerm>,
}

impl PodTopology {
    /// Whether the pod asks nothing of other pods' places.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How evenly the pods a selector names have to lie over the values of a node label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpreadConstraint {
    /// The node label whose values are the domains.
    pub topology_key: Arc<str>,
    /// By how many pods a domain may exceed the emptiest one.
    pub max_skew: i32,
    /// With fewer domains than this the emptiest one counts as empty.
    pub min_domains: Option<i32>,
    /// What becomes of a pod that would break it.
    pub when_unsatisfiable: WhenUnsatisfiable,
    /// Pods of the namespace that are counted; `None` counts nobody.
    pub selector: Option<LabelSelector>,
    /// Pod labels in which counted pods have to equal the pod itself.
    pub match_label_keys: Vec<Arc<str>>,
    /// Whether nodes the pod's node selector and affinity exclude count.
    pub node_affinity_policy: NodeInclusion,
    /// Whether nodes with taints the pod does not tolerate count.
    pub node_taints_policy: NodeInclusion,
}

/// What becomes of a pod that would break a spread constraint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhenUnsatisfiable {
    /// It waits.
    #[default]
    DoNotSchedule,
    /// It goes there all the same.
    ScheduleAnyway,
}

/// Whether nodes that the pod could not run on are counted by a spread constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeInclusion {
    /// They do not count.
    Honor,
    /// They count like all others.
    Ignore,
}

/// Pods to be near to or far from, and what near means.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodAffinityTerm {
    /// The node label whose values are the domains.
    pub topology_key: Arc<str>,
    /// The other pods; `None` selects nobody.
    pub selector: Option<LabelSelector>,
    /// Namespaces of the other pods besides those selected.
    pub namespaces: Vec<Namespace>,
    /// Namespaces of the other pods by label; with neither, the pod's own.
    pub namespace_selector: Option<LabelSelector>,
    /// Pod labels in which the others have to equal the pod itself.
    pub match_label_keys: Vec<Arc<str>>,
    /// Pod labels in which the others have to differ from the pod itself.
    pub mismatch_label_keys: Vec<Arc<str>>,
}

/// A preferred term.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WeightedPodAffinityTerm {
    /// 1 to 100; heavier terms are given up first.
    pub weight: i32,
    /// What is preferred.
    pub term: PodAffinityTerm,
}
