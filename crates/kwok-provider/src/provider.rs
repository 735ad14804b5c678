//! The port's implementation: an instance is a Node, or the promise of one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Node;
use karpenter_core::clock::Clock;
use karpenter_core::cloud_provider::{
    CloudProvider, CloudProviderError, Instance, NodeClassKind, ProviderTraits, RepairPolicy,
    Termination,
};
use karpenter_core::model::ids::ProviderId;
use karpenter_core::model::instance_type::Catalog;
use karpenter_core::model::label_rules::LabelNormalization;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::node_pool::NodePool;
use kube::Api;
use kube::api::{DeleteParams, ListParams, PostParams};
use parking_lot::Mutex;

use crate::api::{self, KWOKNodeClass};
use crate::catalog::InstanceTypes;
use crate::choice::{Lot, choose};
use crate::errors::answer;
use crate::{labels, node};

/// How soon a deletion is looked at again.
const DELETE_CHECK: Duration = Duration::from_secs(1);
/// How long a node may be broken.
const BROKEN: Duration = Duration::from_secs(10 * 60);
/// Nodes per page of a list.
const PAGE: u32 = 500;

/// What the provider is made of.
#[derive(Clone)]
pub struct Parts {
    /// The Kubernetes API: node classes and Nodes.
    pub kube: kube::Client,
    /// Time.
    pub clock: Clock,
    /// What can be launched.
    pub types: InstanceTypes,
    /// Decides between equal offerings, and names Nodes.
    pub seed: u64,
}

/// The provider without machines.
///
/// # Caveats
/// A Node whose class delays it is only promised until [`registration`](crate::registration) creates it; promises do
/// not outlive the process. A Node that is being deleted counts as gone.
pub struct KwokProvider {
    parts: Parts,
    traits: ProviderTraits,
    promised: Mutex<BTreeMap<ProviderId, Promise>>,
}

/// A Node that is to appear.
#[derive(Debug, Clone, PartialEq)]
pub struct Promise {
    /// The Node.
    pub node: Node,
    /// When it was launched.
    pub launched: Timestamp,
    /// When it is to appear.
    pub due: Timestamp,
}

impl KwokProvider {
    /// A provider over `parts`.
    pub fn new(parts: Parts) -> Self {
        let traits = ProviderTraits {
            name: "kwok",
            node_classes: vec![NodeClassKind {
                group: labels::GROUP.to_owned(),
                version: api::VERSION.to_owned(),
                kind: api::KIND.to_owned(),
                plural: api::PLURAL.to_owned(),
            }],
            well_known_labels: parts.types.well_known.clone(),
            label_normalization: Arc::new(LabelNormalization::core()),
            unsupported_storage: Arc::default(),
            repair_policies: ["False", "Unknown"].map(broken).into(),
        };
        Self { parts, traits, promised: Mutex::default() }
    }

    /// Nodes that are to appear, by provider id.
    pub fn promised(&self) -> BTreeMap<ProviderId, Promise> {
        self.promised.lock().clone()
    }

    /// Creates the Node promised as `id`; one that is there, or was given up, is left alone.
    ///
    /// # Errors
    /// When the API does not take it; the promise stays.
    pub async fn keep_promise(&self, id: &ProviderId) -> Result<(), CloudProviderError> {
        let Some(promise) = self.promised.lock().get(id).cloned() else { return Ok(()) };
        self.create_node(&promise.node).await?;
        let was_given_up = self.promised.lock().remove(id).is_none();
        if let Some(name) = node::node_name(id.as_str()).filter(|_| was_given_up) {
            self.delete_node(name).await?;
        }
        Ok(())
    }

    fn nodes(&self) -> Api<Node> {
        Api::all(self.parts.kube.clone())
    }

    fn instance_of(&self, node: &Node, launched: Timestamp) -> Option<Instance> {
        node::instance(node, &self.traits.well_known_labels, launched)
    }

    /// The instance `id`, if there is one.
    async fn find(&self, id: &ProviderId) -> Result<Option<Instance>, CloudProviderError> {
        let promise = self.promised.lock().get(id).cloned();
        if let Some(promise) = promise {
            return Ok(self.instance_of(&promise.node, promise.launched));
        }
        let Some(name) = node::node_name(id.as_str()) else { return Ok(None) };
        let found = answer(&format!("read Node {name}"), self.nodes().get_opt(name)).await?;
        Ok(found.and_then(|node| self.instance_of(&node, Timestamp::UNIX_EPOCH)))
    }

