//! NodePools.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::api::v1::nodepool;
use crate::model::node_pool::NodePool;
use crate::wire::Decoded;

/// A ready NodePool without requirements or limits, for node class `default` of kind `TestNodeClass.karpenter.test`.
///
/// # Example
/// ```
/// # use karpenter_core::testing::node_pools::node_pool;
/// let pool = node_pool("p").weight(10).limit("cpu", "100").require("size", "In", ["large"]).build();
/// assert_eq!(pool.template.requirements.to_string(), "size In [large]");
/// ```
pub fn node_pool(name: &str) -> NodePoolBuilder {
    NodePoolBuilder {
        object: json!({
            "apiVersion": "karpenter.sh/v1",
            "kind": "NodePool",
            "metadata": { "name": name, "uid": format!("{name}-uid"), "resourceVersion": "1" },
            "spec": {
                "template": {
                    "metadata": { "labels": {}, "annotations": {} },
                    "spec": {
                        "nodeClassRef": { "group": "karpenter.test", "kind": "TestNodeClass", "name": "default" },
                        "requirements": [], "taints": [], "startupTaints": [],
                        "expireAfter": "720h",
                    },
                },
            },
        }),
        ready: true,
        deleting: false,
    }
}

/// Makes a [`NodePool`] step by step.
#[derive(Debug, Clone)]
#[must_use]
pub struct NodePoolBuilder {
    object: Value,
    ready: bool,
    deleting: bool,
}

impl NodePoolBuilder {
    /// Heavier pools are tried first.
    pub fn weight(mut self, weight: i32) -> Self {
        self.object["spec"]["weight"] = json!(weight);
        self
    }

    /// Bounds one resource of all nodes together.
    pub fn limit(mut self, name: &str, amount: &str) -> Self {
        self.object["spec"]["limits"][name] = json!(amount);
        self
    }

    /// Labels every node.
    pub fn label(mut self, key: &str, value: &str) -> Self {
        self.object["spec"]["template"]["metadata"]["labels"][key] = json!(value);
        self
    }

    /// Annotates every claim.
    pub fn annotation(mut self, key: &str, value: &str) -> Self {
        self.object["spec"]["template"]["metadata"]["annotations"][key] = json!(value);
        self
    }

    /// Annotates the pool itself.
    pub fn annotated(mut self, key: &str, value: &str) -> Self {
        self.object["metadata"]["annotations"][key] = json!(value);
        self
    }

    /// One requirement.
    pub fn require<'v>(
        self,
        key: &str,
        operator: &str,
        values: impl IntoIterator<Item = &'v str>,
    ) -> Self {
        let values: Vec<&str> = values.into_iter().collect();
        self.push("requirements", json!({ "key": key, "operator": operator, "values": values }))
    }

    /// One requirement with a minimum of distinct values.
    pub fn require_min<'v>(
        self,
        min_values: u32,
        key: &str,
        operator: &str,
        values: impl IntoIterator<Item = &'v str>,
    ) -> Self {
        let values: Vec<&str> = values.into_iter().collect();
        let entry =
            json!({ "key": key, "operator": operator, "values": values, "minValues": min_values });
        self.push("requirements", entry)
    }

    /// Taints every node.
    pub fn taint(self, key: &str, value: &str, effect: &str) -> Self {
        self.push("taints", json!({ "key": key, "value": value, "effect": effect }))
    }

    /// Taints every node until something removes it.
    pub fn startup_taint(self, key: &str, value: &str, effect: &str) -> Self {
        self.push("startupTaints", json!({ "key": key, "value": value, "effect": effect }))
    }

    /// How long pods of an ending node may take.
    pub fn termination_grace_period(mut self, period: &str) -> Self {
        self.object["spec"]["template"]["spec"]["terminationGracePeriod"] = json!(period);
        self
    }

    /// How long a node has to be quiet before it may be consolidated.
    pub fn consolidate_after(mut self, wait: &str) -> Self {
        self.object["spec"]["disruption"]["consolidateAfter"] = json!(wait);
        self
    }

    /// A fixed number of nodes.
    pub fn replicas(mut self, replicas: i64) -> Self {
        self.object["spec"]["replicas"] = json!(replicas);
        self
    }

    /// Condition `Ready` is not true.
    pub fn not_ready(mut self) -> Self {
        self.ready = false;
        self
    }

    /// Being deleted.
    pub fn deleting(mut self) -> Self {
        self.deleting = true;
        self
    }

    /// The pool.
    ///
    /// # Panics
    /// If what was written is no NodePool.
    pub fn build(self) -> Arc<NodePool> {
        let object: nodepool::NodePool =
            serde_json::from_value(self.object).expect("invariant: tests write valid pools");
        let mut pool = object.decode().expect("invariant: tests write valid pools");
        pool.ready = self.ready;
        pool.deleted_at = self.deleting.then_some(jiff::Timestamp::UNIX_EPOCH);
        Arc::new(pool)
    }

    fn push(mut self, list: &str, entry: Value) -> Self {
        let list = self.object["spec"]["template"]["spec"][list].as_array_mut();
        list.expect("invariant: the builder starts with empty lists").push(entry);
        self
    }
}
