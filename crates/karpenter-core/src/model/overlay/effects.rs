//! What all overlays together do to the instance types of each pool.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::PriceChange;
use crate::model::ids::{InstanceTypeName, NodePoolName};
use crate::model::instance_type::{Catalog, InstanceType, Offering, Overlaid};
use crate::model::requirements::Requirements;
use crate::model::resources::Resources;

/// Effects by pool; a pool that is missing has not been evaluated.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OverlayEffects(BTreeMap<NodePoolName, PoolEffects>);

/// Effects by instance type; types that are missing stay what they are.
pub type PoolEffects = BTreeMap<InstanceTypeName, TypeEffects>;

/// Effects on one instance type.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TypeEffects {
    /// New prices; an offering is known by its requirements.
    pub prices: BTreeMap<Requirements, PriceChange>,
    /// Resources besides those the cloud knows.
    pub capacity: Resources,
}

impl OverlayEffects {
    /// Notes that `pool` has been evaluated; answers its effects.
    pub fn evaluated(&mut self, pool: &NodePoolName) -> &mut PoolEffects {
        self.0.entry(pool.clone()).or_default()
    }

    /// The effects on `pool`; `None` while it has not been evaluated.
    pub fn of(&self, pool: &NodePoolName) -> Option<&PoolEffects> {
        self.0.get(pool)
    }

    /// `catalog` of `pool` as planning should see it; `None` while the pool has not been evaluated.
    ///
    /// Types without effects are shared with `catalog`, the others are whole copies.
    pub fn apply(&self, pool: &NodePoolName, catalog: &Catalog) -> Option<Catalog> {
        let effects = self.of(pool)?;
        if effects.is_empty() {
            return Some(catalog.clone());
        }
        let types = catalog.types.iter().map(|it| match effects.get(&it.name) {
            Some(effects) => Arc::new(effects.apply(it)),
            None => it.clone(),
        });
        Some(Catalog { generation: catalog.generation, types: types.collect() })
    }
}

impl TypeEffects {
    fn apply(&self, it: &InstanceType) -> InstanceType {
        let mut overlaid = Overlaid { capacity: !self.capacity.is_empty(), ..it.overlaid };
        let offerings = it.offerings.iter().map(|offering| {
            let Some(change) = self.prices.get(&offering.requirements) else {
                return offering.clone();
            };
            overlaid.price = true;
            Offering { price: change.apply(offering.price), ..offering.clone() }
        });
        let offerings = offerings.collect();
        let capacity = it.capacity.override_with(&self.capacity);
        InstanceType { offerings, capacity, overlaid, ..it.clone() }
    }
}
