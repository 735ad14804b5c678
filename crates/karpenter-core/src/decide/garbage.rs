//! Garbage: claims without instance, instances without claim, nodes without either.
//!
//! The cloud is listed between two snapshots. Claims of the *first* are compared with the list, so an instance launched
//! meanwhile is in it; instances of the list are compared with the *second*, so a claim written meanwhile is in it.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::announcement::{Announcement, disruption};
use super::lifecycle::Deletion;
use super::lifecycle::expire::reschedulable_pods;
use super::lifecycle::memory::LaunchMemory;
use super::plan::Step;
use crate::api::labels;
use crate::cloud_provider::Instance;
use crate::model::ids::{NodeClaimName, ProviderId};
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::pod::elapsed;
use crate::observe::metrics::{Sample, reason};
use crate::state::ClusterSnapshot;

/// An instance younger than this, or than the launch timeout, is never garbage.
pub const MIN_AGE: Duration = Duration::from_secs(5 * 60);

/// Everything the decision reads.
#[derive(Debug, Clone, Copy)]
pub struct Sweep<'a> {
    /// The cluster before the list.
    pub before: &'a ClusterSnapshot,
    /// All instances of this cluster.
    pub instances: &'a [Instance],
    /// The cluster after the list.
    pub after: &'a ClusterSnapshot,
    /// Launches of this process whose result the cluster does not show.
    pub launches: &'a LaunchMemory,
    /// Instances without claim in the sweep before.
    pub suspects: &'a BTreeSet<ProviderId>,
    /// Keys of the labels that make a node ours.
    pub class_labels: &'a [String],
    /// A claim without instance after this long is deleted.
    pub launch_timeout: Duration,
}

/// What a sweep found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// What to do.
    pub steps: Vec<GarbageStep>,
    /// Instances without claim: [`Sweep::suspects`] of the next sweep.
    pub suspects: BTreeSet<ProviderId>,
}

/// One piece of garbage.
#[derive(Debug, Clone)]
pub enum GarbageStep {
    /// The instance of a claim is gone: delete the claim.
    DeleteClaim(Box<Deletion>),
    /// No claim stands behind an instance: terminate it, or give it back to a claim that lost it.
    Reap(Box<Orphan>),
    /// Neither claim nor instance stand behind a node: delete it if the cloud agrees.
    DeleteNode(Arc<Node>, ProviderId),
}

/// An instance that no claim carries.
#[derive(Debug, Clone)]
pub struct Orphan {
    /// The instance.
    pub instance: Instance,
    /// The claim it was launched for.
    pub claim: NodeClaimName,
    /// Its nodes.
    pub nodes: Vec<Arc<Node>>,
}

impl Step for GarbageStep {
    fn object(&self) -> String {
        match self {
            Self::DeleteClaim(deletion) => format!("nodeclaim/{}", deletion.claim.name),
            Self::Reap(orphan) => format!("instance/{}", orphan.instance.provider_id),
            Self::DeleteNode(node, _) => format!("node/{}", node.name),
        }
    }
}

/// What the live claim says about an instance that no claim of the state carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrphanVerdict {
    /// The claim is gone, or another has its name: terminate.
    Terminate,
    /// The claim is there and does not know its instance: tell it.
    Adopt,
    /// The claim has an instance; whatever this is, somebody should look at it.
    Keep,
}

