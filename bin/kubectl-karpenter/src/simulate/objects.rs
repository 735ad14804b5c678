//! Objects as they are written become values of the model, by the code the controller decodes with.

use std::collections::BTreeMap;
use std::sync::Arc;

use karpenter_core::api::v1::nodeclaim::NodeClaim as NodeClaimObject;
use karpenter_core::api::v1::nodepool::NodePool as NodePoolObject;
use karpenter_core::api::v1alpha1::node_overlay::NodeOverlay as NodeOverlayObject;
use karpenter_core::model::csi_node::CsiNode;
use karpenter_core::model::daemon_set::DaemonSet;
use karpenter_core::model::device_class::DeviceClass;
use karpenter_core::model::disruption_budget::PodDisruptionBudget;
use karpenter_core::model::namespace::Namespace;
use karpenter_core::model::node::Node;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::node_pool::NodePool;
use karpenter_core::model::overlay::NodeOverlay;
use karpenter_core::model::persistent_volume::PersistentVolume;
use karpenter_core::model::persistent_volume_claim::PersistentVolumeClaim;
use karpenter_core::model::pod::Pod;
use karpenter_core::model::resource_claim::ResourceClaim;
use karpenter_core::model::resource_slice::ResourceSlice;
use karpenter_core::model::storage_class::StorageClass;
use karpenter_core::wire::Decoded;
use karpenter_core::wire::csi_node::SlimCsiNode;
use karpenter_core::wire::daemon_set::SlimDaemonSet;
use karpenter_core::wire::device_class::SlimDeviceClass;
use karpenter_core::wire::disruption_budget::SlimDisruptionBudget;
use karpenter_core::wire::namespace::SlimNamespace;
use karpenter_core::wire::node::SlimNode;
use karpenter_core::wire::persistent_volume::SlimPersistentVolume;
use karpenter_core::wire::persistent_volume_claim::SlimPersistentVolumeClaim;
use karpenter_core::wire::pod::SlimPod;
use karpenter_core::wire::resource_claim::SlimResourceClaim;
use karpenter_core::wire::resource_slice::SlimResourceSlice;
use karpenter_core::wire::storage_class::SlimStorageClass;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::admit::admit;
use super::complaint::Complaint;
use super::documents::{Document, Origin};
use super::identity::{identity, is_namespaced, title, unknown};
use super::selectors::{self, Source};
use super::workload::Workload;
use super::workloads::Workloads;

/// Everything that was read, in the order written.
#[derive(Debug, Default)]
pub struct Objects {
    /// Pods, and what else is known of them.
    pub pods: Vec<WrittenPod>,
    /// Nodes.
    pub nodes: Vec<Arc<Node>>,
    /// NodeClaims.
    pub claims: Vec<Arc<NodeClaim>>,
    /// NodePools, each with where it is written.
    pub pools: Vec<(Origin, NodePool)>,
    /// NodeOverlays.
    pub overlays: Vec<Arc<NodeOverlay>>,
    /// DaemonSets.
    pub daemon_sets: Vec<Arc<DaemonSet>>,
    /// PodDisruptionBudgets.
    pub budgets: Vec<Arc<PodDisruptionBudget>>,
    /// Namespaces.
    pub namespaces: Vec<Arc<Namespace>>,
    /// PersistentVolumeClaims.
    pub volume_claims: Vec<Arc<PersistentVolumeClaim>>,
    /// PersistentVolumes.
    pub volumes: Vec<Arc<PersistentVolume>>,
    /// StorageClasses.
    pub storage_classes: Vec<Arc<StorageClass>>,
    /// CSINodes.
    pub csi_nodes: Vec<Arc<CsiNode>>,
    /// Objects that say which pods belong together.
    pub sources: Vec<Source>,
    /// ResourceClaims.
    pub resource_claims: Vec<Arc<ResourceClaim>>,
    /// ResourceSlices.
    pub resource_slices: Vec<Arc<ResourceSlice>>,
    /// DeviceClasses.
    pub device_classes: Vec<Arc<DeviceClass>>,
    /// Objects that are left out.
    pub complaints: Vec<Complaint>,
    /// What was read and has no effect, one line each.
    pub notes: Vec<String>,
    workloads: Workloads,
    known: BTreeMap<String, Origin>,
}

/// A pod, and what the controller never looks at.
#[derive(Debug, Clone)]
pub struct WrittenPod {
    /// The pod.
    pub pod: Pod,
    /// It has `schedulingGates`: nobody may place it yet.
    pub is_gated: bool,
}

/// What is wrong with a member, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) field: String,
    pub(super) problem: String,
    pub(super) fix: String,
}

impl Objects {
    /// Takes one object in; one that cannot be read becomes a complaint.
    pub fn add(&mut self, document: Document) {
        let Document { origin, value } = document;
        let object = title(&value);
        if let Err(mistake) = self.enter(&origin, &object, value) {
            self.complain(origin, object, mistake);
        }
    }

    /// Adds the pods that workloads stand for and that nobody has made, with the PersistentVolumeClaims they come with.
    pub fn expand_workloads(&mut self) {
        let workloads = std::mem::take(&mut self.workloads);
        for workload in workloads.expanded(&self.pods) {
            let is_gated = workload.is_gated;
            match workload.made {
                Ok(made) => {
                    self.pods.extend(made.pods.into_iter().map(|pod| WrittenPod { pod, is_gated }));
                    made.volume_claims.into_iter().for_each(|claim| self.add_volume_claim(claim));
                }
                Err(mistake) => self.complain(workload.origin, workload.title, mistake),
            }
        }
    }

