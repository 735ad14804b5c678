//! One workload: how many pods its controller wants, and what they look like.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use karpenter_core::model::ids::{PodKey, Uid};
use karpenter_core::model::persistent_volume_claim::PersistentVolumeClaim;
use karpenter_core::model::pod::Pod;
use serde::Deserialize;
use serde_json::{Value, json};

use super::admit::admit;
use super::documents::Origin;
use super::objects::{Mistake, read_members, volume_claim, written_pod};

/// Most pods one workload stands for.
const MOST_PODS: usize = 200_000;

/// Namespace, kind and name.
pub(super) type Key = (String, String, String);

/// A Deployment, ReplicaSet, StatefulSet or Job.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    /// Where it is written.
    pub(super) origin: Origin,
    /// Kind, namespace and name.
    pub(super) title: String,
    /// Namespace, kind and name.
    pub(super) key: Key,
    uid: String,
    version: String,
    /// What controls it, if anything does.
    pub(super) controller: Option<Key>,
    /// Pods its controller wants at once.
    pub(super) n_pods: usize,
    /// The template of its pods.
    pub(super) template: Value,
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
    pub(super) fn made(&self, names: Vec<String>) -> Result<Made, Mistake> {
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

/// What the controller of a workload makes.
pub(super) struct Made {
    /// Pods.
    pub(super) pods: Vec<Pod>,
    /// PersistentVolumeClaims, one for each pod and template.
    pub(super) volume_claims: Vec<PersistentVolumeClaim>,
}

/// Name of a template of claims; empty when it has none.
fn claim_name(template: &Value) -> &str {
    template.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}

/// The owner that controls an object of this namespace.
pub(super) fn controller(owners: &[OwnerReference], namespace: &str) -> Option<Key> {
    let owner = owners.iter().find(|owner| owner.controller == Some(true))?;
    Some((namespace.to_owned(), owner.kind.clone(), owner.name.clone()))
}
