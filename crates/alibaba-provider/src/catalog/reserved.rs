//! Offerings in capacity reservations: one for each that keeps room for the type.
//!
//! Source: Karpenter behaviour, reserved offerings.

use std::collections::BTreeSet;

use alibaba_sdk::ecs::InstanceType as Row;
use karpenter_core::api::labels as core;
use karpenter_core::model::instance_type::Offering;
use karpenter_core::model::price::Price;
use karpenter_core::model::requirement::Requirement;
use karpenter_core::model::requirements::Requirements;

use super::CapacityType;
use super::offerings::{Shelf, is_possible};
use crate::api::labels;
use crate::api::node_class::ECSNodeClass;
use crate::api::reservations::{ReservationKind, ReservationState};
use crate::api::status::CapacityReservationStatus;
use crate::reservations::ledger::{Ledger, Slot};
use crate::unavailable::Mark;

/// How much less reserved capacity costs: it is paid for already, and still the dearer type ranks behind.
const SHARE: f64 = 1e-7;

/// What one reservation has for one type.
#[derive(Debug, Clone, Copy)]
pub struct Reserved<'a> {
    room: &'a CapacityReservationStatus,
    left: u32,
}

impl<'a> Reserved<'a> {
    /// Reservations of `class` with room for `row`, whether any is left or not, in the order of the status.
    pub fn of(class: &'a ECSNodeClass, row: &Row, ledger: &Ledger) -> Vec<Self> {
        let rooms = class.status.iter().flat_map(|status| &status.capacity_reservations);
        let own = rooms.filter(|room| room.instance_type == row.instance_type_id);
        own.map(|room| Self { room, left: ledger.left(room) }).collect()
    }
}

/// Price of reserved capacity of a type; zero when that of the type is not known.
pub fn price(row: &Row, shelf: Shelf<'_>) -> Price {
    let known = shelf.prices.on_demand(&row.instance_type_id);
    Price::per_hour(known.unwrap_or_default() * SHARE)
}

/// Zones of reservations in which the class has a vSwitch.
pub fn zones(reserved: &[Reserved<'_>], shelf: Shelf<'_>) -> BTreeSet<String> {
    let zones = reserved.iter().map(|one| one.room.zone.clone());
    zones.filter(|zone| shelf.v_switches.contains_key(zone)).collect()
}

/// What the labels of a type say about its reservations: their ids and kinds, or that there are none.
pub fn requirements(reserved: &[Reserved<'_>]) -> [Requirement; 2] {
    let ids = reserved.iter().map(|one| one.room.id.as_str());
    let kinds = reserved.iter().map(|one| ReservationKind::of(&one.room.id).as_str());
    [
        Requirement::in_values(labels::CAPACITY_RESERVATION_ID, ids),
        Requirement::in_values(labels::CAPACITY_RESERVATION_TYPE, kinds),
    ]
}

/// One offering per reservation; those without room are there, unavailable.
pub fn offerings(row: &Row, reserved: &[Reserved<'_>], shelf: Shelf<'_>) -> Vec<Offering> {
    reserved.iter().map(|one| offering(row, *one, shelf)).collect()
}

fn offering(row: &Row, reserved: Reserved<'_>, shelf: Shelf<'_>) -> Offering {
    let Reserved { room, left } = reserved;
    let kind = CapacityType::Reserved;
    let place = [
        Requirement::in_values(core::CAPACITY_TYPE, [kind.as_str()]),
        Requirement::in_values(core::ZONE, [room.zone.as_str()]),
    ];
    let is_refused = shelf.unavailable.contains(&Mark::Reservation(Slot::of(room)));
    Offering {
        requirements: place.into_iter().chain(requirements(&[reserved])).collect::<Requirements>(),
        price: price(row, shelf),
        available: left > 0
            && room.state == ReservationState::Active
            && !is_refused
            && is_possible(row, &room.zone, kind, shelf),
        reservation_capacity: left,
        capacity_override: None,
        overhead_override: None,
    }
}

#[cfg(test)]
mod tests;
