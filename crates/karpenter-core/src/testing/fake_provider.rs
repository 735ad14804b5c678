//! A cloud in memory that behaves, and that a test can make misbehave.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use parking_lot::Mutex;

use super::cloud::ScriptedCloud;
use crate::api::labels;
use crate::cloud_provider::{
    CloudProvider, CloudProviderError, Instance, ProviderTraits, Termination,
};
use crate::model::ids::{NodePoolName, ProviderId};
use crate::model::instance_type::{Catalog, InstanceType, Offering};
use crate::model::label_rules::WellKnownLabels;
use crate::model::label_selector::Labels;
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;
use crate::model::requirement::Requirement;
use crate::model::requirements::{AllowUndefined, Requirements};
use crate::model::resources::Resources;

/// How soon a deletion is looked at again.
const DELETE_CHECK: Duration = Duration::from_secs(5);

/// A provider whose instances are rows in memory; cloning makes another process on the same cloud.
///
/// Launches the cheapest type that is compatible, fits and is offered; of its offerings a reserved one first.
///
/// Source: Karpenter behaviour, fake cloud provider. Differs: a claim is launched once, ids are counted.
#[derive(Debug, Clone)]
pub struct FakeProvider {
    traits: ProviderTraits,
    /// The cloud, and what it is told to do wrong.
    pub cloud: Arc<Mutex<FakeCloud>>,
}

/// The cloud behind [`FakeProvider`].
#[derive(Debug, Default)]
pub struct FakeCloud {
    /// What every pool can launch; stock of reservations goes down with launches.
    pub catalog: Catalog,
    /// What single pools can launch instead.
    pub catalog_of: BTreeMap<NodePoolName, Catalog>,
    /// The next launch fails like this, and is not counted.
    pub next_create_error: Option<CloudProviderError>,
    /// The next read fails like this.
    pub next_get_error: Option<CloudProviderError>,
    /// The next deletion fails like this, and is not counted.
    pub next_delete_error: Option<CloudProviderError>,
    /// Launches beyond this number fail.
    pub allowed_creates: Option<usize>,
    /// Why every instance has drifted.
    pub drifted: Option<String>,
    /// Claims whose launch was asked for, in order.
    pub creates: Vec<NodeClaim>,
    /// Claims whose deletion was asked for, in order.
    pub deletes: Vec<NodeClaim>,
    /// Instances that exist.
    pub instances: BTreeMap<ProviderId, Instance>,
    n_launched: u64,
}

impl FakeProvider {
    /// A cloud that sells what is in `catalog`.
    pub fn new(catalog: Catalog) -> Self {
        let cloud = FakeCloud { catalog, ..FakeCloud::default() };
        Self {
            traits: ScriptedCloud::default().traits().clone(),
            cloud: Arc::new(Mutex::new(cloud)),
        }
    }
}

impl FakeCloud {
    fn create(
        &mut self,
        claim: &NodeClaim,
        well_known: &WellKnownLabels,
    ) -> Result<Instance, CloudProviderError> {
        if let Some(error) = self.next_create_error.take() {
            return Err(error);
        }
        self.creates.push(claim.clone());
        if self.allowed_creates.is_some_and(|allowed| self.creates.len() > allowed) {
            return Err(CloudProviderError::Other("more launches than are allowed".to_owned()));
        }
        let is_known = |known: &&Instance| known.claim_uid.as_ref() == Some(&claim.uid);
        if let Some(known) = self.instances.values().find(is_known) {
            return Ok(known.clone());
        }
        let (it, at) = self.choose(claim, well_known).ok_or_else(|| {
            CloudProviderError::InsufficientCapacity(format!("nothing suits {}", claim.name))
        })?;
        let offering = &it.offerings[at];
        self.n_launched += 1;
        let instance = Instance {
            provider_id: format!("fake:///{:017}", self.n_launched).into(),
            claim: Some(claim.name.clone()),
            claim_uid: Some(claim.uid.clone()),
            image_id: None,
            created: Timestamp::UNIX_EPOCH,
            terminating: false,
            labels: labels_of(claim, &it, offering),
            annotations: Labels::default(),
            capacity: without_zeros(&it.capacity),
            allocatable: without_zeros(&it.allocatable()),
        };
        if is_reserved(offering) {
            self.take_reserved(&it, at);
        }
        self.instances.insert(instance.provider_id.clone(), instance.clone());
        Ok(instance)
    }

