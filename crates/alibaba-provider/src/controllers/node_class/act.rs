//! Carrying steps out: reads and guarded writes of class objects.

use std::sync::Arc;

use async_trait::async_trait;
use karpenter_core::api::v1::nodeclaim::NodeClaim;
use karpenter_core::effects::error::Error;
use karpenter_core::effects::events::EventSink;
use karpenter_core::effects::patch::{REQUEST_LIMIT, merge_guarded, merge_status_guarded, within};
use karpenter_core::effects::step::{Actor, Failure, Outcome};
use karpenter_core::model::ids::ResourceVersion;
use karpenter_core::observe::events::{Event, ObjectRef, Severity};
use kube::Api;
use serde_json::{Map, Value, json};

use super::ClassStep;
use super::decide::REPORT;
use super::memory::Memories;
use super::resolve::resolve;
use crate::api::node_class::ECSNodeClass;
use crate::api::status::ECSNodeClassStatus;
use crate::api::{self, hash, labels};
use crate::provider::AlibabaProvider;

/// Event reason: claims keep a class from going.
const WAITING: &str = "WaitingOnNodeClaimTermination";
/// Event reason: a class cannot be used as it is.
const UNRESOLVED: &str = "FailedResolvingNodeClass";
/// Claims named in one event.
const NAMED: usize = 5;

/// Reads and writes classes.
pub(super) struct Writer {
    pub(super) provider: Arc<AlibabaProvider>,
    pub(super) events: EventSink,
    pub(super) memories: Memories,
}

#[async_trait]
impl Actor<ClassStep> for Writer {
    async fn act(&self, step: ClassStep) -> Result<Outcome, Failure> {
        let result = match step {
            ClassStep::Read(name) => self.read(&name).await,
            ClassStep::Adopt(name) => self.adopt(&name).await,
            ClassStep::Resolve(name) => self.resolve(&name).await,
            ClassStep::Mark { claim, version, marks } => self.mark(&claim, &version, &marks).await,
            ClassStep::Forget(name) => self.forget(&name).await,
            ClassStep::Report(name, claims) => return Ok(self.report(&name, &claims)),
            ClassStep::Release(name) => self.release(&name).await,
        };
        match result {
            Ok(()) => Ok(Outcome::Done),
            Err(error) => error.outcome(),
        }
    }
}

impl Writer {
    fn api(&self) -> Api<ECSNodeClass> {
        Api::all(self.provider.parts.kube.clone())
    }

    async fn read(&self, name: &str) -> Result<(), Error> {
        let (api, action) = (self.api(), || format!("read ECSNodeClass {name}"));
        let class = within(REQUEST_LIMIT, action, api.get(name)).await?;
        self.provider.node_classes.learn(class);
        Ok(())
    }

    async fn adopt(&self, name: &str) -> Result<(), Error> {
        let Some(class) = self.provider.node_classes.get(name) else { return Ok(()) };
        let mut finalizers = class.metadata.finalizers.clone().unwrap_or_default();
        if !finalizers.iter().any(|finalizer| finalizer == labels::FINALIZER) {
            finalizers.push(labels::FINALIZER.to_owned());
        }
        let annotations = json!({
            labels::HASH: hash::hash(&class.spec),
            labels::HASH_VERSION: hash::VERSION,
        });
        let body = json!({ "metadata": { "finalizers": finalizers, "annotations": annotations } });
        let patched = merge_guarded(&self.api(), name, &version(&class), body).await?;
        self.provider.node_classes.learn(patched);
        Ok(())
    }

    async fn resolve(&self, name: &str) -> Result<(), Error> {
        let Some(class) = self.provider.node_classes.get(name) else { return Ok(()) };
        let now = self.provider.parts.clock.now();
        let now = karpenter_core::clock::in_seconds(now);
        let resolution = resolve(&self.provider, &class, self.memories.get(name), now).await;
        let old = class.status.clone().unwrap_or_default();
        if resolution.status != old {
            let body = json!({ "status": difference(&old, &resolution.status) });
            let patched = merge_status_guarded(&self.api(), name, &version(&class), body).await?;
            self.provider.node_classes.learn(patched);
        }
        self.memories.set(name, resolution.memory);
        for problem in resolution.problems {
            self.tell(&class, Severity::Warning, UNRESOLVED, problem);
        }
        Ok(())
    }

    async fn mark(
        &self,
        claim: &str,
        version: &ResourceVersion,
        marks: &Value,
    ) -> Result<(), Error> {
        let api: Api<NodeClaim> = Api::all(self.provider.parts.kube.clone());
        let body = json!({ "metadata": { "annotations": marks } });
        match merge_guarded(&api, claim, version, body).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn forget(&self, name: &str) -> Result<(), Error> {
        let Some(class) = self.provider.node_classes.get(name) else { return Ok(()) };
        let annotations = json!({ labels::OLD_HASH: null, labels::OLD_HASH_VERSION: null });
        let body = json!({ "metadata": { "annotations": annotations } });
        let patched = merge_guarded(&self.api(), name, &version(&class), body).await?;
        self.provider.node_classes.learn(patched);
        Ok(())
    }

    fn report(&self, name: &str, claims: &[String]) -> Outcome {
        let Some(class) = self.provider.node_classes.get(name) else { return Outcome::Again };
        let named = claims.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = match claims.len().saturating_sub(NAMED) {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let message = format!("Waiting on NodeClaim termination for {named}{more}");
        self.tell(&class, Severity::Normal, WAITING, message);
        Outcome::After(REPORT)
    }

    fn tell(
        &self,
        class: &ECSNodeClass,
        severity: Severity,
        reason: &'static str,
        message: String,
    ) {
        let about = ObjectRef {
            api_version: format!("{}/{}", api::GROUP, api::VERSION),
            kind: api::KIND.to_owned(),
            namespace: String::new(),
            name: class.metadata.name.clone().unwrap_or_default(),
            uid: class.metadata.uid.clone().unwrap_or_default(),
        };
        self.events.publish(Event { about, severity, reason, message });
    }

    async fn release(&self, name: &str) -> Result<(), Error> {
        let Some(class) = self.provider.node_classes.get(name) else { return Ok(()) };
        let mut finalizers = class.metadata.finalizers.clone().unwrap_or_default();
        finalizers.retain(|finalizer| finalizer != labels::FINALIZER);
        let body = json!({ "metadata": { "finalizers": finalizers } });
        match merge_guarded(&self.api(), name, &version(&class), body).await {
            Ok(patched) => {
                self.provider.node_classes.learn(patched);
            }
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn version(class: &ECSNodeClass) -> ResourceVersion {
    class.metadata.resource_version.clone().unwrap_or_default().into()
}

/// The members of `new` as a merge patch over `old`; lists that became empty are removed.
fn difference(old: &ECSNodeClassStatus, new: &ECSNodeClassStatus) -> Value {
    let object = |status: &ECSNodeClassStatus| match serde_json::to_value(status) {
        Ok(Value::Object(members)) => members,
        Ok(_) | Err(_) => Map::new(),
    };
    let mut patch = object(new);
    for gone in object(old).into_iter().filter(|(key, _)| !new_has(new, key)).map(|(key, _)| key) {
        patch.insert(gone, Value::Null);
    }
    Value::Object(patch)
}

fn new_has(new: &ECSNodeClassStatus, key: &str) -> bool {
    serde_json::to_value(new).is_ok_and(|value| value.get(key).is_some())
}
