use serde_json::{Value, json};

use super::*;
use crate::testing::cluster::{World, at, claim, node, pool};

/// Pool `default` with these limits, and `n` nodes of four processors.
fn world(limits: Value, n: usize) -> World {
    let mut pool = pool("default", json!({}));
    let limits = serde_json::from_value(limits).expect("quantities");
    pool.limits = Some(Resources::from_api(&limits).expect("quantities"));
    (0..n).fold(World::new(at(0)).pool(pool), |world, number| {
        let name = format!("n{number}");
        let capacity = json!({ "status": { "capacity": { "cpu": "4" } } });
        world.node(node(&name, capacity.clone())).claim(claim(&name, capacity))
    })
}

fn asking(cpu: &str) -> Counted {
    let requests = serde_json::from_value(json!({ "cpu": cpu })).expect("quantities");
    let requests = Resources::from_api(&requests).expect("quantities");
    Counted { pool: "default".into(), requests }
}

fn refusal(world: &World, creating: &[(&str, Counted)], cpu: &str) -> String {
    let creating = creating.iter().map(|(name, counted)| ((*name).into(), counted.clone()));
    let admitted = admit(&asking(cpu), &creating.collect(), &world.snapshot());
    admitted.err().map(|why| why.to_string()).unwrap_or_default()
}

fn text(limit: &str, name: &str, usage: &str) -> String {
    format!("resource usage exceeds limit (limit={limit}, resource-name={name}, usage={usage})")
}

// behaviour 02#156
#[test]
fn a_claim_that_would_exceed_a_limit_is_refused_by_it() {
    assert_eq!(refusal(&world(json!({ "cpu": "10" }), 2), &[], "2"), "");
    assert_eq!(refusal(&world(json!({ "cpu": "10" }), 2), &[], "3"), text("10", "cpu", "11"));
    assert_eq!(refusal(&world(json!({ "nodes": "2" }), 2), &[], "1"), text("2", "nodes", "3"));
    assert_eq!(refusal(&world(json!({ "memory": "1Gi" }), 2), &[], "100"), "");
}

// behaviour 02#156
#[test]
fn claims_without_instance_and_claims_being_created_count_once() {
    let limited = || world(json!({ "nodes": "3" }), 1);
    let two = [("a", asking("1")), ("b", asking("1"))];
    assert_eq!(refusal(&limited(), &two[..1], "1"), "");
    assert_eq!(refusal(&limited(), &two, "1"), text("3", "nodes", "4"));
    // The first of them has been answered: the state knows it, though it is not launched.
    let launching = claim("a", json!({ "status": { "providerID": "" } }));
    let answered = limited().claim(launching);
    assert_eq!(refusal(&answered, &two[..1], "1"), "");
    assert_eq!(refusal(&answered, &two, "1"), text("3", "nodes", "4"));
    let other = Counted { pool: "other".into(), ..asking("1") };
    assert_eq!(refusal(&limited(), &[("a", other.clone()), ("b", other)], "1"), "");
}
