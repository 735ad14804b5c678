//! Launch: from the cloud's answer to the condition `Launched`.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{ClaimWrite, Deletion, hydrate, register};
use crate::api::v1::conditions::{self, ConditionStatus, Verdict};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::cloud_provider::{CloudProviderError, Instance};
use crate::decide::announcement::{Announcement, claim_warning, disruption};
use crate::decide::draft::Draft;
use crate::model::label_selector::Labels;
use crate::model::node_claim::NodeClaim;
use crate::observe::events;
use crate::observe::metrics::{Sample, reason};

/// Reason of `Launched` when the cloud's error brings none.
const LAUNCH_FAILED: &str = "LaunchFailed";

/// Longest part of an error that is put into a condition or an event, in bytes.
const MESSAGE_LIMIT: usize = 300;

/// Neither launched nor given up.
pub(super) fn is_undecided(draft: &Draft<ClaimObject>) -> bool {
    draft.status(conditions::LAUNCHED) == ConditionStatus::Unknown
}

/// What the cloud's answer to a launch means for the claim.
#[derive(Debug, Clone)]
pub enum Settled {
    /// It launched, or it will be tried again; write that down.
    Write(ClaimWrite),
    /// It cannot launch as it is.
    GiveUp(Deletion),
}

/// What the cloud's answer to a launch means for the claim.
///
/// Source: Karpenter behaviour, launch.
pub fn settle(
    claim: &Arc<NodeClaim>,
    answer: &Result<Arc<Instance>, CloudProviderError>,
    now: Timestamp,
) -> Settled {
    let error = match answer {
        Ok(instance) => {
            return Settled::Write(ClaimWrite::new(claim, launched(claim, instance, now)));
        }
        Err(error) => error,
    };
    match error {
        CloudProviderError::InsufficientCapacity(_) => {
            let event = events::INSUFFICIENT_CAPACITY;
            give_up(claim, reason::INSUFFICIENT_CAPACITY, event, error)
        }
        CloudProviderError::NodeClassNotReady(_) => {
            let event = events::NODE_CLASS_NOT_READY;
            give_up(claim, reason::NODE_CLASS_NOT_READY, event, error)
        }
        CloudProviderError::Create { reason, message } => {
            failed(claim, reason.clone(), message.clone(), now)
        }
        CloudProviderError::NodeClaimNotFound(_)
        | CloudProviderError::UnevaluatedNodePool(_)
        | CloudProviderError::Throttled { .. }
        | CloudProviderError::Denied(_)
        | CloudProviderError::Transient(_)
        | CloudProviderError::Other(_) => {
            failed(claim, LAUNCH_FAILED.to_owned(), cut(&error.to_string()), now)
        }
    }
}

/// Whether there may be an instance although the launch failed with `error`.
pub fn is_uncertain(error: &CloudProviderError) -> bool {
    match error {
        CloudProviderError::Transient(_) | CloudProviderError::Other(_) => true,
        CloudProviderError::NodeClaimNotFound(_)
        | CloudProviderError::InsufficientCapacity(_)
        | CloudProviderError::NodeClassNotReady(_)
        | CloudProviderError::Create { .. }
        | CloudProviderError::UnevaluatedNodePool(_)
        | CloudProviderError::Throttled { .. }
        | CloudProviderError::Denied(_) => false,
    }
}

/// The claim with its instance entered: of labels the claim's own win, of annotations the provider's.
pub fn launched(claim: &NodeClaim, instance: &Instance, now: Timestamp) -> ClaimObject {
    let mut draft = Draft::of(&*claim.object, now);
    hydrate(&mut draft.object);
    let metadata = &mut draft.object.metadata;
    let own = metadata.labels.take().unwrap_or_default();
    metadata.labels = Some(overlay(texts(&instance.labels), own));
    let annotations = metadata.annotations.take().unwrap_or_default();
    let annotations = overlay(annotations, texts(&instance.annotations));
    metadata.annotations = Some(annotations).filter(|annotations| !annotations.is_empty());
    let status = draft.object.status.get_or_insert_default();
    status.provider_id = Some(instance.provider_id.to_string());
    status.image_id.clone_from(&instance.image_id);
    status.capacity = Some(instance.capacity.to_api());
    status.allocatable = Some(instance.allocatable.to_api());
    draft.set(Verdict::ok(conditions::LAUNCHED));
    register::expect_node(&mut draft);
    draft.object
}

fn failed(claim: &Arc<NodeClaim>, reason: String, message: String, now: Timestamp) -> Settled {
    let event = claim_warning(claim, events::LAUNCH_FAILED, message.clone());
    let mut draft = Draft::of(&*claim.object, now);
    hydrate(&mut draft.object);
    draft.set(Verdict::unknown(conditions::LAUNCHED, reason, message));
    let announcement = Announcement::event(event);
    Settled::Write(ClaimWrite { announcement, ..ClaimWrite::new(claim, draft.object) })
}

fn give_up(
    claim: &Arc<NodeClaim>,
    reason: &'static str,
    event: &'static str,
    error: &CloudProviderError,
) -> Settled {
    let event = claim_warning(claim, event, cut(&error.to_string()));
    let sample = Sample::ClaimDisrupted(disruption(claim, reason));
    let announcement = Announcement { events: vec![event], samples: vec![sample] };
    let claim = claim.clone();
    Settled::GiveUp(Deletion { claim, reason, outcome: None, announcement })
}

/// At most 300 bytes of `text`, then `...`; never in the middle of a character.
fn cut(text: &str) -> String {
    if text.len() < MESSAGE_LIMIT {
        return text.to_owned();
    }
    let mut end = MESSAGE_LIMIT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}...", &text[..end])
}

fn texts(labels: &Labels) -> BTreeMap<String, String> {
    labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

fn overlay(
    mut base: BTreeMap<String, String>,
    top: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    base.extend(top);
    base
}
