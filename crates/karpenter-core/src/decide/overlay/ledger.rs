//! What overlays have claimed so far, and by which of them.

use std::collections::BTreeMap;

use super::Touched;
use crate::model::ids::{InstanceTypeName, NodeOverlayName, NodePoolName};
use crate::model::overlay::{NodeOverlay, OverlayEffects};
use crate::model::requirements::Requirements;
use crate::model::resources::ResourceName;

/// Instance type of a pool.
type Place = (NodePoolName, InstanceTypeName);

/// Effects so far; entered heaviest overlay first.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    effects: OverlayEffects,
    prices: BTreeMap<(Place, Requirements), Owner>,
    resources: BTreeMap<(Place, ResourceName), Owner>,
}

/// The last overlay that laid claim to something: as they come heaviest first, the one of the lowest weight.
#[derive(Debug)]
struct Owner {
    weight: i32,
    overlay: NodeOverlayName,
}

impl Owner {
    fn of(overlay: &NodeOverlay) -> Self {
        Self { weight: overlay.weight, overlay: overlay.name.clone() }
    }
}

impl Ledger {
    /// Enters what `overlay` does to all it is about, or nothing of it.
    ///
    /// # Errors
    /// The first thing another overlay of the same weight has claimed.
    pub(super) fn enter(
        &mut self,
        overlay: &NodeOverlay,
        touched: &[Touched<'_>],
    ) -> Result<(), String> {
        match touched.iter().find_map(|touched| self.conflict(overlay, touched)) {
            Some(conflict) => Err(conflict),
            None => {
                touched.iter().for_each(|touched| self.claim(overlay, touched));
                Ok(())
            }
        }
    }

    /// What the entered overlays come to.
    pub(super) fn effects(self) -> OverlayEffects {
        self.effects
    }

    fn conflict(&self, overlay: &NodeOverlay, touched: &Touched<'_>) -> Option<String> {
        let place = place(touched);
        let rival = |owner: &Owner, what: &str| {
            (owner.weight == overlay.weight).then(|| {
                format!(
                    "conflict with another overlay: {} of the same weight sets the {what} of instance type {} \
                     in nodepool {}",
                    owner.overlay, place.1, place.0
                )
            })
        };
        let prices = overlay.price.iter().flat_map(|_| &touched.offerings);
        let mut prices = prices.filter_map(|offering| {
            rival(self.prices.get(&(place.clone(), (*offering).clone()))?, "price")
        });
        let mut resources = overlay.capacity.iter().filter_map(|(name, _)| {
            let owner = self.resources.get(&(place.clone(), name.clone()))?;
            rival(owner, &format!("capacity {name}"))
        });
        prices.next().or_else(|| resources.next())
    }

    fn claim(&mut self, overlay: &NodeOverlay, touched: &Touched<'_>) {
        let place = place(touched);
        if overlay.price.is_none() && overlay.capacity.is_empty() {
            return;
        }
        let pool = self.effects.evaluated(&place.0);
        let effects = pool.entry(place.1.clone()).or_default();
        for offering in overlay.price.iter().flat_map(|_| &touched.offerings) {
            let offering = (*offering).clone();
            if let Some(change) = overlay.price {
                effects.prices.entry(offering.clone()).or_insert(change);
            }
            self.prices.insert((place.clone(), offering), Owner::of(overlay));
        }
        for (name, amount) in overlay.capacity.iter() {
            if !effects.capacity.contains(name.as_str()) {
                effects.capacity.insert(name.clone(), amount);
            }
            self.resources.insert((place.clone(), name.clone()), Owner::of(overlay));
        }
    }
}

fn place(touched: &Touched<'_>) -> Place {
    (touched.pool.name.clone(), touched.it.name.clone())
}
