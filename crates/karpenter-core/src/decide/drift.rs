//! Whether a claim still is what its pool would make today, as far as the core can tell.
//!
//! Three questions in the order in which their answers count: the pool's template has changed ([`pool`]), the claim's
//! labels no longer meet the pool's requirements ([`pool`] again), its instance type is no longer sold
//! ([`instance_type`]). What the node class and the instance itself say is the provider's fourth question.
//!
//! Source: Karpenter behaviour, drift.

#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::Timestamp;

use crate::api::labels;
use crate::model::ids::LabelKey;
use crate::model::instance_type::Catalog;
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;
use crate::model::requirement::Requirement;
use crate::model::requirements::{AllowUndefined, Requirements};

/// Age from which a claim is asked about its instance type: a catalogue may be late to know a new one.
const SETTLED: Duration = Duration::from_secs(60 * 60);
/// How long an instance type that was found is not asked about again.
const RECHECK: Duration = Duration::from_secs(30 * 60);

/// Why a claim has drifted from its pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    /// The pool's template has another hash.
    NodePool,
    /// The claim's labels do not meet the pool's requirements.
    Requirements,
    /// The claim's instance type, or every offering it could be, is no longer sold.
    InstanceType,
}

impl Drift {
    /// The reason that the condition `Drifted` gives.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NodePool => "NodePoolDrifted",
            Self::Requirements => "RequirementsDrifted",
            Self::InstanceType => "InstanceTypeNotFound",
        }
    }
}

/// What labels mean.
#[derive(Debug, Clone, Copy)]
pub struct LabelRules<'a> {
    /// Keys that offerings define.
    pub well_known: &'a WellKnownLabels,
    /// Spellings.
    pub normalization: &'a LabelNormalization,
    /// Keys that tell reservations apart.
    pub reservations: &'a [LabelKey],
}

/// How `claim` has drifted from `pool`, if it has; the template's hash counts before requirements.
///
/// The hash counts only when claim and pool both carry one of the same version.
pub fn pool(claim: &NodeClaim, pool: &NodePool, rules: LabelRules<'_>) -> Option<Drift> {
    if has_other_hash(claim, pool) {
        return Some(Drift::NodePool);
    }
    let labels = Requirements::from_labels(claim_labels(claim), rules.normalization);
    let is_met = labels.is_compatible(&pool.template.requirements, AllowUndefined::Nothing);
    (!is_met).then_some(Drift::Requirements)
}

/// What became of the question about the instance type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sold {
    /// It is too early to ask; ask at this time.
    NotBefore(Timestamp),
    /// It is still sold, as of now.
    Still,
    /// It is not: [`Drift::InstanceType`].
    NoLonger,
}

/// Whether the instance type of `claim` is still sold, stock apart, when that was last found to be so at `last_found`.
///
/// A claim of reserved capacity may be sold on demand instead, in whatever reservation.
pub fn instance_type(
    claim: &NodeClaim,
    catalog: &Catalog,
    last_found: Option<Timestamp>,
    rules: LabelRules<'_>,
    now: Timestamp,
) -> Sold {
    let after = |time: Timestamp, wait: Duration| time.checked_add(wait).unwrap_or(Timestamp::MAX);
    let settled = after(claim.created, SETTLED);
    let due = last_found.map_or(settled, |found| settled.max(after(found, RECHECK)));
    if now < due {
        return Sold::NotBefore(due);
    }
    if is_sold(claim, catalog, rules) { Sold::Still } else { Sold::NoLonger }
}

fn has_other_hash(claim: &NodeClaim, pool: &NodePool) -> bool {
    let annotations = pool.object.metadata.annotations.as_ref();
    let of_pool = |key: &str| annotations?.get(key).map(String::as_str);
    let both = |key: &str| claim.annotation(key).zip(of_pool(key));
    let is_same_version = both(labels::NODEPOOL_HASH_VERSION).is_some_and(|(a, b)| a == b);
    is_same_version && both(labels::NODEPOOL_HASH).is_some_and(|(a, b)| a != b)
}

fn is_sold(claim: &NodeClaim, catalog: &Catalog, rules: LabelRules<'_>) -> bool {
    let mut wanted = Requirements::from_labels(claim_labels(claim), rules.normalization);
    let reserved = labels::CAPACITY_TYPE_RESERVED;
    if wanted.get(labels::CAPACITY_TYPE).is_some_and(|capacity| capacity.contains(reserved)) {
        let either = [reserved, labels::CAPACITY_TYPE_ON_DEMAND];
        wanted.replace(Requirement::in_values(labels::CAPACITY_TYPE, either));
        for key in rules.reservations {
            wanted.remove(key.as_str());
        }
    }
    let name = claim.labels.get(labels::INSTANCE_TYPE);
    name.and_then(|name| catalog.get(name)).is_some_and(|it| {
        let allow = AllowUndefined::WellKnown(rules.well_known);
        it.offerings.iter().any(|offering| wanted.is_compatible(&offering.requirements, allow))
    })
}

fn claim_labels(claim: &NodeClaim) -> impl Iterator<Item = (&str, &str)> {
    claim.labels.iter().map(|(key, value)| (&**key, &**value))
}
