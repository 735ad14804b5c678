//! What becomes of a plan of which not everything can be created.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use serde_json::Value;

use super::*;
use crate::effects::step::FailureClass;

/// Names of the claims that may be created, and of those that were.
#[derive(Clone, Default)]
struct Admitting {
    refused: Vec<String>,
    created: Arc<Mutex<Vec<String>>>,
}

async fn admit(State(server): State<Admitting>, body: String) -> Response {
    let mut object: Value = serde_json::from_str(&body).expect("claims are JSON");
    let name = object["metadata"]["name"].as_str().expect("claims have names").to_owned();
    if server.refused.contains(&name) {
        let status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": format!("no room for {name}"), "reason": "InternalError", "code": 500,
        });
        return (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(status)).into_response();
    }
    server.created.lock().push(name.clone());
    object["metadata"]["uid"] = json!(name);
    object["metadata"]["resourceVersion"] = json!("1");
    object["metadata"]["creationTimestamp"] = json!(at(0).to_string());
    (StatusCode::CREATED, axum::Json(object)).into_response()
}

/// The plan of one claim for each of these pods.
fn plan_for(names: &[&str]) -> SchedulingPlan {
    let pods = names.iter().map(|name| pod(name).cpu("3"));
    solve(&scenario::cluster().with_pool(node_pool("p"), types()).with_pods(pods))
}

// behaviour 02#231
#[tokio::test(start_paused = true)]
async fn one_claim_that_cannot_be_created_does_not_keep_the_others_from_it() {
    let world = ["a", "b", "c"].into_iter().fold(World::new(at(0)), |world, name| {
        world.with(ClusterEvent::Pod(Change::Upsert(pod(name).cpu("3").build())))
    });
    let plan = plan_for(&["a", "b", "c"]);
    let names: Vec<String> = plan.claims.iter().map(|claim| claim.name.to_string()).collect();
    let server = Admitting { refused: vec![names[1].clone()], ..Admitting::default() };
    let (mut clients, _) = clients(&Server::new(500, json!({})), idle_cloud(), &world);
    let router = Router::new().fallback(admit).with_state(server.clone());
    clients.kube = kube::Client::new(router, "default");
    let lost = plan.claims[1].pods[0].clone();

    let failure = provisioner(clients).act(plan.into()).await.expect_err("one failed");
    assert_eq!(*server.created.lock(), [names[0].clone(), names[2].clone()]);
    assert!(failure.message.contains(&format!("no room for {}", names[1])), "{failure}");
    assert_eq!(failure.class, FailureClass::Retry { after: None });
    // Only the pod of the lost claim is planned again.
    let again = demand(&world.snapshot(), at(1)).pending;
    assert_eq!(again.iter().map(|pod| &pod.key).collect::<Vec<_>>(), [&lost]);
}

// behaviour 02#231
#[tokio::test(start_paused = true)]
async fn every_failure_is_told_up_to_a_number() {
    let plan = plan_for(&["a", "b", "c", "d", "e", "f", "g"]);
    let refused = plan.claims.iter().map(|claim| claim.name.to_string()).collect();
    let server = Admitting { refused, ..Admitting::default() };
    let (mut clients, _) = clients(&Server::new(500, json!({})), idle_cloud(), &World::new(at(0)));
    clients.kube = kube::Client::new(Router::new().fallback(admit).with_state(server), "default");
    let failure = provisioner(clients).act(plan.into()).await.expect_err("all failed");
    assert_eq!(failure.message.matches("create p-").count(), 5, "{failure}");
    assert!(failure.message.ends_with("; and 2 more"), "{failure}");
}
