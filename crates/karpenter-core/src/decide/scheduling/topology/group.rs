//! Who is counted together: the identity of a topology group and its state.

use std::collections::BTreeSet;

use super::host_counts::HostCounts;
use super::label_counts::LabelCounts;
use crate::decide::scheduling::world::{Reading, SetId, World};
use crate::model::ids::{LabelKey, Namespace};
use crate::model::label_selector::{LabelSelector, Labels};
use crate::model::taints::{Taint, Toleration, tolerates};

/// A group by its position among all.
pub(in super::super) type GroupId = usize;

/// What a group does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// Keeps counts even.
    Spread {
        /// By how much a domain may exceed the emptiest.
        max_skew: i32,
        /// With fewer domains the emptiest counts as empty.
        min_domains: Option<i32>,
    },
    /// Draws its owners to the pods it selects.
    Affinity,
    /// Keeps its owners away from the pods it selects.
    AntiAffinity,
    /// Keeps the pods it selects away from its owners, whom it counts.
    Inverse,
}

/// Everything two groups must agree in to be one.
///
/// Source: Karpenter behaviour, topology groups. Differs: `minDomains` and the values of node requirements are part of
/// it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    /// What it does.
    pub(super) kind: Kind,
    /// The node label whose values are the domains.
    pub(super) key: LabelKey,
    /// Namespaces of the pods it selects.
    pub(super) namespaces: BTreeSet<Namespace>,
    /// Labels of the pods it selects; `None` selects nobody. Clauses are sorted and distinct.
    pub(super) selector: Option<LabelSelector>,
    /// Nodes whose pods count.
    pub(super) filter: NodeFilter,
    /// Per pool whether its nodes' domains are domains of the group.
    pub(super) reach: Vec<bool>,
}

/// Which nodes count; the default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct NodeFilter {
    /// Alternatives of what their labels must guarantee; `None` when labels do not matter.
    pub(super) alternatives: Option<Vec<SetId>>,
    /// What tolerates their taints; `None` when taints do not matter.
    pub(super) tolerations: Option<Vec<Toleration>>,
}

/// A group with its counts.
#[derive(Debug)]
pub(super) struct Group {
    /// Who it is.
    pub(super) identity: Identity,
    /// Pods per domain.
    pub(super) domains: Domains,
    /// Grows with every change of a count.
    pub(super) epoch: u64,
}

/// Pods per domain of a group.
#[derive(Debug)]
pub(super) enum Domains {
    /// The domains are single nodes.
    Hosts(HostCounts),
    /// The domains are values of another label.
    Labels(LabelCounts),
}

impl Identity {
    /// Whether a pod with these labels is selected.
    pub(super) fn selects(&self, namespace: &Namespace, labels: &Labels) -> bool {
        self.namespaces.contains(namespace)
            && self.selector.as_ref().is_some_and(|selector| selector.matches(labels))
    }
}

impl NodeFilter {
    /// Whether pods on a node or claim with these taints and labels count; no label may be left undefined.
    pub(super) fn matches(&self, taints: &[Taint], labels: SetId, world: &World<'_>) -> bool {
        let admits = |set: &SetId| {
            world.parts_of(*set).is_empty() || world.is_compatible(labels, *set, Reading::Node)
        };
        self.alternatives.as_ref().is_none_or(|sets| sets.iter().any(admits))
            && self.tolerations.as_ref().is_none_or(|own| tolerates(own, taints).is_ok())
    }
}