/// Garbage found by a sweep: claims in name order, then instances and nodes in the order of their ids.
///
/// Source: Karpenter behaviour, garbage collection. Differs: instances without claim are collected by the core, after
/// two sweeps and a live read of the claim they are tagged with.
pub fn sweep(sweep: &Sweep<'_>, now: Timestamp) -> Found {
    let listed: BTreeMap<&ProviderId, &Instance> =
        sweep.instances.iter().map(|instance| (&instance.provider_id, instance)).collect();
    let mut found = Found::default();
    let lost =
        sweep.before.claims.values().filter(|claim| has_lost_instance(sweep, &listed, claim));
    found
        .steps
        .extend(lost.map(|claim| GarbageStep::DeleteClaim(Box::new(deletion(sweep, claim)))));
    for instance in listed.values().filter(|instance| is_orphan(sweep, instance, now)) {
        found.suspects.insert(instance.provider_id.clone());
        if let Some(claim) = instance.claim.clone()
            && sweep.suspects.contains(&instance.provider_id)
        {
            let nodes = sweep.after.nodes_of(&instance.provider_id).into_iter().cloned().collect();
            let orphan = Orphan { instance: (**instance).clone(), claim, nodes };
            found.steps.push(GarbageStep::Reap(Box::new(orphan)));
        }
    }
    let stale = sweep.after.nodes.values().filter_map(|node| stale_node(sweep, &listed, node));
    found.steps.extend(stale.map(|(node, id)| GarbageStep::DeleteNode(node.clone(), id)));
    found
}

/// What to do with `orphan` now that its claim has been read live.
pub fn judge_orphan(orphan: &Orphan, live: Option<&NodeClaim>) -> OrphanVerdict {
    match live {
        Some(claim) if Some(&claim.uid) == orphan.instance.claim_uid.as_ref() => {
            if claim.provider_id().is_none() { OrphanVerdict::Adopt } else { OrphanVerdict::Keep }
        }
        Some(_) | None => OrphanVerdict::Terminate,
    }
}

/// A registered claim whose instance is not running and whose kubelet does not report.
fn has_lost_instance(
    sweep: &Sweep<'_>,
    listed: &BTreeMap<&ProviderId, &Instance>,
    claim: &NodeClaim,
) -> bool {
    let Some(id) = claim.provider_id().filter(|_| claim.registered && claim.deleted_at.is_none())
    else {
        return false;
    };
    let is_running = listed.get(id).is_some_and(|instance| !instance.terminating);
    let current = sweep.after.claims.get(&claim.name);
    let is_same = current.is_some_and(|it| it.uid == claim.uid && it.deleted_at.is_none());
    let is_alive = sweep.after.node_of(id).is_some_and(|node| node.is_ready());
    is_same && !is_running && !is_alive
}

fn deletion(sweep: &Sweep<'_>, claim: &Arc<NodeClaim>) -> Deletion {
    let labels = disruption(claim, reason::GARBAGE_COLLECTED);
    let pods = reschedulable_pods(sweep.after, claim);
    Deletion {
        claim: claim.clone(),
        reason: reason::GARBAGE_COLLECTED,
        outcome: None,
        announcement: Announcement::samples([
            Sample::ClaimDisrupted(labels.clone()),
            Sample::PodsDisrupted(labels, pods),
        ]),
    }
}

/// Old enough, with both tags, and neither a claim nor a launch under way stands behind it.
fn is_orphan(sweep: &Sweep<'_>, instance: &Instance, now: Timestamp) -> bool {
    let Some(uid) = instance.claim_uid.as_ref().filter(|_| instance.claim.is_some()) else {
        return false;
    };
    !instance.terminating
        && elapsed(instance.created, now) > MIN_AGE.max(sweep.launch_timeout)
        && !sweep.launches.is_under_way(uid)
        && sweep.after.claims_of(&instance.provider_id).is_empty()
}

/// One of our nodes that nobody will ever finish.
fn stale_node<'a>(
    sweep: &Sweep<'_>,
    listed: &BTreeMap<&ProviderId, &Instance>,
    node: &'a Arc<Node>,
) -> Option<(&'a Arc<Node>, ProviderId)> {
    let id = node.provider_id.as_ref()?;
    let is_ours = node.has_finalizer(labels::TERMINATION_FINALIZER)
        && sweep.class_labels.iter().any(|key| node.label(key).is_some());
    let is_stale = is_ours
        && node.deleted_at.is_none()
        && !node.is_ready()
        && !listed.contains_key(id)
        && sweep.after.claims_of(id).is_empty();
    is_stale.then(|| (node, id.clone()))
}
