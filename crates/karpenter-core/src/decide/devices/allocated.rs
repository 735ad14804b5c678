//! Which devices the claims of the cluster have, once the pods that go away are gone.
//!
//! Source: Karpenter behaviour, allocated devices. Differs: what an object other than a pod uses is never free.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::device::DeviceId;
use crate::model::ids::Uid;
use crate::model::quantity::Quantity;
use crate::model::resource_claim::ResourceClaim;

/// How a device is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum InUse {
    /// As a whole.
    Whole,
    /// As far as these amounts go, by dimension.
    Shared(BTreeMap<Arc<str>, Quantity>),
}

/// Devices in use; those whose users are all among `leaving` are not.
pub(super) fn in_use<'a>(
    claims: impl IntoIterator<Item = &'a Arc<ResourceClaim>>,
    leaving: &BTreeSet<&Uid>,
) -> BTreeMap<DeviceId, InUse> {
    let mut in_use: BTreeMap<DeviceId, InUse> = BTreeMap::new();
    for claim in claims.into_iter().filter(|claim| !is_free_again(claim, leaving)) {
        for given in claim.allocation.iter().flat_map(|allocation| &allocation.devices) {
            let Some(consumed) = &given.consumed else {
                in_use.insert(given.id.clone(), InUse::Whole);
                continue;
            };
            let shared = || InUse::Shared(BTreeMap::new());
            if let InUse::Shared(sum) = in_use.entry(given.id.clone()).or_insert_with(shared) {
                for (dimension, amount) in consumed {
                    *sum.entry(dimension.clone()).or_default() += *amount;
                }
            }
        }
    }
    in_use
}

/// Whether all that may use the claim are pods, and all of those go away.
pub(super) fn is_free_again(claim: &ResourceClaim, leaving: &BTreeSet<&Uid>) -> bool {
    let goes = |uid: &Uid| leaving.contains(uid);
    !claim.consumers.is_empty() && claim.consumers.iter().all(|one| one.is_pod && goes(&one.uid))
}
