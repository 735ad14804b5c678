//! Clusters for tests: objects written as Kubernetes writes them, over the least an object needs.
//!
//! ```
//! # use karpenter_core::testing::cluster::{World, at, node, pod};
//! # use serde_json::json;
//! let world = World::new(at(0)).node(node("a", json!({}))).pod(pod("p", "a", json!({})));
//! assert_eq!(world.snapshot().usage(&"a".into()).pods.len(), 1);
//! ```

use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::api::v1::nodepool::NodePool as PoolObject;
use crate::model::chunk_source::ChunkSourceKind;
use crate::model::disruption_budget::PodDisruptionBudget;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;
use crate::model::pod::Pod;
use crate::model::selector_source::SelectorSourceKind;
use crate::model::volume_attachment::VolumeAttachment;
use crate::state::{Change, ClusterEvent, ClusterSnapshot, ClusterState};
use crate::wire::Decoded;
use crate::wire::disruption_budget::SlimDisruptionBudget;
use crate::wire::node::SlimNode;
use crate::wire::pod::SlimPod;
use crate::wire::volume_attachment::SlimVolumeAttachment;

/// Group and kind of the node class of all test objects.
pub const NODE_CLASS: (&str, &str) = ("karpenter.test", "TestNodeClass");
/// Label by which nodes of [`NODE_CLASS`] are known.
pub const NODE_CLASS_LABEL: &str = "karpenter.test/testnodeclass";

/// Seconds after the beginning of the tests' time.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).expect("invariant: in range")
}

/// `at` with a fraction.
pub fn at_millis(millis: i64) -> Timestamp {
    at(0) + jiff::SignedDuration::from_millis(millis)
}

/// The way instants are written in objects.
pub fn text(at: Timestamp) -> String {
    at.to_string()
}

/// A running pod of namespace `default` on `node`.
///
/// # Panics
/// When the merged object is not a pod.
pub fn pod(name: &str, node: &str, changes: Value) -> Pod {
    let base = json!({
        "metadata": metadata(name, Some("default")),
        "spec": { "nodeName": node },
        "status": {
            "phase": "Running",
            "conditions": [
                { "type": "Ready", "status": "True" },
                { "type": "PodScheduled", "status": "True", "lastTransitionTime": text(at(-3600)) },
            ],
            "startTime": text(at(-3600)),
        },
    });
    decoded::<SlimPod>(base, changes)
}

/// A pod that a scheduler found no node for, asking for so many processors.
///
/// # Panics
/// When `cpu` makes no pod.
pub fn waiting_pod(name: &str, cpu: &str) -> Pod {
    let requests = json!({ "requests": { "cpu": cpu } });
    let refused = json!({ "type": "PodScheduled", "status": "False", "reason": "Unschedulable" });
    pod(
        name,
        "",
        json!({
            "spec": { "containers": [{ "name": "c", "resources": requests }] },
            "status": { "phase": "Pending", "conditions": [refused] },
        }),
    )
}

/// An initialized, ready node of NodePool `default` with the provider id `fake:///<name>`.
///
/// # Panics
/// When the merged object is not a node.
pub fn node(name: &str, changes: Value) -> Node {
    let mut metadata = metadata(name, None);
    metadata["labels"] = node_labels();
    metadata["finalizers"] = json!(["karpenter.sh/termination"]);
    let base = json!({
        "metadata": metadata,
        "spec": { "providerID": format!("fake:///{name}") },
        "status": { "conditions": [{ "type": "Ready", "status": "True" }] },
    });
    decoded::<SlimNode>(base, changes)
}

/// The initialized claim of the [`node`] of that name.
///
/// # Panics
/// When the merged object is not a claim.
pub fn claim(name: &str, changes: Value) -> NodeClaim {
    let mut metadata = metadata(name, None);
    metadata["labels"] = node_labels();
    metadata["finalizers"] = json!(["karpenter.sh/termination"]);
    let names = ["Launched", "Registered", "Initialized", "Ready"];
    let conditions: Vec<Value> =
        names.iter().map(|name| condition(name, "True", at(-3600))).collect();
    let base = json!({
        "metadata": metadata,
        "spec": { "requirements": [], "nodeClassRef": node_class_ref(), "expireAfter": "Never" },
        "status": {
            "providerID": format!("fake:///{name}"),
            "nodeName": name,
            "conditions": conditions,
        },
    });
    decoded::<ClaimObject>(base, changes)
}

