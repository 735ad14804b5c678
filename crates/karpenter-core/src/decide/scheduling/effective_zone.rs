//! In which zone pods that wait will run, as far as that can be told before anything is placed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::class::Shape;
use super::mask::Mask;
use super::solve::Solver;
use super::vocabulary::Said;
use super::world::KeyId;
use crate::api::labels;
use crate::model::ids::LabelKey;
use crate::model::pod::PodPhase;

/// Counted for a pod that can run in several zones.
const FLEXIBLE: &str = "flexible";

/// Counted for a pod that can run in no zone.
const NONE: &str = "none";

impl Solver<'_> {
    /// Pods in phase `Pending` by the only zone they can run in, else as `flexible` or `none`. Pods that are not
    /// planned for are left out.
    ///
    /// Source: Karpenter behaviour, effective zone. Differs: topology constraints without a common zone count as
    /// `none`.
    pub(super) fn zones_of_pending(&self) -> BTreeMap<Arc<str>, usize> {
        let key = self.world.key(&LabelKey::from(labels::ZONE));
        let mut n_pending = vec![0_usize; self.classes.all.len()];
        let pods = self.pods.iter().zip(&self.classes.of_pod);
        for (_, class) in pods.filter(|(pod, _)| pod.phase == PodPhase::Pending) {
            if let Ok(class) = class {
                n_pending[*class] += 1;
            }
        }
        let mut by_zone: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        for (class, n_pods) in self.classes.all.iter().zip(n_pending).filter(|(_, n)| *n > 0) {
            let shape = &self.classes.shapes[class.shape];
            let zone = key.map_or_else(|| FLEXIBLE.into(), |key| self.effective_zone(shape, key));
            *by_zone.entry(zone).or_default() += n_pods;
        }
        by_zone
    }

    fn effective_zone(&self, shape: &Shape<'_>, key: KeyId) -> Arc<str> {
        let said = |set| self.world.part(set, key).map(|part| &part.said);
        let level = &shape.levels[0];
        let of_pod = said(level.strict);
        let listed = of_pod.filter(|said| !said.is_open).map(|said| said.mask.clone());
        let of_volumes = self.zones_of_volumes(shape, key);
        let by_others = self.topology.domains_left(&shape.bonds[0], (key, said(level.set)));
        let first = listed.or_else(|| of_volumes.clone()).or_else(|| by_others.clone());
        let Some(candidates) = first else { return FLEXIBLE.into() };
        let others = [of_pod.map(|said| said.mask.clone()), of_volumes, by_others];
        let left = others.iter().flatten().fold(candidates, |left, more| left.and(more));
        let zones: Vec<usize> = left.ones().take(2).collect();
        match zones[..] {
            [] => NONE.into(),
            [zone] => self.world.words(key).value_of(zone).clone(),
            [_, ..] => FLEXIBLE.into(),
        }
    }

    /// Zones from which volumes can be reached; `None` when some place does not list any.
    fn zones_of_volumes(&self, shape: &Shape<'_>, key: KeyId) -> Option<Mask> {
        let mut zones = self.world.words(key).nothing();
        for place in shape.places.iter() {
            let said: &Said = &self.world.part(*place, key)?.said;
            if said.is_open {
                return None;
            }
            zones = zones.or(&said.mask);
        }
        (!shape.places.is_empty()).then_some(zones)
    }
}
