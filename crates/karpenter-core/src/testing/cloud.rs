//! A cloud that answers what a test told it to, and remembers what it was asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;

use super::objects::{CLASS_GROUP, CLASS_KIND};
use crate::cloud_provider::{
    CloudProvider, CloudProviderError, Instance, NodeClassKind, ProviderTraits, RegistrationHook,
    Termination,
};
use crate::model::ids::ProviderId;
use crate::model::instance_type::Catalog;
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;

type Answers<T> = Mutex<VecDeque<Result<T, CloudProviderError>>>;

/// Answers in the order they were given; a call nothing is left for fails with [`CloudProviderError::Other`].
#[derive(Debug)]
pub struct ScriptedCloud {
    traits: ProviderTraits,
    /// Answers of `create`.
    pub create: Answers<Instance>,
    /// Answers of `delete`.
    pub delete: Answers<Termination>,
    /// Answers of `get`.
    pub get: Answers<Instance>,
    /// Answers of `list`.
    pub list: Answers<Vec<Instance>>,
    /// Answers of `instance_types` by NodePool; others have not been evaluated.
    pub catalogs: Mutex<BTreeMap<String, Result<Catalog, CloudProviderError>>>,
    /// Answers of `registered`.
    pub registered: Answers<RegistrationHook>,
    calls: Mutex<Vec<String>>,
}

impl Default for ScriptedCloud {
    fn default() -> Self {
        Self {
            traits: ProviderTraits {
                name: "scripted",
                node_classes: vec![NodeClassKind {
                    group: CLASS_GROUP.to_owned(),
                    version: "v1".to_owned(),
                    kind: CLASS_KIND.to_owned(),
                    plural: format!("{}es", CLASS_KIND.to_lowercase()),
                }],
                well_known_labels: Arc::new(WellKnownLabels::core()),
                label_normalization: Arc::new(LabelNormalization::core()),
                unsupported_storage: Arc::default(),
                repair_policies: vec![],
            },
            create: Answers::default(),
            delete: Answers::default(),
            get: Answers::default(),
            list: Answers::default(),
            catalogs: Mutex::default(),
            registered: Answers::default(),
            calls: Mutex::default(),
        }
    }
}

impl ScriptedCloud {
    /// Calls so far, each as `method object`.
    pub fn calls(&self) -> Vec<String> {
        self.calls.lock().clone()
    }

    fn next<T>(&self, call: String, answers: &Answers<T>) -> Result<T, CloudProviderError> {
        let nothing = || Err(CloudProviderError::Other(format!("nothing scripted for {call}")));
        let answer = answers.lock().pop_front().unwrap_or_else(nothing);
        self.calls.lock().push(call);
        answer
    }
}

#[async_trait]
impl CloudProvider for ScriptedCloud {
    fn traits(&self) -> &ProviderTraits {
        &self.traits
    }

    async fn create(&self, claim: &NodeClaim) -> Result<Instance, CloudProviderError> {
        self.next(format!("create {}", claim.name), &self.create)
    }

    async fn delete(&self, claim: &NodeClaim) -> Result<Termination, CloudProviderError> {
        let id = claim.provider_id().map(ToString::to_string).unwrap_or_default();
        self.next(format!("delete {id}"), &self.delete)
    }

    async fn get(&self, id: &ProviderId) -> Result<Instance, CloudProviderError> {
        self.next(format!("get {id}"), &self.get)
    }

    async fn list(&self) -> Result<Vec<Instance>, CloudProviderError> {
        self.next("list".to_owned(), &self.list)
    }

    async fn instance_types(&self, pool: &NodePool) -> Result<Catalog, CloudProviderError> {
        let known = self.catalogs.lock().get(pool.name.as_str()).cloned();
        known.unwrap_or_else(|| Err(CloudProviderError::UnevaluatedNodePool(pool.name.to_string())))
    }

    async fn is_drifted(&self, _claim: &NodeClaim) -> Result<Option<String>, CloudProviderError> {
        Ok(None)
    }

    async fn registered(&self, claim: &NodeClaim) -> Result<RegistrationHook, CloudProviderError> {
        self.next(format!("registered {}", claim.name), &self.registered)
    }
}
