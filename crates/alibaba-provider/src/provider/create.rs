//! Launching the instance of a claim.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use alibaba_sdk::ecs::Instance as Row;
use karpenter_core::api::labels as core;
use karpenter_core::cloud_provider::{CloudProviderError, Instance};
use karpenter_core::effects::error::report;
use karpenter_core::model::instance_type::Catalog;
use karpenter_core::model::node_claim::NodeClaim;
use kube::Api;

use super::AlibabaProvider;
use crate::api::conditions::{READY, find};
use crate::api::labels;
use crate::api::node_class::ECSNodeClass;
use crate::errors;
use crate::instance;
use crate::launch::adopt::find_by_claim;
use crate::launch::execute::{Launch, Launched};
use crate::launch::plan::{LaunchInput, LaunchPlan, plan};
use crate::launch::request::Order;
use crate::launch::tags::tags;
use crate::legacy;
use crate::passwords;
use crate::unavailable::Mark;
use crate::userdata::discover::ScriptKey;

/// How far the clocks of this machine and of the Kubernetes API may be apart.
const SKEW: Duration = Duration::from_secs(5);
/// A claim older than this may have been launched by an earlier process.
const FIRST_TRY: Duration = Duration::from_secs(30);
/// How long a launch is remembered.
const REMEMBERED: Duration = Duration::from_secs(3600);

impl AlibabaProvider {
    pub(super) async fn launch(&self, claim: &NodeClaim) -> Result<Instance, CloudProviderError> {
        let class = self.usable_class(claim).await?;
        let catalog = self.catalog_to_launch(&class, claim)?;
        let identity = self.parts.options.cluster_identity();
        if self.may_have_instance(claim) {
            let found = find_by_claim(&*self.parts.ecs, identity, claim).await;
            if let Some(row) = found.map_err(|error| errors::of_call(&error))? {
                return Ok(self.adopted(&class, &catalog, claim, &row));
            }
        }
        if self.unavailable().contains(&Mark::Account) {
            return Err(CloudProviderError::Create {
                reason: "AccountProblem".to_owned(),
                message:
                    "launches pause after a refusal of the account; see the events of the last \
                          launch"
                        .to_owned(),
            });
        }
        let tags = tags(&class, claim, identity)
            .map_err(|error| CloudProviderError::NodeClassNotReady(error.to_string()))?;
        let plan = self.plan(&class, &catalog, claim)?;
        let scripts = self.scripts_of(&class, &plan).await?;
        let password = passwords::read(&self.parts.kube, &class.spec).await;
        let password = password.map_err(|error| error.of_launch())?;
        let market = self.market.view();
        let launch = Launch {
            ecs: &*self.parts.ecs,
            clock: &self.parts.clock,
            options: &self.parts.options,
            unavailable: &self.unavailable,
            addresses: &self.addresses,
            network: market.cluster.network,
            order: Order {
                claim,
                class: &class,
                default_role: &market.cluster.worker_role,
                password: password.as_ref(),
                tags: &tags,
            },
            scripts: &scripts,
        };
        match launch.execute(&plan).await? {
            Launched::New { instance_id, attempt } => {
                if let Some(slot) = &attempt.reservation {
                    self.reservations.lock().launched(slot, self.now());
                }
                let bare = Instance {
                    provider_id: instance::provider_id(&self.parts.options.region, &instance_id),
                    claim: Some(claim.name.clone()),
                    claim_uid: Some(claim.uid.clone()),
                    image_id: Some(attempt.image.id.clone()),
                    created: self.now(),
                    ..instance::from_row(&Row::default(), &self.parts.options.region)
                };
                let chosen = launch.labels(&attempt);
                Ok(instance::complete(
                    bare,
                    self.marks(&claim.node_class, &class),
                    &attempt.instance_type,
                    &chosen,
                ))
            }
            Launched::Adopted(row) => Ok(self.adopted(&class, &catalog, claim, &row)),
        }
    }

    /// The class of `claim`, read now, if it can be used.
    async fn usable_class(
        &self,
        claim: &NodeClaim,
    ) -> Result<Arc<ECSNodeClass>, CloudProviderError> {
        let name = &*claim.node_class.name;
        if *claim.node_class.group == *legacy::GROUP {
            return self.legacy_class(claim);
        }
        let api: Api<ECSNodeClass> = Api::all(self.parts.kube.clone());
        let read = api.get_opt(name).await;
        let read = read.map_err(|error| {
            CloudProviderError::Transient(format!(
                "reading ECSNodeClass {name}: {}",
                report(&error)
            ))
        })?;
        let class = read.filter(|class| class.metadata.deletion_timestamp.is_none());
        let Some(class) = class else {
            let text = format!("ECSNodeClass {name} does not exist or is being deleted");
            return Err(CloudProviderError::InsufficientCapacity(text));
        };
        let known = self.node_classes.get(name);
        let is_known = known.as_ref().is_some_and(|known| **known == class);
        let class = known.filter(|_| is_known).unwrap_or_else(|| self.node_classes.learn(class));
        judge_readiness(&class).map(|()| class)
    }

