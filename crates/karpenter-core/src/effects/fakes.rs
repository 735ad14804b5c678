//! A server and a cloud with one answer each, for tests of effects.

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
use super::events::EventSink;
use crate::clock::Clock;
use crate::cloud_provider::{CloudProvider, CloudProviderError, Instance, NodeClassKind};
use crate::cloud_provider::{ProviderTraits, Termination};
use crate::model::ids::ProviderId;
use crate::model::instance_type::Catalog;
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;
use crate::observe::events::Event;
use crate::testing::cluster::{World, at};

/// What a server was asked: method, path, body.
pub(super) type Asked = (String, String, Value);

/// A server that gives one answer to everything and writes down what it was asked.
#[derive(Clone)]
pub(super) struct Server {
    code: u16,
    pub(super) answer: Value,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub(super) fn new(code: u16, answer: Value) -> Self {
        Self { code, answer, asked: Arc::default() }
    }

    pub(super) fn refusing(code: u16, message: &str) -> Self {
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

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().clone()
    }
}

/// A cloud with one answer to each question.
pub(super) struct Cloud {
    traits: ProviderTraits,
    get: Result<(), CloudProviderError>,
    delete: Result<Termination, CloudProviderError>,
}

impl Cloud {
    pub(super) fn new(
        get: Result<(), CloudProviderError>,
        delete: Result<Termination, CloudProviderError>,
    ) -> Self {
        let traits = ProviderTraits {
            name: "test",
            node_classes: Vec::<NodeClassKind>::new(),
            well_known_labels: Arc::default(),
            label_normalization: Arc::default(),
            unsupported_storage: Arc::default(),
            repair_policies: vec![],
        };
        Self { traits, get, delete }
    }

    pub(super) fn gone() -> CloudProviderError {
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

pub(super) struct Published(mpsc::Receiver<(Event, jiff::Timestamp)>);

impl Published {
    pub(super) fn messages(&mut self) -> Vec<(&'static str, String)> {
        let mut messages = vec![];
        while let Ok((event, _)) = self.0.try_recv() {
            messages.push((event.reason, event.message));
        }
        messages
    }
}

/// Handles on fakes, and the events published through them.
pub(super) fn clients(server: &Server, cloud: Cloud, world: &World) -> (Clients, Published) {
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

/// A cloud where everything is gone.
pub(super) fn idle_cloud() -> Cloud {
    Cloud::new(Err(Cloud::gone()), Err(Cloud::gone()))
}

/// The metrics `register` registers, as scraped.
pub(super) fn scraped(register: impl FnOnce(&mut prometheus_client::registry::Registry)) -> String {
    let mut registry = prometheus_client::registry::Registry::default();
    register(&mut registry);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).expect("metrics are text");
    text
}

/// What a server answers to a write of node `a`.
pub(super) fn answer_node() -> Value {
    json!({ "kind": "Node", "apiVersion": "v1", "metadata": { "name": "a", "resourceVersion": "2" } })
}
