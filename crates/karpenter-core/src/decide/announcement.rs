//! What a step tells people and dashboards, as data; published once the step has been carried out.

use crate::model::node_claim::NodeClaim;
use crate::observe::events::{self, Event, ObjectRef, Severity};
use crate::observe::metrics::{Disruption, Sample};

use crate::api::labels;

/// Events and samples that go with one change.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Announcement {
    /// Kubernetes Events.
    pub events: Vec<Event>,
    /// Samples for metrics.
    pub samples: Vec<Sample>,
}

impl Announcement {
    /// One event and nothing else.
    pub fn event(event: Event) -> Self {
        Self { events: vec![event], samples: vec![] }
    }

    /// Samples and nothing else.
    pub fn samples(samples: impl IntoIterator<Item = Sample>) -> Self {
        Self { events: vec![], samples: samples.into_iter().collect() }
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.samples.is_empty()
    }
}

/// A warning about `claim`.
pub fn claim_warning(claim: &NodeClaim, reason: &'static str, message: String) -> Event {
    let about = ObjectRef {
        api_version: "karpenter.sh/v1".to_owned(),
        kind: "NodeClaim".to_owned(),
        namespace: String::new(),
        name: claim.name.to_string(),
        uid: claim.uid.to_string(),
    };
    Event { about, severity: Severity::Warning, reason, message }
}

/// Why `about`, a NodeClaim or the Node of one, was made.
pub fn provisioned(about: ObjectRef, why: &str) -> Event {
    let (severity, reason) = (Severity::Normal, events::PROVISIONED);
    Event { about, severity, reason, message: why.to_owned() }
}

/// Metric labels of the deletion of `claim` for `reason`, which is not consolidation.
pub fn disruption(claim: &NodeClaim, reason: &'static str) -> Disruption {
    Disruption {
        reason,
        nodepool: label(claim, labels::NODEPOOL),
        capacity_type: label(claim, labels::CAPACITY_TYPE),
        consolidation_policy: "",
        termination_mode: termination_mode(claim),
    }
}

/// Value of a label as a metric label; empty when absent.
pub fn label(claim: &NodeClaim, key: &str) -> String {
    claim.label(key).unwrap_or_default().to_owned()
}

/// `graceful` waits for pods without limit, `eventual` with one, `forceful` not at all.
///
/// Source: Karpenter behaviour, metric label `termination_mode`.
pub fn termination_mode(claim: &NodeClaim) -> &'static str {
    match claim.termination_grace_period {
        None => "graceful",
        Some(period) if period.is_zero() => "forceful",
        Some(_) => "eventual",
    }
}
