//! What effects need to act.

use std::sync::Arc;

use jiff::Timestamp;

use super::events::EventSink;
use crate::clock::{Clock, in_seconds};
use crate::cloud_provider::CloudProvider;
use crate::state::{ClusterEvent, ClusterState};

/// Handles shared by all effects; cloning is cheap.
#[derive(Clone)]
pub struct Clients {
    /// The Kubernetes API, without a retry layer: the runner retries, and it alone.
    pub kube: kube::Client,
    /// The cloud.
    pub cloud: Arc<dyn CloudProvider>,
    /// Where answers to our writes go.
    pub state: ClusterState,
    /// Time.
    pub clock: Clock,
    /// Publishes Kubernetes Events.
    pub events: EventSink,
}

impl Clients {
    /// Enters what a write was answered with into the state.
    pub fn learn(&self, event: ClusterEvent) {
        self.state.apply(event, self.clock.now());
    }

    /// The current time in whole seconds, as Kubernetes stores it.
    pub fn now_in_seconds(&self) -> Timestamp {
        in_seconds(self.clock.now())
    }
}
