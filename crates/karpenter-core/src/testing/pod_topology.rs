//! Topology constraints of pods.

use crate::model::label_selector::{LabelClause, LabelSelector};
use crate::model::pod_topology::{
    NodeInclusion, PodAffinityTerm, SpreadConstraint, WhenUnsatisfiable,
};

/// Selects pods that have all of `labels`.
pub fn selector(labels: &[(&str, &str)]) -> LabelSelector {
    let labels = labels.iter().map(|(key, value)| ((*key).into(), (*value).into()));
    LabelSelector { match_labels: labels.collect(), match_expressions: vec![] }
}

/// Selects pods with one of `values` at `key`.
pub fn selector_in(key: &str, values: &[&str]) -> LabelSelector {
    let values = values.iter().map(|value| (*value).into()).collect();
    LabelSelector { match_expressions: vec![LabelClause::In(key.into(), values)], ..selector(&[]) }
}

/// Spreads pods with `labels` over the values of `key`, without exception.
///
/// # Example
/// ```
/// # use karpenter_core::testing::pod_topology::spread;
/// assert_eq!(spread("zone", 2, &[("app", "web")]).max_skew, 2);
/// ```
pub fn spread(key: &str, max_skew: i32, labels: &[(&str, &str)]) -> SpreadConstraint {
    SpreadConstraint {
        topology_key: key.into(),
        max_skew,
        min_domains: None,
        when_unsatisfiable: WhenUnsatisfiable::DoNotSchedule,
        selector: Some(selector(labels)),
        match_label_keys: vec![],
        node_affinity_policy: NodeInclusion::Honor,
        node_taints_policy: NodeInclusion::Ignore,
    }
}

/// As [`spread`], but a scheduler may break it.
pub fn soft_spread(key: &str, max_skew: i32, labels: &[(&str, &str)]) -> SpreadConstraint {
    let when_unsatisfiable = WhenUnsatisfiable::ScheduleAnyway;
    SpreadConstraint { when_unsatisfiable, ..spread(key, max_skew, labels) }
}

/// Pods with `labels` in the pod's own namespace, near by `key`.
pub fn near(key: &str, labels: &[(&str, &str)]) -> PodAffinityTerm {
    PodAffinityTerm {
        topology_key: key.into(),
        selector: Some(selector(labels)),
        ..PodAffinityTerm::default()
    }
}
