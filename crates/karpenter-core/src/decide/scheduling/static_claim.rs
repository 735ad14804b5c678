//! Claims of static pools: straight from the template, made for no pod in particular.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::claim_object::{self, Particulars};
use super::names::ClaimNames;
use super::template::{PLANNING_ONLY, requirements};
use crate::api::labels;
use crate::api::v1::nodeclaim::NodeClaim as Object;
use crate::model::ids::{NodePoolName, Uid};
use crate::model::instance_type::Overlaid;
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;
use crate::model::resources::Resources;
use crate::state::Collection;

/// What claims depend on besides their pool.
#[derive(Debug, Clone, Copy)]
pub struct ClaimRules<'r> {
    /// Where names come from, together with the claims that are known.
    pub seed: u64,
    /// Labels that instance types define.
    pub well_known: &'r WellKnownLabels,
    /// Spellings of label keys and values that mean another one.
    pub normalization: &'r LabelNormalization,
    /// Bound on draining where the pool sets none.
    pub default_grace: Option<Duration>,
}

/// Endless claims of one pool, each with a name of its own.
///
/// The same pool with the same claims gives the same names.
pub struct StaticClaims<'a> {
    pool: &'a NodePool,
    names: ClaimNames,
    blueprint: Object,
}

impl<'a> StaticClaims<'a> {
    /// Claims of `pool` beside the `known` ones, whatever pool they are of.
    pub fn new(pool: &'a NodePool, known: &Collection<NodeClaim>, rules: ClaimRules<'_>) -> Self {
        let is_own = |claim: &&Arc<NodeClaim>| claim.pool().as_ref() == Some(&pool.name);
        let own = known.values().filter(is_own).map(|claim| &claim.uid);
        let salt = salt(&pool.name, std::iter::once(&pool.uid).chain(own));
        let names = ClaimNames::salted([rules.seed, salt], known.values().map(|claim| &claim.name));
        Self { pool, names, blueprint: blueprint(pool, rules) }
    }
}

impl Iterator for StaticClaims<'_> {
    type Item = Object;

    fn next(&mut self) -> Option<Object> {
        let name = self.names.next(&self.pool.name);
        Some(claim_object::named(self.blueprint.clone(), &name, &Resources::new()))
    }
}

/// The claim of the template without instance types, which are left to the provider.
fn blueprint(pool: &NodePool, rules: ClaimRules<'_>) -> Object {
    let mut requirements = requirements(pool, rules.normalization);
    for key in PLANNING_ONLY {
        requirements.remove(key);
    }
    let particulars = Particulars {
        requirements: &requirements,
        min_values_relaxed: false,
        overlaid: Overlaid::default(),
        drivers: &BTreeSet::new(),
        default_grace: rules.default_grace,
    };
    let mut object = claim_object::blueprint(pool, &particulars, rules.well_known);
    if let Some(annotations) = &mut object.metadata.annotations {
        annotations.remove(labels::NODECLAIM_MIN_VALUES_RELAXED);
    }
    object
}

/// A number that differs with the pool and its claims (FNV-1a of their names and uids).
fn salt<'u>(pool: &'u NodePoolName, uids: impl Iterator<Item = &'u Uid>) -> u64 {
    let texts = std::iter::once(pool.as_str()).chain(uids.map(Uid::as_str));
    texts.flat_map(|text| text.bytes().chain([0])).fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
