//! What is sent for nodes that are marked and given back.

use serde_json::json;

use super::*;
use crate::decide::disruption::{BudgetUse, DisruptionReport};
use crate::effects::disruption_events::events;
use crate::effects::fakes::{Server, answer_node, clients, idle_cloud, scraped};
use crate::model::price::Price;
use crate::observe::families::Families;
use crate::testing::cluster::{World, at, claim, node, pod, pool};

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

// behaviour 03#233
#[tokio::test]
async fn a_disrupted_claim_is_deleted_counted_and_told() {
    let server = Server::new(200, json!({ "kind": "Status", "status": "Success" }));
    let (clients, mut published) = clients(&server, idle_cloud(), &World::new(at(0)));
    let families = Families::default();
    let disruptor = Disruptor { clients, metrics: families.disruption.clone() };
    let bounded = json!({ "spec": { "terminationGracePeriod": "1h" } });
    let (node, claim) = (Arc::new(node("a", json!({}))), Arc::new(claim("a", bounded)));
    let planned = Box::new(Candidate {
        node: node.clone(),
        claim: claim.clone(),
        pool: pool("default", json!({})).into(),
        reschedulable: vec![pod("p", "a", json!({})).into(), pod("q", "a", json!({})).into()],
        price: Price::ZERO,
        cost: 1.0,
        lifetime_remaining: 1.0,
    });
    let reason = DisruptionReason::Empty;
    let step = DisruptionStep::Delete { node: Some(node), claim, planned, reason };
    assert!(disruptor.act(step).await.is_ok());

    let [(method, path, body)] = server.asked().try_into().expect("one request");
    assert_eq!((&*method, &*path), ("DELETE", "/apis/karpenter.sh/v1/nodeclaims/a"));
    assert_eq!(body["preconditions"]["uid"], "uid-a");
    let messages: Vec<String> = published.messages().into_iter().map(|(_, text)| text).collect();
    assert_eq!(messages, ["Disrupting Node: Empty", "Disrupting NodeClaim: Empty"]);
    let text = scraped(|registry| families.register(registry));
    let labels = "{reason=\"empty\",nodepool=\"default\",capacity_type=\"\",\
                  consolidation_policy=\"when_empty_or_underutilized\",termination_mode=\"eventual\"}";
    assert!(text.contains(&format!("karpenter_nodeclaims_disrupted_total{labels} 1")), "{text}");
    assert!(
        text.contains(&format!("karpenter_pods_disruption_initiated_total{labels} 2")),
        "{text}"
    );
}

// behaviour 03#83, 03#84
#[test]
fn a_pool_with_nodes_and_no_disruption_left_is_told() {
    let cluster = World::new(at(0)).pool(pool("default", json!({}))).snapshot();
    let told = |total| {
        let used = BudgetUse { total, allowed: 0, busy: 0 };
        let key = ("default".into(), DisruptionReason::Empty);
        let report = DisruptionReport { budgets: [(key, used)].into(), ..Default::default() };
        events(&report, &cluster).into_iter().map(|event| event.message).collect::<Vec<_>>()
    };
    let message = "No allowed disruptions for disruption reason Empty due to blocking budget";
    assert_eq!(told(5), [message]);
    assert!(told(0).is_empty());
}
