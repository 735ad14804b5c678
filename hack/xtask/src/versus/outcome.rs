//! A plan as far as it is compared, and how two of them differ.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// A plan. Members it has besides are not compared.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// Nodes to make.
    pub(super) claims: Vec<Claim>,
    /// Pods for nodes that are there.
    pub(super) placements: Vec<Placed>,
    /// Pods without a place.
    pub(super) unschedulable: Vec<Left>,
}

/// A node to make.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Claim {
    /// NodePool it is made from.
    pub(super) pool: String,
    /// Pods it is made for.
    pub(super) pods: BTreeSet<String>,
    /// Instance types it may be.
    pub(super) instance_types: BTreeSet<String>,
}

/// Pods for a node that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Placed {
    /// The node.
    pub(super) node: String,
    /// The pods.
    pub(super) pods: BTreeSet<String>,
}

/// A pod without a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Left {
    /// The pod.
    pub(super) pod: String,
    /// Why.
    pub(super) reasons: Vec<String>,
}

/// How our plan differs from another, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Difference {
    /// The same nodes for the same pods may be other instance types.
    Types,
    /// The same sets of pods come from other NodePools.
    Pools,
    /// The same pods have new nodes, but other ones together.
    Partition,
    /// Other pods, or pods on other nodes, find room on nodes that are there.
    Placement,
    /// We find places for all pods the other does, and for more.
    MorePlaced,
    /// We leave a pod without a place that the other finds one for.
    FewerPlaced,
}

impl Outcome {
    /// How `self` differs from `other`; nothing when they are equal.
    pub(super) fn difference(&self, other: &Self) -> Option<Difference> {
        let (left, others) = (self.left(), other.left());
        if !left.is_subset(&others) {
            return Some(Difference::FewerPlaced);
        }
        if left != others {
            return Some(Difference::MorePlaced);
        }
        if self.placed() != other.placed() {
            return Some(Difference::Placement);
        }
        let by = |outcome: &Self, what: fn(&Claim) -> Claim| {
            let mut claims: Vec<Claim> = outcome.claims.iter().map(what).collect();
            claims.sort();
            claims
        };
        let differs = |what: fn(&Claim) -> Claim| by(self, what) != by(other, what);
        if differs(Claim::pods_alone) {
            return Some(Difference::Partition);
        }
        if differs(Claim::without_types) {
            return Some(Difference::Pools);
        }
        differs(Claim::clone).then_some(Difference::Types)
    }

    /// The mildest difference from any of `others`; nothing when one of them is equal.
    pub(super) fn mildest(&self, others: &[Self]) -> Option<Difference> {
        let differences = others.iter().map(|other| self.difference(other));
        differences.min().flatten()
    }

    /// Pods without a place.
    pub(super) fn left(&self) -> BTreeSet<&str> {
        self.unschedulable.iter().map(|left| left.pod.as_str()).collect()
    }

    /// How many new nodes come from `pool`.
    pub(super) fn n_of(&self, pool: &str) -> usize {
        self.claims.iter().filter(|claim| claim.pool == pool).count()
    }

    /// Whether pods are placed on `node`, which is there.
    pub(super) fn uses(&self, node: &str) -> bool {
        self.placed().contains_key(node)
    }

    fn placed(&self) -> BTreeMap<&str, &BTreeSet<String>> {
        let placed = self.placements.iter().filter(|placed| !placed.pods.is_empty());
        placed.map(|placed| (placed.node.as_str(), &placed.pods)).collect()
    }
}

impl Claim {
    fn without_types(&self) -> Self {
        Self { instance_types: BTreeSet::new(), ..self.clone() }
    }

    fn pods_alone(&self) -> Self {
        Self { pool: String::new(), ..self.without_types() }
    }
}
