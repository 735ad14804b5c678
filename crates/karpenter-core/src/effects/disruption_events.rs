//! The events a pass of the disruption controller is worth.

use super::disrupt::claim_ref;
use super::terminate::node_ref;
use crate::decide::disruption::{DisruptionReport, Skipped};
use crate::model::node_pool::NodePool;
use crate::observe::events::{self, Event, ObjectRef, Severity};
use crate::state::ClusterSnapshot;

/// Why nodes and pools are left alone, as events: nodes in the order of the report, then pools by name.
pub fn events(report: &DisruptionReport, cluster: &ClusterSnapshot) -> Vec<Event> {
    let told = report.skipped.iter().filter(|skipped| skipped.why.is_told());
    let mut events: Vec<Event> = told.flat_map(skipped).collect();
    for ((name, reason), used) in &report.budgets {
        if used.total == 0 || used.allowed > 0 {
            continue;
        }
        let Some(pool) = cluster.pools.get(name) else { continue };
        let reason = reason.as_str();
        let message =
            format!("No allowed disruptions for disruption reason {reason} due to blocking budget");
        events.push(normal(pool_ref(pool), events::DISRUPTION_BLOCKED, message));
    }
    events
}

fn skipped(skipped: &Skipped) -> Vec<Event> {
    let reason = if skipped.why.is_unconsolidatable() {
        events::UNCONSOLIDATABLE
    } else {
        events::DISRUPTION_BLOCKED
    };
    let node = skipped.node.iter().map(|node| node_ref(node));
    let claim = skipped.claim.iter().map(|claim| claim_ref(claim));
    node.chain(claim).map(|about| normal(about, reason, skipped.why.to_string())).collect()
}

fn normal(about: ObjectRef, reason: &'static str, message: String) -> Event {
    Event { about, severity: Severity::Normal, reason, message }
}

pub(super) fn pool_ref(pool: &NodePool) -> ObjectRef {
    ObjectRef {
        api_version: "karpenter.sh/v1".to_owned(),
        kind: "NodePool".to_owned(),
        namespace: String::new(),
        name: pool.name.to_string(),
        uid: pool.uid.to_string(),
    }
}