    /// Adds a claim, unless one of its name is there: a StatefulSet finds it again.
    fn add_volume_claim(&mut self, claim: PersistentVolumeClaim) {
        if self.volume_claims.iter().all(|known| known.key != claim.key) {
            self.volume_claims.push(Arc::new(claim));
        }
    }

    fn complain(&mut self, origin: Origin, object: String, mistake: Mistake) {
        let Mistake { field, problem, fix } = mistake;
        self.complaints.push(Complaint { origin, object, field, problem, fix });
    }

    fn enter(&mut self, origin: &Origin, object: &str, mut value: Value) -> Result<(), Mistake> {
        let (group, kind) = identity(&value)?;
        let is_namespaced = is_namespaced(&kind);
        admit(&mut value, &kind, is_namespaced);
        self.sources.extend(selectors::source(&group, &kind, &value)?);
        match (group.as_str(), kind.as_str()) {
            ("karpenter.sh", "NodePool") => {
                self.pools.push((origin.clone(), decoded::<NodePoolObject>(value)?));
            }
            ("karpenter.sh", "NodeClaim") => {
                self.claims.push(Arc::new(decoded::<NodeClaimObject>(value)?));
            }
            ("karpenter.sh", "NodeOverlay") => {
                self.overlays.push(Arc::new(decoded::<NodeOverlayObject>(value)?));
            }
            ("", "Pod") => {
                self.workloads.note_pod(&value);
                let pod = written_pod(value)?;
                self.pods.push(pod);
            }
            ("", "Node") => self.nodes.push(Arc::new(decoded::<SlimNode>(value)?)),
            ("", "Service") => {}
            ("", "Namespace") => self.namespaces.push(Arc::new(decoded::<SlimNamespace>(value)?)),
            ("apps", "DaemonSet") => {
                self.daemon_sets.push(Arc::new(decoded::<SlimDaemonSet>(value)?));
            }
            ("policy", "PodDisruptionBudget") => {
                self.budgets.push(Arc::new(decoded::<SlimDisruptionBudget>(value)?));
            }
            ("apps", "Deployment" | "ReplicaSet" | "StatefulSet") | ("batch", "Job") => {
                self.workloads.add(Workload::read(
                    origin.clone(),
                    object.to_owned(),
                    &kind,
                    value,
                )?);
            }
            ("", "PersistentVolumeClaim") => {
                self.volume_claims.push(Arc::new(volume_claim(value)?));
            }
            ("", "PersistentVolume") => {
                self.volumes.push(Arc::new(decoded::<SlimPersistentVolume>(value)?));
            }
            ("storage.k8s.io", "StorageClass") => {
                self.storage_classes.push(Arc::new(decoded::<SlimStorageClass>(value)?));
            }
            ("storage.k8s.io", "CSINode") => {
                self.csi_nodes.push(Arc::new(decoded::<SlimCsiNode>(value)?));
            }
            ("resource.k8s.io", "ResourceClaim") => {
                self.resource_claims.push(Arc::new(decoded::<SlimResourceClaim>(value)?));
            }
            ("resource.k8s.io", "ResourceSlice") => {
                self.resource_slices.push(Arc::new(decoded::<SlimResourceSlice>(value)?));
            }
            ("resource.k8s.io", "DeviceClass") => {
                self.device_classes.push(Arc::new(decoded::<SlimDeviceClass>(value)?));
            }
            (_, kind) if kind.ends_with("NodeClass") => {
                self.notes.push(format!(
                    "{origin}: {object}: has no effect; instance types come from the catalogue"
                ));
            }
            (group, kind) => return Err(unknown(group, kind)),
        }
        self.is_first(origin, object, &group)
    }

    /// Objects of one kind and name are one object; the newer one would replace the other without a word.
    fn is_first(&mut self, origin: &Origin, object: &str, group: &str) -> Result<(), Mistake> {
        let known = self.known.insert(format!("{group} {object}"), origin.clone());
        let Some(known) = known else { return Ok(()) };
        Err(Mistake {
            field: String::new(),
            problem: format!("is there twice, first in {known}; the last one counts"),
            fix: "remove one of them".to_owned(),
        })
    }
}

/// The pod and what the controller never looks at.
pub(super) fn written_pod(value: Value) -> Result<WrittenPod, Mistake> {
    let gates = value.pointer("/spec/schedulingGates").and_then(Value::as_array);
    let is_gated = gates.is_some_and(|gates| !gates.is_empty());
    Ok(WrittenPod { pod: decoded::<SlimPod>(value)?, is_gated })
}

/// A PersistentVolumeClaim as it is written.
pub(super) fn volume_claim(value: Value) -> Result<PersistentVolumeClaim, Mistake> {
    decoded::<SlimPersistentVolumeClaim>(value)
}

/// Decodes as the controller does, naming the member that cannot be read.
fn decoded<K: Decoded + DeserializeOwned>(value: Value) -> Result<K::Model, Mistake> {
    let wire: K = read_members(value)?;
    wire.decode().map_err(|problem| Mistake {
        field: problem.field,
        problem: problem.message,
        fix: "write a number with a unit, like 500m or 2Gi".to_owned(),
    })
}

/// The members of `value` as `K` has them.
pub(super) fn read_members<K: DeserializeOwned>(value: Value) -> Result<K, Mistake> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        Mistake {
            field: if path == "." { String::new() } else { path },
            problem: error.inner().to_string(),
            fix: "write the member as the kind defines it".to_owned(),
        }
    })
}
