//! Nodes joined with their claims.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::quantity;
use crate::api::labels;
use crate::api::v1::nodeclaim;
use crate::model::node::{Node, ReadyState};
use crate::model::node_claim::NodeClaim;
use crate::model::pod::Pod;
use crate::model::resources::{ResourceName, Resources};
use crate::model::taints::{Taint, TaintEffect};
use crate::state::{NodeUsage, StateNode};
use crate::wire::Decoded;

/// A ready node that no claim stands behind, with room for 110 pods and nothing else.
///
/// # Example
/// ```
/// # use karpenter_core::testing::nodes::state_node;
/// let node = state_node("n").capacity("cpu", "4").managed("pool").build();
/// assert!(node.is_initialized());
/// assert_eq!(node.pool().unwrap().as_str(), "pool");
/// ```
pub fn state_node(name: &str) -> StateNodeBuilder {
    StateNodeBuilder {
        name: name.to_owned(),
        labels: BTreeMap::from([(labels::HOSTNAME.into(), name.into())]),
        taints: vec![],
        startup_taints: vec![],
        capacity: Resources::from_iter([(ResourceName::pods(), quantity("110"))]),
        reported: None,
        stage: Stage::Unmanaged,
        pods: vec![],
        marked: false,
        conditions: vec![],
        last_pod_event: None,
    }
}

/// Makes a [`StateNode`] step by step.
#[derive(Debug, Clone)]
#[must_use]
pub struct StateNodeBuilder {
    name: String,
    labels: BTreeMap<Arc<str>, Arc<str>>,
    taints: Vec<Taint>,
    startup_taints: Vec<Taint>,
    capacity: Resources,
    reported: Option<Resources>,
    stage: Stage,
    pods: Vec<Arc<Pod>>,
    marked: bool,
    conditions: Vec<Value>,
    last_pod_event: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Unmanaged,
    Launched,
    Registered,
    Initialized,
}

impl StateNodeBuilder {
    /// A label.
    pub fn label(mut self, key: &str, value: &str) -> Self {
        self.labels.insert(key.into(), value.into());
        self
    }

    /// Takes a label away.
    pub fn without_label(mut self, key: &str) -> Self {
        self.labels.remove(key);
        self
    }

    /// Capacity and allocatable of a resource.
    pub fn capacity(mut self, name: &str, amount: &str) -> Self {
        self.capacity.insert(ResourceName::from(name), quantity(amount));
        self
    }

    /// What the kubelet reports of a resource while the claim says otherwise.
    pub fn reported(mut self, name: &str, amount: &str) -> Self {
        let mut reported = self.reported.take().unwrap_or_else(|| self.capacity.clone());
        reported.insert(ResourceName::from(name), quantity(amount));
        self.reported = Some(reported);
        self
    }

    /// A taint.
    pub fn taint(mut self, key: &str, value: &str, effect: &str) -> Self {
        self.taints.push(Taint::new(key, value, TaintEffect::from(effect)));
        self
    }

    /// A taint the claim expects to go away.
    pub fn startup_taint(mut self, key: &str, value: &str, effect: &str) -> Self {
        self.startup_taints.push(Taint::new(key, value, TaintEffect::from(effect)));
        self
    }

    /// Made by `pool` and ready for use.
    pub fn managed(self, pool: &str) -> Self {
        self.stage(Stage::Initialized, pool)
    }

    /// Made by `pool` and registered, but not ready for use yet.
    pub fn uninitialized(self, pool: &str) -> Self {
        self.stage(Stage::Registered, pool)
    }

    /// Made by `pool` and launched; there is no Node yet.
    pub fn in_flight(self, pool: &str) -> Self {
        self.stage(Stage::Launched, pool)
    }

    /// Its claim says that it is ready for use since this second.
    pub fn initialized_at(mut self, second: i64) -> Self {
        let since = Timestamp::from_second(second).expect("invariant: tests use small times");
        self.conditions.push(json!({
            "type": "Initialized", "status": "True", "reason": "Initialized", "message": "",
            "lastTransitionTime": since.to_string(),
        }));
        self
    }

