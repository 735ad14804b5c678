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
use crate::object::{Key, is_terminating, label, list, str_at};

/// Taints every daemon pod tolerates, with their effects. Source: Kubernetes API.
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// Label with the hash of a pod's template. Source: Kubernetes API.
const REVISION: &str = "controller-revision-hash";

/// Where node affinity keeps its required terms.
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";

/// The actor.
#[derive(Debug)]
pub(super) struct DaemonSets;

impl Controller for DaemonSets {
    const KINDS: &'static [Watched] = &[DAEMONSETS, NODES, PODS];

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        let owned = pods::by_controller(world.objects(PODS));
        let sets = world.objects(DAEMONSETS).iter();
        for (key, set) in sets.filter(|(_, set)| !is_terminating(set)) {
            let pods = owned.get(pods::uid(set)).map_or(&[][..], Vec::as_slice);
            place(key, set, pods, world, now, &mut plan);
        }
        plan
    }
}

fn place(
    key: &Key,
    set: &Value,
    pods: &[(&Key, &Arc<Value>)],
    world: &World,
    now: Timestamp,
    plan: &mut Plan,
) {
    let template = template(set);
    let mut by_node: BTreeMap<String, Vec<(&Key, &Arc<Value>)>> = BTreeMap::new();
    for (key, pod) in pods {
        if !is_terminating(pod) {
            by_node.entry(target(pod)).or_default().push((key, pod));
        }
    }
    let revision = pods::template_hash(&set["spec"]["template"]);
    let mut counts = Counts::default();
    let mut old = Vec::new();
    for (node_key, node) in world.objects(NODES) {
        let here = by_node.remove(&node_key.name).unwrap_or_default();
        let verdict = verdict(&template, node);
        let keep = usize::from(verdict != Verdict::Leave);
        let surplus = here.iter().enumerate();
        for (_, (key, pod)) in surplus.filter(|(at, (_, pod))| *at >= keep || pods::is_over(pod)) {
            plan.writes.push(delete(key, pod));
        }
        let pod = here.first().filter(|(_, pod)| !pods::is_over(pod));
        if verdict != Verdict::Run {
            counts.misscheduled += here.len();
            continue;
        }
        counts.desired += 1;
        let Some((pod_key, pod)) = pod else {
            if here.is_empty() && !is_terminating(node) {
                plan.writes.push(create(key, set, &template, &node_key.name));
            }
            continue;
        };
        counts.current += 1;
        counts.ready += usize::from(pods::is_ready(pod));
        let at = pods::available_at(pod, set);
        if let Some(soon) = at.filter(|at| *at > now) {
            plan.wake(soon);
        }
        let available = at.is_some_and(|at| at <= now);
        counts.available += usize::from(available);
        if label(pod, REVISION) == Some(&revision) {
            counts.updated += 1;
        } else {
            old.push((available, *pod_key, *pod));
        }
    }
    replace(set, &counts, old, plan);
    for (key, pod) in by_node.values().flatten() {
        plan.writes.push(delete(key, pod));
    }
    plan.writes.extend(status(key, set, &counts));
}

/// Nodes, by what is on them.
#[derive(Debug, Default)]
struct Counts {
    desired: usize,
    current: usize,
    updated: usize,
    ready: usize,
    available: usize,
    misscheduled: usize,
}

/// Deletes pods of an old template: those that are not available, and as many of the others as
/// may be unavailable at a time.
fn replace(set: &Value, counts: &Counts, old: Vec<(bool, &Key, &Arc<Value>)>, plan: &mut Plan) {
    let strategy = &set["spec"]["updateStrategy"];
    if strategy["type"] == "OnDelete" {
        return;
    }
    let limit = &strategy["rollingUpdate"]["maxUnavailable"];
    let share = || limit.as_str()?.strip_suffix('%')?.parse::<usize>().ok();
    let limit = limit.as_u64().and_then(|number| usize::try_from(number).ok());
    let limit = limit.or_else(|| Some((share()? * counts.desired).div_ceil(100))).unwrap_or(1);
    let mut room = limit.saturating_sub(counts.desired - counts.available);
    for (available, key, pod) in old {
        if available && room == 0 {
            continue;
        }
        room -= usize::from(available);
        plan.writes.push(delete(key, pod));
    }
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
    labels[REVISION] = json!(pods::template_hash(&set["spec"]["template"]));
    Write::Create { kind: PODS, namespace: key.namespace.clone(), object }
}

fn delete(key: &Key, pod: &Value) -> Write {
    let grace_seconds = str_at(pod, "/spec/nodeName").is_none().then_some(0);
    Write::Delete { kind: PODS, key: key.clone(), uid: pods::uid(pod).to_owned(), grace_seconds }
}

fn status(key: &Key, set: &Value, counts: &Counts) -> Option<Write> {
    let status = json!({
        "desiredNumberScheduled": counts.desired, "currentNumberScheduled": counts.current,
        "updatedNumberScheduled": counts.updated, "numberReady": counts.ready,
        "numberAvailable": counts.available, "numberMisscheduled": counts.misscheduled,
        "numberUnavailable": counts.desired - counts.available,
        "observedGeneration": set["metadata"]["generation"],
    });
    let body = pods::status_patch(set, &status)?;
    Some(Write::Patch { kind: DAEMONSETS, key: key.clone(), status: true, body })
}