    /// The class of the older group of `claim`, as last read, if it can be used.
    fn legacy_class(&self, claim: &NodeClaim) -> Result<Arc<ECSNodeClass>, CloudProviderError> {
        let class = self.class(&claim.node_class);
        let class = class.filter(|class| class.metadata.deletion_timestamp.is_none());
        let Some(class) = class else {
            let key = &claim.node_class;
            let text = format!("{}.{} {} is not there", key.kind, key.group, key.name);
            return Err(CloudProviderError::InsufficientCapacity(text));
        };
        judge_readiness(&class).map(|()| class)
    }

    fn plan(
        &self,
        class: &ECSNodeClass,
        catalog: &Catalog,
        claim: &NodeClaim,
    ) -> Result<LaunchPlan, CloudProviderError> {
        plan(LaunchInput {
            claim,
            class,
            types: &catalog.types,
            well_known: &self.traits.well_known_labels,
            addresses: &self.addresses.lock(),
        })
    }

    /// Join scripts of the architectures in `plan`; none when the user's data are all an instance gets.
    async fn scripts_of(
        &self,
        class: &ECSNodeClass,
        plan: &LaunchPlan,
    ) -> Result<BTreeMap<String, Arc<str>>, CloudProviderError> {
        if class.spec.replaces_join_script() {
            return Ok(BTreeMap::new());
        }
        let attempts = plan.attempts.iter().take(self.parts.options.launch_attempts);
        let arch = |text: &str| if text == "arm64" { "arm64" } else { "amd64" };
        let wanted: BTreeSet<&'static str> = attempts
            .filter_map(|attempt| attempt.instance_type.requirements.get(core::ARCH)?.any())
            .map(|text| arch(&text))
            .collect();
        let cluster_id = class.spec.effective_cluster_id(&self.parts.options.cluster_id);
        let mut scripts = BTreeMap::new();
        for arch in wanted {
            let key = ScriptKey {
                cluster_id: cluster_id.to_owned(),
                format_disk: class.spec.format_data_disk == Some(true),
                arch,
            };
            let ttl = self.parts.options.attach_script_ttl;
            let script = self.scripts.get(&*self.parts.cs, key, ttl, self.now()).await;
            let script = script.map_err(|error| errors::of_launch(&error))?;
            scripts.insert(arch.to_owned(), script);
        }
        Ok(scripts)
    }

    /// Whether an instance may exist already: an earlier process, or an earlier call, has tried.
    fn may_have_instance(&self, claim: &NodeClaim) -> bool {
        let now = self.now();
        let mut tried = self.tried.lock();
        tried.retain(|_, at| *at + REMEMBERED > now);
        let again = tried.insert(claim.uid.clone(), now).is_some();
        again || claim.created < self.started + SKEW || claim.created + FIRST_TRY < now
    }

    fn adopted(
        &self,
        class: &ECSNodeClass,
        catalog: &Catalog,
        claim: &NodeClaim,
        row: &Row,
    ) -> Instance {
        tracing::info!(claim = claim.name.as_str(), instance = row.instance_id, "instance adopted");
        let bare = instance::from_row(row, &self.parts.options.region);
        let bare = Instance { claim_uid: Some(claim.uid.clone()), ..bare };
        let Some(instance_type) = catalog.get(&row.instance_type) else { return bare };
        let kind = instance::capacity_type(row);
        let mut chosen = instance::type_labels(instance_type);
        chosen.insert(core::ZONE.to_owned(), row.zone_id.clone());
        chosen.insert(core::CAPACITY_TYPE.to_owned(), kind.as_str().to_owned());
        if self.parts.options.legacy_labels {
            chosen = labels::with_aliases(chosen);
        }
        instance::complete(bare, self.marks(&claim.node_class, class), instance_type, &chosen)
    }
}

/// Whether the class is ready for the generation it has.
fn judge_readiness(class: &ECSNodeClass) -> Result<(), CloudProviderError> {
    let name = class.metadata.name.as_deref().unwrap_or_default();
    let conditions = class.status.as_ref().map(|status| status.conditions.as_slice());
    let ready = find(conditions.unwrap_or_default(), READY);
    match ready.map(|ready| ready.status.as_str()) {
        Some("True") if ready.and_then(|r| r.observed_generation) == class.metadata.generation => {
            Ok(())
        }
        Some("True") => Err(CloudProviderError::NodeClassNotReady(format!(
            "ECSNodeClass {name} has changed and is being read again"
        ))),
        Some("False") => Err(CloudProviderError::NodeClassNotReady(format!(
            "ECSNodeClass {name}: {}",
            ready.map(|ready| ready.message.as_str()).unwrap_or_default()
        ))),
        _ => Err(CloudProviderError::Create {
            reason: "NodeClassReadinessUnknown".to_owned(),
            message: format!("ECSNodeClass {name} has not been resolved yet"),
        }),
    }
}
