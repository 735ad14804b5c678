//! Claims, nodes, pools and node classes as the API would hand them over, and worlds made of them.
//!
//! Every builder writes an object and decodes it like the watch does, so tests see what production sees.

mod world;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api::labels;
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::api::v1::nodepool::NodePool as PoolObject;
use crate::cloud_provider::Instance;
use crate::model::ids::{NodeClassKey, ProviderId, ResourceVersion};
use crate::model::label_selector::Labels;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::node_class::{NodeClass, Readiness};
use crate::model::node_pool::NodePool;
use crate::model::pod::Pod;
use crate::wire::Decoded;
use crate::wire::node::SlimNode;
use crate::wire::pod::SlimPod;

pub use world::World;

/// Group of the node class every builder refers to.
pub const CLASS_GROUP: &str = "test.example.com";
/// Kind of the node class every builder refers to.
pub const CLASS_KIND: &str = "TestNodeClass";
/// Name of the node class every builder refers to.
pub const CLASS_NAME: &str = "default";

/// The instant `seconds` after the moment at which every built object was created.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_000_000_000 + seconds).expect("in range")
}

/// A claim of the pool `general` with our finalizer and nothing launched.
pub fn node_claim(name: &str) -> ClaimBuilder {
    ClaimBuilder(json!({
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodeClaim",
        "metadata": {
            "name": name,
            "uid": format!("uid-{name}"),
            "resourceVersion": "10",
            "generation": 1,
            "creationTimestamp": at(0).to_string(),
            "finalizers": [labels::TERMINATION_FINALIZER],
            "labels": { labels::NODEPOOL: "general", class_label(): CLASS_NAME },
            "annotations": {},
        },
        "spec": {
            "nodeClassRef": { "group": CLASS_GROUP, "kind": CLASS_KIND, "name": CLASS_NAME },
            "requirements": [],
            "expireAfter": "Never",
        },
        "status": { "conditions": [] },
    }))
}

/// Builds a NodeClaim.
#[derive(Debug, Clone)]
pub struct ClaimBuilder(Value);

impl ClaimBuilder {
    /// Sets the value at a JSON pointer, creating members on the way.
    #[must_use]
    pub fn set(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        put(&mut self.0, pointer, value.into());
        self
    }

    /// A label.
    #[must_use]
    pub fn label(mut self, key: &str, value: &str) -> Self {
        self.0["metadata"]["labels"][key] = json!(value);
        self
    }

    /// An annotation.
    #[must_use]
    pub fn annotation(mut self, key: &str, value: &str) -> Self {
        self.0["metadata"]["annotations"][key] = json!(value);
        self
    }

    /// `spec.resources.requests`.
    #[must_use]
    pub fn requests(mut self, name: &str, quantity: &str) -> Self {
        let mut requests = self.0.pointer("/spec/resources/requests").cloned().unwrap_or(json!({}));
        requests[name] = json!(quantity);
        put(&mut self.0, "/spec/resources/requests", requests);
        self
    }

