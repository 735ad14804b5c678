//! Turns what pods ask of each other's places into groups.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::group::{GroupId, Identity, Kind, NodeFilter};
use crate::api::labels;
use crate::decide::scheduling::world::SetId;
use crate::model::ids::{LabelKey, Namespace as NamespaceName, NodeName};
use crate::model::label_rules::LabelNormalization;
use crate::model::label_selector::{LabelClause, LabelSelector, Labels};
use crate::model::namespace::Namespace;
use crate::model::pod::Pod;
use crate::model::pod_topology::{NodeInclusion, PodAffinityTerm, SpreadConstraint};
use crate::model::taints::{Taint, Toleration, is_tolerated};

/// Groups found so far.
#[derive(Debug)]
pub(in super::super) struct Registry<'r> {
    normalization: &'r LabelNormalization,
    namespaces: &'r [Arc<Namespace>],
    /// Per pool the taints of its nodes.
    pool_taints: Vec<&'r [Taint]>,
    ids: FxHashMap<Identity, GroupId>,
    pub(super) found: Vec<Identity>,
    /// Owners that run already, by the node they run on.
    pub(super) owners: Vec<(GroupId, NodeName)>,
}

/// The pod whose terms are read.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Subject<'p> {
    /// Where it lives.
    pub(in super::super) namespace: &'p NamespaceName,
    /// Its labels.
    pub(in super::super) labels: &'p Labels,
    /// Taints it puts up with.
    pub(in super::super) tolerations: &'p [Toleration],
}

impl<'r> Registry<'r> {
    /// No group yet.
    pub(in super::super) fn new(
        normalization: &'r LabelNormalization,
        namespaces: &'r [Arc<Namespace>],
        pool_taints: Vec<&'r [Taint]>,
    ) -> Self {
        Self {
            normalization,
            namespaces,
            pool_taints,
            ids: FxHashMap::default(),
            found: vec![],
            owners: vec![],
        }
    }

    /// The group of a spread constraint; `alternatives` are what nodes that count must guarantee.
    pub(in super::super) fn spread(
        &mut self,
        pod: Subject<'_>,
        constraint: &SpreadConstraint,
        alternatives: &[SetId],
    ) -> GroupId {
        let honors = |policy: NodeInclusion| policy == NodeInclusion::Honor;
        let (by_labels, by_taints) =
            (honors(constraint.node_affinity_policy), honors(constraint.node_taints_policy));
        let is_reached = |taints: &&[Taint]| !by_taints || pod.tolerates(taints);
        let same = same_values(pod, &constraint.match_label_keys);
        self.group(Identity {
            kind: Kind::Spread {
                max_skew: constraint.max_skew,
                min_domains: constraint.min_domains,
            },
            key: self.normalization.key(&constraint.topology_key),
            namespaces: BTreeSet::from([pod.namespace.clone()]),
            selector: constraint.selector.as_ref().map(|own| normal(own, same)),
            filter: NodeFilter {
                alternatives: by_labels.then(|| alternatives.to_vec()),
                tolerations: by_taints.then(|| pod.tolerations.to_vec()),
            },
            reach: self.pool_taints.iter().map(is_reached).collect(),
        })
    }

    /// The group of an affinity term.
    pub(in super::super) fn affinity(
        &mut self,
        pod: Subject<'_>,
        term: &PodAffinityTerm,
    ) -> GroupId {
        self.term(pod, term, Kind::Affinity)
    }

    /// The group of an anti-affinity term that limits its owner.
    pub(in super::super) fn anti_affinity(
        &mut self,
        pod: Subject<'_>,
        term: &PodAffinityTerm,
    ) -> GroupId {
        self.term(pod, term, Kind::AntiAffinity)
    }

    /// The group of an anti-affinity term that limits the others.
    pub(in super::super) fn inverse(
        &mut self,
        pod: Subject<'_>,
        term: &PodAffinityTerm,
    ) -> GroupId {
        self.term(pod, term, Kind::Inverse)
    }

