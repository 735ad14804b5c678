//! A random small cluster as ordinary Kubernetes objects.

use karpenter_core::api::labels;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::catalog::{ARM_ZONE, ZONES};
use super::pods;

/// Label that pools, nodes and pods may have; no instance type defines it.
pub(super) const TEAM: &str = "example.com/team";
/// Values of [`TEAM`].
pub(super) const TEAMS: [&str; 2] = ["blue", "red"];
/// When everything was made.
pub(super) const MADE: &str = "2023-11-14T22:13:20Z";

/// What is drawn from.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// Equal seeds fall equally.
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Whether something of `percent` probability happens.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100) < percent
    }

    /// A number of `least..=most`.
    pub(super) fn number(&mut self, least: usize, most: usize) -> usize {
        self.0.random_range(least..=most)
    }

    /// One of `values`, which are not empty.
    pub(super) fn one<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.0.random_range(..values.len())]
    }
}

/// The objects of `seed`: pools, nodes with their claims, DaemonSets, bound pods, waiting pods.
pub(super) fn objects(seed: u64) -> Vec<Value> {
    let mut dice = Dice::new(seed);
    let mut objects: Vec<Value> = ["default", "other"].map(namespace).into();
    let n_pools = dice.number(1, 3);
    objects.extend((0..n_pools).map(|i| pool(i, &mut dice)));
    let n_nodes = dice.number(0, 3);
    for i in 0..n_nodes {
        objects.extend(node(i, n_pools, &mut dice));
    }
    for i in 0..dice.number(0, 3).saturating_sub(1) {
        objects.push(pods::daemon_set(i, &mut dice));
    }
    objects.extend(pods::all(n_nodes, &mut dice));
    objects
}

fn namespace(name: &str) -> Value {
    let labels = json!({ "kubernetes.io/metadata.name": name, "kind": name });
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": labels } })
}

fn pool(i: usize, dice: &mut Dice) -> Value {
    let name = format!("pool-{i}");
    let template_labels =
        if dice.chance(30) { json!({ TEAM: dice.one(&TEAMS) }) } else { json!({}) };
    let template = json!({
        "metadata": { "labels": template_labels },
        "spec": {
            "nodeClassRef": { "group": "karpenter.kwok.sh", "kind": "KWOKNodeClass", "name": "default" },
            "requirements": pool_requirements(dice),
            "taints": taints(25, dice),
        },
    });
    let mut spec = json!({ "template": template });
    if dice.chance(40) {
        spec["weight"] = json!(dice.one(&[1, 10, 50]));
    }
    if dice.chance(20) {
        let limits = [("cpu", "6"), ("cpu", "20"), ("memory", "24Gi"), ("nodes", "2")];
        let (resource, amount) = dice.one(&limits);
        spec["limits"] = json!({ resource: amount });
    }
    json!({
        "apiVersion": "karpenter.sh/v1", "kind": "NodePool",
        "metadata": { "name": name, "uid": format!("uid-{name}"), "creationTimestamp": MADE },
        "spec": spec,
    })
}

fn pool_requirements(dice: &mut Dice) -> Vec<Value> {
    let mut requirements = vec![];
    if dice.chance(50) {
        requirements.push(requirement(labels::ARCH, "In", &["amd64"]));
    }
    if dice.chance(35) {
        requirements.push(match dice.number(0, 3) {
            0 => requirement(labels::ZONE, "In", &["zone-a", "zone-b"]),
            1 => requirement(labels::ZONE, "In", &["zone-b"]),
            2 => requirement(labels::ZONE, "NotIn", &["zone-a"]),
            _ => requirement(labels::ZONE, "In", &["zone-c", ARM_ZONE]),
        });
    }
    if dice.chance(30) {
        let bought = dice.one(&["spot", "on-demand"]);
        requirements.push(requirement(labels::CAPACITY_TYPE, "In", &[bought]));
    }
    if dice.chance(15) {
        requirements.push(requirement("karpenter.kwok.sh/instance-cpu", "Lt", &["8"]));
    }
    if dice.chance(8) {
        let mut few = requirement(labels::INSTANCE_TYPE, "Exists", &[]);
        few["minValues"] = json!(dice.number(2, 4));
        requirements.push(few);
    }
    requirements
}