/// A condition of reason `type` that has its status since `since`.
pub fn condition(r#type: &str, status: &str, since: Timestamp) -> Value {
    json!({
        "type": r#type, "status": status, "reason": r#type, "message": "",
        "lastTransitionTime": text(since), "observedGeneration": 1,
    })
}

/// Changes that add `extra` to the conditions of a [`claim`].
pub fn with_conditions(extra: &[Value]) -> Value {
    let initial = ["Launched", "Registered", "Initialized", "Ready"];
    let mut conditions: Vec<Value> =
        initial.iter().map(|name| condition(name, "True", at(-3600))).collect();
    conditions.extend(extra.iter().cloned());
    json!({ "status": { "conditions": conditions } })
}

/// A pool whose nodes may be disrupted at any time, all at once.
///
/// # Panics
/// When the merged object is not a pool.
pub fn pool(name: &str, changes: Value) -> NodePool {
    let base = json!({
        "metadata": metadata(name, None),
        "spec": {
            "template": { "spec": { "requirements": [], "nodeClassRef": node_class_ref() } },
            "disruption": { "consolidateAfter": "0s", "budgets": [{ "nodes": "100%" }] },
        },
    });
    decoded::<PoolObject>(base, changes)
}

/// A PodDisruptionBudget of namespace `default` that covers every pod there and has `allowed` disruptions left.
///
/// # Panics
/// When the merged object is not a budget.
pub fn pod_budget(name: &str, allowed: i32, changes: Value) -> PodDisruptionBudget {
    let base = json!({
        "metadata": metadata(name, Some("default")),
        "spec": { "selector": {} },
        "status": { "disruptionsAllowed": allowed },
    });
    decoded::<SlimDisruptionBudget>(base, changes)
}

/// The volume `volume`, attached to `node`.
///
/// # Panics
/// Never.
pub fn attachment(name: &str, node: &str, volume: Option<&str>) -> VolumeAttachment {
    let source = volume.map_or_else(|| json!({}), |name| json!({ "persistentVolumeName": name }));
    let base = json!({
        "metadata": metadata(name, None),
        "spec": { "nodeName": node, "source": source },
    });
    decoded::<SlimVolumeAttachment>(base, json!({}))
}

/// A cluster of which everything has been listed, seen at one time.
#[derive(Debug, Clone)]
pub struct World {
    state: ClusterState,
    now: Timestamp,
}

impl World {
    /// An empty cluster.
    pub fn new(now: Timestamp) -> Self {
        let state = ClusterState::default();
        for event in [
            ClusterEvent::Pod(Change::Reset(vec![])),
            ClusterEvent::Node(Change::Reset(vec![])),
            ClusterEvent::NodeClaim(Change::Reset(vec![])),
            ClusterEvent::NodePool(Change::Reset(vec![])),
            ClusterEvent::NodeOverlay(Change::Reset(vec![])),
            ClusterEvent::NodeClass(Change::Reset(vec![])),
            ClusterEvent::DaemonSet(Change::Reset(vec![])),
            ClusterEvent::PodDisruptionBudget(Change::Reset(vec![])),
            ClusterEvent::VolumeAttachment(Change::Reset(vec![])),
            ClusterEvent::PersistentVolumeClaim(Change::Reset(vec![])),
            ClusterEvent::PersistentVolume(Change::Reset(vec![])),
            ClusterEvent::StorageClass(Change::Reset(vec![])),
            ClusterEvent::CsiNode(Change::Reset(vec![])),
            ClusterEvent::ResourceClaim(Change::Reset(vec![])),
            ClusterEvent::ResourceSlice(Change::Reset(vec![])),
            ClusterEvent::DeviceClass(Change::Reset(vec![])),
            ClusterEvent::CapacityBuffer(Change::Reset(vec![])),
            ClusterEvent::Namespace(Change::Reset(vec![])),
        ] {
            state.apply(event, now);
        }
        for kind in ChunkSourceKind::ALL {
            state.apply(ClusterEvent::ChunkSource(kind, Change::Reset(vec![])), now);
        }
        for kind in SelectorSourceKind::ALL {
            state.apply(ClusterEvent::SelectorSource(kind, Change::Reset(vec![])), now);
        }
        Self { state, now }
    }

