//! Binds pending pods to nodes.
//!
//! # Flow
//! Pods in order of priority, age and name; for each, the nodes that take it (`filter`); among
//! these the best (`score`). A pod whose claims wait for a node gets its volumes first and is
//! bound once they are there. A pod that fits nowhere may send others away (`preempt`) and gets
//! `PodScheduled=False` and an event, written again only when the message changes (`report`).
//!
//! # Guarantees
//! A pass costs pods x nodes: what pods on a node mean for others is counted once per distinct
//! term (`topology`), and what labels and taints say once per distinct pod shape.
//!
//! Source: Kubernetes API (scheduling framework, default profile).

mod filter;
mod node;
mod obstacle;
mod pod;
mod preempt;
mod report;
mod score;
mod term;
#[cfg(test)]
mod tests;
mod topology;
mod volumes;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use self::filter::{Ask, Shapes, Unfit};
use self::node::{Bin, Resources};
use self::obstacle::Diagnosis;
use self::pod::PodInfo;
pub(super) use self::pod::claims;
use self::topology::Topology;
use super::pods;
use super::runner::{Controller, Plan};
use super::world::{CLAIMS, CLASSES, CSI_NODES, NAMESPACES, NODES, PODS, VOLUMES, Watched, World};
use super::write::Write;
use crate::object::{Key, is_terminating, list, str_at};

/// The actor, with what it has read of each pod.
#[derive(Debug, Default)]
pub(super) struct Scheduler {
    known: BTreeMap<Key, Arc<PodInfo>>,
}

impl Controller for Scheduler {
    const KINDS: &'static [Watched] =
        &[NODES, PODS, NAMESPACES, CLAIMS, VOLUMES, CLASSES, CSI_NODES];

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        self.read(world);
        let waiting = pending(world);
        let (gated, open): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|(_, pod)| !list(pod, "/spec/schedulingGates").is_empty());
        plan.writes.extend(gated.iter().filter_map(|(key, pod)| report::gated(key, pod, now)));
        if open.is_empty() {
            return plan;
        }
        let mut queue: Vec<_> = open.iter().map(|(key, _)| self.known[*key].clone()).collect();
        queue.sort_by_cached_key(|pod| pod::rank(pod));
        let mut pass = Pass::new(world, &self.known, now);
        queue.iter().for_each(|pod| pass.schedule(pod, &mut plan.writes));
        plan
    }
}

impl Scheduler {
    /// Reads pods that are new or have changed, and forgets those that are gone.
    fn read(&mut self, world: &World) {
        let pods = world.objects(PODS);
        self.known.retain(|key, _| pods.contains_key(key));
        for (key, pod) in pods {
            if self.known.get(key).is_none_or(|known| !Arc::ptr_eq(&known.object, pod)) {
                self.known.insert(key.clone(), Arc::new(PodInfo::read(key, pod)));
            }
        }
    }
}

/// Pods without a node that ask for this scheduler.
fn pending(world: &World) -> Vec<(&Key, &Arc<Value>)> {
    let waits = |pod: &Value| {
        pods::node(pod).is_none()
            && pods::is_active(pod)
            && matches!(str_at(pod, "/spec/schedulerName"), None | Some("default-scheduler"))
    };
    world.objects(PODS).iter().filter(|(_, pod)| waits(pod)).collect()
}

/// The state of one pass: what is free after each placement.
struct Pass<'a> {
    world: &'a World,
    now: Timestamp,
    bins: Vec<Bin>,
    resources: Resources,
    shapes: Shapes,
    topology: Topology<'a>,
    /// Messages of pods that are the same but for their name.
    messages: BTreeMap<String, String>,
}

impl<'a> Pass<'a> {
    fn new(world: &'a World, known: &BTreeMap<Key, Arc<PodInfo>>, now: Timestamp) -> Self {
        let mut resources = Resources::default();
        let nodes = world.objects(NODES).iter();
        let bins: Vec<Bin> = nodes
            .map(|(key, node)| {
                let csi = world.objects(CSI_NODES).get(key);
                Bin::new(key, node, csi.map(AsRef::as_ref), &mut resources)
            })
            .collect();
        let mut pass = Self {
            world,
            now,
            bins,
            resources,
            shapes: Shapes::default(),
            topology: Topology::new(world.objects(NAMESPACES)),
            messages: BTreeMap::new(),
        };
        for pod in known.values().filter(|pod| !pods::is_over(&pod.object)) {
            if let Some(at) = pods::node(&pod.object).and_then(|node| pass.find(node)) {
                let needs = pass.resources.dense(&pod.requests);
                pass.place(pod, &needs, at);
            }
        }
        pass
    }

