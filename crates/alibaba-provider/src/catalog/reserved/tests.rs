//! Offerings of capacity that was reserved beforehand.

use std::sync::Arc;
use std::time::Duration;

use karpenter_core::model::instance_type::{InstanceType, Offering};

use super::*;
use crate::catalog::assemble::{Sources, instance_types};
use crate::options::Options;
use crate::testing::{class_with, market, noon, room, row};
use crate::unavailable::Unavailable;

const NAME: &str = "ecs.g7.large";

/// The only type of the catalogue: on sale in zone h, with a vSwitch in h and i.
fn only_type(
    rooms: Vec<CapacityReservationStatus>,
    (ledger, unavailable): (&Ledger, &Unavailable),
    is_open: bool,
) -> Arc<InstanceType> {
    let market = market(&["h"], &[(row(NAME, 2, 8.0), 1.0)]);
    let options = Options { reserved_capacity: is_open, ..Options::new("cn-hangzhou", "c1") };
    let (market, options) = (&market, &options);
    let sources = Sources { market, unavailable, reservations: ledger, options };
    let mut types = instance_types(&class_with(&["h", "i"], rooms), sources);
    types.remove(0)
}

fn reserved_of(it: &InstanceType) -> Vec<&Offering> {
    let is_reserved = |offering: &&Offering| {
        let kind = offering.requirements.get(core::CAPACITY_TYPE).and_then(|kind| kind.any());
        kind.is_some_and(|kind| &*kind == core::CAPACITY_TYPE_RESERVED)
    };
    it.offerings.iter().filter(is_reserved).collect()
}

fn values<'a>(requirements: &'a Requirements, key: &str) -> Vec<&'a str> {
    let values = requirements.get(key).map(|entry| entry.values()).unwrap_or_default();
    values.iter().map(AsRef::as_ref).collect()
}

#[test]
fn every_reservation_of_a_type_is_an_offering_that_names_it() {
    let rooms = vec![
        room("crp-1", NAME, "h", 2),
        room("crp-2", "ecs.c7.large", "h", 5),
        room("eap-1", NAME, "i", 1),
    ];
    let it = only_type(rooms, (&Ledger::default(), &Unavailable::default()), true);
    let seen: Vec<_> = reserved_of(&it)
        .into_iter()
        .map(|offering| {
            let of = |key: &str| values(&offering.requirements, key).join(" ");
            let (id, kind) =
                (of(labels::CAPACITY_RESERVATION_ID), of(labels::CAPACITY_RESERVATION_TYPE));
            (id, kind, of(core::ZONE), offering.reservation_capacity, offering.available)
        })
        .collect();
    let text = str::to_owned;
    assert_eq!(
        seen,
        [
            (text("crp-1"), text("capacity-reservation"), text("h"), 2, true),
            (text("eap-1"), text("elasticity-assurance"), text("i"), 1, true),
        ]
    );
    assert_eq!(reserved_of(&it)[0].price, Price::per_hour(1e-7));
    assert_eq!(values(&it.requirements, core::ZONE), ["h", "i"], "i is there by reservation");
    assert_eq!(values(&it.requirements, labels::CAPACITY_RESERVATION_ID), ["crp-1", "eap-1"]);
    let on_market = it.offerings.iter().find(|offering| offering.reservation_capacity == 0);
    let id = on_market.and_then(|o| o.requirements.get(labels::CAPACITY_RESERVATION_ID));
    assert!(id.is_some_and(|id| id.allows_absence() && id.values().is_empty()), "{id:?}");
}

// behaviour 05#89
#[test]
fn launches_between_readings_use_the_room_up() {
    let rooms = vec![room("crp-1", NAME, "h", 3)];
    let mut ledger = Ledger::default();
    ledger.learn(&rooms, noon());
    let slot = Slot::of(&rooms[0]);
    for left in [3, 2, 1] {
        let it = only_type(rooms.clone(), (&ledger, &Unavailable::default()), true);
        let seen = reserved_of(&it)[0];
        assert_eq!((seen.available, seen.reservation_capacity), (true, left));
        ledger.launched(&slot, noon());
    }
    let it = only_type(rooms, (&ledger, &Unavailable::default()), true);
    let seen = reserved_of(&it)[0];
    assert_eq!((seen.available, seen.reservation_capacity), (false, 0));
}

#[test]
fn room_that_cannot_be_used_is_shown_and_unavailable() {
    let ledger = Ledger::default();
    let free = Unavailable::default();
    let available = |room: CapacityReservationStatus, unavailable: &Unavailable| {
        reserved_of(&only_type(vec![room], (&ledger, unavailable), true))[0].available
    };
    let usable = || room("crp-1", NAME, "h", 1);
    assert!(available(usable(), &free));
    assert!(!available(room("crp-1", NAME, "h", 0), &free));
    assert!(!available(room("crp-1", NAME, "x", 1), &free), "a zone without vSwitch");
    let expiring = CapacityReservationStatus { state: ReservationState::Expiring, ..usable() };
    assert!(!available(expiring, &free));
    let mut marked = Unavailable::default();
    marked.mark(Mark::Reservation(Slot::of(&usable())), noon() + Duration::from_secs(180));
    assert!(!available(usable(), &marked));
    assert!(available(room("crp-2", NAME, "h", 1), &marked));
}

#[test]
fn without_the_gate_nothing_is_reserved() {
    let sources = (&Ledger::default(), &Unavailable::default());
    let it = only_type(vec![room("crp-1", NAME, "h", 2)], sources, false);
    assert!(reserved_of(&it).is_empty());
    assert_eq!(values(&it.requirements, core::CAPACITY_TYPE), ["on-demand", "spot"]);
}
