//! What is asked of the API, and what is left in the state when it refuses.

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::api::labels;
use crate::effects::fakes::{Server, clients, idle_cloud};
use crate::testing::cluster::{World, at, pool};

fn step() -> StaticStep {
    let object = json!({
        "apiVersion": "karpenter.sh/v1", "kind": "NodeClaim",
        "metadata": { "name": "default-1" },
        "spec": { "requirements": [], "nodeClassRef": { "group": "g", "kind": "K", "name": "c" } },
    });
    let object: Object = serde_json::from_value(object).expect("a claim");
    let pool = Arc::new(pool("default", json!({ "spec": { "replicas": 1 } })));
    StaticStep { pool, create: vec![object], delete: vec![], why: "1 missing".to_owned() }
}

async fn acted(server: &Server) -> (Result<Outcome, Failure>, StaticActor) {
    let (clients, _published) = clients(server, idle_cloud(), &World::new(at(0)));
    let actor = StaticActor { clients, metrics: ProvisioningMetrics::default() };
    (actor.act(step()).await, actor)
}

fn is_remembered(actor: &StaticActor) -> bool {
    let snapshot = actor.clients.state.snapshot();
    snapshot.intents.pods_planned_for(&"default-1".into()).is_some()
}

#[tokio::test]
async fn a_created_claim_is_known_at_once_and_the_pool_rests() {
    let mut answer = serde_json::to_value(&step().create[0]).expect("an object is JSON");
    answer["metadata"]["uid"] = json!("uid-1");
    answer["metadata"]["resourceVersion"] = json!("1");
    let server = Server::new(201, answer);
    let (result, actor) = acted(&server).await;
    assert!(matches!(result, Ok(Outcome::After(AFTER_GROWTH))), "{result:?}");
    assert!(actor.clients.state.snapshot().claims.get(&"default-1".into()).is_some());
    assert!(is_remembered(&actor), "planning waits for claims of other processes only");
    let [(method, _, body)] = server.asked().try_into().expect("one request");
    assert_eq!(method, "POST");
    assert_eq!(body["metadata"]["annotations"][labels::PROVISIONED_FOR], "1 missing");
}

// behaviour 02#249
#[tokio::test]
async fn a_claim_that_is_refused_leaves_nothing_behind() {
    let (result, actor) = acted(&Server::refusing(422, "no")).await;
    assert!(result.is_err());
    assert!(!is_remembered(&actor));
    assert!(actor.clients.state.snapshot().claims.is_empty());
}

#[tokio::test]
async fn a_claim_that_is_there_already_is_fine() {
    let (result, _) = acted(&Server::refusing(409, "exists")).await;
    assert!(matches!(result, Ok(Outcome::After(_))), "{result:?}");
}
