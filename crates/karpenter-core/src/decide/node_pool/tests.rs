use serde_json::json;

use super::registration_health::{Failure, Generations, Health, Outcome, RegistrationHealth};
use super::{PoolInput, PoolStep, plan};
use crate::api::labels;
use crate::api::v1::conditions::{
    HasConditions, NODE_CLASS_READY, NODE_REGISTRATION_HEALTHY, READY, VALIDATION_SUCCEEDED,
};
use crate::api::v1::nodepool::NodePool as PoolObject;
use crate::model::node_class::{NodeClass, Readiness};
use crate::model::node_pool::NodePool;
use crate::model::validation::ValidationRules;
use crate::testing::objects::{
    ClaimBuilder, PoolBuilder, World, at, node, node_claim, node_class, node_pool,
};
use crate::wire::Decoded;

const NOW: i64 = 600;

fn decide(world: &World, health: &RegistrationHealth) -> Vec<PoolStep> {
    let (snapshot, rules) = (world.snapshot(), ValidationRules::core());
    plan(&PoolInput { snapshot: &snapshot, health, rules: &rules }, at(NOW)).steps
}

/// The pool as it is written; panics if it is not.
fn written(world: &World, health: &RegistrationHealth) -> PoolObject {
    let steps = decide(world, health);
    let after = steps.into_iter().find_map(|step| match step {
        PoolStep::Write(_, after) => Some(*after),
        PoolStep::Restamp(..) => None,
    });
    after.expect("the pool is written")
}

fn with_class(pool: PoolBuilder, readiness: Readiness) -> World {
    World::new().pool(pool.build()).class(node_class(1, readiness))
}

fn ready_world() -> World {
    with_class(node_pool("general"), Readiness::Ready)
}

