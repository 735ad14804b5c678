//! The port's implementation: what the engine asks of this cloud.

mod catalogs;
mod create;
pub(crate) mod drift;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use alibaba_sdk::cs::CsApi;
use alibaba_sdk::ecs::{
    self, DeleteInstances, DescribeInstances, EcsApi, Instance as Row, TagFilter,
};
use alibaba_sdk::error::ErrorKind;
use alibaba_sdk::ram::RamApi;
use alibaba_sdk::vpc::{VSwitch, VpcApi};
use async_trait::async_trait;
use jiff::Timestamp;
use karpenter_core::clock::Clock;
use karpenter_core::cloud_provider::{
    CloudProvider, CloudProviderError, Instance, NodeClassKind, ProviderTraits, RepairPolicy,
    Termination,
};
use karpenter_core::model::ids::{NodeClassKey, ProviderId, Uid};
use karpenter_core::model::instance_type::Catalog;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::node_pool::NodePool;
use parking_lot::Mutex;

use crate::api::node_class::ECSNodeClass;
use crate::api::{self, hash, labels};
use crate::catalog::market::Market;
use crate::errors;
use crate::instance::{self, exists, instance_id};
use crate::legacy;
use crate::legacy::store::LegacyClasses;
use crate::network::addresses::Addresses;
use crate::node_classes::NodeClasses;
use crate::options::Options;
use crate::reservations::ledger::Ledger;
use crate::unavailable::{Mark, Unavailable};
use crate::userdata::discover::Scripts;
use catalogs::Catalogs;

/// How soon a deletion is looked at again.
const DELETE_CHECK: Duration = Duration::from_secs(5);
/// A tag-filtered list ends here, whether there are more or not.
const TAG_FILTER_LIMIT: usize = 1000;

/// What the provider is made of.
#[derive(Clone)]
pub struct Parts {
    /// Compute.
    pub ecs: Arc<dyn EcsApi>,
    /// Networks.
    pub vpc: Arc<dyn VpcApi>,
    /// Clusters.
    pub cs: Arc<dyn CsApi>,
    /// Roles.
    pub ram: Arc<dyn RamApi>,
    /// The Kubernetes API, for reading and writing node classes.
    pub kube: kube::Client,
    /// Time.
    pub clock: Clock,
    /// Settings.
    pub options: Options,
}

/// The provider of Alibaba Cloud.
///
/// Nothing is known until the rows of [`crate::controllers`] run: they read node classes, the catalogue and prices.
pub struct AlibabaProvider {
    pub(crate) parts: Parts,
    pub(crate) node_classes: NodeClasses,
    pub(crate) legacy_classes: LegacyClasses,
    pub(crate) market: Market,
    pub(crate) unavailable: Mutex<Unavailable>,
    pub(crate) addresses: Mutex<Addresses>,
    pub(crate) reservations: Mutex<Ledger>,
    scripts: Scripts,
    catalogs: Mutex<Catalogs>,
    instances: Mutex<BTreeMap<String, Row>>,
    tried: Mutex<BTreeMap<Uid, Timestamp>>,
    started: Timestamp,
    traits: ProviderTraits,
}

impl AlibabaProvider {
    /// A provider that knows nothing yet.
    pub fn new(parts: Parts) -> Self {
        let traits = traits(&parts.options);
        Self {
            started: parts.clock.now(),
            parts,
            node_classes: NodeClasses::default(),
            legacy_classes: LegacyClasses::default(),
            market: Market::default(),
            unavailable: Mutex::default(),
            addresses: Mutex::default(),
            reservations: Mutex::default(),
            scripts: Scripts::default(),
            catalogs: Mutex::default(),
            instances: Mutex::default(),
            tried: Mutex::default(),
            traits,
        }
    }

    /// The class of `key`, of either group, in our kind.
    pub(crate) fn class(&self, key: &NodeClassKey) -> Option<Arc<ECSNodeClass>> {
        match &*key.group == legacy::GROUP {
            true => self.legacy_classes.get(&key.name).map(|known| known.class.clone()),
            false => self.node_classes.get(&key.name),
        }
    }

