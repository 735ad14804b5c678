//! Machines that register as nodes and run the pods bound to them.
//!
//! # Flow
//! A machine that joins creates its Node, becomes ready after its delay (the not-ready taints
//! go), starts bound pods, ends deleted ones and renews its heartbeat. A machine that leaves
//! stops doing all this; its Node stays until somebody deletes it.
//!
//! # Caveats
//! A Node that was deleted under a running machine is not registered again.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Config;
use super::pods;
use super::runner::{Controller, Plan};
use super::world::{NODES, PODS, Watched, World};
use super::write::Write;
use crate::object::{
    Key, condition, int_at, is_terminating, list, meta_str, set_condition, str_at,
};
use crate::time::text;

/// Commands that wait for the actor; more wait in their callers.
const COMMANDS: usize = 1024;

/// Taint of a node that is not ready. Source: Kubernetes API.
const NOT_READY: &str = "node.kubernetes.io/not-ready";

/// A machine, as it registers itself.
///
/// Source: Kubernetes API (Node).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Machine {
    /// Name of the Node.
    pub node_name: String,
    /// `spec.providerID`.
    pub provider_id: String,
    /// Labels of the Node; `kubernetes.io/hostname` is added.
    pub labels: BTreeMap<String, String>,
    /// Annotations of the Node.
    pub annotations: BTreeMap<String, String>,
    /// Taints as registered, each as (key, value, effect).
    pub taints: Vec<(String, String, String)>,
    /// `status.capacity` as quantities.
    pub capacity: BTreeMap<String, String>,
    /// `status.allocatable` as quantities; the capacity when empty.
    pub allocatable: BTreeMap<String, String>,
    /// From joining to a ready node.
    pub ready_after: Duration,
}

/// The kubelets have been stopped.
#[derive(Debug, thiserror::Error)]
#[error("the kubelets have stopped")]
pub struct Stopped;

#[derive(Debug)]
enum Command {
    Join(Box<Machine>),
    Leave(String),
}

/// Handle on all machines of a cluster.
#[derive(Debug, Clone)]
pub struct Kubelets {
    commands: mpsc::Sender<Command>,
}

impl Kubelets {
    /// The handle and the actor behind it.
    pub(super) fn new(config: &Config) -> (Self, Machines) {
        let (commands, received) = mpsc::channel(COMMANDS);
        let signed = |delay| SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
        let machines = Machines {
            received,
            joining: Vec::new(),
            running: BTreeMap::new(),
            pods: BTreeMap::new(),
            pod_start: signed(config.pod_start),
            pod_stop: signed(config.pod_stop),
            heartbeat: signed(config.heartbeat),
            addresses: 0,
        };
        (Self { commands }, machines)
    }

    /// Starts a machine; its Node appears soon after.
    ///
    /// # Errors
    /// [`Stopped`] when the actors are gone.
    pub async fn join(&self, machine: Machine) -> Result<(), Stopped> {
        self.commands.send(Command::Join(Box::new(machine))).await.map_err(|_| Stopped)
    }

    /// Stops a machine; unknown names are ignored.
    ///
    /// # Errors
    /// [`Stopped`] when the actors are gone.
    pub async fn leave(&self, node_name: &str) -> Result<(), Stopped> {
        self.commands.send(Command::Leave(node_name.to_owned())).await.map_err(|_| Stopped)
    }
}

/// The actor: all machines that run.
#[derive(Debug)]
pub(super) struct Machines {
    received: mpsc::Receiver<Command>,
    joining: Vec<Machine>,
    running: BTreeMap<String, Running>,
    /// What is due on which pod uid.
    pods: BTreeMap<String, Timestamp>,
    pod_start: SignedDuration,
    pod_stop: SignedDuration,
    heartbeat: SignedDuration,
    /// Pod addresses given out.
    addresses: u32,
}

#[derive(Debug)]
struct Running {
    ready_at: Timestamp,
    /// Next heartbeat; `None` until the node is ready.
    beat_at: Option<Timestamp>,
}

impl Controller for Machines {
    const KINDS: &'static [Watched] = &[NODES, PODS];

    async fn poked(&mut self) {
        match self.received.recv().await {
            Some(Command::Join(machine)) => self.joining.push(*machine),
            Some(Command::Leave(name)) => {
                self.joining.retain(|machine| machine.node_name != name);
                self.running.remove(&name);
            }
            None => std::future::pending().await,
        }
    }

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        for machine in std::mem::take(&mut self.joining) {
            let ready_at = later(now, signed(machine.ready_after));
            let object = node(&machine, now);
            plan.writes.push(Write::Create { kind: NODES, namespace: String::new(), object });
            self.running.insert(machine.node_name, Running { ready_at, beat_at: None });
            plan.wake(ready_at);
        }
        self.beat(world, now, &mut plan);
        self.run_pods(world, now, &mut plan);
        plan
    }
}

impl Machines {
    /// Readiness and heartbeats; at most one write per node and pass.
    fn beat(&mut self, world: &World, now: Timestamp, plan: &mut Plan) {
        for (name, running) in &mut self.running {
            let key = Key::new("", name);
            let Some(node) = world.objects(NODES).get(&key) else { continue };
            let due = running.beat_at.unwrap_or(running.ready_at);
            if due > now {
                plan.wake(due);
                continue;
            }
            let write = match running.beat_at {
                None => becoming_ready(&key, node, now),
                Some(_) => heartbeat(&key, node, now),
            };
            if running.beat_at.is_some() || write.is_none() {
                let next = later(now, self.heartbeat);
                running.beat_at = Some(next);
                plan.wake(next);
            }
            plan.writes.extend(write);
        }
    }

