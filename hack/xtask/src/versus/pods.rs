//! Pods and DaemonSets of a random small cluster: a few applications with equal replicas.

use karpenter_core::api::labels;
use serde_json::{Value, json};

use super::cluster::{Dice, MADE, TEAM, TEAMS, requirement};

const APPS: [&str; 4] = ["cache", "db", "web", "job"];
const CPU: [&str; 6] = ["100m", "250m", "500m", "1", "1700m", "6"];
const MEMORY: [&str; 4] = ["128Mi", "512Mi", "1700Mi", "7Gi"];

/// Bound pods of up to `n_nodes` nodes, then waiting pods.
pub(super) fn all(n_nodes: usize, dice: &mut Dice) -> Vec<Value> {
    let mut pods = vec![];
    if n_nodes > 0 {
        for i in 0..dice.number(0, 3) {
            let mut bound = pod(dice.one(&APPS), dice);
            let node = format!("node-{}", dice.number(0, n_nodes - 1));
            bound["spec"]["nodeName"] = json!(node);
            bound["spec"]["containers"] = containers("100m", "64Mi");
            bound["status"] = json!({ "phase": "Running" });
            pods.push(named(bound, &format!("bound-{i}")));
        }
    }
    for app in &APPS[..dice.number(1, 4)] {
        let template = pod(app, dice);
        let replicas = dice.number(1, 4);
        pods.extend((0..replicas).map(|i| named(template.clone(), &format!("{app}-{i}"))));
    }
    pods
}

/// The pod as `name`.
fn named(mut pod: Value, name: &str) -> Value {
    pod["metadata"]["name"] = json!(name);
    pod["metadata"]["uid"] = json!(format!("uid-{name}"));
    pod
}

/// A waiting pod of `app` without a name.
fn pod(app: &str, dice: &mut Dice) -> Value {
    let mut spec = json!({ "containers": containers(dice.one(&CPU), dice.one(&MEMORY)) });
    if dice.chance(20) {
        spec["nodeSelector"] = node_selector(dice);
    }
    if dice.chance(35) {
        spec["tolerations"] = json!([toleration(dice)]);
    }
    if dice.chance(35) {
        let n = dice.number(1, 2);
        spec["topologySpreadConstraints"] = (0..n).map(|_| spread(app, dice)).collect();
    }
    let affinity = affinity(app, dice);
    if affinity != json!({}) {
        spec["affinity"] = affinity;
    }
    if dice.chance(8) {
        spec["containers"][0]["ports"] =
            json!([{ "containerPort": 80, "hostPort": dice.one(&[80, 81]) }]);
    }
    let condition = json!({ "type": "PodScheduled", "status": "False", "reason": "Unschedulable" });
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "namespace": if app == "job" { "other" } else { "default" },
            "creationTimestamp": MADE, "labels": { "app": app, "tier": tier(app) },
        },
        "spec": spec,
        "status": { "phase": "Pending", "conditions": [condition] },
    })
}

fn tier(app: &str) -> &'static str {
    if app == "web" { "front" } else { "back" }
}

fn containers(cpu: &str, memory: &str) -> Value {
    let requests = json!({ "cpu": cpu, "memory": memory });
    json!([{ "name": "main", "image": "none", "resources": { "requests": requests } }])
}

fn node_selector(dice: &mut Dice) -> Value {
    let (key, value) = match dice.number(0, 3) {
        0 => (labels::ARCH, dice.one(&["amd64", "arm64"])),
        1 => (labels::ZONE, dice.one(&["zone-a", "zone-c"])),
        2 => (labels::CAPACITY_TYPE, dice.one(&["spot", "on-demand"])),
        _ => (TEAM, dice.one(&TEAMS)),
    };
    json!({ key: value })
}

fn toleration(dice: &mut Dice) -> Value {
    match dice.number(0, 2) {
        0 => json!({ "operator": "Exists" }),
        1 => json!({ "key": "dedicated", "operator": "Exists", "effect": "NoSchedule" }),
        _ => json!({ "key": "dedicated", "operator": "Equal", "value": dice.one(&["x", "y"]) }),
    }
}

