//! What effects send and how they take the answers.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::clients::Clients;
use super::disrupt::Disruptor;
use super::events::EventSink;
use super::evict::Evictor;
use super::step::{Actor, FailureClass, Outcome};
use super::terminate::Terminator;
use crate::clock::Clock;
use crate::cloud_provider::{CloudProvider, CloudProviderError, Instance, NodeClassKind};
use crate::cloud_provider::{ProviderTraits, Termination};
use crate::decide::disruption::queue::DisruptionStep;
use crate::decide::termination::evict::{EvictionStep, Removal};
use crate::decide::termination::finalize::{NodeAction, NodeStep, TerminationStep};
use crate::model::ids::ProviderId;
use crate::model::instance_type::Catalog;
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;
use crate::observe::events::Event;
use crate::testing::cluster::{World, at, claim, node, pod};

/// What a server was asked: method, path, body.
type Asked = (String, String, Value);

/// A server that gives one answer to everything and writes down what it was asked.
#[derive(Clone)]
struct Server {
    code: u16,
    answer: Value,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    fn new(code: u16, answer: Value) -> Self {
        Self { code, answer, asked: Arc::default() }
    }

    fn refusing(code: u16, message: &str) -> Self {
        let status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": "Refused", "code": code,
        });
        Self::new(code, status)
    }

    async fn handle(State(server): State<Self>, request: Request) -> Response {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let body = to_bytes(request.into_body(), 1 << 20).await.unwrap_or_default();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        server.asked.lock().push((method, path, body));
        let answer = Body::from(server.answer.to_string());
        let response = Response::builder().status(server.code);
        response.header("content-type", "application/json").body(answer).expect("a response")
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().clone()
    }
}

/// A cloud with one answer to each question.
struct Cloud {
    traits: ProviderTraits,
    get: Result<(), CloudProviderError>,
    delete: Result<Termination, CloudProviderError>,
}

impl Cloud {
    fn new(
        get: Result<(), CloudProviderError>,
        delete: Result<Termination, CloudProviderError>,
    ) -> Self {
        let traits = ProviderTraits {
            name: "test",
            node_classes: Vec::<NodeClassKind>::new(),
            well_known_labels: Arc::default(),
            label_normalization: Arc::default(),
            repair_policies: vec![],
        };
        Self { traits, get, delete }
    }

    fn gone() -> CloudProviderError {
        CloudProviderError::NodeClaimNotFound("gone".to_owned())
    }
}

#[async_trait]
impl CloudProvider for Cloud {
    fn traits(&self) -> &ProviderTraits {
        &self.traits
    }

    async fn create(&self, _: &NodeClaim) -> Result<Instance, CloudProviderError> {
        Err(CloudProviderError::Other("not part of these tests".to_owned()))
    }

    async fn delete(&self, _: &NodeClaim) -> Result<Termination, CloudProviderError> {
        self.delete.clone()
    }

    async fn get(&self, id: &ProviderId) -> Result<Instance, CloudProviderError> {
        self.get.clone().map(|()| Instance {
            provider_id: id.clone(),
            claim: None,
            claim_uid: None,
            image_id: None,
            created: at(0),
            terminating: false,
            labels: Arc::default(),
            annotations: Arc::default(),
            capacity: Default::default(),
            allocatable: Default::default(),
        })
    }

    async fn list(&self) -> Result<Vec<Instance>, CloudProviderError> {
        Ok(vec![])
    }

    async fn instance_types(&self, _: &NodePool) -> Result<Catalog, CloudProviderError> {
        Ok(Catalog::default())
    }

    async fn is_drifted(&self, _: &NodeClaim) -> Result<Option<String>, CloudProviderError> {
        Ok(None)
    }
}

struct Published(mpsc::Receiver<(Event, jiff::Timestamp)>);

impl Published {
    fn messages(&mut self) -> Vec<(&'static str, String)> {
        let mut messages = vec![];
        while let Ok((event, _)) = self.0.try_recv() {
            messages.push((event.reason, event.message));
        }
        messages
    }
}

fn clients(server: &Server, cloud: Cloud, world: &World) -> (Clients, Published) {
    let clock = Clock::simulated(at(0));
    let (events, queue) = EventSink::new(clock.clone());
    let router = Router::new().fallback(Server::handle).with_state(server.clone());
    let clients = Clients {
        kube: kube::Client::new(router, "default"),
        cloud: Arc::new(cloud),
        state: world.state(),
        clock,
        events,
    };
    (clients, Published(queue))
}

fn idle_cloud() -> Cloud {
    Cloud::new(Err(Cloud::gone()), Err(Cloud::gone()))
}

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
    let mut registry = prometheus_client::registry::Registry::default();
    evictor.metrics.register(&mut registry);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).expect("metrics are text");
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

fn answer_node() -> Value {
    json!({ "kind": "Node", "apiVersion": "v1", "metadata": { "name": "a", "resourceVersion": "2" } })
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
    let mut registry = prometheus_client::registry::Registry::default();
    terminator.metrics.register(&mut registry);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).expect("metrics are text");
    assert!(!text.contains("nodes_drained_total{"), "{text}");
}

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
