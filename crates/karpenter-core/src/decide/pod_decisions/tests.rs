use serde_json::json;

use super::*;
use crate::decide::scheduling::solve::solve;
use crate::state::{Change, ClusterEvent};
use crate::testing::cluster::{World, at, condition, pod, pool, text, waiting_pod};
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::node_pools::node_pool;
use crate::testing::scenario::cluster;

const SECOND: Duration = Duration::from_secs(1);

fn key() -> PodKey {
    PodKey::new("default", "a")
}

/// The plan for what waits in `world` when `default` can make nodes of 4 processors.
fn planned(world: &World) -> SchedulingPlan {
    let types = catalog([instance_type("t").cpu("4").offering("z1", "on-demand", 1.0).build()]);
    let mut input = cluster().with_pool(node_pool("default"), types);
    input.pods = world.snapshot().pending.values().map(|pending| pending.pod.clone()).collect();
    solve(&input)
}

fn world_where_registration_is(health: &str) -> World {
    let conditions = json!([condition(NODE_REGISTRATION_HEALTHY, health, at(-60))]);
    World::new(at(0)).pool(pool("default", json!({ "status": { "conditions": conditions } })))
}

// behaviour 02#234
#[test]
fn time_of_a_healthy_place_is_kept_as_long_as_the_pool_is_healthy() {
    let mut decisions = PodDecisions::default();
    let mut healthy_at = |health: &str, second: i64| {
        let world = world_where_registration_is(health).pod(waiting_pod("a", "1"));
        decisions.record(&planned(&world), &world.snapshot(), at(second));
        decisions.of(&key()).and_then(|progress| progress.healthy_at)
    };
    assert_eq!(healthy_at("True", 1), Some(at(1)));
    assert_eq!(healthy_at("True", 2), Some(at(1)));
    assert_eq!(healthy_at("False", 3), None);
    assert_eq!(healthy_at("True", 4), Some(at(4)));
    assert_eq!(healthy_at("Unknown", 5), None);
}

// behaviour 02#10, behaviour 02#232
#[test]
fn wait_for_the_first_decision_counts_from_first_sight_and_counts_once() {
    let world = World::new(at(0)).pod(waiting_pod("a", "64"));
    let mut decisions = PodDecisions::default();
    world.state().apply(ClusterEvent::Pod(Change::Upsert(waiting_pod("a", "64").into())), at(2));
    assert_eq!(decisions.record(&planned(&world), &world.snapshot(), at(3)), [3 * SECOND]);
    assert!(decisions.record(&planned(&world), &world.snapshot(), at(9)).is_empty());
    assert_eq!(decisions.of(&key()).map(|progress| progress.decided_at), Some(at(3)));
}

#[test]
fn place_is_taken_back_when_a_later_plan_has_none() {
    let world = world_where_registration_is("True").pod(waiting_pod("a", "1"));
    let mut decisions = PodDecisions::default();
    decisions.record(&planned(&world), &world.snapshot(), at(1));
    assert_eq!(decisions.of(&key()).and_then(|p| p.schedulable_at), Some(at(1)));
    let grown = world.pod(waiting_pod("a", "64"));
    decisions.record(&planned(&grown), &grown.snapshot(), at(2));
    let progress = decisions.of(&key()).expect("it still waits");
    assert_eq!((progress.schedulable_at, progress.healthy_at), (None, None));
    assert_eq!(progress.decided_at, at(1));
}

#[test]
fn bound_pod_is_forgotten_with_the_time_it_took_and_a_deleted_one_without() {
    let world = world_where_registration_is("True").pod(waiting_pod("a", "1"));
    let mut decisions = PodDecisions::default();
    decisions.record(&planned(&world), &world.snapshot(), at(1));
    assert!(decisions.settle(&world.snapshot(), at(2)).is_empty());
    let bound = json!([
        { "type": "PodScheduled", "status": "True", "lastTransitionTime": text(at(31)) },
    ]);
    let bound = pod("a", "n", json!({ "status": { "conditions": bound } }));
    let mut of_deleted = decisions.clone();
    assert_eq!(decisions.settle(&world.pod(bound).snapshot(), at(40)), [30 * SECOND]);
    assert_eq!(decisions.of(&key()), None);
    assert!(of_deleted.settle(&World::new(at(0)).snapshot(), at(40)).is_empty());
    assert_eq!(of_deleted.of(&key()), None);
}
