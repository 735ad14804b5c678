//! What passes need without walking all pods, kept up to date change by change.

use std::sync::Arc;

use imbl::OrdMap;
use jiff::Timestamp;

use crate::model::ids::PodKey;
use crate::model::pod::Pod;
use crate::model::resources::Resources;

/// Pods bound to one node and what they ask for. Terminal pods are left out.
#[derive(Debug, Clone, Default)]
pub struct NodeUsage {
    /// The pods in key order.
    pub pods: OrdMap<PodKey, Arc<Pod>>,
    /// Those among them that use PersistentVolumeClaims.
    pub claiming: OrdMap<PodKey, Arc<Pod>>,
    /// Sum of their requests, with their number as `pods`.
    pub requested: Resources,
    /// The part of it that DaemonSets' pods ask for.
    pub daemon_requested: Resources,
    /// Last time a pod that is not a DaemonSet's was bound, ended or was deleted here.
    pub last_pod_event: Option<Timestamp>,
}

/// A pod that waits for a node.
#[derive(Debug, Clone)]
pub struct PendingPod {
    /// The pod.
    pub pod: Arc<Pod>,
    /// When we first saw it provisionable.
    pub since: Timestamp,
}

impl NodeUsage {
    pub(super) fn add(&mut self, pod: &Arc<Pod>) {
        let requests = pod.requests.with_pods(1);
        self.requested = self.requested.add(&requests);
        if pod.owners.daemonset {
            self.daemon_requested = self.daemon_requested.add(&requests);
        }
        if !pod.volume_claims.is_empty() {
            self.claiming.insert(pod.key.clone(), pod.clone());
        }
        self.pods.insert(pod.key.clone(), pod.clone());
    }

    pub(super) fn remove(&mut self, key: &PodKey) {
        let Some(pod) = self.pods.remove(key) else { return };
        self.claiming.remove(key);
        let requests = pod.requests.with_pods(1);
        self.requested.subtract_from(&requests);
        if pod.owners.daemonset {
            self.daemon_requested.subtract_from(&requests);
        }
    }

    pub(super) fn touch(&mut self, at: Timestamp) {
        self.last_pod_event = Some(self.last_pod_event.map_or(at, |known| known.max(at)));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pods.is_empty() && self.last_pod_event.is_none()
    }
}