    /// Adds or replaces a pod.
    #[must_use]
    pub fn pod(self, pod: Pod) -> Self {
        self.with(ClusterEvent::Pod(Change::Upsert(pod.into())))
    }

    /// Adds or replaces a node.
    #[must_use]
    pub fn node(self, node: Node) -> Self {
        self.with(ClusterEvent::Node(Change::Upsert(node.into())))
    }

    /// Adds or replaces a claim.
    #[must_use]
    pub fn claim(self, claim: NodeClaim) -> Self {
        self.with(ClusterEvent::NodeClaim(Change::Upsert(claim.into())))
    }

    /// Adds or replaces a pool.
    #[must_use]
    pub fn pool(self, pool: NodePool) -> Self {
        self.with(ClusterEvent::NodePool(Change::Upsert(pool.into())))
    }

    /// Adds or replaces a PodDisruptionBudget.
    #[must_use]
    pub fn pod_budget(self, budget: PodDisruptionBudget) -> Self {
        self.with(ClusterEvent::PodDisruptionBudget(Change::Upsert(budget.into())))
    }

    /// Adds or replaces an attachment.
    #[must_use]
    pub fn attachment(self, attachment: VolumeAttachment) -> Self {
        self.with(ClusterEvent::VolumeAttachment(Change::Upsert(attachment.into())))
    }

    /// Folds in any event.
    #[must_use]
    pub fn with(self, event: ClusterEvent) -> Self {
        self.state.apply(event, self.now);
        self
    }

    /// The state behind it, shared.
    pub fn state(&self) -> ClusterState {
        self.state.clone()
    }

    /// What decisions see.
    pub fn snapshot(&self) -> ClusterSnapshot {
        self.state.snapshot()
    }
}

/// How long ago everything was made.
const AGE: Duration = Duration::from_secs(2 * 3600);

fn metadata(name: &str, namespace: Option<&str>) -> Value {
    let mut metadata = json!({
        "name": name, "uid": format!("uid-{name}"), "resourceVersion": "1", "generation": 1,
        "creationTimestamp": text(at(0) - AGE),
    });
    if let Some(namespace) = namespace {
        metadata["namespace"] = json!(namespace);
    }
    metadata
}

fn node_labels() -> Value {
    json!({
        NODE_CLASS_LABEL: "default",
        "karpenter.sh/nodepool": "default",
        "karpenter.sh/registered": "true",
        "karpenter.sh/initialized": "true",
        "topology.kubernetes.io/zone": "z1",
    })
}

fn node_class_ref() -> Value {
    json!({ "group": NODE_CLASS.0, "kind": NODE_CLASS.1, "name": "default" })
}

fn decoded<K: Decoded + DeserializeOwned>(mut base: Value, changes: Value) -> K::Model {
    merge(&mut base, changes);
    let object: K = serde_json::from_value(base).expect("invariant: tests write valid objects");
    object.decode().expect("invariant: tests write valid objects")
}

/// Merges `changes` into `base`; null removes, everything but objects is replaced.
///
/// Source: RFC 7396.
pub(crate) fn merge(base: &mut Value, changes: Value) {
    match (base, changes) {
        (Value::Object(base), Value::Object(changes)) => {
            for (key, change) in changes {
                if change.is_null() {
                    base.remove(&key);
                } else {
                    merge(base.entry(key).or_insert(Value::Null), change);
                }
            }
        }
        (base, changes) => *base = changes,
    }
}
