//! From the claims of a pod to what is known of its volumes.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::alternatives::{self, Place};
use super::driver;
use super::problem::{VolumeFault, VolumeProblem};
use crate::model::ids::ObjectKey;
use crate::model::label_rules::LabelNormalization;
use crate::model::persistent_volume::PersistentVolume;
use crate::model::persistent_volume_claim::PersistentVolumeClaim;
use crate::model::pod::{Pod, PodVolumeClaim};
use crate::model::storage_class::{StorageClass, UnsupportedStorage};
use crate::state::Storage;

/// What the volumes of one pod ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct PodVolumes {
    /// Where they can be reached from, in the order of trying; empty when anywhere.
    pub(in super::super) places: Vec<Place>,
    /// Its claims that a driver has to attach, without repetition.
    pub(in super::super) attached: Vec<Attached>,
}

/// A claim and the driver that attaches its volume.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) struct Attached {
    /// The driver.
    pub(in super::super) driver: Arc<str>,
    /// The claim.
    pub(in super::super) claim: ObjectKey,
}

/// Looks claims up in a snapshot.
#[derive(Debug)]
pub(in super::super) struct Lookup<'a> {
    /// The snapshot.
    pub(super) storage: &'a Storage,
    unsupported: &'a UnsupportedStorage,
    normalization: &'a LabelNormalization,
    n_lookups: Cell<usize>,
}

/// A claim with what it refers to.
struct Found<'a> {
    claim: &'a PersistentVolumeClaim,
    /// What it names as its volume; `None` when it is to be made, or will be made anew.
    volume_name: Option<&'a Arc<str>>,
    volume: Option<&'a PersistentVolume>,
    class: Option<&'a StorageClass>,
}

impl<'a> Lookup<'a> {
    /// Looks into `storage`; what is `unsupported` no node can reach.
    pub(in super::super) fn new(
        storage: &'a Storage,
        unsupported: &'a UnsupportedStorage,
        normalization: &'a LabelNormalization,
    ) -> Self {
        Self { storage, unsupported, normalization, n_lookups: Cell::new(0) }
    }

    /// How many claims have been looked up.
    pub(in super::super) fn n_lookups(&self) -> usize {
        self.n_lookups.get()
    }

    /// What the volumes of `pod` ask for; those of a pod that waits for a node are validated too.
    ///
    /// # Errors
    /// The first claim that cannot be had, in the order of the volumes.
    pub(in super::super) fn volumes(
        &self,
        pod: &Pod,
        is_pending: bool,
    ) -> Result<PodVolumes, VolumeProblem> {
        let (mut lists, mut attached) = (vec![], vec![]);
        for of_pod in &pod.volume_claims {
            let found = self.find(pod, of_pod)?;
            if is_pending {
                self.validate(&found)?;
            }
            lists.push(self.places(&found)?);
            if let Some(driver) = found.driver() {
                let one = Attached { driver, claim: found.claim.key.clone() };
                if !attached.contains(&one) {
                    attached.push(one);
                }
            }
        }
        Ok(PodVolumes { places: alternatives::product(lists), attached })
    }

    /// Claims of a pod that runs, as far as they are known, without repetition.
    pub(super) fn attached_of(&self, pod: &Pod) -> Vec<Attached> {
        let attached = |of_pod: &PodVolumeClaim| {
            let key = ObjectKey::new(pod.key.namespace.clone(), of_pod.name.clone());
            let found = self.found(self.storage.claims.get(&key)?, false);
            Some(Attached { driver: found.driver()?, claim: key })
        };
        let attached: BTreeSet<Attached> = pod.volume_claims.iter().filter_map(attached).collect();
        attached.into_iter().collect()
    }

