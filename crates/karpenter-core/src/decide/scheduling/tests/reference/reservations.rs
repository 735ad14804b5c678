//! Reserved capacity, written down naively: everything is counted and tried anew at every question.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Claim, RESERVATION, Reference, Unfilled};
use crate::api::labels;
use crate::decide::scheduling::input::ReservedOfferings;
use crate::model::instance_type::InstanceType;
use crate::model::requirements::Requirements;

impl Reference<'_> {
    /// Reservations that some of `types` could use and that have something left, or that the claim holds already.
    pub(super) fn hold(
        &self,
        claim: &Claim<'_>,
        joined: &Requirements,
        types: &[Arc<InstanceType>],
    ) -> Result<BTreeSet<String>, Unfilled> {
        if !self.input.options.feature_gates.reserved_capacity {
            return Ok(BTreeSet::new());
        }
        let compatible: BTreeSet<String> = types
            .iter()
            .flat_map(|it| &it.offerings)
            .filter(|o| o.available && joined.is_compatible(&o.requirements, self.well_known()))
            .filter_map(|offering| reservation(&offering.requirements))
            .collect();
        let free = |id: &&String| claim.held.contains(*id) || self.left_of(id) > 0;
        let held = match self.input.options.reserved_capacity_matching {
            true => self.usable(claim, &compatible),
            false => compatible.iter().filter(free).cloned().collect(),
        };
        let is_lost = held.is_empty() && !(compatible.is_empty() && claim.held.is_empty());
        if is_lost && self.input.reserved == ReservedOfferings::Strict {
            return Err(Unfilled::Reserved);
        }
        Ok(held)
    }

    /// Those of `compatible` that have any units, if every claim that counts on some can have one of its own.
    fn usable(&self, claim: &Claim<'_>, compatible: &BTreeSet<String>) -> BTreeSet<String> {
        let has_units = |id: &&String| self.units_of(id) > 0;
        let ids: BTreeSet<String> = compatible.iter().filter(has_units).cloned().collect();
        let others = self.claims.iter().filter(|other| other.rank != claim.rank);
        let others = others.map(|other| &other.held).filter(|held| !held.is_empty());
        let all: Vec<&BTreeSet<String>> = others.chain([&ids]).collect();
        if is_enough(&mut self.units(&all), &all) { ids } else { BTreeSet::new() }
    }

    fn units(&self, all: &[&BTreeSet<String>]) -> BTreeMap<String, usize> {
        let ids = all.iter().flat_map(|ids| ids.iter());
        ids.map(|id| (id.clone(), self.units_of(id))).collect()
    }

    /// Gives every claim the first reservation that leaves enough for the others, then all that is left over.
    pub(super) fn bind(&mut self) {
        let all: Vec<BTreeSet<String>> =
            self.claims.iter().map(|claim| claim.held.clone()).collect();
        let all: Vec<&BTreeSet<String>> = all.iter().collect();
        let mut units = self.units(&all);
        for (at, ids) in all.iter().enumerate().filter(|(_, ids)| !ids.is_empty()) {
            let rest: Vec<_> =
                all[at + 1..].iter().filter(|ids| !ids.is_empty()).copied().collect();
            let own = ids.iter().find(|id| is_enough_without(&mut units, id, &rest)).unwrap();
            *units.get_mut(own).unwrap() -= 1;
            self.claims[at].held = BTreeSet::from([own.clone()]);
        }
        for (claim, ids) in self.claims.iter_mut().zip(all) {
            for id in ids {
                if units[id] > 0 && claim.held.insert(id.clone()) {
                    *units.get_mut(id).unwrap() -= 1;
                }
            }
        }
    }

    fn left_of(&self, id: &str) -> usize {
        let n_holders = self.claims.iter().filter(|claim| claim.held.contains(id)).count();
        self.units_of(id) - n_holders
    }

    fn units_of(&self, id: &str) -> usize {
        let pools = self.input.pools.iter().filter(|s| s.pool.is_dynamic_and_usable());
        let offerings = pools.flat_map(|s| s.catalog.types.iter()).flat_map(|it| &it.offerings);
        let own = offerings.filter(|o| reservation(&o.requirements).as_deref() == Some(id));
        let least = own.map(|offering| offering.reservation_capacity).min().unwrap();
        usize::try_from(least).unwrap()
    }
}

/// The reservation an offering belongs to.
fn reservation(requirements: &Requirements) -> Option<String> {
    let is_reserved = requirements.get(labels::CAPACITY_TYPE)?.contains("reserved");
    let id = requirements.get(RESERVATION).filter(|_| is_reserved)?.any()?;
    Some(id.to_string())
}

/// Whether every one of `claims` can have a unit of its own.
fn is_enough(units: &mut BTreeMap<String, usize>, claims: &[&BTreeSet<String>]) -> bool {
    let Some((first, rest)) = claims.split_first() else { return true };
    first.iter().any(|id| is_enough_without(units, id, rest))
}

/// Whether there is a unit of `id`, and enough for all of `claims` without it.
fn is_enough_without(
    units: &mut BTreeMap<String, usize>,
    id: &str,
    claims: &[&BTreeSet<String>],
) -> bool {
    if units[id] == 0 {
        return false;
    }
    *units.get_mut(id).unwrap() -= 1;
    let is_enough = is_enough(units, claims);
    *units.get_mut(id).unwrap() += 1;
    is_enough
}
