//! What is sent to the eviction API, and how its answers are taken.

use serde_json::json;

use super::*;
use crate::effects::fakes::{Published, Server, clients, idle_cloud, scraped};
use crate::effects::step::FailureClass;
use crate::testing::cluster::{World, at, node, pod};

fn eviction() -> EvictionStep {
    EvictionStep {
        pod: pod("p", "a", json!({})).into(),
        node: node("a", json!({})).into(),
        reason: "Empty".to_owned(),
        removal: Removal::Evict,
    }
}

/// The text of the metrics after `server` has answered an eviction.
async fn evict(server: &Server) -> (Result<Outcome, FailureClass>, Published, String) {
    let world = World::new(at(0));
    let (clients, published) = clients(server, idle_cloud(), &world);
    let evictor = Evictor { clients, metrics: Default::default() };
    let result = evictor.act(eviction()).await.map_err(|failure| failure.class);
    let text = scraped(|registry| evictor.metrics.register(registry));
    (result, published, text)
}

// behaviour 04#148, 04#149, 04#150, 03#266, 03#282
#[tokio::test]
async fn an_eviction_names_the_uid_of_the_pod_and_is_counted_and_told() {
    let server = Server::new(201, json!({ "kind": "Status", "status": "Success" }));
    let (result, mut published, metrics) = evict(&server).await;
    assert!(result.is_ok());
    let [(method, path, body)] = server.asked().try_into().expect("one request");
    assert_eq!((&*method, &*path), ("POST", "/api/v1/namespaces/default/pods/p/eviction"));
    assert_eq!(body["deleteOptions"]["preconditions"], json!({ "uid": "uid-p" }));
    assert_eq!(body["kind"], "Eviction");
    assert_eq!(published.messages(), [("Evicted", "Evicted pod: Empty".to_owned())]);
    assert!(
        metrics.contains("karpenter_pods_eviction_requests_total{code=\"200\"} 1"),
        "{metrics}"
    );
    assert!(metrics.contains("karpenter_pods_drained_total{reason=\"Empty\"} 1"), "{metrics}");
}

// behaviour 04#147, 03#263
#[tokio::test]
async fn a_budget_that_refuses_is_told_and_asked_again_when_the_api_says() {
    let mut server = Server::refusing(429, "Cannot evict pod as it would violate the budget.");
    server.answer["details"] = json!({ "retryAfterSeconds": 10 });
    let (result, mut published, metrics) = evict(&server).await;
    assert_eq!(result, Ok(Outcome::After(std::time::Duration::from_secs(10))));
    let message = "Failed to drain node, evicting pod violates a PDB (Pod=default/p)".to_owned();
    assert_eq!(published.messages(), [("FailedDraining", message)]);
    assert!(metrics.contains("requests_total{code=\"429\"} 1"), "{metrics}");
    assert!(!metrics.contains("pods_drained_total{"), "{metrics}");
}

// behaviour 04#147, 03#264
#[tokio::test]
async fn several_budgets_are_told_in_their_own_words() {
    let text = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    let (result, mut published, metrics) = evict(&Server::refusing(500, text)).await;
    assert!(matches!(result, Ok(Outcome::After(_))));
    let message =
        "Failed to drain node, eviction does not support multiple PDBs (Pod=default/p)".to_owned();
    assert_eq!(published.messages(), [("FailedDraining", message)]);
    assert!(metrics.contains("requests_total{code=\"500\"} 1"), "{metrics}");
}

// behaviour 04#147, 03#265
#[tokio::test]
async fn a_pod_that_is_gone_or_another_one_ends_the_step_in_silence() {
    for code in [404, 409] {
        let (result, mut published, _) = evict(&Server::refusing(code, "no")).await;
        assert!(result.is_ok(), "{code}");
        assert!(published.messages().is_empty(), "{code}");
    }
}

// behaviour 04#147
#[tokio::test]
async fn any_other_refusal_is_a_failure() {
    let (result, mut published, _) = evict(&Server::refusing(500, "disk full")).await;
    assert_eq!(result, Err(FailureClass::Retry { after: None }));
    assert!(published.messages().is_empty());
}

// behaviour 03#272, 03#273
#[tokio::test]
async fn a_forced_pod_is_deleted_with_the_grace_decided_and_people_are_told() {
    let server = Server::refusing(404, "gone already");
    let world = World::new(at(0));
    let (clients, mut published) = clients(&server, idle_cloud(), &world);
    let evictor = Evictor { clients, metrics: Default::default() };
    let grace = std::time::Duration::from_secs(1);
    let step =
        EvictionStep { removal: Removal::Delete { grace, deadline: at(-3600) }, ..eviction() };
    assert!(evictor.act(step).await.is_ok());
    let [(method, _, body)] = server.asked().try_into().expect("one request");
    assert_eq!(method, "DELETE");
    assert_eq!(body["gracePeriodSeconds"], 1);
    assert_eq!(body["preconditions"]["uid"], "uid-p");
    assert_eq!(published.messages()[0].0, "Disrupted");
}

// behaviour 02#28
#[tokio::test]
async fn an_annotation_nobody_can_read_is_told_as_a_warning() {
    let server = Server::new(200, json!({}));
    let (clients, mut published) = clients(&server, idle_cloud(), &World::new(at(0)));
    let evictor = Evictor { clients, metrics: Default::default() };
    let notice = PodNotice::Invalid("abc".into());
    assert_eq!(protection(&eviction().pod, &notice).severity, Severity::Warning);
    let step = EvictionStep { removal: Removal::Report(notice), ..eviction() };
    assert!(evictor.act(step).await.is_ok());
    assert!(server.asked().is_empty());
    assert_eq!(published.messages()[0].0, "InvalidDoNotDisruptAnnotation");
}
