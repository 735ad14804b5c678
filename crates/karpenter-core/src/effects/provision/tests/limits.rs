//! Creations that meet at a limit.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use serde_json::Value;

use super::*;

async fn create(State(created): State<Arc<Mutex<usize>>>, body: String) -> Response {
    let mut object: Value = serde_json::from_str(&body).expect("claims are JSON");
    *created.lock() += 1;
    // While one answer is awaited, the other creations go on.
    tokio::task::yield_now().await;
    object["metadata"]["uid"] = object["metadata"]["name"].clone();
    object["metadata"]["resourceVersion"] = json!("1");
    object["metadata"]["creationTimestamp"] = json!(at(0).to_string());
    (axum::http::StatusCode::CREATED, axum::Json(object)).into_response()
}

// behaviour 02#156
#[tokio::test]
async fn creations_at_the_same_time_stop_at_the_limit_together() {
    let pods = ["a", "b", "c", "d"].map(|name| pod(name).cpu("3"));
    let plan = solve(&scenario::cluster().with_pool(node_pool("p"), types()).with_pods(pods));
    assert_eq!(plan.claims.len(), 4);
    // The limit came after the plan was made.
    let limited = node_pool("p").limit("nodes", "2").build();
    let world = World::new(at(0)).with(ClusterEvent::NodePool(Change::Upsert(limited)));
    let (mut clients, _) = clients(&Server::new(500, json!({})), idle_cloud(), &world);
    let created = Arc::new(Mutex::new(0));
    let router = Router::new().fallback(create).with_state(created.clone());
    clients.kube = kube::Client::new(router, "default");
    let provisioner = provisioner(clients);
    let done = provisioner.act(plan.into()).await;
    assert!(matches!(done, Ok(Outcome::Done)), "{done:?}");
    assert_eq!((*created.lock(), world.snapshot().claims.len()), (2, 2));
}