    /// Notes required anti-affinity of a pod that runs.
    pub(in super::super) fn add_owner(&mut self, pod: &Pod) {
        let Some(node) = &pod.node_name else { return };
        let subject = Subject {
            namespace: &pod.key.namespace,
            labels: &pod.shape.labels,
            tolerations: &pod.shape.tolerations,
        };
        for term in &pod.shape.topology.anti_affinity {
            let group = self.inverse(subject, term);
            self.owners.push((group, node.clone()));
        }
    }

    /// Whether there is no group at all.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Label keys, other than the host name, by which some group counts.
    pub(in super::super) fn keys(&self) -> BTreeSet<LabelKey> {
        let keys = self.found.iter().map(|group| group.key.clone());
        keys.filter(|key| key.as_str() != labels::HOSTNAME).collect()
    }

    /// What nodes must guarantee to be counted.
    pub(in super::super) fn filters(&self) -> impl Iterator<Item = SetId> {
        self.found.iter().filter_map(|group| group.filter.alternatives.as_ref()).flatten().copied()
    }

    fn term(&mut self, pod: Subject<'_>, term: &PodAffinityTerm, kind: Kind) -> GroupId {
        let same = same_values(pod, &term.match_label_keys);
        let other = differing_values(pod, &term.mismatch_label_keys);
        self.group(Identity {
            kind,
            key: self.normalization.key(&term.topology_key),
            namespaces: self.namespaces_of(pod.namespace, term),
            selector: term.selector.as_ref().map(|own| normal(own, same.chain(other))),
            filter: NodeFilter::default(),
            reach: self.pool_taints.iter().map(|taints| pod.tolerates(taints)).collect(),
        })
    }

    /// Those listed and those selected by label; with neither, the pod's own.
    fn namespaces_of(
        &self,
        own: &NamespaceName,
        term: &PodAffinityTerm,
    ) -> BTreeSet<NamespaceName> {
        let listed = term.namespaces.iter().cloned();
        match &term.namespace_selector {
            None if term.namespaces.is_empty() => BTreeSet::from([own.clone()]),
            None => listed.collect(),
            Some(selector) => {
                let selected = self.namespaces.iter().filter(|ns| selector.matches(&ns.labels));
                listed.chain(selected.map(|ns| ns.name.clone())).collect()
            }
        }
    }

    fn group(&mut self, identity: Identity) -> GroupId {
        if let Some(known) = self.ids.get(&identity) {
            return *known;
        }
        self.found.push(identity.clone());
        self.ids.insert(identity, self.found.len() - 1);
        self.found.len() - 1
    }
}

impl Subject<'_> {
    fn tolerates(&self, taints: &[Taint]) -> bool {
        taints.iter().all(|taint| is_tolerated(self.tolerations, taint))
    }
}

/// Clauses that ask for the pod's own value of each of `keys` that it has.
fn same_values<'p>(
    pod: Subject<'p>,
    keys: &'p [Arc<str>],
) -> impl Iterator<Item = LabelClause> + 'p {
    own_values(pod, keys).map(|(key, values)| LabelClause::In(key, values))
}

/// Clauses that ask for another value than the pod's own.
fn differing_values<'p>(
    pod: Subject<'p>,
    keys: &'p [Arc<str>],
) -> impl Iterator<Item = LabelClause> + 'p {
    own_values(pod, keys).map(|(key, values)| LabelClause::NotIn(key, values))
}

fn own_values<'p>(
    pod: Subject<'p>,
    keys: &'p [Arc<str>],
) -> impl Iterator<Item = (Arc<str>, BTreeSet<Arc<str>>)> + 'p {
    let value = |key: &'p Arc<str>| {
        let value = pod.labels.get(key)?;
        Some((key.clone(), BTreeSet::from([value.clone()])))
    };
    keys.iter().filter_map(value)
}

/// The selector with `more` clauses, sorted and distinct, so that equal selectors are equal values.
fn normal(own: &LabelSelector, more: impl Iterator<Item = LabelClause>) -> LabelSelector {
    let clauses: BTreeSet<LabelClause> =
        own.match_expressions.iter().cloned().chain(more).collect();
    LabelSelector {
        match_labels: own.match_labels.clone(),
        match_expressions: clauses.into_iter().collect(),
    }
}