    /// Annotations of claims made from `class`, which `key` names: hash and version by the algorithm of its group.
    pub(crate) fn marks(
        &self,
        key: &NodeClassKey,
        class: &ECSNodeClass,
    ) -> [(&'static str, String); 2] {
        match &*key.group == legacy::GROUP {
            true => {
                let known = self.legacy_classes.get(&key.name);
                let hash = known.map(|known| known.hash.clone()).unwrap_or_default();
                [(legacy::HASH, hash), (legacy::HASH_VERSION, legacy::hash::VERSION.to_owned())]
            }
            false => [
                (labels::HASH, hash::hash(&class.spec)),
                (labels::HASH_VERSION, hash::VERSION.to_owned()),
            ],
        }
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// Marks as of now.
    pub(crate) fn unavailable(&self) -> Unavailable {
        let mut unavailable = self.unavailable.lock();
        unavailable.expire(self.now());
        unavailable.clone()
    }

    /// Enters the free addresses of vSwitches just read; offerings that only have full ones are withheld
    /// until the next reading but one, so that no claim is made for them.
    pub(crate) fn learn_addresses(&self, v_switches: &[VSwitch]) {
        let until = self.now() + self.parts.options.v_switch_refresh * 2;
        for v_switch in v_switches {
            let (id, free) = (&v_switch.v_switch_id, v_switch.available_ip_address_count);
            self.addresses.lock().learn(id, free);
            if free == 0 {
                self.unavailable.lock().mark(Mark::VSwitch(id.clone()), until);
            }
        }
    }

    /// Reads one instance; `None` when the cloud does not have it.
    async fn read(&self, id: &str) -> Result<Option<Row>, CloudProviderError> {
        let rows = ecs::instances_by_id(&*self.parts.ecs, &[id.to_owned()]).await;
        let rows = rows.map_err(|error| errors::of_call(&error))?;
        let row = rows.into_iter().find(|row| row.instance_id == id && exists(row));
        let before = match &row {
            Some(row) => self.instances.lock().insert(id.to_owned(), row.clone()),
            None => self.instances.lock().remove(id),
        };
        let gone = before.filter(|_| row.is_none());
        if let Some(slot) = gone.as_ref().and_then(instance::slot) {
            self.reservations.lock().ended(&slot);
        }
        Ok(row)
    }

    async fn list_rows(&self) -> Result<Vec<Row>, CloudProviderError> {
        let identity = self.parts.options.cluster_identity();
        let owner =
            TagFilter { key: labels::tag_owner(identity), value: Some(labels::OWNED.to_owned()) };
        let pool = TagFilter { key: labels::TAG_NODE_POOL.to_owned(), value: None };
        let request =
            DescribeInstances { tag: vec![owner, pool.clone()], ..DescribeInstances::default() };
        let ecs = &*self.parts.ecs;
        let rows = ecs::instances(ecs, &request).await.map_err(|e| errors::of_call(&e))?;
        if rows.len() < TAG_FILTER_LIMIT {
            return Ok(rows);
        }
        let request = ecs::ListTagResources {
            resource_type: "instance".to_owned(),
            tag: request.tag,
            ..ecs::ListTagResources::default()
        };
        let tagged = ecs::tag_rows(ecs, &request).await.map_err(|e| errors::of_call(&e))?;
        let mut ids: Vec<String> = tagged.into_iter().map(|row| row.resource_id).collect();
        ids.sort_unstable();
        ids.dedup();
        ecs::instances_by_id(ecs, &ids).await.map_err(|e| errors::of_call(&e))
    }
}

/// Whether a class of either group made the instance.
fn is_of_a_class(row: &Row) -> bool {
    row.tags.contains_key(labels::NODE_CLASS) || row.tags.contains_key(legacy::NODE_CLASS)
}

/// Facts about this provider.
fn traits(options: &Options) -> ProviderTraits {
    ProviderTraits {
        name: "alibabacloud",
        node_classes: node_class_kinds(options.legacy_node_classes),
        well_known_labels: labels::well_known(options.legacy_labels),
        label_normalization: labels::normalization(),
        unsupported_storage: Arc::default(),
        repair_policies: repair_policies(),
    }
}

/// Our kind first, then the older one where that is looked after.
fn node_class_kinds(legacy: bool) -> Vec<NodeClassKind> {
    let kind = |group: &str, version: &str, kind: &str, plural: &str| NodeClassKind {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
    };
    let older = kind(legacy::GROUP, legacy::VERSION, legacy::KIND, legacy::PLURAL);
    let mut kinds = vec![kind(api::GROUP, api::VERSION, api::KIND, api::PLURAL)];
    kinds.extend(legacy.then_some(older));
    kinds
}

/// Source: Karpenter behaviour, node repair; ACK, conditions of its problem detector.
fn repair_policies() -> Vec<RepairPolicy> {
    let conditions = [
        ("Ready", "False"),
        ("Ready", "Unknown"),
        ("KernelDeadlock", "True"),
        ("ReadonlyFilesystem", "True"),
        ("StorageReady", "False"),
        ("NetworkingReady", "False"),
        ("KernelReady", "False"),
        ("ContainerRuntimeReady", "False"),
    ];
    let policy = |(condition, status): (&str, &str)| RepairPolicy {
        condition_type: condition.to_owned(),
        condition_status: status.to_owned(),
        toleration: Duration::from_secs(30 * 60),
    };
    conditions.into_iter().map(policy).collect()
}

#[async_trait]
impl CloudProvider for AlibabaProvider {
    fn traits(&self) -> &ProviderTraits {
        &self.traits
    }

    async fn create(&self, claim: &NodeClaim) -> Result<Instance, CloudProviderError> {
        self.launch(claim).await
    }

    async fn delete(&self, claim: &NodeClaim) -> Result<Termination, CloudProviderError> {
        let Some(id) = claim.provider_id() else { return Ok(Termination::Gone) };
        let id = instance_id(id).map_err(|error| CloudProviderError::Other(error.to_string()))?;
        if self.read(id).await?.is_none() {
            return Ok(Termination::Gone);
        }
        let request = DeleteInstances {
            instance_id: vec![id.to_owned()],
            force: Some(true),
            terminate_subscription: Some(true),
            ..DeleteInstances::default()
        };
        match self.parts.ecs.delete_instances(&request).await {
            Ok(_) => Ok(Termination::InProgress { check_after: DELETE_CHECK }),
            Err(error) => match error.kind {
                ErrorKind::NotFound => Ok(Termination::Gone),
                ErrorKind::InstanceState => {
                    Ok(Termination::InProgress { check_after: DELETE_CHECK })
                }
                _ => Err(errors::of_call(&error)),
            },
        }
    }

    async fn get(&self, id: &ProviderId) -> Result<Instance, CloudProviderError> {
        let instance =
            instance_id(id).map_err(|error| CloudProviderError::Other(error.to_string()))?;
        match self.read(instance).await? {
            Some(row) => Ok(instance::from_row(&row, &self.parts.options.region)),
            None => Err(CloudProviderError::NodeClaimNotFound(id.to_string())),
        }
    }

    async fn list(&self) -> Result<Vec<Instance>, CloudProviderError> {
        let mut rows = self.list_rows().await?;
        rows.retain(|row| exists(row) && is_of_a_class(row));
        rows.sort_by(|a, b| a.instance_id.cmp(&b.instance_id));
        rows.dedup_by(|a, b| a.instance_id == b.instance_id);
        let region = &self.parts.options.region;
        let listed = rows.iter().map(|row| instance::from_row(row, region)).collect();
        *self.instances.lock() =
            rows.into_iter().map(|row| (row.instance_id.clone(), row)).collect();
        Ok(listed)
    }

    async fn instance_types(&self, pool: &NodePool) -> Result<Catalog, CloudProviderError> {
        self.catalog_of(pool)
    }

    async fn is_drifted(&self, claim: &NodeClaim) -> Result<Option<String>, CloudProviderError> {
        self.drift(claim).await
    }
}
