//! Launches whose result the cluster does not show.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cloud_provider::Instance;
use crate::model::ids::Uid;

/// What is known of the launch for one claim.
#[derive(Debug, Clone, PartialEq)]
pub enum Launch {
    /// The cloud has been asked and has not answered clearly; there may be an instance.
    Uncertain,
    /// The cloud has been asked and has made no instance.
    Absent,
    /// There is an instance, and the status of the claim does not say so yet.
    Launched(Arc<Instance>),
}

/// Launches of this process by claim uid. An entry goes when the claim's status shows the instance, or with the claim.
/// Nothing is known of a claim without entry and without instance: an earlier process may have launched for it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LaunchMemory(BTreeMap<Uid, Launch>);

impl LaunchMemory {
    /// What is remembered for the claim `uid`.
    pub fn get(&self, uid: &Uid) -> Option<&Launch> {
        self.0.get(uid)
    }

    /// The instance launched for the claim `uid`.
    pub fn instance(&self, uid: &Uid) -> Option<&Arc<Instance>> {
        match self.0.get(uid)? {
            Launch::Launched(instance) => Some(instance),
            Launch::Uncertain | Launch::Absent => None,
        }
    }

    /// Whether this process has launched, or may have, for the claim `uid`.
    pub fn is_under_way(&self, uid: &Uid) -> bool {
        matches!(self.0.get(uid), Some(Launch::Uncertain | Launch::Launched(_)))
    }

    /// Remembers `launch` for the claim `uid`.
    pub fn insert(&mut self, uid: Uid, launch: Launch) {
        self.0.insert(uid, launch);
    }

    /// Forgets launches for claims that are gone.
    pub fn retain(&mut self, exists: impl Fn(&Uid) -> bool) {
        self.0.retain(|uid, _| exists(uid));
    }

    /// Forgets the launch for the claim `uid`.
    pub fn remove(&mut self, uid: &Uid) {
        self.0.remove(uid);
    }
}