    /// The type to launch and which of its offerings.
    fn choose(
        &self,
        claim: &NodeClaim,
        well_known: &WellKnownLabels,
    ) -> Option<(Arc<InstanceType>, usize)> {
        let allow = AllowUndefined::WellKnown(well_known);
        let own = claim.pool().and_then(|pool| self.catalog_of.get(&pool));
        let suitable = own.unwrap_or(&self.catalog).types.iter().filter_map(|it| {
            let suits = it.requirements.is_compatible(&claim.requirements, allow)
                && claim.requests.fits(&it.allocatable());
            let offered = it.offerings.iter().enumerate().filter(|(_, offering)| {
                offering.available
                    && offering.requirements.is_compatible(&claim.requirements, allow)
            });
            let offered: Vec<(usize, &Offering)> = offered.filter(|_| suits).collect();
            let price = offered.iter().map(|(_, offering)| offering.price).min()?;
            let reserved = offered.iter().find(|(_, offering)| is_reserved(offering));
            let (at, _) = reserved.or(offered.first())?;
            Some((price, it, *at))
        });
        let (_, it, at) = suitable.min_by(|a, b| a.0.cmp(&b.0))?;
        Some((it.clone(), at))
    }

    /// One instance less is left in a reservation.
    fn take_reserved(&mut self, of: &InstanceType, at: usize) {
        let take = |catalog: &mut Catalog| {
            let types = catalog.types.iter().map(|it| {
                let mut it = it.clone();
                if it.name == of.name {
                    let offering = &mut Arc::make_mut(&mut it).offerings[at];
                    offering.reservation_capacity = offering.reservation_capacity.saturating_sub(1);
                    offering.available = offering.reservation_capacity > 0;
                }
                it
            });
            *catalog = Catalog { types: types.collect(), generation: catalog.generation + 1 };
        };
        take(&mut self.catalog);
        self.catalog_of.values_mut().for_each(take);
    }
}

fn is_reserved(offering: &Offering) -> bool {
    let kind = offering.requirements.get(labels::CAPACITY_TYPE);
    kind.is_some_and(|kind| kind.contains(labels::CAPACITY_TYPE_RESERVED))
}

/// Labels of the node: of its type, then of its offering, then of its claim.
fn labels_of(claim: &NodeClaim, it: &InstanceType, offering: &Offering) -> Labels {
    let one = |requirements: &Requirements| {
        let fixed = requirements.iter().filter(|r| !r.complement());
        let fixed = fixed.filter_map(|r| Some((r.key().as_str().into(), Requirement::any(r)?)));
        fixed.collect::<Vec<(Arc<str>, Arc<str>)>>()
    };
    let own = claim.labels.iter().map(|(key, value)| (key.clone(), value.clone()));
    let all = one(&it.requirements).into_iter().chain(one(&offering.requirements)).chain(own);
    Arc::new(all.collect())
}

fn without_zeros(resources: &Resources) -> Resources {
    resources.iter().filter(|(_, q)| !q.is_zero()).map(|(name, q)| (name.clone(), q)).collect()
}

#[async_trait]
impl CloudProvider for FakeProvider {
    fn traits(&self) -> &ProviderTraits {
        &self.traits
    }

    async fn create(&self, claim: &NodeClaim) -> Result<Instance, CloudProviderError> {
        self.cloud.lock().create(claim, &self.traits.well_known_labels)
    }

    async fn delete(&self, claim: &NodeClaim) -> Result<Termination, CloudProviderError> {
        let mut cloud = self.cloud.lock();
        if let Some(error) = cloud.next_delete_error.take() {
            return Err(error);
        }
        cloud.deletes.push(claim.clone());
        let known = claim.provider_id().and_then(|id| cloud.instances.remove(id));
        Ok(match known {
            Some(_) => Termination::InProgress { check_after: DELETE_CHECK },
            None => Termination::Gone,
        })
    }

    async fn get(&self, id: &ProviderId) -> Result<Instance, CloudProviderError> {
        let mut cloud = self.cloud.lock();
        if let Some(error) = cloud.next_get_error.take() {
            return Err(error);
        }
        let known = cloud.instances.get(id).cloned();
        known.ok_or_else(|| CloudProviderError::NodeClaimNotFound(id.to_string()))
    }

    async fn list(&self) -> Result<Vec<Instance>, CloudProviderError> {
        Ok(self.cloud.lock().instances.values().cloned().collect())
    }

    async fn instance_types(&self, pool: &NodePool) -> Result<Catalog, CloudProviderError> {
        let cloud = self.cloud.lock();
        Ok(cloud.catalog_of.get(&pool.name).unwrap_or(&cloud.catalog).clone())
    }

    async fn is_drifted(&self, _claim: &NodeClaim) -> Result<Option<String>, CloudProviderError> {
        Ok(self.cloud.lock().drifted.clone())
    }
}
