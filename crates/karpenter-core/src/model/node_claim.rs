//! NodeClaims with everything parsed once.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::ids::{NodeClaimName, NodeClassKey, NodeName, NodePoolName, ProviderId};
use super::ids::{ResourceVersion, Uid};
use super::label_selector::Labels;
use super::requirements::Requirements;
use super::resources::Resources;
use super::taints::Taint;
use crate::api::labels;

/// One instance: asked for, being launched, or running.
///
/// Source: Karpenter behaviour (NodeClaim `karpenter.sh/v1`).
#[derive(Debug, Clone, PartialEq)]
pub struct NodeClaim {
    /// Name.
    pub name: NodeClaimName,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// Labels.
    pub labels: Labels,
    /// Annotations.
    pub annotations: Labels,
    /// Node class.
    pub node_class: NodeClassKey,
    /// What the instance has to be.
    pub requirements: Requirements,
    /// Requests it was made for, `spec.resources.requests`.
    pub requests: Resources,
    /// Taints the node keeps.
    pub taints: Vec<Taint>,
    /// Taints that something removes before the node counts as initialized.
    pub startup_taints: Vec<Taint>,
    /// Upper bound on draining; `None` waits for ever.
    pub termination_grace_period: Option<Duration>,
    /// Age at which the node is replaced; `None` for never.
    pub expire_after: Option<Duration>,
    /// `status.providerID`; `None` until launched.
    pub provider: Option<ProviderId>,
    /// `status.nodeName`; `None` until registered.
    pub node_name: Option<NodeName>,
    /// `status.capacity` as the provider expects it.
    pub capacity: Resources,
    /// `status.allocatable` as the provider expects it.
    pub allocatable: Resources,
    /// `status.lastPodEventTime`.
    pub last_pod_event: Option<Timestamp>,
    /// Creation time.
    pub created: Timestamp,
    /// Set while it is being deleted.
    pub deleted_at: Option<Timestamp>,
    /// Condition `Launched` is `True`.
    pub launched: bool,
    /// Condition `Registered` is `True`.
    pub registered: bool,
    /// Condition `Initialized` is `True`.
    pub initialized: bool,
    /// Condition `InstanceTerminating` is `True`.
    pub instance_terminating: bool,
    /// The object itself, with all conditions: what changes are made to a copy of.
    pub object: Arc<crate::api::v1::nodeclaim::NodeClaim>,
}

impl NodeClaim {
    /// NodePool the claim was made from.
    pub fn pool(&self) -> Option<NodePoolName> {
        self.labels.get(labels::NODEPOOL).map(|name| NodePoolName::from(name.clone()))
    }

    /// Provider id; `None` until launched.
    pub fn provider_id(&self) -> Option<&ProviderId> {
        self.provider.as_ref()
    }

    /// Value of a label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(AsRef::as_ref)
    }

    /// Value of an annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.get(key).map(AsRef::as_ref)
    }
}
