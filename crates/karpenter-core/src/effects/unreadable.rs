//! Tells authors, in the conditions of their objects, that an object cannot be understood.

use std::borrow::Cow;
use std::marker::PhantomData;

use async_trait::async_trait;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{Api, ApiResource, DynamicObject};
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::clients::Clients;
use super::error::Error;
use super::patch::{REQUEST_LIMIT, merge_status_guarded, within};
use super::step::{Actor, Failure, Outcome};
use crate::api::v1::conditions::{
    Condition, ConditionTypes, HasConditions, VALIDATION_SUCCEEDED, Verdict,
};
use crate::api::v1::nodeclaim::NodeClaim;
use crate::api::v1::nodepool::NodePool;
use crate::api::v1alpha1::node_overlay::NodeOverlay;
use crate::decide::plan::Step;
use crate::model::ids::ResourceVersion;
use crate::state::{Finding, Kind, Unreadable};

#[cfg(test)]
mod tests;

/// Reason of the condition.
const UNREADABLE: &str = "Unreadable";
/// Longest message of a condition, in characters.
const MESSAGE_LIMIT: usize = 32_768;

/// Tell the author of one object.
#[derive(Debug, Clone)]
pub struct Tell(pub Finding);

impl Step for Tell {
    fn object(&self) -> String {
        format!("{}/{}", self.0.kind.name().to_lowercase(), self.0.name)
    }
}

/// Writes `ValidationSucceeded=False` on objects that typed writers cannot touch, because they cannot be read.
///
/// Kinds without conditions of ours, and objects of other providers, are left alone.
#[derive(Clone)]
pub struct UnreadableActor {
    /// Handles.
    pub clients: Clients,
    /// Who has been told.
    pub unreadable: Unreadable,
}

#[async_trait]
impl Actor<Tell> for UnreadableActor {
    async fn act(&self, Tell(finding): Tell) -> Result<Outcome, Failure> {
        let result = match finding.kind {
            Kind::NodePool => self.tell::<NodePool>(&finding).await,
            Kind::NodeClaim => self.tell::<NodeClaim>(&finding).await,
            Kind::NodeOverlay => self.tell::<NodeOverlay>(&finding).await,
            _ => Ok(()),
        };
        match result {
            Ok(()) => self.unreadable.told(&finding),
            Err(error) if error.is_not_found() => {
                self.unreadable.forget(finding.kind, || finding.name.clone());
            }
            Err(error) => return error.outcome(),
        }
        Ok(Outcome::Done)
    }
}

impl UnreadableActor {
    async fn tell<K>(&self, finding: &Finding) -> Result<(), Error>
    where
        K: HasConditions + Resource<DynamicType = ()> + DeserializeOwned,
    {
        let resource = ApiResource::erase::<K>(&());
        let api = Api::<DynamicObject>::all_with(self.clients.kube.clone(), &resource);
        let name = &finding.name;
        let action = || format!("read {name}");
        let object = within(REQUEST_LIMIT, action, api.get(name)).await?;
        if !self.is_ours(&object.data) {
            return Ok(());
        }
        let problem = problem::<K>(&object).unwrap_or_else(|| finding.problem.clone());
        let before = conditions(&object.data);
        let mut judged = Judged::<K>::of(&object, before.clone());
        let message: String = problem.chars().take(MESSAGE_LIMIT).collect();
        let verdict = Verdict::failed(VALIDATION_SUCCEEDED, UNREADABLE, message);
        judged.condition_set(self.clients.now_in_seconds()).set(verdict);
        if judged.conditions == before {
            return Ok(());
        }
        let version = ResourceVersion::from(object.resource_version().unwrap_or_default());
        let body = json!({ "status": { "conditions": judged.conditions } });
        merge_status_guarded(&api, name, &version, body).await.map(drop)
    }

    /// Whether the node class the object refers to, if any, is of this provider.
    fn is_ours(&self, object: &Value) -> bool {
        let paths = ["/spec/template/spec/nodeClassRef", "/spec/nodeClassRef"];
        let Some(class) = paths.iter().find_map(|path| object.pointer(path)) else { return true };
        let text = |member: &str| class[member].as_str().unwrap_or_default();
        self.clients.cloud.traits().supports(text("group"), text("kind"))
    }
}

/// Where the object stops being readable, as `path: what is wrong`; `None` when every member can be read by itself.
fn problem<K: DeserializeOwned>(object: &DynamicObject) -> Option<String> {
    let value = serde_json::to_value(object).ok()?;
    let error = serde_path_to_error::deserialize::<_, K>(value).err()?;
    Some(format!("{}: {}", error.path(), error.inner()))
}

/// Conditions as they are stored; none when even they cannot be read.
fn conditions(object: &Value) -> Vec<Condition> {
    let stored = object.pointer("/status/conditions").cloned().unwrap_or_default();
    serde_json::from_value(stored).unwrap_or_default()
}

/// The readable part of an object of kind `K`.
struct Judged<K> {
    metadata: ObjectMeta,
    conditions: Vec<Condition>,
    kind: PhantomData<K>,
}

impl<K> Judged<K> {
    fn of(object: &DynamicObject, conditions: Vec<Condition>) -> Self {
        Self { metadata: object.metadata.clone(), conditions, kind: PhantomData }
    }
}

impl<K: Resource<DynamicType = ()>> Resource for Judged<K> {
    type DynamicType = ();
    type Scope = K::Scope;

    fn kind((): &()) -> Cow<'_, str> {
        K::kind(&())
    }

    fn group((): &()) -> Cow<'_, str> {
        K::group(&())
    }

    fn version((): &()) -> Cow<'_, str> {
        K::version(&())
    }

    fn plural((): &()) -> Cow<'_, str> {
        K::plural(&())
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl<K: HasConditions + Resource<DynamicType = ()>> HasConditions for Judged<K> {
    const TYPES: ConditionTypes = K::TYPES;

    fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    fn conditions_mut(&mut self) -> &mut Vec<Condition> {
        &mut self.conditions
    }
}
