//! Workloads stand for the pods their controllers would make.
//!
//! A pod that is there and belongs to a workload is one of its replicas, so a dump of a whole cluster counts nothing
//! twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use karpenter_core::model::ids::PodKey;
use serde_json::Value;

use super::documents::Origin;
use super::objects::{Mistake, WrittenPod};
use super::workload::{Key, Made, Workload, controller};

/// Workloads, and whose pods are there.
#[derive(Debug, Default)]
pub(super) struct Workloads {
    all: Vec<Workload>,
    /// Active pods by their controller.
    present: BTreeMap<Key, usize>,
}

/// What a workload stands for.
pub(super) struct Expanded {
    /// Where it is written.
    pub(super) origin: Origin,
    /// Kind, namespace and name.
    pub(super) title: String,
    /// Its pods may not be placed yet.
    pub(super) is_gated: bool,
    /// What its controller would make, or why that cannot be told.
    pub(super) made: Result<Made, Mistake>,
}

impl Workloads {
    pub(super) fn add(&mut self, workload: Workload) {
        self.all.push(workload);
    }

    /// Remembers the controller of the pod `value`, if the pod still counts as a replica.
    pub(super) fn note_pod(&mut self, value: &Value) {
        let has_ended = matches!(value["status"]["phase"].as_str(), Some("Succeeded" | "Failed"));
        if has_ended || !value["metadata"]["deletionTimestamp"].is_null() {
            return;
        }
        let owners = value["metadata"]["ownerReferences"].clone();
        let owners: Vec<OwnerReference> = serde_json::from_value(owners).unwrap_or_default();
        let namespace = value["metadata"]["namespace"].as_str().unwrap_or_default();
        if let Some(controller) = controller(&owners, namespace) {
            *self.present.entry(controller).or_default() += 1;
        }
    }

    /// What every workload stands for besides `pods`, in the order written.
    pub(super) fn expanded(&self, pods: &[WrittenPod]) -> Vec<Expanded> {
        let given: BTreeSet<&Key> = self.all.iter().map(|workload| &workload.key).collect();
        let mut taken: BTreeSet<PodKey> =
            pods.iter().map(|written| written.pod.key.clone()).collect();
        let is_counted =
            |w: &&Workload| w.controller.as_ref().is_none_or(|owner| !given.contains(owner));
        self.all
            .iter()
            .filter(is_counted)
            .map(|workload| {
                let n_missing = workload.n_pods.saturating_sub(self.n_present(workload));
                let names = names(&workload.key, n_missing, &mut taken);
                let gates =
                    workload.template.pointer("/spec/schedulingGates").and_then(Value::as_array);
                Expanded {
                    origin: workload.origin.clone(),
                    title: workload.title.clone(),
                    is_gated: gates.is_some_and(|gates| !gates.is_empty()),
                    made: workload.made(names),
                }
            })
            .collect()
    }

    /// Pods that are there and belong to `workload`, through its ReplicaSets too.
    fn n_present(&self, workload: &Workload) -> usize {
        let is_of_set = |set: &Key| {
            let owner =
                self.all.iter().find(|known| known.key == *set).map(|known| &known.controller);
            match owner {
                Some(owner) => owner.as_ref() == Some(&workload.key),
                None => is_named_after(set, &workload.key),
            }
        };
        let own = self.present.iter().filter(|(controller, _)| {
            **controller == workload.key
                || (workload.key.1 == "Deployment"
                    && controller.1 == "ReplicaSet"
                    && is_of_set(controller))
        });
        own.map(|(_, n_pods)| n_pods).sum()
    }
}

/// Whether a ReplicaSet that is not given is called like those of the Deployment: its name, a dash and one word.
fn is_named_after(set: &Key, deployment: &Key) -> bool {
    let hash = set.2.strip_prefix(&deployment.2).and_then(|rest| rest.strip_prefix('-'));
    set.0 == deployment.0 && hash.is_some_and(|hash| !hash.is_empty() && !hash.contains('-'))
}

/// `n` names of pods that nobody has, by number from 0.
fn names(of: &Key, n: usize, taken: &mut BTreeSet<PodKey>) -> Vec<String> {
    let (namespace, _, name) = of;
    let mut free = (0..).map(|number: usize| format!("{name}-{number}"));
    let mut next = || {
        free.find(|name| taken.insert(PodKey::new(namespace.as_str(), Arc::from(name.as_str()))))
    };
    (0..n).filter_map(|_| next()).collect()
}
