//! Asking the cloud for the reservations that selector terms match.

use alibaba_sdk::ecs::{
    self, CapacityReservation, DescribeCapacityReservations, DescribeElasticityAssurances, EcsApi,
};
use alibaba_sdk::error::SdkError;

use crate::api::reservations::{CapacityReservationSelectorTerm, ReservationKind};
use crate::api::selectors::is_placeholder;
use crate::network::discover::{no_match, placeholder, tag_filters};
use crate::network::select::Matches;

/// Only these can be launched in.
const ACTIVE: &str = "Active";

/// Finds the active reservations of all `terms`: an id says by itself what it is of, tags select among both kinds.
///
/// A placeholder id is noted without asking for it.
///
/// # Errors
/// The first call that failed; a partial answer is never returned.
///
/// Source: Alibaba actions DescribeCapacityReservations, DescribeElasticityAssurances.
pub async fn reservations(
    api: &dyn EcsApi,
    terms: &[CapacityReservationSelectorTerm],
) -> Result<Matches<CapacityReservation>, SdkError> {
    let mut matches = Matches::default();
    for (position, term) in terms.iter().enumerate() {
        let name = format!("capacityReservationSelectorTerms[{position}]");
        if let Some(id) = term.id.as_deref().filter(|id| is_placeholder(id)) {
            matches.unmatched.push(placeholder(&name, id));
            continue;
        }
        let found = of_term(api, term).await?;
        if found.is_empty() {
            let named = [("id", term.id.as_deref())];
            matches.unmatched.push(no_match(&name, &named, term.tags.as_ref()));
        }
        matches.found.extend(found);
    }
    Ok(matches)
}

async fn of_term(
    api: &dyn EcsApi,
    term: &CapacityReservationSelectorTerm,
) -> Result<Vec<CapacityReservation>, SdkError> {
    let kind = term.id.as_deref().map(ReservationKind::of);
    let mut found = vec![];
    if kind != Some(ReservationKind::ElasticityAssurance) {
        let request = DescribeCapacityReservations {
            private_pool_options_ids: term.id.iter().cloned().collect(),
            status: Some(ACTIVE.to_owned()),
            tag: tag_filters(term.tags.as_ref()),
            ..DescribeCapacityReservations::default()
        };
        found.extend(ecs::capacity_reservations(api, &request).await?);
    }
    if kind != Some(ReservationKind::CapacityReservation) {
        let request = DescribeElasticityAssurances {
            private_pool_options_ids: term.id.iter().cloned().collect(),
            status: Some(ACTIVE.to_owned()),
            tag: tag_filters(term.tags.as_ref()),
            ..DescribeElasticityAssurances::default()
        };
        found.extend(ecs::elasticity_assurances(api, &request).await?);
    }
    Ok(found)
}
