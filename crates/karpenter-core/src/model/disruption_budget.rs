//! PodDisruptionBudgets: how many pods of an application may be missing.

use super::ids::{ObjectKey, ResourceVersion, Uid};
use super::label_selector::LabelSelector;
use super::pod::Pod;

/// One PodDisruptionBudget.
///
/// Source: Kubernetes API (`policy/v1`).
#[derive(Debug, Clone, PartialEq)]
pub struct PodDisruptionBudget {
    /// Namespace and name.
    pub key: ObjectKey,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// Pods of the namespace it covers; `None` covers nothing.
    pub selector: Option<LabelSelector>,
    /// `status.disruptionsAllowed`.
    pub disruptions_allowed: i32,
    /// `status.currentHealthy`: covered pods that are ready.
    pub current_healthy: i32,
    /// `status.desiredHealthy`: covered pods that have to be ready.
    pub desired_healthy: i32,
    /// The spec itself forbids every eviction: `maxUnavailable` 0 or 0 %, or `minAvailable` 100 %.
    pub blocks_everything: bool,
    /// `unhealthyPodEvictionPolicy: AlwaysAllow`: pods that are not ready may go in any case.
    pub always_allow_unhealthy: bool,
}

impl PodDisruptionBudget {
    /// Whether `pod` is one of the pods this budget counts.
    pub fn covers(&self, pod: &Pod) -> bool {
        self.key.namespace == pod.key.namespace
            && self.selector.as_ref().is_some_and(|selector| selector.matches(&pod.shape.labels))
    }
}
