//! Requests to the Kubernetes API with a time limit, a name for errors, and a guard against lost updates.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams, Preconditions};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::error::Error;
use crate::model::ids::{ResourceVersion, Uid};

/// Longest wait for an answer of the Kubernetes API.
pub const REQUEST_LIMIT: Duration = Duration::from_secs(30);

/// Longest wait for an answer to an eviction.
pub const EVICTION_LIMIT: Duration = Duration::from_secs(10);

/// Awaits `request` for at most `limit`; `action` names it in errors.
///
/// # Errors
/// [`Error::Kube`] or [`Error::TimedOut`].
pub async fn within<T>(
    limit: Duration,
    action: impl FnOnce() -> String,
    request: impl Future<Output = kube::Result<T>>,
) -> Result<T, Error> {
    match tokio::time::timeout(limit, request).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(source)) => Err(Error::Kube { action: action(), source }),
        Err(_) => Err(Error::TimedOut { action: action(), limit }),
    }
}

/// Merges `body` into the object `name`; refused when the object is not at `version` any more.
///
/// Use it for everything that replaces a list (finalizers, taints, conditions, owners).
///
/// # Errors
/// A conflict when somebody else was faster.
pub async fn merge_guarded<K>(
    api: &Api<K>,
    name: &str,
    version: &ResourceVersion,
    body: Value,
) -> Result<K, Error>
where
    K: Clone + Debug + DeserializeOwned,
{
    let patch = Patch::Merge(with_version(body, version));
    let action = || format!("patch {name}");
    within(REQUEST_LIMIT, action, api.patch(name, &PatchParams::default(), &patch)).await
}

/// Merges `body` into the status of `name`; refused when the object is not at `version` any more.
///
/// # Errors
/// A conflict when somebody else was faster.
pub async fn merge_status_guarded<K>(
    api: &Api<K>,
    name: &str,
    version: &ResourceVersion,
    body: Value,
) -> Result<K, Error>
where
    K: Clone + Debug + DeserializeOwned,
{
    let patch = Patch::Merge(with_version(body, version));
    let action = || format!("patch status of {name}");
    within(REQUEST_LIMIT, action, api.patch_status(name, &PatchParams::default(), &patch)).await
}

/// Creates `object`.
///
/// # Errors
/// A conflict when the name is taken.
pub async fn create<K>(api: &Api<K>, name: &str, object: &K) -> Result<K, Error>
where
    K: Clone + Debug + Serialize + DeserializeOwned,
{
    let action = || format!("create {name}");
    within(REQUEST_LIMIT, action, api.create(&PostParams::default(), object)).await
}

/// What a request to delete an object found.
#[derive(Debug, Clone, PartialEq)]
pub enum Deleted<K> {
    /// It was gone already.
    WasGone,
    /// It is gone now.
    Gone,
    /// It is being deleted; finalizers or a grace period still hold it.
    Marked(Box<K>),
}

/// Asks for the deletion of the object `name` if it still has `uid`; an object that is gone is fine.
///
/// # Errors
/// A conflict when another object has taken the name.
pub async fn delete<K>(
    api: &Api<K>,
    name: &str,
    uid: &Uid,
    grace_seconds: Option<u32>,
) -> Result<Deleted<K>, Error>
where
    K: Clone + Debug + DeserializeOwned,
{
    let params = DeleteParams {
        grace_period_seconds: grace_seconds,
        preconditions: Some(Preconditions {
            uid: Some(uid.as_str().to_owned()),
            resource_version: None,
        }),
        ..DeleteParams::default()
    };
    let action = || format!("delete {name}");
    match within(REQUEST_LIMIT, action, api.delete(name, &params)).await {
        Err(error) if error.is_not_found() => Ok(Deleted::WasGone),
        Err(error) => Err(error),
        Ok(answer) => Ok(answer.left().map_or(Deleted::Gone, |it| Deleted::Marked(Box::new(it)))),
    }
}

fn with_version(mut body: Value, version: &ResourceVersion) -> Value {
    if let Some(object) = body.as_object_mut() {
        let metadata = object.entry("metadata").or_insert_with(|| json!({}));
        metadata["resourceVersion"] = json!(version.as_str());
    }
    body
}
