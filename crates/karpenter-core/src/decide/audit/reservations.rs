//! Reserved capacity: no reservation is promised to more claims than it has instances left, and every claim that is
//! bound to reservations can be bought from one of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Finding, Violation};
use crate::api::labels;
use crate::decide::scheduling::input::{ReservedOfferings, SchedulingInput};
use crate::decide::scheduling::plan::{PlannedClaim, SchedulingPlan};
use crate::model::ids::LabelKey;
use crate::model::instance_type::Offering;
use crate::model::requirement::Requirement;
use crate::model::requirements::{AllowUndefined, Requirements};

pub(super) fn check(input: &SchedulingInput, plan: &SchedulingPlan, findings: &mut Vec<Finding>) {
    let is_on = input.options.feature_gates.reserved_capacity;
    let Some(key) = input.well_known.reservation_id().filter(|_| is_on) else { return };
    let mut n_holders: BTreeMap<Arc<str>, u32> = BTreeMap::new();
    for claim in plan.claims.iter().filter(|claim| is_bound(&claim.requirements)) {
        let held = ids(&claim.requirements, key);
        held.iter().for_each(|id| *n_holders.entry(id.clone()).or_default() += 1);
        if !held.is_empty() && !is_for_sale(input, claim) {
            let about = format!("nodeclaim/{}", claim.name);
            findings.push(Finding { about, violation: Violation::Reservation });
        }
    }
    for node in input.nodes.iter().chain(&input.leaving) {
        let launching = node.claim.iter().filter(|claim| claim.provider_id().is_none());
        for id in launching.flat_map(|claim| ids(&claim.requirements, key)) {
            n_holders.entry(id.clone()).and_modify(|n| *n += 1);
        }
    }
    if input.reserved == ReservedOfferings::Fallback {
        return;
    }
    for (id, n_holders) in n_holders {
        let own =
            offerings(input).filter(|offering| ids(&offering.requirements, key).contains(&id));
        let left = own.map(|offering| offering.reservation_capacity).min().unwrap_or_default();
        if n_holders > left {
            findings.push(Finding { about: id.to_string(), violation: Violation::Reservation });
        }
    }
}

/// Whether a claim can be made from reserved capacity alone.
fn is_bound(requirements: &Requirements) -> bool {
    let kind = requirements.get(labels::CAPACITY_TYPE);
    kind.is_some_and(|kind| matches!(kind.values(), [only] if **only == *"reserved"))
}

/// Whether one of the claim's types has an offering in stock that meets its requirements.
fn is_for_sale(input: &SchedulingInput, claim: &PlannedClaim) -> bool {
    let well_known = AllowUndefined::WellKnown(&input.well_known);
    let pool = input.pools.iter().find(|supply| supply.pool.name == claim.pool);
    let types = claim.instance_types.iter();
    types.filter_map(|name| pool?.catalog.get(name.as_str())).flat_map(|it| &it.offerings).any(
        |offering| {
            offering.available
                && claim.requirements.is_compatible(&offering.requirements, well_known)
        },
    )
}

fn offerings(input: &SchedulingInput) -> impl Iterator<Item = &Offering> {
    let usable = input.pools.iter().filter(|supply| supply.pool.is_dynamic_and_usable());
    usable.flat_map(|supply| supply.catalog.types.iter()).flat_map(|it| &it.offerings)
}

fn ids<'r>(requirements: &'r Requirements, key: &LabelKey) -> &'r [Arc<str>] {
    requirements.get(key.as_str()).map_or(&[], Requirement::values)
}