    fn find(&self, pod: &Pod, of_pod: &PodVolumeClaim) -> Result<Found<'a>, VolumeProblem> {
        let key = ObjectKey::new(pod.key.namespace.clone(), of_pod.name.clone());
        let Some(claim) = self.storage.claims.get(&key) else {
            let fault = VolumeFault::ClaimNotFound;
            return Err(VolumeProblem { claim: key, volume: None, class: None, fault });
        };
        if of_pod.is_ephemeral && claim.controller.as_ref() != Some(&pod.uid) {
            return Err(problem(claim, VolumeFault::ForeignClaim));
        }
        let is_made_anew = of_pod.is_ephemeral && pod.node_name.is_some();
        Ok(self.found(claim, is_made_anew))
    }

    fn found(&self, claim: &'a PersistentVolumeClaim, is_made_anew: bool) -> Found<'a> {
        self.n_lookups.set(self.n_lookups.get() + 1);
        let volume_name = claim.volume_name.as_ref().filter(|_| !is_made_anew);
        let volume = volume_name.and_then(|name| self.storage.volumes.get(name));
        let class = claim.storage_class.as_ref();
        let class = class.and_then(|name| self.storage.classes.get(name));
        Found { claim, volume_name, volume: volume.map(|v| &**v), class: class.map(|c| &**c) }
    }

    /// Whether a node for the pod would help.
    fn validate(&self, found: &Found<'_>) -> Result<(), VolumeProblem> {
        let Found { claim, .. } = found;
        let fault = if claim.is_terminating {
            Some(VolumeFault::ClaimTerminating)
        } else if claim.is_lost {
            Some(VolumeFault::ClaimLost)
        } else if found.is_volume_missing() {
            Some(VolumeFault::VolumeNotFound)
        } else if let Some(volume) = found.volume {
            let is_going = volume.is_terminating.then_some(VolumeFault::VolumeTerminating);
            is_going.or((!claim.bind_completed).then_some(VolumeFault::NotBound))
        } else {
            self.unbound_fault(found)
        };
        let fault = fault.or_else(|| {
            let driver = found.driver()?;
            let is_unsupported = self.unsupported.provisioners.contains(&driver);
            is_unsupported.then_some(VolumeFault::Provisioner(driver))
        });
        fault.map_or(Ok(()), |fault| Err(problem(claim, fault)))
    }

    /// Why no volume will be made for a claim without one.
    fn unbound_fault(&self, found: &Found<'_>) -> Option<VolumeFault> {
        if found.claim.storage_class.is_none() {
            return Some(VolumeFault::NoStorageClass);
        }
        let Some(class) = found.class else { return Some(VolumeFault::StorageClassNotFound) };
        if class.binds_immediately {
            return Some(VolumeFault::ImmediateBinding);
        }
        let mut keys = class.allowed_topologies.iter().flatten().map(|(key, _)| key);
        let unsupported = keys.find(|key| self.unsupported.topology_keys.contains(*key));
        unsupported.map(|key| VolumeFault::TopologyKey(key.clone()))
    }

    /// Where one volume can be reached from; empty when anywhere.
    fn places(&self, found: &Found<'_>) -> Result<Vec<Place>, VolumeProblem> {
        if let Some(volume) = found.volume {
            let places = alternatives::of_volume(volume, self.normalization);
            return places.map_err(|why| problem(found.claim, VolumeFault::Operator(why)));
        }
        if found.is_volume_missing() {
            return Err(problem(found.claim, VolumeFault::VolumeNotFound));
        }
        match (found.class, &found.claim.storage_class) {
            (Some(class), _) => Ok(alternatives::of_class(class, self.normalization)),
            (None, Some(_)) => Err(problem(found.claim, VolumeFault::StorageClassNotFound)),
            (None, None) => Ok(vec![]),
        }
    }
}

impl Found<'_> {
    fn is_volume_missing(&self) -> bool {
        self.volume_name.is_some() && self.volume.is_none()
    }

    /// The driver that attaches the volume, or will.
    fn driver(&self) -> Option<Arc<str>> {
        match (self.volume_name, self.volume) {
            (Some(_), volume) => driver::of_source(&volume?.source),
            (None, _) => self.class.map(|class| driver::of_provisioner(&class.provisioner)),
        }
    }
}

fn problem(claim: &PersistentVolumeClaim, fault: VolumeFault) -> VolumeProblem {
    VolumeProblem {
        claim: claim.key.clone(),
        volume: claim.volume_name.clone(),
        class: claim.storage_class.clone(),
        fault,
    }
}