/// A selector of pods: mostly those of `app`.
fn selector(app: &str, dice: &mut Dice) -> Value {
    match dice.number(0, 5) {
        0 => json!({ "matchLabels": { "tier": "back" } }),
        1 => json!({ "matchLabels": { "app": dice.one(&APPS) } }),
        _ => json!({ "matchLabels": { "app": app } }),
    }
}

fn spread(app: &str, dice: &mut Dice) -> Value {
    let keys = [
        labels::ZONE,
        labels::ZONE,
        labels::HOSTNAME,
        labels::HOSTNAME,
        labels::CAPACITY_TYPE,
        TEAM,
    ];
    let when = dice.one(&["DoNotSchedule", "DoNotSchedule", "ScheduleAnyway"]);
    let mut constraint = json!({
        "topologyKey": dice.one(&keys), "maxSkew": dice.number(1, 2), "whenUnsatisfiable": when,
        "labelSelector": selector(app, dice),
    });
    if when == "DoNotSchedule" && dice.chance(10) {
        constraint["minDomains"] = json!(dice.number(2, 3));
    }
    if dice.chance(15) {
        constraint["nodeTaintsPolicy"] = json!("Honor");
    }
    if dice.chance(10) {
        constraint["nodeAffinityPolicy"] = json!("Ignore");
    }
    constraint
}

fn affinity(app: &str, dice: &mut Dice) -> Value {
    let mut affinity = json!({});
    if dice.chance(20) {
        let terms: Vec<Value> = (0..dice.number(1, 2)).map(|_| node_term(dice)).collect();
        affinity["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] =
            json!({ "nodeSelectorTerms": terms });
    }
    if dice.chance(15) {
        let preference = json!({ "weight": dice.number(1, 9), "preference": node_term(dice) });
        affinity["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"] =
            json!([preference]);
    }
    for (kind, percent) in [("podAffinity", 12), ("podAntiAffinity", 18)] {
        if !dice.chance(percent) {
            continue;
        }
        let term = json!({
            "topologyKey": dice.one(&[labels::ZONE, labels::HOSTNAME]), "labelSelector": selector(app, dice),
        });
        if dice.chance(65) {
            affinity[kind]["requiredDuringSchedulingIgnoredDuringExecution"] = json!([term]);
        } else {
            let weighted = json!({ "weight": dice.number(1, 9), "podAffinityTerm": term });
            affinity[kind]["preferredDuringSchedulingIgnoredDuringExecution"] = json!([weighted]);
        }
    }
    affinity
}

/// One term of a node affinity.
fn node_term(dice: &mut Dice) -> Value {
    let expression = match dice.number(0, 6) {
        0 => requirement(labels::ZONE, "In", &["zone-a", "zone-b"]),
        1 => requirement(labels::ZONE, "NotIn", &["zone-a"]),
        2 => requirement(labels::CAPACITY_TYPE, "In", &["spot"]),
        3 => requirement("karpenter.kwok.sh/instance-cpu", "Gt", &["2"]),
        4 => requirement(TEAM, "In", &[dice.one(&TEAMS)]),
        5 => requirement(TEAM, "NotIn", &[dice.one(&TEAMS)]),
        _ => requirement(TEAM, dice.one(&["Exists", "DoesNotExist"]), &[]),
    };
    json!({ "matchExpressions": [expression] })
}

/// A DaemonSet that takes a little of every node it fits.
pub(super) fn daemon_set(i: usize, dice: &mut Dice) -> Value {
    let name = format!("agent-{i}");
    let mut spec = json!({ "containers": containers(dice.one(&["100m", "500m"]), "128Mi") });
    if dice.chance(40) {
        spec["tolerations"] = json!([toleration(dice)]);
    }
    if dice.chance(25) {
        spec["nodeSelector"] = node_selector(dice);
    } else if dice.chance(25) {
        let terms: Vec<Value> = (0..dice.number(1, 2)).map(|_| node_term(dice)).collect();
        let required = json!({ "nodeSelectorTerms": terms });
        spec["affinity"] = json!({ "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": required } });
    }
    let selected = json!({ "app": name });
    json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {
            "name": name, "namespace": "default", "uid": format!("uid-{name}"), "creationTimestamp": MADE,
        },
        "spec": {
            "selector": { "matchLabels": selected },
            "template": { "metadata": { "labels": selected }, "spec": spec },
        },
    })
}
