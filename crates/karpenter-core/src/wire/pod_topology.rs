//! What a pod asks of other pods' places.

use std::sync::Arc;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector as WireSelector;
use serde::Deserialize;

use super::meta::{selector, shared_texts};
use crate::model::pod_topology::{
    NodeInclusion, PodAffinityTerm, PodTopology, SpreadConstraint, WeightedPodAffinityTerm,
    WhenUnsatisfiable,
};

/// `spec.topologySpreadConstraints[]`; every field has a default, so that one entry cannot hide a pod.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SlimSpread {
    max_skew: i32,
    topology_key: String,
    when_unsatisfiable: String,
    label_selector: Option<WireSelector>,
    min_domains: Option<i32>,
    node_affinity_policy: Option<String>,
    node_taints_policy: Option<String>,
    match_label_keys: Option<Vec<String>>,
}

/// The constraints in `spread` and in the pod parts of an affinity.
pub(super) fn topology(
    spread: Vec<SlimSpread>,
    (affinity, anti_affinity): (Option<core::PodAffinity>, Option<core::PodAntiAffinity>),
) -> PodTopology {
    let affinity = affinity.unwrap_or_default();
    let anti_affinity = anti_affinity.unwrap_or_default();
    PodTopology {
        spread: spread.into_iter().map(constraint).collect(),
        affinity: terms(affinity.required_during_scheduling_ignored_during_execution),
        preferred_affinity: weighted(affinity.preferred_during_scheduling_ignored_during_execution),
        anti_affinity: terms(anti_affinity.required_during_scheduling_ignored_during_execution),
        preferred_anti_affinity: weighted(
            anti_affinity.preferred_during_scheduling_ignored_during_execution,
        ),
    }
}

fn constraint(wire: SlimSpread) -> SpreadConstraint {
    let policy = |text: Option<String>, default: NodeInclusion| match text.as_deref() {
        Some("Honor") => NodeInclusion::Honor,
        Some("Ignore") => NodeInclusion::Ignore,
        Some(_) | None => default,
    };
    SpreadConstraint {
        topology_key: wire.topology_key.into(),
        max_skew: wire.max_skew,
        min_domains: wire.min_domains,
        when_unsatisfiable: match wire.when_unsatisfiable.as_str() {
            "ScheduleAnyway" => WhenUnsatisfiable::ScheduleAnyway,
            _ => WhenUnsatisfiable::DoNotSchedule,
        },
        selector: wire.label_selector.map(selector),
        match_label_keys: shared_texts(wire.match_label_keys.unwrap_or_default()),
        node_affinity_policy: policy(wire.node_affinity_policy, NodeInclusion::Honor),
        node_taints_policy: policy(wire.node_taints_policy, NodeInclusion::Ignore),
    }
}

fn terms(wire: Option<Vec<core::PodAffinityTerm>>) -> Vec<PodAffinityTerm> {
    wire.unwrap_or_default().into_iter().map(term).collect()
}

fn weighted(wire: Option<Vec<core::WeightedPodAffinityTerm>>) -> Vec<WeightedPodAffinityTerm> {
    let wire = wire.unwrap_or_default().into_iter();
    wire.map(|one| WeightedPodAffinityTerm {
        weight: one.weight,
        term: term(one.pod_affinity_term),
    })
    .collect()
}

fn term(wire: core::PodAffinityTerm) -> PodAffinityTerm {
    PodAffinityTerm {
        topology_key: Arc::from(wire.topology_key),
        selector: wire.label_selector.map(selector),
        namespaces: wire.namespaces.unwrap_or_default().into_iter().map(Into::into).collect(),
        namespace_selector: wire.namespace_selector.map(selector),
        match_label_keys: shared_texts(wire.match_label_keys.unwrap_or_default()),
        mismatch_label_keys: shared_texts(wire.mismatch_label_keys.unwrap_or_default()),
    }
}
