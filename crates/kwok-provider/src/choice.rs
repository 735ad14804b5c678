//! Which instance type and offering a claim gets.

use std::sync::Arc;

use karpenter_core::model::instance_type::{InstanceType, Offering};
use karpenter_core::model::label_rules::WellKnownLabels;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::requirements::AllowUndefined;
use sha2::{Digest, Sha256};

use crate::catalog::InstanceTypes;

/// What a claim gets.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Type.
    pub instance_type: Arc<InstanceType>,
    /// One of its offerings.
    pub offering: Offering,
}

/// A number that belongs to one claim under one seed, and to nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lot([u8; 32]);

impl Lot {
    /// The lot of `claim`.
    pub fn of(claim: &NodeClaim, seed: u64) -> Self {
        let digest = Sha256::new().chain_update(seed.to_le_bytes());
        Self(digest.chain_update(claim.uid.as_str()).finalize().into())
    }

    /// Ten lower-case hexadecimal digits.
    pub fn suffix(self) -> String {
        self.0[..5].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// An index below `n`, which is not zero.
    fn below(self, n: usize) -> usize {
        self.0[5..].iter().fold(0, |rest, byte| (rest * 256 + usize::from(*byte)) % n)
    }
}

/// The type with the cheapest available offering that suits `claim`, the first by name of equals; of its offerings with
/// that price the one `lot` falls on. `None` when no type both fits and is offered.
///
/// Source: Karpenter behaviour, KWOK provider. Differs: a type without a suitable offering is passed over, requests
/// have to fit, and equal offerings are drawn from a seed.
pub fn choose(claim: &NodeClaim, types: &InstanceTypes, lot: Lot) -> Option<Choice> {
    let suitable = types.catalog.types.iter().filter_map(|it| {
        let cheapest = cheapest(claim, it, &types.well_known);
        Some((cheapest.first()?.price, it, cheapest))
    });
    let (_, it, offerings) = suitable.min_by(|a, b| a.0.cmp(&b.0))?;
    let offering = offerings[lot.below(offerings.len())].clone();
    Some(Choice { instance_type: it.clone(), offering })
}

/// The cheapest suitable offerings of `it`, all of one price; empty when the type does not suit at all.
fn cheapest<'t>(
    claim: &NodeClaim,
    it: &'t InstanceType,
    well_known: &WellKnownLabels,
) -> Vec<&'t Offering> {
    let allow = AllowUndefined::WellKnown(well_known);
    let suits = it.requirements.is_compatible(&claim.requirements, allow)
        && claim.requests.fits(&it.allocatable());
    if !suits {
        return vec![];
    }
    let is_suitable =
        |o: &&Offering| o.available && o.requirements.is_compatible(&claim.requirements, allow);
    let mut offerings: Vec<&Offering> = it.offerings.iter().filter(is_suitable).collect();
    if let Some(least) = offerings.iter().map(|offering| offering.price).min() {
        offerings.retain(|offering| offering.price == least);
    }
    offerings
}
