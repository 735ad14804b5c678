//! The pods, pool and instance types that upstream measures itself with, as Kubernetes objects.

use karpenter_core::api::labels;
use kwok_provider::catalog::file::InstanceTypeRow;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

/// Seed of all workloads, the one upstream uses.
const SEED: u64 = 42;
const TYPES: u32 = 400;
const MILLICPU: [u32; 5] = [100, 250, 500, 1000, 1500];
const MEBIBYTES: [u32; 6] = [100, 256, 512, 1024, 2048, 4096];
const VALUES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
const MADE: &str = "2023-11-14T22:13:20Z";

/// `fake-it-i` has i+1 processors, 2(i+1) Gi and 10(i+1) pods, and costs 0.1 per processor and per GB in five offerings.
///
/// Source: Karpenter behaviour, scheduling benchmark.
pub(super) fn catalog() -> Vec<InstanceTypeRow> {
    let row = |i: u32| {
        let size = i + 1;
        let price = 0.1 * f64::from(size) + 0.1 * f64::from(size) * 2.0 * 1.073_741_824;
        let offering = |bought: &str, zone: &str| {
            let is =
                |key: &str, value: &str| json!({ "key": key, "operator": "In", "values": [value] });
            let requirements = [is(labels::ZONE, zone), is(labels::CAPACITY_TYPE, bought)];
            json!({ "Price": price, "Available": true, "Requirements": requirements })
        };
        let spot = ["z1", "z2"].map(|zone| offering("spot", zone));
        let on_demand = ["z1", "z2", "z3"].map(|zone| offering("on-demand", zone));
        let offerings = [spot.as_slice(), &on_demand].concat();
        let row = json!({
            "name": format!("fake-it-{i}"), "architecture": "amd64", "operatingSystems": ["linux"],
            "resources": {
                "cpu": size.to_string(), "memory": format!("{}Gi", 2 * size), "pods": (10 * size).to_string(),
            },
            "offerings": offerings,
        });
        serde_json::from_value(row).expect("invariant: a row by rule")
    };
    (0..TYPES).map(row).collect()
}

/// One pool and `n` waiting pods, one fifth each: without constraints; spread over zones; spread over nodes; with pods
/// of their own kind in one zone; away from pods of their own kind.
///
/// Source: Karpenter behaviour, scheduling benchmark.
pub(super) fn objects(n: usize) -> Vec<Value> {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut objects = vec![pool()];
    objects.extend((0..n).map(|i| pod(i, i * 5 / n, &mut random)));
    objects
}

fn pool() -> Value {
    let class = json!({ "group": "karpenter.kwok.sh", "kind": "KWOKNodeClass", "name": "default" });
    json!({
        "apiVersion": "karpenter.sh/v1", "kind": "NodePool",
        "metadata": { "name": "default", "uid": "uid-default", "creationTimestamp": MADE },
        "spec": {
            "limits": { "cpu": "10000000", "memory": "10000000Gi" },
            "template": { "spec": { "nodeClassRef": class, "requirements": [] } },
        },
    })
}

fn pod(i: usize, kind: usize, random: &mut ChaCha8Rng) -> Value {
    let own = VALUES[random.random_range(..VALUES.len())];
    let other = VALUES[random.random_range(..VALUES.len())];
    let cpu = MILLICPU[random.random_range(..MILLICPU.len())];
    let memory = MEBIBYTES[random.random_range(..MEBIBYTES.len())];
    let requests = json!({ "cpu": format!("{cpu}m"), "memory": format!("{memory}Mi") });
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": format!("pod-{i}"), "namespace": "default", "uid": format!("uid-{i:06}"),
            "creationTimestamp": MADE, "labels": { "my-label": own },
        },
        "spec": { "containers": [{ "name": "main", "image": "none", "resources": { "requests": requests } }] },
        "status": {
            "phase": "Pending",
            "conditions": [{ "type": "PodScheduled", "status": "False", "reason": "Unschedulable" }],
        },
    });
    let spec = &mut pod["spec"];
    match kind {
        0 => {}
        1 => spec["topologySpreadConstraints"] = json!([spread(labels::ZONE, other)]),
        2 => spec["topologySpreadConstraints"] = json!([spread(labels::HOSTNAME, other)]),
        3 => {
            spec["affinity"] = json!({ "podAffinity": required(labels::ZONE, "my-affinity", own) });
            pod["metadata"]["labels"] = json!({ "my-affinity": own });
        }
        _ => {
            spec["affinity"] =
                json!({ "podAntiAffinity": required(labels::HOSTNAME, "app", "nginx") });
            pod["metadata"]["labels"] = json!({ "app": "nginx" });
        }
    }
    pod
}

fn spread(key: &str, value: &str) -> Value {
    json!({
        "topologyKey": key, "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": { "matchLabels": { "my-label": value } },
    })
}

/// Pods with the label `name` of `value`, by the topology `key`.
fn required(key: &str, name: &str, value: &str) -> Value {
    let term = json!({ "topologyKey": key, "labelSelector": { "matchLabels": { name: value } } });
    json!({ "requiredDuringSchedulingIgnoredDuringExecution": [term] })
}
