//! Catalogues by node class, remade only when something they are made from has changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use karpenter_core::cloud_provider::CloudProviderError;
use karpenter_core::model::instance_type::Catalog;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::node_pool::NodePool;

use super::AlibabaProvider;
use crate::api::node_class::ECSNodeClass;
use crate::catalog::assemble::{Sources, instance_types};
use crate::catalog::market::MarketView;
use crate::controllers::catalog_refresh::{has_prices_for, has_prices_to_launch};

/// The last catalogue of each class. Generations grow over all classes.
#[derive(Debug, Default)]
pub(super) struct Catalogs {
    kept: BTreeMap<String, Kept>,
    generation: u64,
}

#[derive(Debug)]
struct Kept {
    class: Arc<ECSNodeClass>,
    market: u64,
    unavailable: u64,
    reservations: u64,
    catalog: Catalog,
}

impl Catalogs {
    /// Keeps a new catalogue; equal content keeps its generation.
    fn renew(&mut self, name: String, new: Kept) -> Catalog {
        let old = self.kept.get(&name).map(|old| &old.catalog);
        let catalog = match old.filter(|old| old.types == new.catalog.types) {
            Some(old) => old.clone(),
            None => {
                self.generation += 1;
                Catalog { generation: self.generation, ..new.catalog }
            }
        };
        self.kept.insert(name, Kept { catalog: catalog.clone(), ..new });
        catalog
    }
}

impl AlibabaProvider {
    /// The catalogue of a pool's class.
    ///
    /// A class that is not there has an empty catalogue. While tables are missing, or prices are still expected soon,
    /// the pool counts as not evaluated.
    pub(super) fn catalog_of(&self, pool: &NodePool) -> Result<Catalog, CloudProviderError> {
        let pending = || CloudProviderError::UnevaluatedNodePool(pool.name.to_string());
        let market = self.market.view();
        if !self.knows_enough(&market, |market| has_prices_for(market, pool, &self.parts.options)) {
            return Err(pending());
        }
        let Some(class) = self.class(&pool.template.node_class) else {
            return Err(pending());
        };
        if class.metadata.deletion_timestamp.is_some() {
            return Ok(Catalog::default());
        }
        if class.status.as_ref().is_none_or(|status| status.v_switches.is_empty()) {
            return Err(pending());
        }
        Ok(self.catalog(&class, &market))
    }

    /// The catalogue of `class` for the launch of `claim`.
    ///
    /// A process that has just started does not know yet what the cloud has; that is no lack of capacity.
    pub(super) fn catalog_to_launch(
        &self,
        class: &Arc<ECSNodeClass>,
        claim: &NodeClaim,
    ) -> Result<Catalog, CloudProviderError> {
        let market = self.market.view();
        if !self.knows_enough(&market, |m| has_prices_to_launch(m, claim, &self.parts.options)) {
            let text = "instance types, stock and prices have not all been read yet".to_owned();
            return Err(CloudProviderError::Transient(text));
        }
        Ok(self.catalog(class, &market))
    }

    /// Whether the tables are there, and the prices too, unless they have been waited for long enough.
    fn knows_enough(
        &self,
        market: &MarketView,
        has_prices: impl FnOnce(&MarketView) -> bool,
    ) -> bool {
        let (Some(types_read), Some(_)) = (market.types_read, market.stock_read) else {
            return false;
        };
        let is_patient = self.now() < types_read + self.parts.options.price_patience;
        !is_patient || has_prices(market)
    }

    /// The catalogue of `class` from these tables.
    pub(super) fn catalog(&self, class: &Arc<ECSNodeClass>, market: &MarketView) -> Catalog {
        let unavailable = self.unavailable();
        let reservations = self.reservations.lock().clone();
        // Names are unique within a group only.
        let id = class.metadata.uid.clone().or_else(|| class.metadata.name.clone());
        let name = id.unwrap_or_default();
        let mut catalogs = self.catalogs.lock();
        let fresh = catalogs.kept.get(&name).filter(|kept| {
            kept.market == market.sequence
                && kept.unavailable == unavailable.sequence()
                && kept.reservations == reservations.sequence()
                && Arc::ptr_eq(&kept.class, class)
        });
        if let Some(kept) = fresh {
            return kept.catalog.clone();
        }
        let sources = Sources {
            market,
            unavailable: &unavailable,
            reservations: &reservations,
            options: &self.parts.options,
        };
        let types = instance_types(class, sources).into();
        let kept = Kept {
            class: class.clone(),
            market: market.sequence,
            unavailable: unavailable.sequence(),
            reservations: reservations.sequence(),
            catalog: Catalog { generation: 0, types },
        };
        catalogs.renew(name, kept)
    }
}
