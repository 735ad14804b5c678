//! Keeps one pod of each daemon set on every node that takes it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::fit::{EFFECTS, matches_affinity, untolerated};
use super::pods;
use super::runner::{Controller, Plan};
use super::world::{DAEMONSETS, NODES, PODS, Watched, World};
use super::write::Write;
use crate::object::{Key, is_terminating, list, str_at};

/// Taints every daemon pod tolerates, with their effects. Source: Kubernetes API.
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// Where node affinity keeps its required terms.
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";

/// The actor.
#[derive(Debug)]
pub(super) struct DaemonSets;

impl Controller for DaemonSets {
    const KINDS: &'static [Watched] = &[DAEMONSETS, NODES, PODS];

    fn plan(&mut self, world: &World, _now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        let sets = world.objects(DAEMONSETS).iter();
        for (key, set) in sets.filter(|(_, set)| !is_terminating(set)) {
            place(key, set, world, &mut plan);
        }
        plan
    }
}

fn place(key: &Key, set: &Value, world: &World, plan: &mut Plan) {
    let template = template(set);
    let mut by_node: BTreeMap<String, Vec<(&Key, &Arc<Value>)>> = BTreeMap::new();
    for (key, pod) in pods::owned(world.objects(PODS), &key.namespace, pods::uid(set)) {
        if !is_terminating(pod) {
            by_node.entry(target(pod)).or_default().push((key, pod));
        }
    }
    let (mut desired, mut current, mut ready) = (0, 0, 0);
    for (node_key, node) in world.objects(NODES) {
        let here = by_node.remove(&node_key.name).unwrap_or_default();
        let verdict = verdict(&template, node);
        let keep = usize::from(verdict != Verdict::Leave);
        let surplus = here.iter().enumerate();
        for (_, (key, pod)) in surplus.filter(|(at, (_, pod))| *at >= keep || pods::is_over(pod)) {
            plan.writes.push(delete(key, pod));
        }
        if verdict == Verdict::Run {
            desired += 1;
            current += here.len().min(1);
            ready += here.iter().take(1).filter(|(_, pod)| pods::is_ready(pod)).count();
            if here.is_empty() && !is_terminating(node) {
                plan.writes.push(create(key, set, &template, &node_key.name));
            }
        }
    }
    for (key, pod) in by_node.values().flatten() {
        plan.writes.push(delete(key, pod));
    }
    plan.writes.extend(status(key, set, desired, current, ready));
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// A pod belongs here.
    Run,
    /// A pod that is here may stay, but none is started.
    Stay,
    /// No pod may be here.
    Leave,
}

fn verdict(template: &Value, node: &Value) -> Verdict {
    let tolerations = list(template, "/spec/tolerations");
    if !matches_affinity(template, node) || untolerated(tolerations, node, &["NoExecute"]).is_some()
    {
        Verdict::Leave
    } else if untolerated(tolerations, node, &EFFECTS).is_some() {
        Verdict::Stay
    } else {
        Verdict::Run
    }
}

/// A pod of the set without its node, with the tolerations every daemon pod has.
fn template(set: &Value) -> Value {
    let mut pod = pods::from_template(set, "DaemonSet");
    let mut tolerations = list(&pod, "/spec/tolerations").to_vec();
    for (key, effect) in TOLERATED {
        let toleration = json!({"key": key, "operator": "Exists", "effect": effect});
        if !tolerations.contains(&toleration) {
            tolerations.push(toleration);
        }
    }
    pod["spec"]["tolerations"] = json!(tolerations);
    pod
}

/// Node a daemon pod is meant for, bound or not.
fn target(pod: &Value) -> String {
    let terms = format!("/spec/affinity/nodeAffinity/{REQUIRED}/nodeSelectorTerms");
    let meant = || {
        let field = list(pod, &terms).first()?.pointer("/matchFields/0/values/0")?;
        field.as_str()
    };
    pods::node(pod).or_else(meant).unwrap_or("").to_owned()
}

fn create(key: &Key, set: &Value, template: &Value, node: &str) -> Write {
    let mut object = template.clone();
    let field = json!([{"key": "metadata.name", "operator": "In", "values": [node]}]);
    let affinity = &mut object["spec"]["affinity"]["nodeAffinity"][REQUIRED];
    match affinity["nodeSelectorTerms"].as_array_mut() {
        Some(terms) => terms.iter_mut().for_each(|term| term["matchFields"] = field.clone()),
        None => affinity["nodeSelectorTerms"] = json!([{"matchFields": field}]),
    }
    let labels = &mut object["metadata"]["labels"];
    labels["pod-template-generation"] = json!(set["metadata"]["generation"].to_string());
    Write::Create { kind: PODS, namespace: key.namespace.clone(), object }
}

fn delete(key: &Key, pod: &Value) -> Write {
    let grace_seconds = str_at(pod, "/spec/nodeName").is_none().then_some(0);
    Write::Delete { kind: PODS, key: key.clone(), uid: pods::uid(pod).to_owned(), grace_seconds }
}

fn status(key: &Key, set: &Value, desired: usize, current: usize, ready: usize) -> Option<Write> {
    let status = json!({
        "desiredNumberScheduled": desired, "currentNumberScheduled": current,
        "updatedNumberScheduled": current, "numberReady": ready, "numberAvailable": ready,
        "numberUnavailable": desired - ready, "numberMisscheduled": 0,
        "observedGeneration": set["metadata"]["generation"],
    });
    let body = pods::status_patch(set, &status)?;
    Some(Write::Patch { kind: DAEMONSETS, key: key.clone(), status: true, body })
}
