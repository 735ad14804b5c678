//! Taking over what an earlier provider of our group made: no node is replaced for lack of our annotations.
//!
//! Claims get the hash of their class, but only once the class validates: a class whose user data once replaced the
//! join script has to say first what they do now, or the answer would change the hash of every node.
//!
//! Source: ours. Migration in place.

use karpenter_core::api::v1::conditions::{ConditionStatus, DRIFTED};
use karpenter_core::model::node_claim::NodeClaim;
use serde_json::{Value, json};

use super::Input;
use crate::api::bootstrap::BootstrapMode;
use crate::api::conditions::{VALIDATION_SUCCEEDED, Verdict, is_true};
use crate::api::node_class::ECSNodeClass;
use crate::api::{self, hash, labels};

/// Conditions an earlier provider wrote, sorted.
pub(super) const OLD_CONDITIONS: [&str; 4] =
    ["ImageResolved", "RAMRoleResolved", "SecurityGroupResolved", "VSwitchResolved"];

/// Whether the user has to say what `userData` do to the join script: they once replaced it.
pub(super) fn needs_policy(class: &ECSNodeClass) -> bool {
    let spec = &class.spec;
    let has_data = spec.user_data.as_ref().is_some_and(|data| !data.is_empty());
    let says =
        spec.user_data_policy.is_some() || spec.bootstrap_mode == Some(BootstrapMode::Custom);
    has_data && !says && is_taken_over(class)
}

/// Whether an earlier provider has written to the class.
fn is_taken_over(class: &ECSNodeClass) -> bool {
    let conditions = class.status.iter().flat_map(|status| &status.conditions);
    has_old_hash(class) || conditions.into_iter().any(|c| OLD_CONDITIONS.contains(&&*c.type_))
}

/// Whether the annotations of an earlier provider are still there.
pub(super) fn has_old_hash(class: &ECSNodeClass) -> bool {
    let annotations = class.metadata.annotations.iter().flatten();
    annotations
        .into_iter()
        .any(|(key, _)| key == labels::OLD_HASH || key == labels::OLD_HASH_VERSION)
}

/// The refusal of a class that needs a policy.
pub(super) fn refusal() -> Verdict {
    let message = "userData once replaced the join script and now run beside it; set userDataPolicy to \
                   Replace to keep the former, or to Merge for the latter";
    Verdict::failed(VALIDATION_SUCCEEDED, "UserDataPolicyRequired", message)
}

/// Whether the spec of `class` was found right as it is now.
pub(super) fn is_valid(class: &ECSNodeClass) -> bool {
    let generation = class.metadata.generation.unwrap_or_default();
    let conditions = class.status.as_ref().map(|status| status.conditions.as_slice());
    is_true(conditions.unwrap_or_default(), VALIDATION_SUCCEEDED, generation)
}

/// Claims of the class called `name`.
pub(super) fn claims_of<'a>(
    input: &'a Input,
    name: &'a str,
) -> impl Iterator<Item = &'a NodeClaim> {
    let claims = input.snapshot.claims.values().map(AsRef::as_ref);
    claims.filter(move |claim: &&NodeClaim| {
        let class = &claim.node_class;
        *class.group == *api::GROUP && *class.kind == *api::KIND && *class.name == *name
    })
}

/// Whether `claim` has an instance but not our annotations, or those of another version.
pub(super) fn is_unmarked(claim: &NodeClaim) -> bool {
    let is_current = claim.annotation(labels::HASH_VERSION) == Some(hash::VERSION)
        && claim.annotation(labels::HASH).is_some();
    claim.launched && !is_current && claim.deleted_at.is_none()
}

/// The annotations `claim` gets: the version, and the hash of `class` unless the claim has drifted by one of its own.
pub(super) fn marks(claim: &NodeClaim, class: &ECSNodeClass) -> Value {
    let conditions = claim.object.status.as_ref().map(|status| status.conditions.as_slice());
    let mut conditions = conditions.unwrap_or_default().iter();
    let has_drifted = conditions.any(|c| c.r#type == DRIFTED && c.status == ConditionStatus::True);
    let keeps_own = claim.annotation(labels::HASH).is_some() && has_drifted;
    let mut marks = json!({ labels::HASH_VERSION: hash::VERSION });
    if !keeps_own {
        marks[labels::HASH] = hash::hash(&class.spec).into();
    }
    marks
}
