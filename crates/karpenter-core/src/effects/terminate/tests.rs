//! What is sent for nodes that go away, and how the cloud's answers are taken.

use serde_json::json;

use super::*;
use crate::effects::fakes::{Cloud, Server, answer_node, clients, idle_cloud, scraped};
use crate::effects::step::FailureClass;
use crate::testing::cluster::{World, at, claim, node};

fn silent_node() -> crate::model::node::Node {
    let other = json!({ "metadata": { "finalizers": ["other", "karpenter.sh/termination"] } });
    let mut silent = node("a", other);
    silent.ready = crate::model::node::ReadyState::Unknown;
    silent
}

async fn terminate(
    server: &Server,
    cloud: Cloud,
    node: crate::model::node::Node,
    action: NodeAction,
) -> Result<Outcome, FailureClass> {
    let world = World::new(at(0)).node(node.clone()).claim(claim("a", json!({})));
    let (clients, _published) = clients(server, cloud, &world);
    let terminator = Terminator { clients, metrics: Default::default() };
    let step = NodeStep { node: node.into(), claim: Some(claim("a", json!({})).into()), action };
    let result = terminator.act(TerminationStep::Act(Box::new(step))).await;
    result.map_err(|failure| failure.class)
}

// behaviour 04#125, 04#133, 03#253
#[tokio::test]
async fn a_silent_node_without_instance_loses_our_finalizer_only() {
    let server = Server::new(200, answer_node());
    let result = terminate(&server, idle_cloud(), silent_node(), NodeAction::Watch).await;
    assert!(result.is_ok());
    let [(method, path, body)] = server.asked().try_into().expect("one request");
    assert_eq!((&*method, &*path), ("PATCH", "/api/v1/nodes/a"));
    let metadata = json!({ "finalizers": ["other"], "resourceVersion": "1" });
    assert_eq!(body["metadata"], metadata);
}

// behaviour 04#126
#[tokio::test]
async fn without_an_answer_of_the_cloud_nothing_is_done_to_a_silent_node() {
    let server = Server::new(200, answer_node());
    let cloud = Cloud::new(Err(CloudProviderError::Transient("no".to_owned())), Err(Cloud::gone()));
    let result = terminate(&server, cloud, silent_node(), NodeAction::DeleteClaim).await;
    assert_eq!(result, Err(FailureClass::Retry { after: None }));
    assert!(server.asked().is_empty());
}

// behaviour 04#133, 03#250
#[tokio::test]
async fn the_node_stays_until_the_cloud_says_the_instance_is_gone() {
    let check_after = std::time::Duration::from_secs(30);
    let pending = Cloud::new(Ok(()), Ok(Termination::InProgress { check_after }));
    let claim = serde_json::to_value(&*claim("a", json!({})).object).expect("an object");
    let server = Server::new(200, claim);
    let ready = node("a", json!({}));
    let result = terminate(&server, pending, ready.clone(), NodeAction::TerminateInstance).await;
    assert_eq!(result, Ok(Outcome::After(std::time::Duration::from_secs(5))));
    let [(method, path, body)] = server.asked().try_into().expect("one request");
    assert_eq!((&*method, &*path), ("PATCH", "/apis/karpenter.sh/v1/nodeclaims/a/status"));
    assert!(body["status"]["conditions"].to_string().contains("InstanceTerminating"));

    let server = Server::new(200, answer_node());
    let result = terminate(&server, idle_cloud(), ready, NodeAction::TerminateInstance).await;
    assert!(result.is_ok());
    assert_eq!(server.asked()[0].1, "/api/v1/nodes/a");
}

// behaviour 04#134
#[tokio::test]
async fn a_conflict_decides_again_and_counts_nothing() {
    let server = Server::refusing(409, "the object has been modified");
    let world = World::new(at(0));
    let (clients, _published) = clients(&server, idle_cloud(), &world);
    let terminator = Terminator { clients, metrics: Default::default() };
    let before = claim("a", json!({}));
    let mut after = (*before.object).clone();
    after.metadata.annotations = Some([("k".to_owned(), "v".to_owned())].into());
    let action = NodeAction::WriteClaim { after: after.into(), drained: true };
    let step = NodeStep { node: node("a", json!({})).into(), claim: Some(before.into()), action };
    let result = terminator.act(TerminationStep::Act(Box::new(step))).await;
    assert!(matches!(result, Ok(Outcome::After(_))));
    let text = scraped(|registry| terminator.metrics.register(registry));
    assert!(!text.contains("nodes_drained_total{"), "{text}");
}
