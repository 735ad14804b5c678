use std::sync::Arc;

use async_trait::async_trait;

use super::{Subject, check};
use crate::cloud_provider::{
    CloudProvider, CloudProviderError, Instance, ProviderTraits, Termination,
};
use crate::model::ids::ProviderId;
use crate::model::instance_type::Catalog;
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;
use crate::testing::fake_provider::FakeProvider;
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::objects::{node_claim, node_pool};

/// One way to break the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Defect {
    None,
    /// A deletion never says that nothing is left.
    DeletesForEver,
    /// Instances are not found by their claim.
    LaunchesTwice,
    /// Deleted instances can still be read.
    ReadsTheDead,
    /// Instances do not say whose they are.
    Anonymous,
    /// Half of what was promised.
    Small,
    /// A claim nothing suits is refused as a defect.
    WrongRefusal,
    /// Instance types are another version every time.
    Restless,
    /// Lists are backwards.
    Backwards,
}

#[derive(Clone)]
struct Broken {
    inner: FakeProvider,
    defect: Defect,
}

impl Broken {
    fn new(defect: Defect) -> Self {
        let it = |name: &str| instance_type(name).cpu("4").memory("8Gi").reserved("cpu", "100m");
        let sold = [it("a"), it("b")]
            .map(|it| it.offering("z1", "on-demand", 1.0).offering("z2", "spot", 0.5).build());
        Self { inner: FakeProvider::new(catalog(sold)), defect }
    }

    async fn rules_broken(self) -> Vec<&'static str> {
        check(&self).await.into_iter().map(|violation| violation.rule).collect()
    }
}

#[async_trait]
impl Subject for Broken {
    fn provider(&self) -> Arc<dyn CloudProvider> {
        Arc::new(self.clone())
    }

    fn claim(&self, name: &str) -> NodeClaim {
        (*node_claim(name).requests("cpu", "1").build()).clone()
    }

    fn pool(&self) -> NodePool {
        (*node_pool("general").build()).clone()
    }

    async fn settle(&self) {}
}

#[async_trait]
impl CloudProvider for Broken {
    fn traits(&self) -> &ProviderTraits {
        self.inner.traits()
    }

    async fn create(&self, claim: &NodeClaim) -> Result<Instance, CloudProviderError> {
        if self.defect == Defect::LaunchesTwice {
            self.inner.cloud.lock().instances.values_mut().for_each(|known| known.claim_uid = None);
        }
        let mut instance = match self.inner.create(claim).await {
            Err(CloudProviderError::InsufficientCapacity(why))
                if self.defect == Defect::WrongRefusal =>
            {
                return Err(CloudProviderError::Other(why));
            }
            other => other?,
        };
        match self.defect {
            Defect::Anonymous => instance.claim_uid = None,
            Defect::Small => instance.capacity = instance.capacity.subtract(&claim.requests),
            _ => {}
        }
        Ok(instance)
    }

    async fn delete(&self, claim: &NodeClaim) -> Result<Termination, CloudProviderError> {
        let answer = self.inner.delete(claim).await?;
        let has_instance = claim.provider_id().is_some();
        Ok(match (self.defect, answer) {
            (Defect::DeletesForEver, Termination::Gone) if has_instance => {
                Termination::InProgress { check_after: std::time::Duration::from_secs(5) }
            }
            (_, answer) => answer,
        })
    }

    async fn get(&self, id: &ProviderId) -> Result<Instance, CloudProviderError> {
        let found = self.inner.get(id).await;
        match self.defect {
            Defect::ReadsTheDead if found.is_err() && !id.as_str().ends_with("conformance") => {
                Ok(crate::testing::objects::instance(id.as_str(), "a"))
            }
            _ => found,
        }
    }

    async fn list(&self) -> Result<Vec<Instance>, CloudProviderError> {
        let mut listed = self.inner.list().await?;
        if self.defect == Defect::Backwards {
            listed.reverse();
        }
        Ok(listed)
    }

    async fn instance_types(&self, pool: &NodePool) -> Result<Catalog, CloudProviderError> {
        if self.defect == Defect::Restless {
            self.inner.cloud.lock().catalog.generation += 1;
        }
        self.inner.instance_types(pool).await
    }

    async fn is_drifted(&self, claim: &NodeClaim) -> Result<Option<String>, CloudProviderError> {
        self.inner.is_drifted(claim).await
    }
}

// behaviour 04#247
#[tokio::test]
async fn the_fake_provider_conforms() {
    assert_eq!(check(&Broken::new(Defect::None)).await, vec![]);
}

// behaviour 04#247
#[tokio::test]
async fn a_provider_that_deletes_for_ever_does_not_conform() {
    assert_eq!(
        Broken::new(Defect::DeletesForEver).rules_broken().await,
        [
            "once the cloud has done its work, a deletion says that nothing is left",
            "a deletion can be repeated, also by another process",
        ]
    );
}

#[tokio::test]
async fn every_defect_breaks_its_rule() {
    for (defect, rule) in [
        (Defect::LaunchesTwice, "a claim is launched once, whoever asks again"),
        (Defect::ReadsTheDead, "a deleted instance cannot be read"),
        (Defect::Anonymous, "an instance names its claim and its uid"),
        (
            Defect::Small,
            "an instance has at least 90 % of what its type promises, and room for its claim",
        ),
        (Defect::WrongRefusal, "a claim no offering suits is refused for want of capacity"),
        (Defect::Restless, "asked twice, instance types are the same and so is their generation"),
        (Defect::Backwards, "a list is in provider id order"),
    ] {
        let broken = Broken::new(defect).rules_broken().await;
        assert!(broken.contains(&rule), "{defect:?}: {broken:?}");
    }
}
