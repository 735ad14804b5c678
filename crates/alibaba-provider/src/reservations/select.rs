//! Turning rows of the cloud into status and verdict, without I/O.

use std::collections::BTreeMap;
use std::time::Duration;

use alibaba_sdk::ecs::{AllocatedResource, CapacityReservation};
use jiff::Timestamp;

use super::ledger::Slot;
use crate::api::conditions::{CAPACITY_RESERVATIONS_READY, Verdict};
use crate::api::reservations::ReservationState;
use crate::api::status::CapacityReservationStatus;
use crate::network::select::{Matches, note};
use crate::time::to_jiff;

/// Nothing new is launched in a reservation that ends within this time.
const EXPIRING: Duration = Duration::from_secs(10 * 60);

/// Most entries in a status, so that it stays an object an API server takes.
const LIMIT: usize = 500;

/// The room in `found` at `now`, by id, zone and type, each once; reservations that have ended are left out.
///
/// The first 500 entries are kept.
pub fn rooms(found: &[CapacityReservation], now: Timestamp) -> Vec<CapacityReservationStatus> {
    let mut rooms = BTreeMap::new();
    for reservation in found {
        let ends = reservation.end_time.map(to_jiff);
        if ends.is_some_and(|at| at <= now) {
            continue;
        }
        for resource in &reservation.allocated_resources {
            let room = room(reservation, resource, ends, now);
            rooms.insert(Slot::of(&room), room);
        }
    }
    rooms.into_values().take(LIMIT).collect()
}

fn room(
    reservation: &CapacityReservation,
    resource: &AllocatedResource,
    ends: Option<Timestamp>,
    now: Timestamp,
) -> CapacityReservationStatus {
    let criteria = Some(&reservation.private_pool_options_match_criteria);
    let is_expiring = ends.is_some_and(|at| at <= now + EXPIRING);
    let unused = || resource.total_amount.saturating_sub(resource.used_amount);
    CapacityReservationStatus {
        id: reservation.private_pool_options_id.clone(),
        instance_type: resource.instance_type.clone(),
        zone: resource.zone_id.clone(),
        available_instance_count: resource.available_amount.unwrap_or_else(unused),
        match_criteria: criteria.filter(|text| !text.is_empty()).cloned(),
        state: match is_expiring {
            true => ReservationState::Expiring,
            false => ReservationState::Active,
        },
        end_time: ends.map(|at| at.to_string()),
    }
}

/// Whether there are reservations to launch in.
pub fn judge(
    matches: &Matches<CapacityReservation>,
    rooms: &[CapacityReservationStatus],
) -> Verdict {
    if !rooms.is_empty() {
        return Verdict::ok(CAPACITY_RESERVATIONS_READY, note(&matches.unmatched));
    }
    let message = format!(
        "no active capacity reservation matches the selector terms, so nodes are launched without one; {}",
        note(&matches.unmatched)
    );
    Verdict::failed(CAPACITY_RESERVATIONS_READY, "CapacityReservationsNotFound", message)
}