    /// Starts and ends pods on ready machines.
    fn run_pods(&mut self, world: &World, now: Timestamp, plan: &mut Plan) {
        let mut due = BTreeMap::new();
        for (key, pod) in world.objects(PODS) {
            let Some(running) = pods::node(pod).and_then(|node| self.running.get(node)) else {
                continue;
            };
            let ends = is_terminating(pod);
            let starts = running.beat_at.is_some() && is_waiting(pod);
            if !ends && !starts {
                continue;
            }
            let delay = if ends { self.stop_delay(pod) } else { self.pod_start };
            let id = format!("{}{}", pods::uid(pod), if ends { " ends" } else { "" });
            let at = self.pods.get(&id).copied().unwrap_or_else(|| later(now, delay));
            if at > now {
                plan.wake(at);
                due.insert(id, at);
            } else if ends {
                let uid = pods::uid(pod).to_owned();
                let key = key.clone();
                plan.writes.push(Write::Delete { kind: PODS, key, uid, grace_seconds: Some(0) });
            } else {
                self.addresses += 1;
                plan.writes.push(started(key, pod, self.addresses, now));
            }
        }
        self.pods = due;
    }

    fn stop_delay(&self, pod: &Value) -> SignedDuration {
        let grace = int_at(pod, "/metadata/deletionGracePeriodSeconds").unwrap_or_default();
        self.pod_stop.min(SignedDuration::from_secs(grace))
    }
}

fn signed(delay: Duration) -> SignedDuration {
    SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX)
}

fn later(now: Timestamp, delay: SignedDuration) -> Timestamp {
    now.checked_add(delay).unwrap_or(Timestamp::MAX)
}

/// Whether a pod is bound but does not run yet.
fn is_waiting(pod: &Value) -> bool {
    matches!(str_at(pod, "/status/phase"), None | Some("Pending"))
}

/// The Node a machine registers.
fn node(machine: &Machine, now: Timestamp) -> Value {
    let mut labels = machine.labels.clone();
    labels.entry("kubernetes.io/hostname".to_owned()).or_insert_with(|| machine.node_name.clone());
    let taints: Vec<Value> = machine
        .taints
        .iter()
        .map(|(key, value, effect)| match value.as_str() {
            "" => json!({"key": key, "effect": effect}),
            value => json!({"key": key, "value": value, "effect": effect}),
        })
        .collect();
    let allocatable =
        if machine.allocatable.is_empty() { &machine.capacity } else { &machine.allocatable };
    let mut node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": machine.node_name, "labels": labels, "annotations": machine.annotations},
        "spec": {"providerID": machine.provider_id, "taints": taints},
        "status": {"capacity": machine.capacity, "allocatable": allocatable},
    });
    set_condition(&mut node, ready_condition(false, now), &text(now));
    node
}

fn ready_condition(ready: bool, now: Timestamp) -> Value {
    let (status, reason, message) = if ready {
        ("True", "KubeletReady", "kubelet is posting ready status")
    } else {
        ("False", "KubeletNotReady", "container runtime network not ready")
    };
    json!({
        "type": "Ready", "status": status, "reason": reason, "message": message,
        "lastHeartbeatTime": text(now),
    })
}

/// The next write on the way to a ready node: its condition, then its taints; `None` at the end.
fn becoming_ready(key: &Key, node: &Value, now: Timestamp) -> Option<Write> {
    if condition(node, "Ready") == Some("True") {
        return without_not_ready(key, node);
    }
    let mut edited = node.clone();
    set_condition(&mut edited, ready_condition(true, now), &text(now));
    conditions_patch(key, node, &edited)
}

/// Renews the time of the condition, whatever it says.
fn heartbeat(key: &Key, node: &Value, now: Timestamp) -> Option<Write> {
    let mut edited = node.clone();
    let conditions = edited.pointer_mut("/status/conditions")?.as_array_mut()?;
    let ready = conditions.iter_mut().find(|condition| condition["type"] == "Ready")?;
    ready["lastHeartbeatTime"] = json!(text(now));
    conditions_patch(key, node, &edited)
}

fn conditions_patch(key: &Key, node: &Value, edited: &Value) -> Option<Write> {
    let status = json!({"conditions": edited["status"]["conditions"]});
    let body = pods::status_patch(node, &status)?;
    Some(Write::Patch { kind: NODES, key: key.clone(), status: true, body })
}

/// The patch that drops the not-ready taints, when there are any.
fn without_not_ready(key: &Key, node: &Value) -> Option<Write> {
    let taints = list(node, "/spec/taints");
    let kept: Vec<&Value> = taints.iter().filter(|taint| taint["key"] != NOT_READY).collect();
    (kept.len() < taints.len()).then(|| Write::Patch {
        kind: NODES,
        key: key.clone(),
        status: false,
        body: json!({
            "metadata": {"resourceVersion": meta_str(node, "resourceVersion")},
            "spec": {"taints": if kept.is_empty() { Value::Null } else { json!(kept) }},
        }),
    })
}

/// Status of a pod whose containers have come up.
fn started(key: &Key, pod: &Value, address: u32, now: Timestamp) -> Write {
    let mut edited = pod.clone();
    for condition in ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"] {
        set_condition(&mut edited, json!({"type": condition, "status": "True"}), &text(now));
    }
    let [_, high, middle, low] = address.to_be_bytes();
    let ip = format!("10.{high}.{middle}.{low}");
    let body = json!({"status": {
        "phase": "Running", "startTime": text(now), "podIP": ip, "podIPs": [{"ip": ip}],
        "conditions": edited["status"]["conditions"],
    }});
    Write::Patch { kind: PODS, key: key.clone(), status: true, body }
}
