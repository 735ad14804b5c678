//! A cloud whose calls are counted under the name of the controller that makes them.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::clock::Clock;
use crate::cloud_provider::{
    CloudProvider, CloudProviderError, Instance, ProviderTraits, RegistrationHook, Termination,
};
use crate::model::ids::ProviderId;
use crate::model::instance_type::Catalog;
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;
use crate::observe::cloud::{Call, CloudMetrics};

#[cfg(test)]
mod tests;

/// Passes every call on, and records how long it took and how it failed. A dropped call is not counted.
///
/// Source: Karpenter behaviour, metrics decorator of the cloud provider.
#[derive(Clone)]
pub struct MeteredCloud {
    /// The cloud itself.
    pub inner: Arc<dyn CloudProvider>,
    /// Who calls: value of the label `controller`.
    pub controller: &'static str,
    /// Where calls are counted.
    pub metrics: CloudMetrics,
    /// Time.
    pub clock: Clock,
}

impl MeteredCloud {
    async fn metered<T>(
        &self,
        method: &'static str,
        call: impl Future<Output = Result<T, CloudProviderError>> + Send,
    ) -> Result<T, CloudProviderError> {
        let labels =
            Call { controller: self.controller, method, provider: self.inner.traits().name };
        let started = self.clock.now();
        let answer = call.await;
        // A clock that was set back in between gives a negative time.
        let took = self.clock.now().duration_since(started);
        self.metrics.called(&labels, Duration::try_from(took).unwrap_or_default());
        if let Err(error) = &answer {
            self.metrics.failed(&labels, error.metric_label());
        }
        answer
    }
}

#[async_trait]
impl CloudProvider for MeteredCloud {
    fn traits(&self) -> &ProviderTraits {
        self.inner.traits()
    }

    async fn create(&self, claim: &NodeClaim) -> Result<Instance, CloudProviderError> {
        self.metered("Create", self.inner.create(claim)).await
    }

    async fn delete(&self, claim: &NodeClaim) -> Result<Termination, CloudProviderError> {
        self.metered("Delete", self.inner.delete(claim)).await
    }

    async fn get(&self, id: &ProviderId) -> Result<Instance, CloudProviderError> {
        self.metered("Get", self.inner.get(id)).await
    }

    async fn list(&self) -> Result<Vec<Instance>, CloudProviderError> {
        self.metered("List", self.inner.list()).await
    }

    async fn instance_types(&self, pool: &NodePool) -> Result<Catalog, CloudProviderError> {
        self.metered("GetInstanceTypes", self.inner.instance_types(pool)).await
    }

    async fn is_drifted(&self, claim: &NodeClaim) -> Result<Option<String>, CloudProviderError> {
        self.metered("IsDrifted", self.inner.is_drifted(claim)).await
    }

    async fn registered(&self, claim: &NodeClaim) -> Result<RegistrationHook, CloudProviderError> {
        // A hook of ours; upstream counts no such method.
        self.inner.registered(claim).await
    }
}
