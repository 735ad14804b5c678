//! Carrying steps out: reads and guarded writes of objects of the older group.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use karpenter_core::effects::error::Error;
use karpenter_core::effects::events::EventSink;
use karpenter_core::effects::patch::{REQUEST_LIMIT, merge_guarded, merge_status_guarded, within};
use karpenter_core::effects::step::{Actor, Failure, Outcome};
use karpenter_core::model::ids::{NodeClassKey, ResourceVersion};
use karpenter_core::observe::events::{Event, ObjectRef, Severity};
use karpenter_core::state::{Change, ClusterEvent, ClusterState};
use karpenter_core::wire::node_class;
use kube::Api;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind, ListParams};
use parking_lot::Mutex;
use serde_json::json;

use super::super::node_class::memory::Memories;
use super::super::node_class::resolve::resolve;
use super::LegacyStep;
use crate::legacy::object::{self, LegacyClass};
use crate::legacy::{self, hash};
use crate::provider::AlibabaProvider;

/// How often the classes are listed.
const EVERY: Duration = Duration::from_secs(10);
/// How often a kind that is not served is looked for.
const ABSENT: Duration = Duration::from_secs(5 * 60);
/// Event reason: a class cannot be used as it is.
const UNRESOLVED: &str = "FailedResolvingNodeClass";

/// Reads and writes classes.
pub(super) struct Writer {
    pub(super) provider: Arc<AlibabaProvider>,
    pub(super) state: ClusterState,
    pub(super) events: EventSink,
    pub(super) memories: Memories,
    pub(super) list_due: Arc<Mutex<Option<Timestamp>>>,
}

#[async_trait]
impl Actor<LegacyStep> for Writer {
    async fn act(&self, step: LegacyStep) -> Result<Outcome, Failure> {
        let result = match step {
            LegacyStep::List => self.list().await,
            LegacyStep::Show(name) => self.show(&name).await,
            LegacyStep::Adopt(name) => self.adopt(&name).await,
            LegacyStep::Resolve(name) => self.resolve(&name).await,
            LegacyStep::Release(name) => self.release(&name).await,
        };
        match result {
            Ok(()) => Ok(Outcome::Done),
            Err(error) => error.outcome(),
        }
    }
}

impl Writer {
    fn api(&self) -> Api<DynamicObject> {
        let kind = GroupVersionKind::gvk(legacy::GROUP, legacy::VERSION, legacy::KIND);
        let resource = ApiResource::from_gvk_with_plural(&kind, legacy::PLURAL);
        Api::all_with(self.provider.parts.kube.clone(), &resource)
    }

    fn now(&self) -> Timestamp {
        self.provider.parts.clock.now()
    }

    async fn list(&self) -> Result<(), Error> {
        let (api, action) = (self.api(), || "list older ECSNodeClasses".to_owned());
        let (objects, pause) =
            match within(REQUEST_LIMIT, action, api.list(&ListParams::default())).await {
                Ok(list) => (list.items, EVERY),
                Err(error) if error.is_not_found() => (vec![], ABSENT),
                Err(error) => return Err(error),
            };
        let names: Vec<String> =
            objects.iter().filter_map(|object| object.metadata.name.clone()).collect();
        for object in objects {
            self.learn(object);
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for gone in self.provider.legacy_classes.keep(&names) {
            let key = NodeClassKey::new(legacy::GROUP, legacy::KIND, gone.as_str());
            self.state.apply(ClusterEvent::NodeClass(Change::Delete(key)), self.now());
        }
        self.memories.keep(&names);
        *self.list_due.lock() = Some(self.now() + pause);
        Ok(())
    }

    /// Enters an object the API server answered; one that cannot be read is passed over.
    fn learn(&self, object: DynamicObject) {
        let name = object.metadata.name.clone().unwrap_or_default();
        let seen = node_class::decode(legacy::GROUP, legacy::KIND, object.clone());
        match object::decode(object) {
            Ok(class) => {
                let known = self.provider.legacy_classes.get(&name);
                if known.is_none_or(|known| *known != class) {
                    for warning in &class.warnings {
                        tracing::warn!(class = name, warning, "older ECSNodeClass converted");
                    }
                    self.provider.legacy_classes.learn(class);
                }
                let seen = Change::Upsert(Arc::new(seen));
                self.state.apply(ClusterEvent::NodeClass(seen), self.now());
            }
            Err(error) => tracing::warn!(class = name, %error, "older ECSNodeClass skipped"),
        }
    }

    async fn show(&self, name: &str) -> Result<(), Error> {
        let (api, action) = (self.api(), || format!("read older ECSNodeClass {name}"));
        match within(REQUEST_LIMIT, action, api.get(name)).await {
            Ok(object) => self.learn(object),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn adopt(&self, name: &str) -> Result<(), Error> {
        let Some(known) = self.provider.legacy_classes.get(name) else { return Ok(()) };
        let mut finalizers = known.class.metadata.finalizers.clone().unwrap_or_default();
        if !finalizers.iter().any(|finalizer| finalizer == legacy::FINALIZER) {
            finalizers.push(legacy::FINALIZER.to_owned());
        }
        let annotations = json!({ legacy::HASH: known.hash, legacy::HASH_VERSION: hash::VERSION });
        let body = json!({ "metadata": { "finalizers": finalizers, "annotations": annotations } });
        let patched = merge_guarded(&self.api(), name, &version(&known), body).await?;
        self.learn(patched);
        Ok(())
    }

    async fn resolve(&self, name: &str) -> Result<(), Error> {
        let Some(known) = self.provider.legacy_classes.get(name) else { return Ok(()) };
        let now = karpenter_core::clock::in_seconds(self.now());
        let class = &known.class;
        let resolution = resolve(&self.provider, class, self.memories.get(name), now).await;
        let old = class.status.clone().unwrap_or_default();
        let (old, new) = (object::encode_status(&old), object::encode_status(&resolution.status));
        if old != new {
            let body = json!({ "status": new });
            let patched = merge_status_guarded(&self.api(), name, &version(&known), body).await?;
            self.learn(patched);
        }
        self.memories.set(name, resolution.memory);
        for message in resolution.problems {
            self.events.publish(Event {
                about: about(&known),
                severity: Severity::Warning,
                reason: UNRESOLVED,
                message,
            });
        }
        Ok(())
    }

    async fn release(&self, name: &str) -> Result<(), Error> {
        let Some(known) = self.provider.legacy_classes.get(name) else { return Ok(()) };
        let mut finalizers = known.class.metadata.finalizers.clone().unwrap_or_default();
        finalizers.retain(|finalizer| finalizer != legacy::FINALIZER);
        let body = json!({ "metadata": { "finalizers": finalizers } });
        match merge_guarded(&self.api(), name, &version(&known), body).await {
            Ok(patched) => self.learn(patched),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn version(known: &LegacyClass) -> ResourceVersion {
    known.class.metadata.resource_version.clone().unwrap_or_default().into()
}

fn about(known: &LegacyClass) -> ObjectRef {
    ObjectRef {
        api_version: format!("{}/{}", legacy::GROUP, legacy::VERSION),
        kind: legacy::KIND.to_owned(),
        namespace: String::new(),
        name: known.class.metadata.name.clone().unwrap_or_default(),
        uid: known.class.metadata.uid.clone().unwrap_or_default(),
    }
}
