use super::*;
use crate::api::v1::nodepool::NodePool;
use serde_json::json;

const CREATED: &str = "2026-01-01T00:00:00Z";

fn pool() -> NodePool {
    serde_json::from_value(json!({
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": { "name": "p", "generation": 1, "creationTimestamp": CREATED },
        "spec": { "template": { "spec": {
            "requirements": [],
            "nodeClassRef": { "group": "g", "kind": "k", "name": "n" },
        } } },
    }))
    .unwrap()
}

/// So many seconds after creation.
fn at(seconds: i64) -> Timestamp {
    CREATED.parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_secs(seconds)
}

fn shown(pool: &NodePool, r#type: &str) -> String {
    let condition = pool.condition(r#type).unwrap();
    format!("{} {}: {}", condition.status.as_str(), condition.reason, condition.message)
}

fn since(pool: &NodePool, r#type: &str) -> Timestamp {
    pool.condition(r#type).unwrap().last_transition_time.0
}

// behaviour 01#134
#[test]
fn opening_a_new_object_adds_everything_as_unknown_since_its_creation() {
    let mut pool = pool();
    pool.condition_set(at(10));
    for r#type in [VALIDATION_SUCCEEDED, NODE_CLASS_READY] {
        let expected = "Unknown AwaitingReconciliation: object is awaiting reconciliation";
        assert_eq!(shown(&pool, r#type), expected);
        assert_eq!(since(&pool, r#type), at(0));
    }
    let expected =
        "Unknown ReconcilingDependents: ValidationSucceeded=Unknown, NodeClassReady=Unknown";
    assert_eq!(shown(&pool, READY), expected);
    assert_eq!(since(&pool, READY), at(0));
}

// behaviour 01#135
#[test]
fn an_unchanged_status_keeps_its_time_and_takes_the_new_generation() {
    let mut pool = pool();
    assert!(pool.condition_set(at(10)).set(Verdict::ok(VALIDATION_SUCCEEDED)));
    assert!(!pool.condition_set(at(20)).set(Verdict::ok(VALIDATION_SUCCEEDED)));
    pool.metadata.generation = Some(2);
    assert!(pool.condition_set(at(30)).set(Verdict::ok(VALIDATION_SUCCEEDED)));
    assert_eq!(since(&pool, VALIDATION_SUCCEEDED), at(10));
    assert_eq!(pool.condition(VALIDATION_SUCCEEDED).unwrap().observed_generation, Some(2));
}

// behaviour 01#136
#[test]
fn a_verdict_about_an_older_generation_leaves_the_root_unknown() {
    let mut pool = pool();
    let mut set = pool.condition_set(at(10));
    set.set(Verdict::ok(VALIDATION_SUCCEEDED));
    set.set(Verdict::ok(NODE_CLASS_READY));
    assert_eq!(shown(&pool, READY), "True Ready: ");
    pool.metadata.generation = Some(2);
    pool.condition_set(at(20)).set(Verdict::ok(VALIDATION_SUCCEEDED));
    assert_eq!(shown(&pool, READY), "Unknown ReconcilingDependents: NodeClassReady=True");
    assert_eq!(since(&pool, READY), at(20));
}

// behaviour 01#137
#[test]
fn one_failed_dependent_fails_the_root_and_the_latest_is_named_first() {
    let mut pool = pool();
    pool.condition_set(at(10)).set(Verdict::failed(NODE_CLASS_READY, "NodeClassNotFound", "x"));
    let expected = "False UnhealthyDependents: NodeClassReady=False, ValidationSucceeded=Unknown";
    assert_eq!(shown(&pool, READY), expected);
}

// behaviour 01#46
#[test]
fn a_missing_node_class_alone_makes_the_pool_not_ready() {
    let mut pool = pool();
    let mut set = pool.condition_set(at(10));
    set.set(Verdict::ok(VALIDATION_SUCCEEDED));
    set.set(Verdict::failed(
        NODE_CLASS_READY,
        "NodeClassNotFound",
        "NodeClass not found on cluster",
    ));
    assert_eq!(shown(&pool, READY), "False UnhealthyDependents: NodeClassReady=False");
}

// behaviour 01#138
#[test]
fn only_independent_conditions_can_be_cleared() {
    let mut pool = pool();
    let mut set = pool.condition_set(at(10));
    set.set(Verdict::ok(DRIFTED));
    assert_eq!(set.clear(READY), Err(ClearError(READY.into())));
    assert_eq!(set.clear(NODE_CLASS_READY), Err(ClearError(NODE_CLASS_READY.into())));
    assert_eq!(set.clear(DRIFTED), Ok(true));
    assert_eq!(set.clear(DRIFTED), Ok(false));
    assert!(pool.condition(DRIFTED).is_none());
}

// behaviour 01#138
#[test]
fn the_root_stands_last_and_the_others_by_age() {
    let mut pool = pool();
    pool.condition_set(at(10)).set(Verdict::ok(VALIDATION_SUCCEEDED));
    pool.condition_set(at(20)).set(Verdict::ok(DRIFTED));
    let types: Vec<&str> = pool.conditions().iter().map(|c| c.r#type.as_str()).collect();
    assert_eq!(types, [NODE_CLASS_READY, VALIDATION_SUCCEEDED, DRIFTED, READY]);
    assert_eq!(since(&pool, DRIFTED), at(20));
}

#[test]
fn an_object_going_away_raises_the_generation_of_every_condition() {
    let mut pool = pool();
    pool.condition_set(at(10)).set(Verdict::ok(VALIDATION_SUCCEEDED));
    pool.metadata.generation = Some(2);
    pool.metadata.deletion_timestamp = Some(Time(at(15)));
    pool.condition_set(at(20)).set(Verdict::ok(DRIFTED));
    assert!(pool.conditions().iter().all(|c| c.observed_generation == Some(2)));
}

#[test]
fn a_missing_reason_is_filled_in() {
    let mut pool = pool();
    let mut set = pool.condition_set(at(10));
    set.set(Verdict::new(DRIFTED, ConditionStatus::True, "", "dropped"));
    set.set(Verdict::new(VALIDATION_SUCCEEDED, ConditionStatus::Unknown, "", ""));
    assert_eq!(shown(&pool, DRIFTED), "True Drifted: ");
    let expected = "Unknown AwaitingReconciliation: object is awaiting reconciliation";
    assert_eq!(shown(&pool, VALIDATION_SUCCEEDED), expected);
}
