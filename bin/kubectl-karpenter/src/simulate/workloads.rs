//! Workloads stand for the pods their controllers would make.
//!
//! A pod that is there and belongs to a workload is one of its replicas, so a dump of a whole cluster counts nothing
//! twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use karpenter_core::model::ids::{PodKey, Uid};
use karpenter_core::model::persistent_volume_claim::PersistentVolumeClaim;
use karpenter_core::model::pod::Pod;
use serde::Deserialize;
use serde_json::{Value, json};

use super::admit::admit;
use super::documents::Origin;
use super::objects::{Mistake, WrittenPod, read_members, volume_claim, written_pod};

/// Most pods one workload stands for.
const MOST_PODS: usize = 200_000;

/// Namespace, kind and name.
type Key = (String, String, String);

/// A Deployment, ReplicaSet, StatefulSet or Job.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    origin: Origin,
    title: String,
    key: Key,
    uid: String,
    version: String,
    controller: Option<Key>,
    n_pods: usize,
    template: Value,
    claim_templates: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WorkloadObject {
    api_version: String,
    metadata: ObjectMeta,
    spec: WorkloadSpec,
    #[serde(default)]
    status: WorkloadStatus,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WorkloadSpec {
    replicas: Option<u32>,
    parallelism: Option<u32>,
    completions: Option<u32>,
    #[serde(default)]
    suspend: bool,
    template: Value,
    #[serde(default)]
    volume_claim_templates: Vec<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WorkloadStatus {
    succeeded: u32,
}

impl WorkloadSpec {
    /// Pods a workload of `kind` wants at once.
    fn n_pods(&self, kind: &str, status: &WorkloadStatus) -> u32 {
        if kind != "Job" {
            return self.replicas.unwrap_or(1);
        }
        let parallelism = self.parallelism.unwrap_or(1);
        let left = self.completions.map(|all| all.saturating_sub(status.succeeded));
        if self.suspend { 0 } else { left.map_or(parallelism, |left| left.min(parallelism)) }
    }
}

impl Workload {
    /// Reads the object `value` of `kind`.
    pub(super) fn read(
        origin: Origin,
        title: String,
        kind: &str,
        value: Value,
    ) -> Result<Self, Mistake> {
        let object: WorkloadObject = read_members(value)?;
        let namespace = object.metadata.namespace.unwrap_or_default();
        let n_pods =
            usize::try_from(object.spec.n_pods(kind, &object.status)).unwrap_or(usize::MAX);
        if n_pods > MOST_PODS {
            let field = if kind == "Job" { "spec.parallelism" } else { "spec.replicas" };
            return Err(Mistake {
                field: field.to_owned(),
                problem: format!("asks for {n_pods} pods; at most {MOST_PODS} are planned for"),
                fix: "lower it".to_owned(),
            });
        }
        Ok(Self {
            origin,
            title,
            controller: controller(
                &object.metadata.owner_references.unwrap_or_default(),
                &namespace,
            ),
            key: (namespace, kind.to_owned(), object.metadata.name.unwrap_or_default()),
            uid: object.metadata.uid.unwrap_or_default(),
            version: object.api_version,
            n_pods,
            template: object.spec.template,
            claim_templates: object.spec.volume_claim_templates,
        })
    }

    /// One pod per name, with the PersistentVolumeClaims it comes with.
    fn made(&self, names: Vec<String>) -> Result<Made, Mistake> {
        let volume_claims = names.iter().flat_map(|name| {
            self.claim_templates.iter().map(move |template| self.volume_claim(template, name))
        });
        let volume_claims = volume_claims.collect::<Result<_, _>>()?;
        Ok(Made { volume_claims, pods: self.pods(names)? })
    }

    /// The claim that the pod `name` gets from `template`.
    fn volume_claim(&self, template: &Value, name: &str) -> Result<PersistentVolumeClaim, Mistake> {
        let mut claim = template.clone();
        let (namespace, _, _) = &self.key;
        let own_name = format!("{}-{name}", claim_name(template));
        let metadata = claim.get_mut("metadata").and_then(Value::as_object_mut);
        if let Some(metadata) = metadata {
            metadata.insert("name".to_owned(), json!(own_name));
            metadata.insert("namespace".to_owned(), json!(namespace));
        }
        admit(&mut claim, "PersistentVolumeClaim", true);
        volume_claim(claim).map_err(|mistake| Mistake {
            field: format!("spec.volumeClaimTemplates.{}", mistake.field),
            ..mistake
        })
    }

    /// One pod per name, all alike.
    fn pods(&self, names: Vec<String>) -> Result<Vec<Pod>, Mistake> {
        if !self.claim_templates.is_empty() {
            return names.iter().map(|name| self.pod(name)).collect();
        }
        let Some(first) = names.first() else { return Ok(vec![]) };
        let like = self.pod(first)?;
        let (namespace, _, _) = &self.key;
        let pods = names.into_iter().map(|name| Pod {
            uid: Uid::from(format!("Pod/{namespace}/{name}")),
            key: PodKey::new(namespace.as_str(), name),
            ..like.clone()
        });
        Ok(pods.collect())
    }

    /// The pod `name` as the controller of the workload would make it.
    fn pod(&self, name: &str) -> Result<Pod, Mistake> {
        let (namespace, kind, own_name) = &self.key;
        let mut pod = self.template.clone();
        let Some(object) = pod.as_object_mut() else {
            return Err(Mistake {
                field: "spec.template".to_owned(),
                problem: "is no template of a pod".to_owned(),
                fix: "give it metadata and spec".to_owned(),
            });
        };
        let metadata = object.entry("metadata").or_insert_with(|| json!({}));
        if let Some(metadata) = metadata.as_object_mut() {
            metadata.insert("name".to_owned(), json!(name));
            metadata.insert("namespace".to_owned(), json!(namespace));
            let owner = json!({
                "apiVersion": self.version, "kind": kind, "name": own_name, "uid": self.uid, "controller": true,
            });
            metadata.insert("ownerReferences".to_owned(), json!([owner]));
        }
        self.add_volumes(&mut pod, name);
        admit(&mut pod, "Pod", true);
        let written = written_pod(pod).map_err(|mistake| Mistake {
            field: format!("spec.template.{}", mistake.field),
            ..mistake
        })?;
        Ok(written.pod)
    }

    /// Volumes of the claims that are made for every pod.
    fn add_volumes(&self, pod: &mut Value, name: &str) {
        let Some(spec) = pod["spec"].as_object_mut() else { return };
        let volumes = spec.entry("volumes").or_insert_with(|| json!([]));
        let Some(volumes) = volumes.as_array_mut() else { return };
        volumes.extend(self.claim_templates.iter().map(claim_name).map(|claim| {
            let source = json!({ "claimName": format!("{claim}-{name}") });
            json!({ "name": claim, "persistentVolumeClaim": source })
        }));
    }
}

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

/// What the controller of a workload makes.
pub(super) struct Made {
    /// Pods.
    pub(super) pods: Vec<Pod>,
    /// PersistentVolumeClaims, one for each pod and template.
    pub(super) volume_claims: Vec<PersistentVolumeClaim>,
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

/// Name of a template of claims; empty when it has none.
fn claim_name(template: &Value) -> &str {
    template.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}

fn controller(owners: &[OwnerReference], namespace: &str) -> Option<Key> {
    let owner = owners.iter().find(|owner| owner.controller == Some(true))?;
    Some((namespace.to_owned(), owner.kind.clone(), owner.name.clone()))
}
