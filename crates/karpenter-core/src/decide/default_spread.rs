//! Spread constraints a scheduler gives to pods that have none.
//!
//! A scheduler can be configured with constraints for all pods; they say nothing of whom to count, so that is deduced
//! from the objects that select the pod: Services, and the workload that controls it. Pods are given the constraints
//! here, before they are planned for; nothing is written back.
//!
//! Source: Karpenter behaviour, default topology spread; Kubernetes API (scheduler, `PodTopologySpread` arguments).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::ids::{Namespace, Uid};
use crate::model::label_selector::{LabelClause, LabelSelector, Labels};
use crate::model::pod::{Pod, PodShape};
use crate::model::pod_topology::{NodeInclusion, PodTopology, SpreadConstraint, WhenUnsatisfiable};
use crate::model::selector_source::{SelectorSource, SelectorSourceKind};
use crate::options::DefaultSpread;
use crate::state::SelectorSources;

pub mod configuration;

#[cfg(test)]
mod tests;

/// Gives `constraints` to each of `pods` that has no spread constraint of its own and that somebody selects.
///
/// The order stays. Selectors are deduced once per namespace, owner and labels.
pub fn with_defaults(
    pods: Vec<Arc<Pod>>,
    constraints: &[DefaultSpread],
    sources: &SelectorSources,
) -> Vec<Arc<Pod>> {
    if constraints.is_empty() {
        return pods;
    }
    let mut deducer = Deducer::new(sources);
    let spread = |pod: Arc<Pod>| {
        if !pod.shape.topology.spread.is_empty() {
            return pod;
        }
        match deducer.selector(&pod) {
            Some(selector) => Arc::new(spread_by(&pod, constraints, selector)),
            None => pod,
        }
    };
    pods.into_iter().map(spread).collect()
}

/// `pod` with `constraints` over the pods of `selector`.
fn spread_by(pod: &Pod, constraints: &[DefaultSpread], selector: &LabelSelector) -> Pod {
    let spread = constraints.iter().map(|default| constraint(default, selector)).collect();
    let topology = PodTopology { spread, ..pod.shape.topology.clone() };
    let shape = Arc::new(PodShape { topology, ..(*pod.shape).clone() });
    Pod { shape, ..pod.clone() }
}

/// `default` over the pods of `selector`.
fn constraint(default: &DefaultSpread, selector: &LabelSelector) -> SpreadConstraint {
    let policy = |honors| if honors { NodeInclusion::Honor } else { NodeInclusion::Ignore };
    SpreadConstraint {
        topology_key: default.topology_key.as_str().into(),
        max_skew: default.max_skew,
        min_domains: default.min_domains,
        when_unsatisfiable: match default.is_hard {
            true => WhenUnsatisfiable::DoNotSchedule,
            false => WhenUnsatisfiable::ScheduleAnyway,
        },
        selector: Some(selector.clone()),
        match_label_keys: vec![],
        node_affinity_policy: policy(default.honors_node_affinity),
        node_taints_policy: policy(default.honors_node_taints),
    }
}

/// What a pod's selector depends on.
type Kinship = (Namespace, Option<Uid>, Labels);

/// Finds out whom pods belong with.
struct Deducer<'a> {
    sources: &'a SelectorSources,
    services: BTreeMap<&'a Namespace, Vec<&'a SelectorSource>>,
    known: BTreeMap<Kinship, Option<LabelSelector>>,
}

impl<'a> Deducer<'a> {
    fn new(sources: &'a SelectorSources) -> Self {
        let mut services: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for service in sources.of_kind(SelectorSourceKind::Service) {
            services.entry(&service.key.namespace).or_default().push(&**service);
        }
        Self { sources, services, known: BTreeMap::new() }
    }

    /// Who is counted with `pod`; `None` when nothing tells.
    fn selector(&mut self, pod: &Pod) -> Option<&LabelSelector> {
        let owner = pod.owners.controller.clone();
        let kinship = (pod.key.namespace.clone(), owner, pod.shape.labels.clone());
        let Self { sources, services, known } = self;
        let deduce = |kinship: &Kinship| {
            let services = services.get(&kinship.0).map_or(&[][..], Vec::as_slice);
            let owner = kinship.1.as_ref().and_then(|uid| sources.owner(uid));
            deduced(&kinship.2, services, owner)
        };
        known.entry(kinship).or_insert_with_key(deduce).as_ref()
    }
}

/// The selector of pods with `labels`, which `services` may and `owner` does select.
///
/// Labels of all Services that select the pod come together, those of a ReplicationController win over them. What a
/// ReplicaSet or a StatefulSet asks for is added: when it contradicts a Service, nobody is selected.
fn deduced(
    labels: &Labels,
    services: &[&SelectorSource],
    owner: Option<(SelectorSourceKind, &Arc<SelectorSource>)>,
) -> Option<LabelSelector> {
    let mut result = LabelSelector::default();
    let selectors = services.iter().filter_map(|service| service.selector.as_ref());
    for selector in selectors.filter(|selector| selector.matches(labels)) {
        result.match_labels.extend(selector.match_labels.clone());
    }
    if let Some((kind, source)) = owner
        && let Some(selector) = &source.selector
    {
        match kind {
            SelectorSourceKind::ReplicationController => {
                result.match_labels.extend(selector.match_labels.clone());
            }
            SelectorSourceKind::ReplicaSet | SelectorSourceKind::StatefulSet => {
                let one = |value: &Arc<str>| BTreeSet::from([value.clone()]);
                let equal = selector.match_labels.iter();
                let equal = equal.map(|(key, value)| LabelClause::In(key.clone(), one(value)));
                let clauses = equal.chain(selector.match_expressions.iter().cloned());
                result.match_expressions.extend(clauses);
            }
            SelectorSourceKind::Service => {}
        }
    }
    (result != LabelSelector::default()).then_some(result)
}
