//! Which offerings of a claim's compatible types are worth trying.

use std::sync::Arc;

use karpenter_core::api::labels as core;
use karpenter_core::model::instance_type::{InstanceType, Offering};
use karpenter_core::model::label_rules::WellKnownLabels;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::price::Price;
use karpenter_core::model::requirements::AllowUndefined;

use crate::api::labels;
use crate::catalog::CapacityType;

/// A type with the offerings of it that are still in the race.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Type.
    pub instance_type: Arc<InstanceType>,
    /// Offerings; never empty.
    pub offerings: Vec<Offering>,
}

impl Choice {
    /// Price of the cheapest offering.
    pub fn cheapest(&self) -> Price {
        self.offerings.iter().map(|o| o.price).min().unwrap_or(Price::UNKNOWN)
    }

    fn keep(self, keep: impl Fn(&Offering) -> bool) -> Option<Self> {
        let offerings: Vec<Offering> = self.offerings.into_iter().filter(|o| keep(o)).collect();
        (!offerings.is_empty()).then_some(Self { offerings, ..self })
    }
}

/// Capacity type of an offering.
pub fn capacity_type(offering: &Offering) -> Option<CapacityType> {
    let kinds = offering.requirements.get(core::CAPACITY_TYPE)?;
    CapacityType::ALL.into_iter().find(|kind| kinds.contains(kind.as_str()))
}

/// Types that can be what the claim asks for and hold its requests, with their available compatible offerings.
pub fn compatible(
    claim: &NodeClaim,
    types: &[Arc<InstanceType>],
    well_known: &WellKnownLabels,
) -> Vec<Choice> {
    let allow = AllowUndefined::WellKnown(well_known);
    let is_offered =
        |o: &Offering| o.available && o.requirements.is_compatible(&claim.requirements, allow);
    types
        .iter()
        .filter(|it| it.requirements.is_compatible(&claim.requirements, allow))
        .filter(|it| claim.requests.fits(&it.allocatable()))
        .filter_map(|it| {
            let choice = Choice { instance_type: it.clone(), offerings: it.offerings.clone() };
            choice.keep(is_offered)
        })
        .collect()
}

/// Without bare metal and accelerators, if anything else is left.
pub fn generic(choices: Vec<Choice>) -> Vec<Choice> {
    let is_exotic = |choice: &Choice| {
        let requirements = &choice.instance_type.requirements;
        let has = |key| requirements.get(key).is_some_and(|r| !r.allows_absence());
        has(labels::INSTANCE_HYPERVISOR) || has(labels::INSTANCE_GPU_COUNT)
    };
    if choices.iter().all(is_exotic) {
        return choices;
    }
    choices.into_iter().filter(|choice| !is_exotic(choice)).collect()
}

/// Without spot offerings that cost more than the cheapest on-demand offering, if there is one.
pub fn sensible_spot(choices: Vec<Choice>) -> Vec<Choice> {
    let on_demand = |o: &&Offering| capacity_type(o) == Some(CapacityType::OnDemand);
    let all = choices.iter().flat_map(|choice| &choice.offerings);
    let Some(bound) = all.filter(on_demand).map(|o| o.price).min() else { return choices };
    let is_sensible = |o: &Offering| on_demand(&o) || o.price <= bound;
    choices.into_iter().filter_map(|choice| choice.keep(is_sensible)).collect()
}

/// The `limit` cheapest types, by price and name.
pub fn truncate(mut choices: Vec<Choice>, limit: usize) -> Vec<Choice> {
    choices.sort_by(|a, b| {
        let name = |choice: &Choice| choice.instance_type.name.clone();
        a.cheapest().cmp(&b.cheapest()).then_with(|| name(a).cmp(&name(b)))
    });
    choices.truncate(limit);
    choices
}

/// The first key whose minimum of distinct values the choices do not offer, with what they offer.
pub fn unmet_min_values(claim: &NodeClaim, choices: &[Choice]) -> Option<(String, u32, usize)> {
    claim.requirements.iter().find_map(|requirement| {
        let wanted = requirement.min_values()?;
        let key = requirement.key().as_str();
        let mut values: Vec<&str> = choices
            .iter()
            .filter_map(|choice| choice.instance_type.requirements.get(key))
            .flat_map(|r| r.values())
            .map(AsRef::as_ref)
            .filter(|value| requirement.contains(value))
            .collect();
        values.sort_unstable();
        values.dedup();
        let is_short = u32::try_from(values.len()).is_ok_and(|n| n < wanted);
        is_short.then(|| (key.to_owned(), wanted, values.len()))
    })
}
