//! Machines that register as nodes and run the pods bound to them.
//!
//! # Flow
//! A machine that joins creates its Node, Lease and CSINode, becomes ready after its delay, starts
//! bound pods, ends deleted ones and those whose time is over, and renews Lease and status. While a Node of another
//! instance has its name it waits, as `kubeadm join` does. A machine that leaves stops doing all this; its Node stays
//! until somebody deletes it.
//!
//! # Caveats
//! A Node that was deleted under a running machine is not registered again. Containers do not
//! restart, and pods start without waiting for their volumes to be attached.

mod node;
mod pod;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::mpsc;

use super::Config;
use super::pods;
use super::runner::{Controller, Plan};
use super::world::{NODES, PODS, Watched, World};
use super::write::Write;
use crate::object::{Key, int_at, is_terminating, str_at};

/// Commands that wait for the actor; more wait in their callers.
const COMMANDS: usize = 1024;

/// Namespace of the nodes' Leases. Source: Kubernetes API.
pub(super) const LEASE_NAMESPACE: &str = "kube-node-lease";

/// Pause before a Node that did not appear is created once more.
const REGISTER_AGAIN: SignedDuration = SignedDuration::from_secs(1);

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
    /// CSI drivers on the machine, each with the most volumes it can hold.
    pub csi_drivers: BTreeMap<String, u32>,
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
            joining: BTreeMap::new(),
            running: BTreeMap::new(),
            pods: BTreeMap::new(),
            pod_start: signed(config.pod_start),
            pod_stop: signed(config.pod_stop),
            heartbeat: signed(config.heartbeat),
            lease: config.lease,
            job_run: config.job_run,
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
    /// Machines by the name of a Node that is not theirs yet.
    joining: BTreeMap<String, Machine>,
    /// Machines by the name of their Node.
    running: BTreeMap<String, Running>,
    /// What is due on which pod uid.
    pods: BTreeMap<String, Timestamp>,
    pod_start: SignedDuration,
    pod_stop: SignedDuration,
    heartbeat: SignedDuration,
    lease: Duration,
    job_run: Duration,
    /// Pod addresses given out.
    addresses: u32,
}

#[derive(Debug)]
struct Running {
    ready_at: Timestamp,
    /// Next heartbeat; `None` until the node is ready.
    beat_at: Option<Timestamp>,
    /// Next renewal of the Lease; `None` until there is one.
    renew_at: Option<Timestamp>,
    machine: Machine,
}

impl Controller for Machines {
    const KINDS: &'static [Watched] = &[NODES, PODS];

    async fn poked(&mut self) {
        match self.received.recv().await {
            Some(Command::Join(machine)) => {
                self.joining.insert(machine.node_name.clone(), *machine);
            }
            Some(Command::Leave(name)) => {
                self.joining.remove(&name);
                self.running.remove(&name);
            }
            None => std::future::pending().await,
        }
    }

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        self.register(world, now, &mut plan);
        self.beat(world, now, &mut plan);
        self.renew(world, now, &mut plan);
        self.run_pods(world, now, &mut plan);
        plan
    }
}

impl Machines {
    /// Creates the Nodes of machines that join, again until they are there.
    fn register(&mut self, world: &World, now: Timestamp, plan: &mut Plan) {
        for (name, machine) in std::mem::take(&mut self.joining) {
            let node = world.objects(NODES).get(&Key::new("", &name));
            if node.is_some_and(|node| node::is_of(node, &machine)) {
                let ready_at = later(now, signed(machine.ready_after));
                let running = Running { ready_at, beat_at: None, renew_at: None, machine };
                self.running.insert(name, running);
                continue;
            }
            if node.is_none() {
                let object = node::node(&machine, now);
                plan.writes.push(Write::Create { kind: NODES, namespace: String::new(), object });
                plan.wake(later(now, REGISTER_AGAIN));
            }
            self.joining.insert(name, machine);
        }
    }

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
                None => node::becoming_ready(&key, node, now),
                Some(_) => node::heartbeat(&key, node, now),
            };
            if running.beat_at.is_some() || write.is_none() {
                let next = later(now, self.heartbeat);
                running.beat_at = Some(next);
                plan.wake(next);
            }
            plan.writes.extend(write);
        }
    }

    /// Leases, and once per node its CSINode.
    fn renew(&mut self, world: &World, now: Timestamp, plan: &mut Plan) {
        for (name, running) in &mut self.running {
            let Some(node) = world.objects(NODES).get(&Key::new("", name)) else { continue };
            if let Some(due) = running.renew_at.filter(|due| *due > now) {
                plan.wake(due);
                continue;
            }
            if running.renew_at.is_some() {
                plan.writes.push(node::renewal(name, now));
            } else {
                plan.writes.push(node::lease(node, name, self.lease, now));
                plan.writes.push(node::csi_node(node, name, &running.machine));
            }
            let next = later(now, signed(self.lease));
            running.renew_at = Some(next);
            plan.wake(next);
        }
    }

    /// Starts and ends pods on ready machines.
    fn run_pods(&mut self, world: &World, now: Timestamp, plan: &mut Plan) {
        let mut due = BTreeMap::new();
        for (key, pod) in world.objects(PODS) {
            let Some(running) = pods::node(pod).and_then(|node| self.running.get(node)) else {
                continue;
            };
            let ready = running.beat_at.is_some();
            let Some((change, delay)) = self.next_change(pod).filter(|_| ready) else { continue };
            let id = format!("{} {change:?}", pods::uid(pod));
            let at = self.pods.get(&id).copied().unwrap_or_else(|| later(now, delay));
            if at > now {
                plan.wake(at);
                due.insert(id, at);
                continue;
            }
            plan.writes.push(match change {
                Change::Removed => {
                    let uid = pods::uid(pod).to_owned();
                    Write::Delete { kind: PODS, key: key.clone(), uid, grace_seconds: Some(0) }
                }
                Change::Started => {
                    self.addresses += 1;
                    pod::started(key, pod, self.addresses, now)
                }
                Change::Ended => pod::ended(key, pod, now),
            });
        }
        self.pods = due;
    }

    /// What happens to a pod next, and after which time.
    fn next_change(&self, pod: &Value) -> Option<(Change, SignedDuration)> {
        if is_terminating(pod) {
            return Some((Change::Removed, self.stop_delay(pod)));
        }
        match str_at(pod, "/status/phase") {
            None | Some("Pending") => Some((Change::Started, self.pod_start)),
            Some("Running") => Some((Change::Ended, signed(pod::run_time(pod, self.job_run)?))),
            _ => None,
        }
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

/// A change in the life of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Started,
    Ended,
    Removed,
}