fn verdict(pool: &PoolObject, r#type: &str) -> String {
    let condition = pool.condition(r#type).expect("the condition is there");
    format!("{}/{}", condition.status.as_str(), condition.reason)
}

fn stored(after: PoolObject) -> NodePool {
    after.decode().expect("valid")
}

#[test]
fn a_pool_that_says_everything_is_not_written_again() {
    let after = written(&ready_world(), &RegistrationHealth::default());
    let world = World::new().pool(stored(after).into()).class(node_class(1, Readiness::Ready));
    assert!(decide(&world, &RegistrationHealth::default()).is_empty());
}

// behaviour 01#50
// behaviour 04#174
// behaviour 01#50
#[test]
fn an_unused_pool_counts_zero_of_the_usual_resources() {
    let after = written(&ready_world(), &RegistrationHealth::default());
    let status = after.status.as_ref().expect("a status");
    let resources = json!(status.resources);
    let zero = json!({
        "cpu": "0", "memory": "0", "pods": "0", "ephemeral-storage": "0", "nodes": "0",
    });
    assert_eq!((resources, status.nodes), (zero, 0));
}

fn running(name: &str) -> ClaimBuilder {
    let id = format!("p-{name}");
    node_claim(name).launched(&id, 1).set("/status/capacity", json!({ "cpu": "4", "gpu": "1" }))
}

// behaviour 04#174
// behaviour 04#175
#[test]
fn launched_claims_count_unless_they_are_going_away() {
    let cpu_and_nodes = |world: World| {
        let status = written(&world, &RegistrationHealth::default()).status.expect("a status");
        let resources = status.resources.expect("resources");
        (resources["cpu"].0.clone(), status.nodes)
    };
    let unlaunched = ready_world().claim(node_claim("c").build());
    assert_eq!(cpu_and_nodes(unlaunched), ("0".to_owned(), 0));
    let two = ready_world().claim(running("a").build()).claim(running("b").build());
    assert_eq!(cpu_and_nodes(two.clone()), ("8".to_owned(), 2));
    assert_eq!(cpu_and_nodes(two.claim(running("d").deleting(5).build())), ("8".to_owned(), 2));
    let registered = ready_world().claim(running("a").registered(2).initialized(3).build()).node(
        node("n1", "p-a")
            .label(labels::NODEPOOL, "general")
            .label(labels::REGISTERED, "true")
            .label(labels::INITIALIZED, "true")
            .build(),
    );
    assert_eq!(cpu_and_nodes(registered), ("8".to_owned(), 1), "the node reports for itself");
}

fn hash_of(pool: PoolBuilder) -> String {
    let world = with_class(pool, Readiness::Ready);
    let after = written(&world, &RegistrationHealth::default());
    let annotations = after.metadata.annotations.as_ref().expect("annotations");
    assert_eq!(annotations[labels::NODEPOOL_HASH_VERSION], "v3");
    annotations[labels::NODEPOOL_HASH].clone()
}

// behaviour 04#176
#[test]
fn the_hash_follows_the_template_and_nothing_else() {
    let plain = || node_pool("general");
    let hash = hash_of(plain());
    assert_ne!(hash, hash_of(plain().set("/spec/template/metadata/labels/team", "a")));
    assert_eq!(hash, hash_of(plain().set("/spec/weight", 7)));
    assert_eq!(hash, hash_of(plain().set("/spec/limits/cpu", "10")));
    assert_eq!(hash, hash_of(plain().set("/spec/disruption/consolidateAfter", "1m")));
    let taint = |key: &str| json!({ "key": key, "effect": "NoSchedule" });
    let tainted = |taints| hash_of(plain().set("/spec/template/spec/taints", taints));
    assert_eq!(tainted(json!([taint("a"), taint("b")])), tainted(json!([taint("b"), taint("a")])));
}

// behaviour 01#84
// behaviour 04#177
#[test]
fn claims_move_to_a_new_hash_version_before_their_pool() {
    let old = |name| {
        let claim = node_claim(name).annotation(labels::NODEPOOL_HASH, "old");
        claim.annotation(labels::NODEPOOL_HASH_VERSION, "v2")
    };
    let pool = node_pool("general").annotation(labels::NODEPOOL_HASH_VERSION, "v2");
    let world = with_class(pool, Readiness::Ready)
        .claim(old("a").build())
        .claim(old("drifted").condition("Drifted", "True", "NodePoolDrifted", 1).build())
        .claim(old("other").label(labels::NODEPOOL, "another").build());
    let steps = decide(&world, &RegistrationHealth::default());
    let mut stamps = vec![];
    for step in &steps {
        match step {
            PoolStep::Restamp(claim, after) => {
                let annotations = after.metadata.annotations.as_ref().expect("annotations");
                assert_eq!(annotations[labels::NODEPOOL_HASH_VERSION], "v3");
                stamps.push((claim.name.as_str(), annotations[labels::NODEPOOL_HASH] == "old"));
            }
            PoolStep::Write(_, after) => {
                let annotations = after.metadata.annotations.as_ref().expect("annotations");
                assert_eq!(annotations[labels::NODEPOOL_HASH_VERSION], "v2", "the pool waits");
            }
        }
    }
    assert_eq!(stamps, [("a", false), ("drifted", true)]);
}

// behaviour 01#84
#[test]
fn a_pool_whose_claims_have_moved_gets_hash_and_version() {
    let claim = |name: &str| node_claim(name).annotation(labels::NODEPOOL_HASH_VERSION, "v3");
    let pool = node_pool("general")
        .annotation(labels::NODEPOOL_HASH, "old")
        .annotation(labels::NODEPOOL_HASH_VERSION, "v2");
    let current = hash_of(node_pool("general"));
    let world = with_class(pool, Readiness::Ready).claim(claim("a").build());
    let after = written(&world, &RegistrationHealth::default());
    let annotations = after.metadata.annotations.as_ref().expect("annotations");
    let (hash, version) =
        (&annotations[labels::NODEPOOL_HASH], &annotations[labels::NODEPOOL_HASH_VERSION]);
    assert_eq!((hash, version.as_str()), (&current, "v3"));
}

// behaviour 01#47
// behaviour 01#48
// behaviour 04#178
// behaviour 04#179
// behaviour 01#47
// behaviour 01#48
#[test]
fn the_node_class_decides_whether_a_pool_is_ready() {
    let judged = |class: Option<NodeClass>| {
        let pool = World::new().pool(node_pool("general").build());
        let world = class.into_iter().fold(pool, World::class);
        let after = written(&world, &RegistrationHealth::default());
        (verdict(&after, NODE_CLASS_READY), verdict(&after, READY))
    };
    let class = |readiness| Some(node_class(1, readiness));
    let failed = |reason: &str| (format!("False/{reason}"), "False/UnhealthyDependents".to_owned());
    assert_eq!(judged(None), failed("NodeClassNotFound"));
    let terminating = NodeClass { deleted_at: Some(at(5)), ..node_class(1, Readiness::Ready) };
    assert_eq!(judged(Some(terminating)), failed("NodeClassTerminating"));
    assert_eq!(
        judged(class(Readiness::Unknown { message: "ImagesReady=Unknown".to_owned() })),
        failed("NodeClassReadinessUnknown")
    );
    let (reason, message) = ("NoImages".to_owned(), "none matches".to_owned());
    assert_eq!(judged(class(Readiness::NotReady { reason, message })), failed("NoImages"));
    let not_ready = Readiness::NotReady { reason: "X".to_owned(), message: "y".to_owned() };
    let after =
        written(&with_class(node_pool("general"), not_ready), &RegistrationHealth::default());
    let said = after.condition(NODE_CLASS_READY).map(|c| (c.reason.as_str(), c.message.as_str()));
    assert_eq!(said, Some(("X", "y")));
    let ready = ("True/NodeClassReady".to_owned(), "True/Ready".to_owned());
    assert_eq!(judged(class(Readiness::Ready)), ready);
}

// behaviour 01#47
#[test]
fn reason_and_message_of_a_node_class_stand_on_its_pool() {
    let (reason, message) = ("X".to_owned(), "y".to_owned());
    let world = with_class(node_pool("general"), Readiness::NotReady { reason, message });
    let after = written(&world, &RegistrationHealth::default());
    let condition = after.condition(NODE_CLASS_READY).expect("the condition is there");
    assert_eq!((condition.reason.as_str(), condition.message.as_str()), ("X", "y"));
}

// behaviour 01#49
#[test]
fn a_new_generation_of_the_class_takes_back_the_verdict_and_nothing_else() {
    let nothing = RegistrationHealth::default();
    let healthy = after(&node_pool("general"), "T");
    let stored = stored(written(&ready_world(), &healthy));
    let world = World::new().pool(stored.into()).class(node_class(2, Readiness::Ready));
    let pool = written(&world, &nothing);
    assert_eq!(verdict(&pool, NODE_REGISTRATION_HEALTHY), "Unknown/AwaitingReconciliation");
    assert_eq!(verdict(&pool, READY), "True/Ready");
    let observed = pool.status.as_ref().and_then(|status| status.node_class_observed_generation);
    assert_eq!(observed, Some(2));
}

// behaviour 04#181
#[test]
fn an_invalid_template_keeps_the_pool_from_being_ready() {
    let invalid =
        node_pool("general").set("/spec/template/metadata/labels/a_b.karpenter.sh~1x", "1");
    let after = written(&with_class(invalid, Readiness::Ready), &RegistrationHealth::default());
    assert_eq!(verdict(&after, VALIDATION_SUCCEEDED), "False/NodePoolValidationFailed");
    assert_eq!(verdict(&after, READY), "False/UnhealthyDependents");

    let after = written(&ready_world(), &RegistrationHealth::default());
    assert_eq!(verdict(&after, VALIDATION_SUCCEEDED), "True/ValidationSucceeded");
}

#[test]
fn what_can_never_take_effect_is_named_in_the_condition() {
    let requirement = |operator: &str, value: &str| json!({ "key": "k", "operator": operator, "values": [value] });
    let pool = node_pool("general")
        .set(
            "/spec/template/spec/requirements",
            json!([requirement("Gt", "5"), requirement("Lt", "3")]),
        )
        .set(
            "/spec/disruption/budgets",
            json!([{ "nodes": "0", "schedule": "0 0 31 2 *", "duration": "0m" }]),
        );
    let after = written(&with_class(pool, Readiness::Ready), &RegistrationHealth::default());
    let condition = after.condition(VALIDATION_SUCCEEDED).expect("the condition is there");
    assert_eq!(verdict(&after, VALIDATION_SUCCEEDED), "False/NodePoolValidationFailed");
    for text in [
        "spec.disruption.budgets[0].duration: the window has no length",
        "spec.disruption.budgets[0].schedule: no date ever matches",
        "spec.template.spec.requirements[1]: k Exists <=2 excludes k Exists >=6",
    ] {
        assert!(condition.message.contains(text), "{text}: {}", condition.message);
    }
}

fn failure() -> Failure {
    Failure { reason: "RegistrationFailed".to_owned(), message: "no node".to_owned() }
}

const GENERATIONS: Generations = Generations { pool: 1, class: 1 };

/// The health after outcomes of as many claims: `T` registered, `F` failed.
fn after(pool: &PoolBuilder, outcomes: &str) -> RegistrationHealth {
    let pool = pool.clone().build();
    let mut health = RegistrationHealth::default();
    for (number, outcome) in outcomes.chars().enumerate() {
        health.record(Outcome {
            pool: pool.clone(),
            generations: GENERATIONS,
            claim: format!("uid-{number}").into(),
            failure: (outcome == 'F').then(failure),
        });
    }
    health
}

fn health_of(outcomes: &str) -> Health {
    after(&node_pool("general"), outcomes).health(&"uid-general".into(), GENERATIONS)
}

// behaviour 04#111
#[test]
fn two_failures_among_the_last_four_are_unhealthy() {
    assert_eq!(health_of(""), Health::Unknown);
    for healthy in ["T", "F", "TF", "FFTTT", "TTTTTF"] {
        assert_eq!(health_of(healthy), Health::Healthy, "{healthy}");
    }
    for unhealthy in ["FF", "FTF", "FFTT"] {
        assert_eq!(health_of(unhealthy), Health::Unhealthy(failure()), "{unhealthy}");
    }
}

/// The pool once its conditions have been judged for the present generations.
fn known(status: &str, reason: &str) -> PoolBuilder {
    node_pool("general")
        .condition(NODE_REGISTRATION_HEALTHY, status, reason)
        .set("/status/nodeClassObservedGeneration", 1)
}

fn registration_health(pool: &PoolBuilder, class: i64, health: &RegistrationHealth) -> String {
    let world = World::new().pool(pool.clone().build()).class(node_class(class, Readiness::Ready));
    verdict(&written(&world, health), NODE_REGISTRATION_HEALTHY)
}

// behaviour 04#92
// behaviour 04#108
// behaviour 04#109
#[test]
fn the_condition_follows_the_outcomes() {
    let unknown = known("Unknown", "AwaitingReconciliation");
    let judged =
        |pool: &PoolBuilder, outcomes| registration_health(pool, 1, &after(pool, outcomes));
    assert_eq!(judged(&unknown, "T"), "True/NodeRegistrationHealthy");
    assert_eq!(judged(&unknown, "FF"), "False/RegistrationFailed");
    let healthy = known("True", "NodeRegistrationHealthy");
    assert_eq!(judged(&healthy, "F"), "True/NodeRegistrationHealthy");
    assert_eq!(judged(&healthy, "FTF"), "False/RegistrationFailed");
}

// behaviour 04#93
#[test]
fn an_outcome_told_twice_counts_once() {
    let pool = node_pool("general").build();
    let mut health = RegistrationHealth::default();
    for _ in 0..3 {
        let claim = "uid-a".into();
        let failure = Some(failure());
        health.record(Outcome { pool: pool.clone(), generations: GENERATIONS, claim, failure });
    }
    assert_eq!(health.health(&pool.uid, GENERATIONS), Health::Healthy);
}

// behaviour 04#180
#[test]
fn new_generations_start_without_a_verdict() {
    let nothing = RegistrationHealth::default();
    assert_eq!(
        registration_health(&node_pool("general"), 1, &nothing),
        "Unknown/AwaitingReconciliation"
    );
    let unhealthy = known("False", "RegistrationFailed");
    let old = after(&unhealthy, "FF");
    assert_eq!(registration_health(&unhealthy, 1, &old), "False/RegistrationFailed");
    assert_eq!(registration_health(&unhealthy, 2, &old), "Unknown/AwaitingReconciliation");
    let changed = unhealthy.set("/metadata/generation", 2);
    assert_eq!(registration_health(&changed, 1, &old), "Unknown/AwaitingReconciliation");
}

// behaviour 04#180
#[test]
fn a_new_process_starts_from_the_condition() {
    let health = |pool: &PoolBuilder, outcomes| {
        after(pool, outcomes).health(&"uid-general".into(), GENERATIONS)
    };
    let unhealthy = known("False", "RegistrationFailed");
    assert!(matches!(health(&unhealthy, "T"), Health::Unhealthy(_)));
    assert!(matches!(health(&unhealthy, "TT"), Health::Unhealthy(_)));
    assert_eq!(health(&unhealthy, "TTT"), Health::Healthy);
    assert_eq!(health(&known("True", "NodeRegistrationHealthy"), "F"), Health::Healthy);
}

// behaviour 04#182
#[test]
fn pools_are_tried_by_weight_and_then_last_name_first() {
    let pool = |name: &str, weight: i32| node_pool(name).set("/spec/weight", weight).build();
    let mut pools = vec![pool("a", 1), pool("b", 1), pool("c", 10)];
    NodePool::by_weight(&mut pools);
    let names: Vec<&str> = pools.iter().map(|pool| pool.name.as_str()).collect();
    assert_eq!(names, ["c", "b", "a"]);
}