    /// A condition that has been so since `since` seconds.
    #[must_use]
    pub fn condition(self, r#type: &str, status: &str, reason: &str, since: i64) -> Self {
        self.full_condition(r#type, status, reason, "", since)
    }

    /// A condition with a message.
    #[must_use]
    pub fn full_condition(
        mut self,
        r#type: &str,
        status: &str,
        reason: &str,
        message: &str,
        since: i64,
    ) -> Self {
        push_condition(&mut self.0, r#type, status, reason, message, since);
        self
    }

    /// Launched `since` seconds as the instance `id`.
    #[must_use]
    pub fn launched(self, id: &str, since: i64) -> Self {
        self.set("/status/providerID", id).condition("Launched", "True", "Launched", since)
    }

    /// Registered `since` seconds.
    #[must_use]
    pub fn registered(self, since: i64) -> Self {
        self.condition("Registered", "True", "Registered", since)
    }

    /// Initialized `since` seconds.
    #[must_use]
    pub fn initialized(self, since: i64) -> Self {
        self.condition("Initialized", "True", "Initialized", since)
            .condition("Ready", "True", "Ready", since)
    }

    /// Being deleted since `since` seconds.
    #[must_use]
    pub fn deleting(self, since: i64) -> Self {
        self.set("/metadata/deletionTimestamp", at(since).to_string())
    }

    /// Owned by the pool with this uid.
    #[must_use]
    pub fn owned_by(self, pool_uid: &str) -> Self {
        let owner = json!([{
            "apiVersion": "karpenter.sh/v1", "kind": "NodePool", "name": "general", "uid": pool_uid,
        }]);
        self.set("/metadata/ownerReferences", owner)
    }

    /// The claim.
    ///
    /// # Panics
    /// When what was set is no NodeClaim.
    pub fn build(self) -> Arc<NodeClaim> {
        let object: ClaimObject = serde_json::from_value(self.0).expect("a NodeClaim");
        Arc::new(object.decode().expect("a valid NodeClaim"))
    }
}

/// A node that is ready, with plenty allocatable and without taints.
pub fn node(name: &str, provider_id: &str) -> NodeBuilder {
    NodeBuilder(json!({
        "metadata": {
            "name": name,
            "uid": format!("uid-{name}"),
            "resourceVersion": "10",
            "creationTimestamp": at(0).to_string(),
            "labels": {},
            "annotations": {},
        },
        "spec": { "providerID": provider_id, "taints": [] },
        "status": {
            "capacity": { "cpu": "8", "memory": "16Gi", "pods": "110" },
            "allocatable": { "cpu": "8", "memory": "16Gi", "pods": "110" },
            "conditions": [{ "type": "Ready", "status": "True" }],
        },
    }))
}

/// Builds a Node.
#[derive(Debug, Clone)]
pub struct NodeBuilder(Value);

impl NodeBuilder {
    /// Sets the value at a JSON pointer, creating members on the way.
    #[must_use]
    pub fn set(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        put(&mut self.0, pointer, value.into());
        self
    }

    /// A label.
    #[must_use]
    pub fn label(mut self, key: &str, value: &str) -> Self {
        self.0["metadata"]["labels"][key] = json!(value);
        self
    }

    /// A taint.
    #[must_use]
    pub fn taint(mut self, key: &str, value: &str, effect: &str) -> Self {
        let taints = self.0["spec"]["taints"].as_array_mut().expect("a list");
        taints.push(json!({ "key": key, "value": value, "effect": effect }));
        self
    }

    /// The taint that marks nodes which have not registered.
    #[must_use]
    pub fn unregistered(self) -> Self {
        self.taint(labels::UNREGISTERED_TAINT, "", "NoExecute")
    }

    /// Its kubelet says it is not ready.
    #[must_use]
    pub fn not_ready(self) -> Self {
        self.set("/status/conditions", json!([{ "type": "Ready", "status": "False" }]))
    }

    /// Being deleted since `since` seconds.
    #[must_use]
    pub fn deleting(self, since: i64) -> Self {
        self.set("/metadata/deletionTimestamp", at(since).to_string())
    }

    /// The object as the API stores it.
    pub fn object(self) -> Value {
        self.0
    }

    /// The node.
    ///
    /// # Panics
    /// When what was set is no Node.
    pub fn build(self) -> Arc<Node> {
        let object: SlimNode = serde_json::from_value(self.0).expect("a Node");
        Arc::new(object.decode().expect("a valid Node"))
    }
}

/// A pool that refers to the node class of this module.
pub fn node_pool(name: &str) -> PoolBuilder {
    PoolBuilder(json!({
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {
            "name": name,
            "uid": format!("uid-{name}"),
            "resourceVersion": "10",
            "generation": 1,
            "creationTimestamp": at(0).to_string(),
            "annotations": {},
        },
        "spec": { "template": { "spec": {
            "nodeClassRef": { "group": CLASS_GROUP, "kind": CLASS_KIND, "name": CLASS_NAME },
            "requirements": [],
        } } },
        "status": { "conditions": [], "nodes": 0 },
    }))
}

/// Builds a NodePool.
#[derive(Debug, Clone)]
pub struct PoolBuilder(Value);

impl PoolBuilder {
    /// Sets the value at a JSON pointer, creating members on the way.
    #[must_use]
    pub fn set(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        put(&mut self.0, pointer, value.into());
        self
    }

    /// An annotation.
    #[must_use]
    pub fn annotation(mut self, key: &str, value: &str) -> Self {
        self.0["metadata"]["annotations"][key] = json!(value);
        self
    }

    /// A condition that has been so from the start.
    #[must_use]
    pub fn condition(mut self, r#type: &str, status: &str, reason: &str) -> Self {
        push_condition(&mut self.0, r#type, status, reason, "", 0);
        self
    }

    /// The pool.
    ///
    /// # Panics
    /// When what was set is no NodePool.
    pub fn build(self) -> Arc<NodePool> {
        let object: PoolObject = serde_json::from_value(self.0).expect("a NodePool");
        Arc::new(object.decode().expect("a valid NodePool"))
    }
}

/// The node class of this module.
pub fn node_class(generation: i64, readiness: Readiness) -> NodeClass {
    NodeClass {
        key: NodeClassKey::new(CLASS_GROUP, CLASS_KIND, CLASS_NAME),
        uid: "uid-class".into(),
        resource_version: ResourceVersion::from("1"),
        generation,
        deleted_at: None,
        readiness,
    }
}

/// A running pod on `node` that was bound `since` seconds; `set` changes the object.
pub fn bound_pod(name: &str, node: &str, since: i64, set: &[(&str, Value)]) -> Arc<Pod> {
    let mut object = json!({
        "metadata": {
            "name": name, "namespace": "default", "uid": format!("uid-{name}"),
            "resourceVersion": "1", "creationTimestamp": at(since).to_string(),
        },
        "spec": { "nodeName": node, "containers": [{ "name": "c" }] },
        "status": { "phase": "Running", "startTime": at(since).to_string(), "conditions": [
            { "type": "PodScheduled", "status": "True", "lastTransitionTime": at(since).to_string() },
        ] },
    });
    for (pointer, value) in set {
        put(&mut object, pointer, value.clone());
    }
    let slim: SlimPod = serde_json::from_value(object).expect("a Pod");
    Arc::new(slim.decode().expect("a valid Pod"))
}

/// An instance that the cloud launched for the claim `claim` when everything was created.
pub fn instance(id: &str, claim: &str) -> Instance {
    Instance {
        provider_id: ProviderId::from(id),
        claim: Some(claim.into()),
        claim_uid: Some(format!("uid-{claim}").into()),
        image_id: Some("image-1".to_owned()),
        created: at(0),
        terminating: false,
        labels: label_map(&[(labels::ZONE, "z1"), (labels::CAPACITY_TYPE, "spot")]),
        annotations: Labels::default(),
        capacity: [("cpu".into(), crate::model::quantity::Quantity::from_units(8))]
            .into_iter()
            .collect(),
        allocatable: [("cpu".into(), crate::model::quantity::Quantity::from_units(7))]
            .into_iter()
            .collect(),
    }
}

/// Labels from pairs.
pub fn label_map(pairs: &[(&str, &str)]) -> Labels {
    Arc::new(pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect())
}

/// Key of the label that names the node class of this module.
pub fn class_label() -> String {
    labels::node_class_label(CLASS_GROUP, CLASS_KIND)
}

fn push_condition(
    object: &mut Value,
    r#type: &str,
    status: &str,
    reason: &str,
    message: &str,
    since: i64,
) {
    let conditions = object["status"]["conditions"].as_array_mut().expect("a list");
    conditions.retain(|known| known["type"] != r#type);
    conditions.push(json!({
        "type": r#type, "status": status, "reason": reason, "message": message,
        "observedGeneration": 1, "lastTransitionTime": at(since).to_string(),
    }));
}

fn put(object: &mut Value, pointer: &str, value: Value) {
    let mut target = object;
    for member in pointer.split('/').skip(1) {
        let member = member.replace("~1", "/");
        if !target.is_object() {
            *target = json!({});
        }
        target = &mut target[member];
    }
    *target = value;
}