    /// Its claim says that pods came or went last at this second.
    pub fn last_pod_event(mut self, second: i64) -> Self {
        let at = Timestamp::from_second(second).expect("invariant: tests use small times");
        self.last_pod_event = Some(at);
        self
    }

    /// A pod bound to it.
    pub fn bind(mut self, pod: Arc<Pod>) -> Self {
        self.pods.push(pod);
        self
    }

    /// About to be deleted.
    pub fn marked(mut self) -> Self {
        self.marked = true;
        self
    }

    /// The node.
    pub fn build(mut self) -> StateNode {
        if matches!(self.stage, Stage::Registered | Stage::Initialized) {
            self.labels.insert(labels::REGISTERED.into(), "true".into());
        }
        if self.stage == Stage::Initialized {
            self.labels.insert(labels::INITIALIZED.into(), "true".into());
        }
        let mut usage = NodeUsage::default();
        for pod in &self.pods {
            let mut pod = (**pod).clone();
            pod.node_name = Some(self.name.as_str().into());
            let pod = Arc::new(pod);
            let requests = pod.requests.with_pods(1);
            usage.requested = usage.requested.add(&requests);
            if pod.owners.daemonset {
                usage.daemon_requested = usage.daemon_requested.add(&requests);
            }
            if !pod.volume_claims.is_empty() {
                usage.claiming.insert(pod.key.clone(), pod.clone());
            }
            usage.pods.insert(pod.key.clone(), pod);
        }
        StateNode {
            node: (self.stage != Stage::Launched).then(|| Arc::new(self.node())),
            claim: (self.stage != Stage::Unmanaged).then(|| Arc::new(self.claim())),
            usage: Arc::new(usage),
            nominated_until: None,
            marked: self.marked,
        }
    }

    fn stage(mut self, stage: Stage, pool: &str) -> Self {
        self.stage = stage;
        self.label(labels::NODEPOOL, pool)
    }

    fn node(&self) -> Node {
        let reported = self.reported.as_ref().unwrap_or(&self.capacity);
        Node {
            name: self.name.as_str().into(),
            uid: self.name.as_str().into(),
            resource_version: "1".into(),
            labels: Arc::new(self.labels.clone()),
            annotations: Arc::default(),
            taints: self.taints.clone(),
            provider_id: Some(format!("test://{}", self.name).into()),
            unschedulable: false,
            capacity: reported.clone(),
            allocatable: reported.clone(),
            ready: ReadyState::True,
            finalizers: vec![],
            owner_references: vec![],
            created: Timestamp::UNIX_EPOCH,
            deleted_at: None,
        }
    }

    fn claim(&self) -> NodeClaim {
        let labels: BTreeMap<&str, &str> =
            self.labels.iter().map(|(key, value)| (&**key, &**value)).collect();
        let taint = |taint: &Taint| -> Value {
            json!({ "key": &*taint.key, "value": &*taint.value, "effect": taint.effect.as_str() })
        };
        let object = json!({
            "apiVersion": "karpenter.sh/v1",
            "kind": "NodeClaim",
            "metadata": {
                "name": self.name, "uid": format!("{}-uid", self.name), "resourceVersion": "1",
                "labels": labels,
            },
            "spec": {
                "nodeClassRef": { "group": "karpenter.test", "kind": "TestNodeClass", "name": "default" },
                "requirements": [],
                "taints": self.taints.iter().map(taint).collect::<Vec<_>>(),
                "startupTaints": self.startup_taints.iter().map(taint).collect::<Vec<_>>(),
            },
            "status": {
                "providerID": format!("test://{}", self.name),
                "capacity": self.capacity.to_api(),
                "allocatable": self.capacity.to_api(),
                "conditions": self.conditions,
                "lastPodEventTime": self.last_pod_event.map(|at| at.to_string()),
            },
        });
        let object: nodeclaim::NodeClaim =
            serde_json::from_value(object).expect("invariant: the builder writes valid claims");
        object.decode().expect("invariant: the builder writes valid claims")
    }
}
