//! Instances in capacity reservations: their drift, and the room they leave behind.

use alibaba_sdk::ecs::EcsCapacityReservationAttr;

use super::*;
use crate::api::conditions::CAPACITY_RESERVATIONS_READY;
use crate::reservations::ledger::Slot;
use crate::testing::{class_with, room};

const TYPE: &str = "ecs.g7.large";

/// An instance launched in the reservation `id`, as the other parts of [`class`] want it.
fn inside(id: &str) -> Row {
    Row {
        image_id: "img-amd64".to_owned(),
        security_group_ids: vec!["sg-a".to_owned()],
        zone_id: "h".to_owned(),
        instance_type: TYPE.to_owned(),
        ecs_capacity_reservation_attr: EcsCapacityReservationAttr {
            capacity_reservation_id: id.to_owned(),
            capacity_reservation_preference: "Target".to_owned(),
        },
        ..existing("i-a")
    }
}

/// A class that selects crp-1, which was found or not.
fn selecting(is_found: bool) -> ECSNodeClass {
    let mut class = class_with(&["h"], vec![room("crp-1", TYPE, "h", 1)]);
    let status = class.status.as_mut().expect("a status");
    let verdict = match is_found {
        true => Verdict::ok(CAPACITY_RESERVATIONS_READY, ""),
        false => Verdict::failed(CAPACITY_RESERVATIONS_READY, "CapacityReservationsNotFound", ""),
    };
    status.conditions = fold(&status.conditions, &[verdict], 1, noon());
    class
}

#[test]
fn instance_drifts_from_reservations_its_class_does_not_select() {
    let drift =
        |id: &str, is_found: bool| dynamic_drift(&claim([]), &inside(id), &selecting(is_found));
    assert_eq!(drift("crp-1", true), None);
    assert_eq!(drift("crp-2", true), Some("CapacityReservationDrift"));
    assert_eq!(drift("", true), None, "it fell out of its reservation");
    assert_eq!(drift("crp-2", false), None, "nothing is known of the reservations");
}

#[tokio::test(start_paused = true)]
async fn drift_from_a_reservation_is_told_only_of_what_is_read_now() {
    let mut ecs = MockEcsApi::new();
    let answers = [inside("crp-2"), inside("crp-1")];
    let mut answers = answers.into_iter();
    ecs.expect_describe_instances()
        .times(2)
        .returning(move |_| Ok(answer(answers.next().into_iter().collect(), "")));
    let provider = provider(ecs, Router::new());
    provider.node_classes.learn(selecting(true));
    let drifted = provider.is_drifted(&launched("cn-hangzhou.i-a")).await.expect("an answer");
    assert_eq!(drifted, None, "the second reading says that it is where it should be");
}

#[tokio::test(start_paused = true)]
async fn instance_that_is_gone_leaves_its_room_behind_once() {
    let mut ecs = MockEcsApi::new();
    let mut answers = [vec![inside("crp-1")], vec![], vec![]].into_iter();
    ecs.expect_describe_instances()
        .times(3)
        .returning(move |_| Ok(answer(answers.next().expect("no more calls"), "")));
    ecs.expect_delete_instances().times(1).returning(|_| Ok(Done::default()));
    let provider = provider(ecs, Router::new());
    let rooms = [room("crp-1", TYPE, "h", 1)];
    provider.reservations.lock().learn(&rooms, noon());
    provider.reservations.lock().launched(&Slot::of(&rooms[0]), noon());
    let claim = launched("cn-hangzhou.i-a");
    let left = || provider.reservations.lock().left(&rooms[0]);
    for (ended, expected) in [(false, 0), (true, 1), (true, 1)] {
        let answer = provider.delete(&claim).await.expect("an answer");
        assert_eq!((answer == Termination::Gone, left()), (ended, expected));
    }
}