    /// The class of `claim`.
    async fn class(&self, claim: &NodeClaim) -> Result<KWOKNodeClass, CloudProviderError> {
        let name = &*claim.node_class.name;
        let classes: Api<KWOKNodeClass> = Api::all(self.parts.kube.clone());
        let class = answer(&format!("read {} {name}", api::KIND), classes.get_opt(name)).await?;
        let missing = || format!("{} {name} does not exist; create it", api::KIND);
        let class = class.ok_or_else(|| CloudProviderError::InsufficientCapacity(missing()))?;
        match class.not_ready() {
            Some(why) => Err(CloudProviderError::NodeClassNotReady(why)),
            None => Ok(class),
        }
    }

    /// Creates `node`; one of its name that is there is the same one.
    async fn create_node(&self, node: &Node) -> Result<(), CloudProviderError> {
        let name = node.metadata.name.as_deref().unwrap_or_default();
        let nodes = self.nodes();
        let request = async {
            match nodes.create(&PostParams::default(), node).await {
                Err(kube::Error::Api(status)) if status.code == 409 => Ok(()),
                other => other.map(drop),
            }
        };
        answer(&format!("create Node {name}"), request).await
    }

    async fn delete_node(&self, name: &str) -> Result<(), CloudProviderError> {
        let nodes = self.nodes();
        let request = async {
            match nodes.delete(name, &DeleteParams::default()).await {
                Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
                other => other.map(drop),
            }
        };
        answer(&format!("delete Node {name}"), request).await
    }

    /// Every Node, page by page.
    async fn all_nodes(&self) -> Result<Vec<Node>, CloudProviderError> {
        let (mut all, mut page) = (vec![], ListParams::default().limit(PAGE));
        loop {
            let list = answer("list Nodes", self.nodes().list(&page)).await?;
            all.extend(list.items);
            match list.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => page = page.continue_token(&token),
                None => return Ok(all),
            }
        }
    }
}

fn broken(status: &str) -> RepairPolicy {
    RepairPolicy {
        condition_type: "Ready".to_owned(),
        condition_status: status.to_owned(),
        toleration: BROKEN,
    }
}

#[async_trait]
impl CloudProvider for KwokProvider {
    fn traits(&self) -> &ProviderTraits {
        &self.traits
    }

    async fn create(&self, claim: &NodeClaim) -> Result<Instance, CloudProviderError> {
        let lot = Lot::of(claim, self.parts.seed);
        let name = node::name_for(claim, lot);
        if let Some(instance) = self.find(&node::provider_id(&name)).await? {
            return Ok(instance);
        }
        let class = self.class(claim).await?;
        let choice = choose(claim, &self.parts.types, lot).ok_or_else(|| {
            CloudProviderError::InsufficientCapacity(format!(
                "no instance type suits NodeClaim {}",
                claim.name
            ))
        })?;
        let node = node::node(claim, &choice, &name);
        let launched = self.parts.clock.now();
        if class.delay().is_zero() {
            self.create_node(&node).await?;
        } else {
            let due = launched + class.delay();
            let promise = Promise { node: node.clone(), launched, due };
            self.promised.lock().insert(node::provider_id(&name), promise);
        }
        let instance = self.instance_of(&node, launched);
        Ok(instance.expect("invariant: a Node of ours is an instance"))
    }

    async fn delete(&self, claim: &NodeClaim) -> Result<Termination, CloudProviderError> {
        let Some(id) = claim.provider_id() else { return Ok(Termination::Gone) };
        if self.promised.lock().remove(id).is_some() {
            return Ok(Termination::InProgress { check_after: DELETE_CHECK });
        }
        let Some(name) = node::node_name(id.as_str()) else { return Ok(Termination::Gone) };
        if self.find(id).await?.is_none() {
            return Ok(Termination::Gone);
        }
        self.delete_node(name).await?;
        Ok(Termination::InProgress { check_after: DELETE_CHECK })
    }

    async fn get(&self, id: &ProviderId) -> Result<Instance, CloudProviderError> {
        let gone = || CloudProviderError::NodeClaimNotFound(id.to_string());
        self.find(id).await?.ok_or_else(gone)
    }

    async fn list(&self) -> Result<Vec<Instance>, CloudProviderError> {
        let promised = self.promised();
        let nodes = self.all_nodes().await?;
        let of_nodes = nodes.iter().map(|node| (node, Timestamp::UNIX_EPOCH));
        let of_promises = promised.values().map(|promise| (&promise.node, promise.launched));
        // A Node that was created meanwhile counts once.
        let instances: BTreeMap<ProviderId, Instance> = of_promises
            .chain(of_nodes)
            .filter_map(|(node, launched)| self.instance_of(node, launched))
            .map(|instance| (instance.provider_id.clone(), instance))
            .collect();
        Ok(instances.into_values().collect())
    }

    async fn instance_types(&self, _pool: &NodePool) -> Result<Catalog, CloudProviderError> {
        Ok(self.parts.types.catalog.clone())
    }

    async fn is_drifted(&self, _claim: &NodeClaim) -> Result<Option<String>, CloudProviderError> {
        Ok(None)
    }
}
