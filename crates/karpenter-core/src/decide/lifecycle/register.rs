//! Registration: the node of the instance has joined, gets what the claim promises, and loses the taint that kept
//! pods away.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use super::{ClaimWrite, initialize, published};
use crate::api::labels;
use crate::api::v1::conditions::{self, ConditionStatus, Verdict};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::cloud_provider::RegistrationHook;
use crate::decide::announcement::{Announcement, claim_warning, label, provisioned};
use crate::decide::draft::Draft;
use crate::decide::node_pool::registration_health::Outcome;
use crate::model::label_selector::Labels;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::taints::{self, Taint};
use crate::observe::events;
use crate::observe::metrics::{Created, Sample};

const NODE_NOT_FOUND: &str = "NodeNotFound";
const MULTIPLE_NODES_FOUND: &str = "MultipleNodesFound";
const REGISTRATION_HOOK_PENDING: &str = "RegistrationHookPending";

/// A claim whose node is there.
#[derive(Debug, Clone)]
pub struct Joining {
    /// The claim.
    pub claim: Arc<NodeClaim>,
    /// Its only node.
    pub node: Arc<Node>,
    /// What the health of the claim's pool is told once the node has registered.
    pub outcome: Option<Outcome>,
}

/// What a look at the provider's registration hook led to.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Node and claim to write.
    pub write: ClaimWrite,
    /// The node may not register yet: look again after this long, or after a backoff.
    pub pending: Option<Pending>,
}

/// Why a registration waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pending {
    /// The provider says how long.
    For(Duration),
    /// The provider's hook failed.
    Failed,
}

/// Says that the node of a launched claim has not been seen.
pub(super) fn expect_node(draft: &mut Draft<ClaimObject>) {
    let message = "Node not registered with cluster";
    draft.set(Verdict::unknown(conditions::REGISTERED, NODE_NOT_FOUND, message));
}

/// The node that may register now; otherwise the condition says why there is none.
///
/// Source: Karpenter behaviour, registration. Differs: `MultipleNodesFound` is judged again when nodes change.
pub(super) fn candidate<'a>(
    draft: &mut Draft<ClaimObject>,
    nodes: &[&'a Arc<Node>],
) -> Option<&'a Arc<Node>> {
    if draft.status(conditions::REGISTERED) == ConditionStatus::True {
        draft.renew(conditions::REGISTERED);
        return None;
    }
    match nodes {
        [node] => return Some(*node),
        [] => expect_node(draft),
        [_, _, ..] => draft.set(Verdict::failed(
            conditions::REGISTERED,
            MULTIPLE_NODES_FOUND,
            "Invariant violated, matched multiple nodes",
        )),
    }
    None
}

/// What the hook's answer means for node and claim. `provider` names the hook to people; `Err` is a failed hook.
pub fn settle(
    Joining { claim, node, .. }: &Joining,
    provider: &str,
    hook: Result<RegistrationHook, ()>,
    now: Timestamp,
) -> Registration {
    let mut draft = Draft::of(&*claim.object, now);
    draft.renew(conditions::LAUNCHED);
    super::hydrate(&mut draft.object);
    let mut after = synced(claim, node);
    let mut announcement = Announcement::default();
    announcement.events.extend(missing_taint(claim, node));
    let pending = match hook {
        Ok(RegistrationHook::Done) => None,
        Ok(RegistrationHook::Wait(wait)) => Some(Pending::For(wait)),
        Err(()) => Some(Pending::Failed),
    };
    if pending.is_some() {
        let reason = REGISTRATION_HOOK_PENDING;
        draft.set(Verdict::unknown(conditions::REGISTERED, reason, provider));
    } else {
        after.taints.retain(|taint| !taint.matches(&Taint::unregistered()));
        Arc::make_mut(&mut after.labels).insert(labels::REGISTERED.into(), "true".into());
        draft.set(Verdict::ok(conditions::REGISTERED));
        draft.object.status.get_or_insert_default().node_name = Some(node.name.to_string());
        announcement.samples.push(Sample::NodeCreated(Created {
            nodepool: label(claim, labels::NODEPOOL),
            zone: label(claim, labels::ZONE),
        }));
        announcement.events.extend(reason(claim, node));
        // Devices are not known here; a claim that waits for some is judged on the next look.
        if published::awaited(claim).next().is_none() {
            initialize::judge_node(&mut draft, claim, &mut after, None);
        }
    }
    let node = Some((node.clone(), after));
    let write = ClaimWrite { node, announcement, ..ClaimWrite::new(claim, draft.object) };
    Registration { write, pending }
}

/// The node with everything the claim promises, the unregistered taint still on it.
fn synced(claim: &NodeClaim, node: &Node) -> Node {
    let mut after = node.clone();
    if !after.has_finalizer(labels::TERMINATION_FINALIZER) {
        after.finalizers.push(labels::TERMINATION_FINALIZER.into());
    }
    let owner = owner(claim);
    let is_there = |known: &OwnerReference| {
        known.api_version == owner.api_version && known.kind == owner.kind && known.uid == owner.uid
    };
    if !after.owner_references.iter().any(is_there) {
        after.owner_references.push(owner);
    }
    if node.label(labels::DO_NOT_SYNC_TAINTS) != Some("true") {
        after.taints = taints::merge(&after.taints, &claim.taints);
        after.taints = taints::merge(&after.taints, &claim.startup_taints);
    }
    after.labels = overlaid(&after.labels, &claim.labels);
    after.annotations = overlaid(&after.annotations, &claim.annotations);
    after
}

/// Without the taint pods may have been bound before the node was ready for them.
fn missing_taint(claim: &NodeClaim, node: &Node) -> Option<events::Event> {
    let is_expected = node.label(labels::REGISTERED).is_none();
    let is_missing = is_expected && !node.has_taint(&Taint::unregistered());
    is_missing.then(|| {
        let message = format!(
            "Missing {} taint which prevents registration-related race conditions on Karpenter-managed nodes",
            labels::UNREGISTERED_TAINT
        );
        claim_warning(claim, events::UNREGISTERED_TAINT_MISSING, message)
    })
}

/// Tells of the node what its claim says about why it was made; nothing of claims that others made.
fn reason(claim: &NodeClaim, node: &Node) -> Option<events::Event> {
    let about = events::ObjectRef {
        api_version: "v1".to_owned(),
        kind: "Node".to_owned(),
        namespace: String::new(),
        name: node.name.to_string(),
        uid: node.uid.to_string(),
    };
    claim.annotation(labels::PROVISIONED_FOR).map(|why| provisioned(about, why))
}

fn owner(claim: &NodeClaim) -> OwnerReference {
    OwnerReference {
        api_version: "karpenter.sh/v1".to_owned(),
        kind: "NodeClaim".to_owned(),
        name: claim.name.to_string(),
        uid: claim.uid.to_string(),
        block_owner_deletion: Some(true),
        controller: None,
    }
}

fn overlaid(base: &Labels, top: &Labels) -> Labels {
    let both = base.iter().chain(top.iter());
    Arc::new(both.map(|(key, value)| (key.clone(), value.clone())).collect::<BTreeMap<_, _>>())
}
