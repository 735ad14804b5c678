//! Keeps the numbered pods of each stateful set, with their claims.
//!
//! # Flow
//! Pods `name-0` to `name-(n-1)`; each brings the claims of its templates. `OrderedReady` makes
//! one pod at a time and only while all before it are available, and takes away the last one
//! first; `Parallel` does not wait. A changed template replaces pods from the last one down to
//! the partition, one at a time. A pod that is over is made anew.
//!
//! # Caveats
//! A pod below the partition that has to be made anew gets the new template; claims outlive
//! their pods whatever the retention policy says.
//!
//! Source: Kubernetes API (StatefulSet).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::pods::{self, template_hash};
use super::runner::{Controller, Plan};
use super::world::{CLAIMS, PODS, STATEFULSETS, Watched, World};
use super::write::Write;
use crate::object::{Key, int_at, is_terminating, list, meta_str, str_at};

/// Label with the hash of a pod's template. Source: Kubernetes API.
const REVISION: &str = "controller-revision-hash";

/// Most pods created or deleted per set and pass.
const BURST: usize = 500;

/// The actor.
#[derive(Debug)]
pub(super) struct StatefulSets;

impl Controller for StatefulSets {
    const KINDS: &'static [Watched] = &[STATEFULSETS, PODS, CLAIMS];

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        let owned = pods::by_controller(world.objects(PODS));
        let sets = world.objects(STATEFULSETS).iter();
        for (key, set) in sets.filter(|(_, set)| !is_terminating(set)) {
            let pods = owned.get(pods::uid(set)).map_or(&[][..], Vec::as_slice);
            let numbered = Numbered::new(key, set, pods, now);
            let soon = pods.iter().filter_map(|(_, pod)| pods::available_at(pod, set));
            if let Some(soon) = soon.filter(|at| *at > now).min() {
                plan.wake(soon);
            }
            numbered.resize(world, &mut plan);
            plan.writes.extend(numbered.status());
        }
        plan
    }
}

/// A stateful set and its pods by number.
struct Numbered<'a> {
    key: &'a Key,
    set: &'a Value,
    revision: String,
    start: i64,
    end: i64,
    pods: BTreeMap<i64, (&'a Key, &'a Arc<Value>)>,
    now: Timestamp,
}

impl<'a> Numbered<'a> {
    fn new(
        key: &'a Key,
        set: &'a Value,
        pods: &[(&'a Key, &'a Arc<Value>)],
        now: Timestamp,
    ) -> Self {
        let number = |name: &str| name.strip_prefix(&key.name)?.strip_prefix('-')?.parse().ok();
        let start = int_at(set, "/spec/ordinals/start").unwrap_or_default();
        Self {
            key,
            set,
            revision: format!("{}-{}", key.name, template_hash(&set["spec"]["template"])),
            start,
            end: start + pods::replicas(set),
            pods: pods
                .iter()
                .filter_map(|(key, pod)| Some((number(&key.name)?, (*key, *pod))))
                .collect(),
            now,
        }
    }

    fn is_available(&self, pod: &Value) -> bool {
        !is_terminating(pod) && pods::available_at(pod, self.set).is_some_and(|at| at <= self.now)
    }

    fn is_updated(&self, pod: &Value) -> bool {
        crate::object::label(pod, REVISION) == Some(&self.revision)
    }

    /// Makes missing pods, takes surplus ones away, replaces old ones.
    fn resize(&self, world: &World, plan: &mut Plan) {
        let parallel = self.set["spec"]["podManagementPolicy"] == "Parallel";
        let mut steps = 0;
        for number in self.start..self.end {
            let settled = match self.pods.get(&number) {
                None => {
                    self.make(number, world, plan);
                    steps += 1;
                    false
                }
                Some((key, pod)) if pods::is_over(pod) => {
                    plan.writes.extend(delete(key, pod));
                    steps += 1;
                    false
                }
                Some((_, pod)) => self.is_available(pod),
            };
            if !settled && !parallel || steps >= BURST {
                return;
            }
        }
        let surplus = self.pods.iter().rev().filter(|(n, _)| **n >= self.end || **n < self.start);
        let mut surplus = surplus.peekable();
        if surplus.peek().is_some() {
            let at_once = if parallel { BURST } else { 1 };
            for (_, (key, pod)) in surplus.take(at_once) {
                plan.writes.extend(delete(key, pod));
            }
            return;
        }
        self.update(plan);
    }

