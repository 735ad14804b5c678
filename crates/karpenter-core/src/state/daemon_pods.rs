//! Which pods DaemonSets run: what their pods really ask for shows on them, not on the template.

use imbl::{OrdMap, OrdSet};
use jiff::Timestamp;

use crate::model::ids::{PodKey, Uid};
use crate::model::pod::Pod;

/// Pods by the DaemonSet that controls them, oldest first, kept up to date change by change.
#[derive(Debug, Clone, Default)]
pub struct DaemonPods(OrdMap<Uid, OrdSet<(Timestamp, PodKey)>>);

impl DaemonPods {
    /// The pod of the DaemonSet with this uid that was created last; of several, the last by key.
    pub fn newest(&self, daemon_set: &Uid) -> Option<&PodKey> {
        self.0.get(daemon_set)?.get_max().map(|(_, key)| key)
    }

    /// Adds `pod`, if a DaemonSet controls it.
    pub(super) fn add(&mut self, pod: &Pod) {
        let Some(controller) = controller(pod) else { return };
        let pods = self.0.entry(controller.clone()).or_default();
        pods.insert((pod.created, pod.key.clone()));
    }

    /// Takes back what [`add`](Self::add) did with the same pod.
    pub(super) fn remove(&mut self, pod: &Pod) {
        let Some(controller) = controller(pod) else { return };
        let Some(pods) = self.0.get_mut(controller) else { return };
        pods.remove(&(pod.created, pod.key.clone()));
        if pods.is_empty() {
            self.0.remove(controller);
        }
    }
}

fn controller(pod: &Pod) -> Option<&Uid> {
    pod.owners.controller.as_ref().filter(|_| pod.owners.daemonset)
}
