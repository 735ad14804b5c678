//! Launches in capacity reservations.

use std::collections::BTreeMap;
use std::sync::Arc;

use alibaba_sdk::ecs::{
    DescribeInstancesResponse, EcsCapacityReservationAttr, Instance as Row, MockEcsApi,
    RunInstances, RunInstancesResponse,
};
use alibaba_sdk::error::SdkError;
use karpenter_core::api::labels as core;
use karpenter_core::clock::Clock;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::requirement::Requirement;
use parking_lot::Mutex;

use super::planning::{addresses, types};
use crate::api::labels;
use crate::api::status::CapacityReservationStatus;
use crate::catalog::CapacityType;
use crate::cluster::Network;
use crate::instance::from_row;
use crate::launch::execute::{Launch, Launched};
use crate::launch::plan::{LaunchInput, LaunchPlan, plan};
use crate::launch::request::Order;
use crate::options::Options;
use crate::reservations::ledger::Slot;
use crate::testing::{claim, class_with, market, noon, room, row};
use crate::unavailable::Mark;

const NAME: &str = "ecs.g7.large";

/// A claim that takes every capacity type.
fn any() -> NodeClaim {
    let kinds = ["reserved", "spot", "on-demand"];
    claim([Requirement::in_values(core::CAPACITY_TYPE, kinds)])
}

/// A claim that the scheduler has bound to reservations.
fn bound(ids: &[&str]) -> NodeClaim {
    claim([
        Requirement::in_values(core::CAPACITY_TYPE, ["reserved"]),
        Requirement::in_values(labels::CAPACITY_RESERVATION_ID, ids.iter().copied()),
    ])
}

fn planned(claim: &NodeClaim, rooms: Vec<CapacityReservationStatus>) -> LaunchPlan {
    let class = class_with(&["h"], rooms);
    let market = market(&["h"], &[(row(NAME, 2, 8.0), 1.0)]);
    let planned = plan(LaunchInput {
        claim,
        class: &class,
        types: &types(&class, &market),
        well_known: &labels::well_known(false),
        addresses: &addresses(&["h"]),
    });
    planned.expect("a plan")
}

fn summary(plan: &LaunchPlan) -> Vec<String> {
    let of = |attempt: &crate::launch::plan::Attempt| {
        let id = attempt.reservation.as_ref().map_or("", |slot| slot.reservation.as_str());
        format!("{} {id}", attempt.capacity_type.as_str())
    };
    plan.attempts.iter().map(of).collect()
}

/// Requests of a launch whose answers are `script`, how it ended, and what it marked.
async fn launch(
    claim: &NodeClaim,
    rooms: Vec<CapacityReservationStatus>,
    script: Vec<Result<&'static str, &'static str>>,
) -> (Vec<RunInstances>, String, Vec<Mark>) {
    let (sent, answers) = (Arc::new(Mutex::new(vec![])), Mutex::new(script.into_iter()));
    let (record, mut ecs) = (sent.clone(), MockEcsApi::new());
    ecs.expect_run_instances().returning(move |request| {
        record.lock().push(request.clone());
        match answers.lock().next().expect("no more calls than answers") {
            Ok(id) => Ok(RunInstancesResponse {
                instance_id_sets: vec![id.to_owned()],
                ..RunInstancesResponse::default()
            }),
            Err(code) => Err(SdkError::service("RunInstances", 403, code, "refused")),
        }
    });
    ecs.expect_describe_instances().returning(|_| Ok(DescribeInstancesResponse::default()));
    let (class, plan) = (class_with(&["h"], rooms.clone()), planned(claim, rooms.clone()));
    let (clock, options) = (Clock::simulated(noon()), Options::new("cn-hangzhou", "c1"));
    let (unavailable, addresses) = (Mutex::default(), Mutex::new(addresses(&["h"])));
    let launch = Launch {
        ecs: &ecs,
        clock: &clock,
        options: &options,
        unavailable: &unavailable,
        addresses: &addresses,
        network: Network::Unknown,
        order: Order { claim, class: &class, default_role: "", password: None, tags: &[] },
        scripts: &BTreeMap::from([("amd64".to_owned(), "bash -s -- --openapi-token t".into())]),
    };
    let ended = match launch.execute(&plan).await {
        Ok(Launched::New { instance_id, .. }) => instance_id,
        Ok(Launched::Adopted(_)) => "adopted".to_owned(),
        Err(error) => error.to_string(),
    };
    let marks = rooms.iter().map(|room| Mark::Reservation(Slot::of(room)));
    let marks = marks.filter(|mark| unavailable.lock().contains(mark)).collect();
    let sent = std::mem::take(&mut *sent.lock());
    (sent, ended, marks)
}

