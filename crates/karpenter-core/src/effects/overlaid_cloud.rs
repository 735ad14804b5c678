//! A cloud whose instance types look the way NodeOverlays say.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;

use crate::cloud_provider::{
    CloudProvider, CloudProviderError, Instance, ProviderTraits, RegistrationHook, Termination,
};
use crate::model::ids::{NodePoolName, ProviderId};
use crate::model::instance_type::Catalog;
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;
use crate::model::overlay::OverlayEffects;

#[cfg(test)]
mod tests;

/// The effects of all overlays, shared between the controller that evaluates them and the clouds that apply them.
#[derive(Debug, Clone, Default)]
pub struct Overlays(Arc<Mutex<Current>>);

#[derive(Debug, Default)]
struct Current {
    effects: OverlayEffects,
    /// Grows with every change of the effects.
    generation: u64,
    /// The last catalogue made for each pool, and the generation of what it was made from.
    made: BTreeMap<NodePoolName, (u64, Catalog)>,
}

impl Overlays {
    /// Puts `effects` in place of the former ones, all at once.
    pub fn replace(&self, effects: &OverlayEffects) {
        let mut current = self.0.lock();
        if current.effects != *effects {
            current.effects = effects.clone();
            current.generation += 1;
            current.made.clear();
        }
    }

    /// `catalog` of `pool` as overlays make it; `None` while the pool has not been evaluated.
    fn apply(&self, pool: &NodePoolName, catalog: &Catalog) -> Option<Catalog> {
        let mut current = self.0.lock();
        let known = current.made.get(pool).filter(|(from, _)| *from == catalog.generation);
        if let Some((_, made)) = known {
            return Some(made.clone());
        }
        let mut made = current.effects.apply(pool, catalog)?;
        // Either part only grows, so the sum grows with every change of content.
        made.generation += current.generation;
        current.made.insert(pool.clone(), (catalog.generation, made.clone()));
        Some(made)
    }
}

/// Passes every call on; instance types are changed on their way back.
///
/// Source: Karpenter behaviour, overlay decorator of the cloud provider.
#[derive(Clone)]
pub struct OverlaidCloud {
    /// The cloud itself.
    pub inner: Arc<dyn CloudProvider>,
    /// What overlays say.
    pub overlays: Overlays,
}

#[async_trait]
impl CloudProvider for OverlaidCloud {
    fn traits(&self) -> &ProviderTraits {
        self.inner.traits()
    }

    async fn create(&self, claim: &NodeClaim) -> Result<Instance, CloudProviderError> {
        self.inner.create(claim).await
    }

    async fn delete(&self, claim: &NodeClaim) -> Result<Termination, CloudProviderError> {
        self.inner.delete(claim).await
    }

    async fn get(&self, id: &ProviderId) -> Result<Instance, CloudProviderError> {
        self.inner.get(id).await
    }

    async fn list(&self) -> Result<Vec<Instance>, CloudProviderError> {
        self.inner.list().await
    }

    async fn instance_types(&self, pool: &NodePool) -> Result<Catalog, CloudProviderError> {
        let catalog = self.inner.instance_types(pool).await?;
        let unevaluated = || CloudProviderError::UnevaluatedNodePool(pool.name.to_string());
        self.overlays.apply(&pool.name, &catalog).ok_or_else(unevaluated)
    }

    async fn is_drifted(&self, claim: &NodeClaim) -> Result<Option<String>, CloudProviderError> {
        self.inner.is_drifted(claim).await
    }

    async fn registered(&self, claim: &NodeClaim) -> Result<RegistrationHook, CloudProviderError> {
        self.inner.registered(claim).await
    }
}
