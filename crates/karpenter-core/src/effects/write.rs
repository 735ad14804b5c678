//! Writing an object back: what a decision changed in its copy becomes at most two guarded merge patches.

use std::fmt::Debug;

use kube::{Api, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::Error;
use super::patch::{merge_guarded, merge_status_guarded};
use crate::model::ids::ResourceVersion;

/// Makes the cluster's copy of `before` look like `after`: metadata and spec first, then status.
///
/// Answers the object after the last write; `None` when nothing differs. Each of the two writes is refused when
/// the object has changed since `before`, and the second is guarded by the answer to the first.
///
/// # Errors
/// A conflict when somebody else was faster; then nothing, or only the first half, has been written.
pub async fn write_back<K>(api: &Api<K>, before: &K, after: &K) -> Result<Option<K>, Error>
where
    K: Resource + Clone + Debug + Serialize + DeserializeOwned,
{
    let name = before.name_any();
    let (old, old_status) = split(before);
    let (new, new_status) = split(after);
    let mut answer: Option<K> = None;
    if let Some(patch) = merge_diff(&old, &new) {
        let version = version_of(before);
        answer = Some(merge_guarded(api, &name, &version, patch).await?);
    }
    if let Some(status) = merge_diff(&old_status, &new_status) {
        let version = version_of(answer.as_ref().unwrap_or(before));
        let body = Value::Object(Map::from_iter([("status".to_owned(), status)]));
        answer = Some(merge_status_guarded(api, &name, &version, body).await?);
    }
    Ok(answer)
}

fn version_of<K: Resource>(object: &K) -> ResourceVersion {
    ResourceVersion::from(object.meta().resource_version.clone().unwrap_or_default())
}

/// The object without status, and its status.
fn split<K: Serialize>(object: &K) -> (Value, Value) {
    let mut value = serde_json::to_value(object).unwrap_or_default();
    let status = value.as_object_mut().and_then(|map| map.remove("status"));
    (value, status.unwrap_or_else(|| Value::Object(Map::new())))
}

/// The merge patch that turns `before` into `after`; `None` when they are equal.
///
/// Objects are compared member by member, everything else is replaced as a whole; a member that is gone becomes
/// `null`.
///
/// Source: RFC 7396.
pub fn merge_diff(before: &Value, after: &Value) -> Option<Value> {
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return (before != after).then(|| after.clone());
    };
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let mut patch: Map<String, Value> = gone.map(|key| (key.clone(), Value::Null)).collect();
    for (key, new) in after {
        let change = match before.get(key) {
            Some(old) => merge_diff(old, new),
            None => Some(new.clone()),
        };
        patch.extend(change.map(|change| (key.clone(), change)));
    }
    (!patch.is_empty()).then_some(Value::Object(patch))
}