    /// Replaces the last pod of an old template, once all after it are available.
    fn update(&self, plan: &mut Plan) {
        let strategy = &self.set["spec"]["updateStrategy"];
        if strategy["type"] == "OnDelete" {
            return;
        }
        let partition = int_at(strategy, "/rollingUpdate/partition").unwrap_or_default();
        for (_, (key, pod)) in self.pods.range(partition.max(self.start)..self.end).rev() {
            if !self.is_updated(pod) {
                plan.writes.extend(delete(key, pod));
                return;
            }
            if !self.is_available(pod) {
                return;
            }
        }
    }

    fn make(&self, number: i64, world: &World, plan: &mut Plan) {
        let mut pod = pods::from_template(self.set, "StatefulSet");
        let name = format!("{}-{number}", self.key.name);
        let metadata = &mut pod["metadata"];
        metadata["generateName"] = Value::Null;
        metadata["name"] = json!(name);
        metadata["labels"]["statefulset.kubernetes.io/pod-name"] = json!(name);
        metadata["labels"]["apps.kubernetes.io/pod-index"] = json!(number.to_string());
        metadata["labels"][REVISION] = json!(self.revision);
        pod["spec"]["hostname"] = json!(name);
        if let Some(service) = str_at(self.set, "/spec/serviceName") {
            pod["spec"]["subdomain"] = json!(service);
        }
        let mut volumes = list(&pod, "/spec/volumes").to_vec();
        for template in list(self.set, "/spec/volumeClaimTemplates") {
            let volume = meta_str(template, "name").unwrap_or("");
            let claim = Key::new(&self.key.namespace, &format!("{volume}-{name}"));
            volumes.retain(|known| known["name"] != volume);
            volumes.push(json!({
                "name": volume, "persistentVolumeClaim": {"claimName": claim.name}}));
            if !world.objects(CLAIMS).contains_key(&claim) {
                plan.writes.push(self.claim(template, &claim));
            }
        }
        if !volumes.is_empty() {
            pod["spec"]["volumes"] = json!(volumes);
        }
        let namespace = self.key.namespace.clone();
        plan.writes.push(Write::Create { kind: PODS, namespace, object: pod });
    }

    fn claim(&self, template: &Value, key: &Key) -> Write {
        let mut labels = template["metadata"]["labels"].clone();
        let own = self.set.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
        for (label, value) in own.into_iter().flatten() {
            labels[label.as_str()] = value.clone();
        }
        let object = json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {
                "name": key.name, "labels": labels,
                "annotations": template["metadata"]["annotations"],
            },
            "spec": template["spec"],
        });
        Write::Create { kind: CLAIMS, namespace: key.namespace.clone(), object }
    }

    fn status(&self) -> Option<Write> {
        let count = |counts: &dyn Fn(&Value) -> bool| {
            self.pods.values().filter(|(_, pod)| !pods::is_over(pod) && counts(pod)).count()
        };
        let updated = count(&|pod| !is_terminating(pod) && self.is_updated(pod));
        let all = count(&|_| true);
        let known = str_at(self.set, "/status/currentRevision");
        let done = updated == all && all == count(&|pod| self.is_available(pod));
        let current = known.filter(|_| !done).unwrap_or(&self.revision);
        let at_current = |pod: &Value| crate::object::label(pod, REVISION) == Some(current);
        let status = json!({
            "replicas": all, "readyReplicas": count(&|pod| pods::is_ready(pod)),
            "availableReplicas": count(&|pod| self.is_available(pod)),
            "currentReplicas": count(&at_current), "updatedReplicas": updated,
            "currentRevision": current, "updateRevision": self.revision, "collisionCount": 0,
            "observedGeneration": self.set["metadata"]["generation"],
        });
        let body = pods::status_patch(self.set, &status)?;
        Some(Write::Patch { kind: STATEFULSETS, key: self.key.clone(), status: true, body })
    }
}

fn delete(key: &Key, pod: &Value) -> Option<Write> {
    (!is_terminating(pod)).then(|| Write::Delete {
        kind: PODS,
        key: key.clone(),
        uid: pods::uid(pod).to_owned(),
        grace_seconds: None,
    })
}
