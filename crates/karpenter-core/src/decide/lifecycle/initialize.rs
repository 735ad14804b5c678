//! Initialization: the node has everything it was started for, so pods may count on it.

use std::sync::Arc;

use super::published;
use crate::api::labels;
use crate::api::v1::conditions::{self, ConditionStatus, Verdict};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::decide::draft::Draft;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::state::Devices;

/// Why a node is not initialized: reason and message of the condition.
struct NotYet(&'static str, String);

/// Judges the condition `Initialized` of a registered claim; answers the node with its new label if it is ready.
/// `devices` are those of the cluster, `None` when nobody waits for them.
///
/// Source: Karpenter behaviour, initialization.
pub(super) fn judge(
    draft: &mut Draft<ClaimObject>,
    claim: &NodeClaim,
    nodes: &[&Arc<Node>],
    devices: Option<&Devices>,
) -> Option<(Arc<Node>, Node)> {
    match draft.status(conditions::INITIALIZED) {
        ConditionStatus::True | ConditionStatus::False => {
            draft.renew(conditions::INITIALIZED);
            return None;
        }
        ConditionStatus::Unknown
            if draft.status(conditions::REGISTERED) != ConditionStatus::True =>
        {
            return None;
        }
        ConditionStatus::Unknown => {}
    }
    let [node] = nodes else {
        let message = "Node not registered with cluster";
        draft.set(Verdict::unknown(conditions::INITIALIZED, "NodeNotFound", message));
        return None;
    };
    let mut after = Node::clone(node);
    judge_node(draft, claim, &mut after, devices);
    (after != ***node).then(|| (Arc::clone(node), after))
}

/// Judges the condition `Initialized` by `node`, which gets the label when it is ready.
pub(super) fn judge_node(
    draft: &mut Draft<ClaimObject>,
    claim: &NodeClaim,
    node: &mut Node,
    devices: Option<&Devices>,
) {
    if draft.status(conditions::INITIALIZED) != ConditionStatus::Unknown {
        return;
    }
    match not_yet(claim, node).or_else(|| not_published(claim, node, devices?)) {
        Some(NotYet(reason, message)) => {
            draft.set(Verdict::unknown(conditions::INITIALIZED, reason, message));
        }
        None => {
            Arc::make_mut(&mut node.labels).insert(labels::INITIALIZED.into(), "true".into());
            draft.set(Verdict::ok(conditions::INITIALIZED));
        }
    }
}

/// The first thing that is missing, in the order users expect to read about them.
fn not_yet(claim: &NodeClaim, node: &Node) -> Option<NotYet> {
    if !node.is_ready() {
        return Some(NotYet("NodeNotReady", "Node status is NotReady".to_owned()));
    }
    let mut taints = node.taints.iter();
    let is_startup = |taint: &&_| claim.startup_taints.iter().any(|startup| startup.matches(taint));
    if let Some(taint) = taints.find(is_startup) {
        let message = format!("StartupTaint \"{taint}\" still exists");
        return Some(NotYet("StartupTaintsExist", message));
    }
    if let Some(taint) = node.taints.iter().find(|taint| taint.is_known_ephemeral()) {
        let message = format!("KnownEphemeralTaint \"{taint}\" still exists");
        return Some(NotYet("KnownEphemeralTaintsExist", message));
    }
    let mut requests = claim.requests.iter();
    let is_missing = |(name, wanted): &(&crate::model::resources::ResourceName, _)| {
        let wanted: &crate::model::quantity::Quantity = wanted;
        !wanted.is_zero() && node.allocatable.get_or_zero(name.as_str()).is_zero()
    };
    requests.find(is_missing).map(|(name, _)| {
        NotYet(
            "ResourceNotRegistered",
            format!("Resource \"{name}\" was requested but not registered"),
        )
    })
}

fn not_published(claim: &NodeClaim, node: &Node, devices: &Devices) -> Option<NotYet> {
    let missing = published::missing(claim, node, devices);
    let names = missing.iter().map(|driver| format!("\"{driver}\"")).collect::<Vec<_>>().join(", ");
    let message = format!("DRA driver(s) {names} have not published all devices of the node");
    (!missing.is_empty()).then_some(NotYet("DRADriverPoolsNotPublished", message))
}
