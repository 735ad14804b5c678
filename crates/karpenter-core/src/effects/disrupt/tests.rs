//! What is sent for nodes that are marked and given back.

use serde_json::json;

use super::*;
use crate::effects::fakes::{Server, answer_node, clients, idle_cloud};
use crate::testing::cluster::{World, at, claim, node};

// behaviour 03#59
#[tokio::test]
async fn a_node_given_back_loses_the_taint_and_the_mark() {
    let server = Server::new(200, answer_node());
    let mut tainted = node("a", json!({}));
    tainted.taints.push(crate::model::taints::Taint::disrupted());
    let world = World::new(at(0));
    let (clients, _published) = clients(&server, idle_cloud(), &world);
    let mark = crate::state::Intent::MarkForDeletion("a".into());
    clients.learn(crate::state::ClusterEvent::Intent(mark));
    let disruptor = Disruptor { clients, metrics: Default::default() };
    let claim = claim("a", json!({})).into();
    let result = disruptor.act(DisruptionStep::Restore { node: tainted.into(), claim }).await;
    assert!(matches!(result, Ok(Outcome::Done)));
    assert_eq!(server.asked()[0].2["spec"]["taints"], json!([]));
    assert!(!world.snapshot().intents.is_marked_for_deletion(&"a".into()));
}