#[test]
fn reserved_capacity_comes_first_and_of_it_that_with_most_room() {
    let rooms = vec![room("crp-1", NAME, "h", 1), room("crp-2", NAME, "h", 3)];
    let plan = planned(&any(), rooms.clone());
    assert_eq!(summary(&plan), ["reserved crp-2", "reserved crp-1", "spot ", "on-demand "]);
    assert_eq!(summary(&planned(&bound(&["crp-1"]), rooms)), ["reserved crp-1"]);
}

#[test]
fn labels_name_the_reservation_of_a_reserved_node_and_of_no_other() {
    let plan = planned(&any(), vec![room("eap-1", NAME, "h", 1)]);
    let of = |at: usize, key: &str| plan.attempts[at].labels().get(key).cloned();
    assert_eq!(of(0, core::CAPACITY_TYPE).as_deref(), Some("reserved"));
    assert_eq!(of(0, labels::CAPACITY_RESERVATION_ID).as_deref(), Some("eap-1"));
    let kind = of(0, labels::CAPACITY_RESERVATION_TYPE);
    assert_eq!(kind.as_deref(), Some("elasticity-assurance"));
    assert_eq!(of(1, core::CAPACITY_TYPE).as_deref(), Some("spot"));
    assert_eq!(of(1, labels::CAPACITY_RESERVATION_ID), None);
}

// Source: Alibaba action RunInstances (PrivatePoolOptions)
#[tokio::test(start_paused = true)]
async fn reserved_launch_names_its_pool_and_goes_on_when_it_is_full() {
    let rooms = vec![room("crp-1", NAME, "h", 2), room("crp-2", NAME, "h", 1)];
    let script = vec![Err("OperationDenied.NoStock"), Ok("i-1")];
    let (sent, ended, marks) = launch(&bound(&["crp-1", "crp-2"]), rooms.clone(), script).await;
    assert_eq!(ended, "i-1");
    let pools: Vec<_> = sent.into_iter().filter_map(|r| r.private_pool_options).collect();
    let seen: Vec<_> =
        pools.iter().map(|p| (p.match_criteria.as_deref(), p.id.as_deref())).collect();
    assert_eq!(seen, [(Some("Target"), Some("crp-1")), (Some("Target"), Some("crp-2"))]);
    assert_eq!(marks, [Mark::Reservation(Slot::of(&rooms[0]))]);
}

#[tokio::test(start_paused = true)]
async fn reservation_that_has_ended_is_insufficient_capacity_so_that_its_pods_are_planned_anew() {
    let rooms = vec![room("crp-1", NAME, "h", 1)];
    let script = vec![Err("Invalid.PrivatePoolOptionsId")];
    let (_, ended, marks) = launch(&bound(&["crp-1"]), rooms, script).await;
    assert!(ended.starts_with("insufficient capacity"), "{ended}");
    assert_eq!(marks.len(), 1);
}

// Source: Alibaba action DescribeInstances (EcsCapacityReservationAttr)
#[test]
fn listed_instance_is_reserved_where_it_was_launched_by_name() {
    let listed = |id: &str, preference: &str, strategy: &str| {
        let row = Row {
            spot_strategy: strategy.to_owned(),
            ecs_capacity_reservation_attr: EcsCapacityReservationAttr {
                capacity_reservation_id: id.to_owned(),
                capacity_reservation_preference: preference.to_owned(),
            },
            ..Row::default()
        };
        let labels = from_row(&row, "cn-hangzhou").labels;
        let text = |key: &str| labels.get(key).map(|value| value.to_string()).unwrap_or_default();
        (text(core::CAPACITY_TYPE), text(labels::CAPACITY_RESERVATION_ID))
    };
    let kind = |kind: CapacityType, id: &str| (kind.as_str().to_owned(), id.to_owned());
    assert_eq!(listed("crp-1", "Target", "NoSpot"), kind(CapacityType::Reserved, "crp-1"));
    assert_eq!(listed("crp-1", "Open", "NoSpot"), kind(CapacityType::OnDemand, ""));
    assert_eq!(listed("", "None", "NoSpot"), kind(CapacityType::OnDemand, ""));
    assert_eq!(listed("", "None", "SpotAsPriceGo"), kind(CapacityType::Spot, ""));
}
