//! What terms select, what is said about it, and what is left of it.

use alibaba_sdk::ecs::{
    AllocatedResource, CapacityReservation, DescribeCapacityReservationsResponse,
    DescribeElasticityAssurancesResponse, MockEcsApi,
};
use jiff::Timestamp;

use super::ledger::{Ledger, Slot};
use super::select::{judge, rooms};
use crate::api::reservations::{CapacityReservationSelectorTerm, ReservationState};
use crate::network::select::Matches;
use crate::testing::{at, noon, room};
use crate::time::to_chrono;

const NAME: &str = "ecs.g7.large";

fn reservation(id: &str, total: u32, used: u32) -> CapacityReservation {
    let resource = AllocatedResource {
        zone_id: "h".to_owned(),
        instance_type: NAME.to_owned(),
        total_amount: total,
        used_amount: used,
        available_amount: None,
    };
    CapacityReservation {
        private_pool_options_id: id.to_owned(),
        private_pool_options_match_criteria: "Target".to_owned(),
        status: "Active".to_owned(),
        allocated_resources: vec![resource],
        ..CapacityReservation::default()
    }
}

fn ending(id: &str, end: Timestamp) -> CapacityReservation {
    CapacityReservation { end_time: Some(to_chrono(end)), ..reservation(id, 1, 0) }
}

fn term(id: Option<&str>, tag: Option<(&str, &str)>) -> CapacityReservationSelectorTerm {
    let tags = tag.map(|(key, value)| [(key.to_owned(), value.to_owned())].into());
    CapacityReservationSelectorTerm { id: id.map(str::to_owned), tags }
}

#[tokio::test]
async fn id_says_whom_to_ask_and_tags_ask_both() {
    let mut ecs = MockEcsApi::new();
    ecs.expect_describe_capacity_reservations().times(2).returning(|request| {
        assert_eq!(request.status.as_deref(), Some("Active"));
        let ids = &request.private_pool_options_ids;
        let found = ids.iter().map(|id| reservation(id, 2, 0)).collect();
        Ok(DescribeCapacityReservationsResponse {
            capacity_reservation_set: found,
            ..Default::default()
        })
    });
    ecs.expect_describe_elasticity_assurances().times(2).returning(|request| {
        let ids = request.private_pool_options_ids.iter();
        let by_tag = request.tag.iter().map(|tag| format!("eap-{}", tag.key));
        let found = ids.cloned().chain(by_tag).map(|id| reservation(&id, 1, 0)).collect();
        Ok(DescribeElasticityAssurancesResponse {
            elasticity_assurance_set: found,
            ..Default::default()
        })
    });
    let terms = [
        term(Some("crp-1"), None),
        term(Some("eap-1"), None),
        term(None, Some(("team", "*"))),
        term(Some("crp-bp1****"), None),
    ];
    let matches = super::discover::reservations(&ecs, &terms).await.expect("an answer");
    let ids: Vec<_> = matches.found.iter().map(|r| r.private_pool_options_id.as_str()).collect();
    assert_eq!(ids, ["crp-1", "eap-1", "eap-team"]);
    let note = &matches.unmatched[0];
    assert!(note.starts_with("no match: capacityReservationSelectorTerms[3] id crp-bp1"), "{note}");
}

#[test]
fn room_is_what_is_not_used_and_every_reservation_counts_once() {
    let stated = AllocatedResource {
        available_amount: Some(1),
        ..reservation("", 9, 0).allocated_resources[0].clone()
    };
    let stated =
        CapacityReservation { allocated_resources: vec![stated], ..reservation("crp-0", 0, 0) };
    let found = [reservation("crp-1", 5, 3), stated, reservation("crp-1", 5, 3)];
    let rooms = rooms(&found, noon());
    let seen: Vec<_> =
        rooms.iter().map(|room| (room.id.as_str(), room.available_instance_count)).collect();
    assert_eq!(seen, [("crp-0", 1), ("crp-1", 2)]);
}

#[test]
fn reservation_expires_ten_minutes_before_its_end_and_is_gone_at_it() {
    let found = [
        ending("crp-1", at("2026-08-01T12:00:00Z")),
        ending("crp-2", at("2026-08-01T12:10:00Z")),
        ending("crp-3", at("2026-08-01T12:10:01Z")),
    ];
    let rooms = rooms(&found, noon());
    let seen: Vec<_> = rooms.iter().map(|room| (room.id.as_str(), room.state)).collect();
    assert_eq!(seen, [("crp-2", ReservationState::Expiring), ("crp-3", ReservationState::Active)]);
    assert_eq!(rooms[0].end_time.as_deref(), Some("2026-08-01T12:10:00Z"));
}

#[test]
fn terms_without_any_reservation_are_told_with_what_follows() {
    let unmatched = vec!["no match: capacityReservationSelectorTerms[0] id crp-1".to_owned()];
    let matches = Matches { found: vec![], unmatched };
    let verdict = judge(&matches, &[]);
    assert_eq!((verdict.holds, verdict.reason), (Some(false), "CapacityReservationsNotFound"));
    assert!(verdict.message.contains("crp-1"), "{}", verdict.message);
    assert_eq!(judge(&matches, &[room("crp-2", NAME, "h", 0)]).holds, Some(true));
}

#[test]
fn reading_that_began_after_a_launch_counts_it_already() {
    let (later, rooms) = (at("2026-08-01T12:01:00Z"), [room("crp-1", NAME, "h", 3)]);
    let slot = Slot::of(&rooms[0]);
    let mut ledger = Ledger::default();
    assert_eq!(ledger.left(&rooms[0]), 3, "what the status says");
    ledger.learn(&rooms, later);
    let before = ledger.sequence();
    ledger.launched(&slot, noon());
    assert_eq!((ledger.left(&rooms[0]), ledger.sequence()), (3, before));
    ledger.launched(&slot, later);
    assert_eq!(ledger.left(&rooms[0]), 2);
    assert!(ledger.sequence() > before, "whoever keeps a catalogue has to notice");
    ledger.ended(&slot);
    assert_eq!(ledger.left(&rooms[0]), 3);
    let before = ledger.sequence();
    ledger.learn(&rooms, later);
    assert_eq!(ledger.sequence(), before, "nothing is new");
}
