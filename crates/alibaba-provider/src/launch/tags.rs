//! Tags of new instances.

use std::collections::BTreeMap;

use alibaba_sdk::ecs::Tag;
use karpenter_core::model::node_claim::NodeClaim;

use crate::api::labels;
use crate::api::node_class::ECSNodeClass;
use crate::legacy;

/// Most tags of an instance.
const LIMIT: usize = 20;

/// The user's tags and ours together are too many.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} tags, ours included, exceed the limit of {LIMIT} per instance; remove some of spec.tags"
)]
pub struct TooManyTags(usize);

/// The class's tags and ours, by key; ours win.
///
/// # Errors
/// [`TooManyTags`].
pub fn tags(
    class: &ECSNodeClass,
    claim: &NodeClaim,
    identity: &str,
) -> Result<Vec<Tag>, TooManyTags> {
    let mut all = class.spec.tags.clone().unwrap_or_default();
    all.extend(ours(class, claim, identity));
    if all.len() > LIMIT {
        return Err(TooManyTags(all.len()));
    }
    Ok(all.into_iter().map(|(key, value)| Tag { key, value }).collect())
}

fn ours(class: &ECSNodeClass, claim: &NodeClaim, identity: &str) -> BTreeMap<String, String> {
    let class_name = class.metadata.name.clone().unwrap_or_default();
    let pool = claim.pool().map(|pool| pool.to_string()).unwrap_or_default();
    BTreeMap::from([
        (labels::tag_owner(identity), labels::OWNED.to_owned()),
        (labels::TAG_CLUSTER_ID.to_owned(), identity.to_owned()),
        (labels::TAG_NODE_POOL.to_owned(), pool),
        (labels::TAG_NODE_CLAIM.to_owned(), claim.name.to_string()),
        (labels::TAG_NODE_CLAIM_UID.to_owned(), claim.uid.to_string()),
        (class_tag(claim).to_owned(), class_name),
    ])
}

/// Tag with the name of the class, by the group of the class.
fn class_tag(claim: &NodeClaim) -> &'static str {
    match *claim.node_class.group == *legacy::GROUP {
        true => legacy::NODE_CLASS,
        false => labels::NODE_CLASS,
    }
}

/// Number of tags every instance gets from us; the user has the rest.
pub const OURS: usize = 6;

/// How many tags a class may set.
pub const USERS: usize = LIMIT - OURS;