    fn find(&self, node: &str) -> Option<usize> {
        self.bins.binary_search_by(|bin| bin.name.as_str().cmp(node)).ok()
    }

    fn place(&mut self, pod: &Arc<PodInfo>, needs: &[(usize, i128)], node: usize) {
        self.bins[node].take(pod, needs);
        volumes::place(self.world, pod, &mut self.bins[node]);
        self.topology.place(pod, node, &self.bins);
    }

    /// Finds a node for one pod, or says why there is none.
    fn schedule(&mut self, pod: &Arc<PodInfo>, writes: &mut Vec<Write>) {
        if let Some(message) = self.messages.get(&pod.twin) {
            writes.extend(report::unschedulable(pod, message, None, self.now));
            return;
        }
        let volumes = match volumes::wanted(self.world, pod) {
            Ok(volumes) => volumes,
            Err(why) => {
                let diagnosis =
                    Diagnosis { nodes: self.bins.len(), pod: Some(why), ..Diagnosis::default() };
                let message = diagnosis.message(None);
                writes.extend(report::unschedulable(pod, &message, None, self.now));
                return;
            }
        };
        let Self { bins, shapes, resources, topology, .. } = self;
        let ask = Ask::new(pod, volumes, bins, shapes, resources, topology);
        match ask.feasible(bins, resources, topology) {
            Ok(nodes) => self.settle(&ask, &nodes, writes),
            Err((diagnosis, unfit)) => self.give_up(&ask, &diagnosis, &unfit, writes),
        }
    }

    /// Puts a pod on the best of some nodes; the binding waits for the pod's volumes.
    fn settle(&mut self, ask: &Ask, nodes: &[usize], writes: &mut Vec<Write>) {
        let chosen = [
            volumes::selected_node(&ask.volumes),
            str_at(&ask.pod.object, "/status/nominatedNodeName"),
        ];
        let chosen = chosen.into_iter().flatten().filter_map(|name| self.find(name));
        let kept = chosen.into_iter().find(|at| nodes.contains(at));
        let node = kept.unwrap_or_else(|| score::best(ask, nodes, &self.bins, &self.topology));
        if volumes::all_bound(&ask.volumes) {
            let uid = pods::uid(&ask.pod.object).to_owned();
            let name = self.bins[node].name.clone();
            writes.push(Write::Bind { pod: ask.pod.key.clone(), uid, node: name });
        } else {
            writes.extend(volumes::provision(&ask.volumes, &self.bins[node]));
        }
        self.place(&ask.pod, &ask.needs, node);
    }

    /// Makes room for a pod or says why it waits.
    fn give_up(
        &mut self,
        ask: &Ask,
        diagnosis: &Diagnosis,
        unfit: &Unfit,
        writes: &mut Vec<Write>,
    ) {
        let pod = &ask.pod;
        let nominated = str_at(&pod.object, "/status/nominatedNodeName");
        let nominated = nominated.and_then(|node| self.find(node));
        let under_way = nominated.filter(|at| preempt::is_under_way(pod, &self.bins[*at]));
        if let Some(node) = under_way {
            let why = "not eligible due to terminating pod on the nominated node.";
            let message = diagnosis.message(Some(why));
            writes.extend(report::unschedulable(pod, &message, None, self.now));
            self.place(pod, &ask.needs, node);
            return;
        }
        if str_at(&pod.object, "/spec/preemptionPolicy") == Some("Never") {
            let message = diagnosis.message(Some("not eligible due to preemptionPolicy=Never."));
            writes.extend(report::unschedulable(pod, &message, None, self.now));
            return;
        }
        let found = preempt::cheapest(ask, &self.bins, unfit, &mut self.resources);
        if let Some(preemption) = found {
            let message = diagnosis.message(Some(""));
            let node = self.bins[preemption.node].name.clone();
            writes.extend(report::unschedulable(pod, &message, Some(&node), self.now));
            preemption.victims.iter().for_each(|victim| self.send_away(victim, writes));
            self.place(pod, &ask.needs, preemption.node);
            return;
        }
        let message = diagnosis.message(None);
        writes.extend(report::unschedulable(pod, &message, None, self.now));
        if !pod.is_social() {
            self.messages.insert(pod.twin.clone(), message);
        }
    }

    fn send_away(&self, victim: &PodInfo, writes: &mut Vec<Write>) {
        if is_terminating(&victim.object) {
            return;
        }
        writes.extend(report::preempted(victim, self.now));
        writes.push(Write::Delete {
            kind: PODS,
            key: victim.key.clone(),
            uid: pods::uid(&victim.object).to_owned(),
            grace_seconds: None,
        });
    }
}