/// A requirement of a NodePool or a term of a node affinity.
pub(super) fn requirement(key: &str, operator: &str, values: &[&str]) -> Value {
    if values.is_empty() {
        json!({ "key": key, "operator": operator })
    } else {
        json!({ "key": key, "operator": operator, "values": values })
    }
}

/// At most one taint, with probability `percent`.
fn taints(percent: u32, dice: &mut Dice) -> Vec<Value> {
    if !dice.chance(percent) {
        return vec![];
    }
    let effect = dice.one(&["NoSchedule", "NoSchedule", "PreferNoSchedule"]);
    vec![json!({ "key": "dedicated", "value": dice.one(&["x", "y"]), "effect": effect })]
}

/// A node, and its NodeClaim where it belongs to a pool.
fn node(i: usize, n_pools: usize, dice: &mut Dice) -> Vec<Value> {
    let name = format!("node-{i}");
    let (cpu, bought) = (dice.one(&[2, 4, 8]), dice.one(&["spot", "on-demand"]));
    let zone = if bought == "spot" { dice.one(&ZONES[..2]) } else { dice.one(&ZONES) };
    let mut node_labels = json!({
        labels::HOSTNAME: name, labels::OS: "linux", labels::ARCH: "amd64", labels::CAPACITY_TYPE: bought,
        labels::INSTANCE_TYPE: format!("amd64-{cpu:02}"),
    });
    if !dice.chance(10) {
        node_labels[labels::ZONE] = json!(zone);
    }
    if dice.chance(20) {
        node_labels[TEAM] = json!(dice.one(&TEAMS));
    }
    let resources =
        json!({ "cpu": cpu.to_string(), "memory": format!("{}Gi", 2 * cpu), "pods": "16" });
    let provider_id = format!("kwok://{name}");
    let taints = taints(20, dice);
    let mut objects = vec![];
    if dice.chance(50) {
        let pool = format!("pool-{}", dice.number(0, n_pools - 1));
        for (key, value) in [
            (labels::NODEPOOL, pool.as_str()),
            (labels::REGISTERED, "true"),
            (labels::INITIALIZED, "true"),
        ] {
            node_labels[key] = json!(value);
        }
        objects.push(claim(&name, &node_labels, &provider_id, &resources, &taints));
    }
    objects.push(json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": name, "uid": format!("uid-{name}"), "creationTimestamp": MADE, "labels": node_labels },
        "spec": { "providerID": provider_id, "taints": taints },
        "status": {
            "capacity": resources, "allocatable": resources,
            "conditions": [{ "type": "Ready", "status": "True", "lastTransitionTime": MADE }],
        },
    }));
    objects
}

fn claim(
    node: &str,
    node_labels: &Value,
    provider_id: &str,
    resources: &Value,
    taints: &[Value],
) -> Value {
    let conditions = ["Launched", "Registered", "Initialized", "Ready"].map(|condition| {
        json!({
            "type": condition, "status": "True", "reason": condition, "message": "", "lastTransitionTime": MADE,
        })
    });
    json!({
        "apiVersion": "karpenter.sh/v1", "kind": "NodeClaim",
        "metadata": {
            "name": format!("claim-of-{node}"), "uid": format!("uid-claim-{node}"), "creationTimestamp": MADE,
            "labels": node_labels,
        },
        "spec": {
            "nodeClassRef": { "group": "karpenter.kwok.sh", "kind": "KWOKNodeClass", "name": "default" },
            "requirements": [], "taints": taints,
        },
        "status": {
            "nodeName": node, "providerID": provider_id, "capacity": resources, "allocatable": resources,
            "conditions": conditions,
        },
    })
}
