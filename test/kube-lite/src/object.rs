//! Reading and editing the metadata of an untyped object.

use serde_json::{Map, Value, json};

/// Name of an object inside its kind; cluster-scoped objects have an empty namespace.
///
/// The order is namespace, then name: the order of every list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Key {
    pub(crate) fn new(namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.to_owned(), name: name.to_owned() }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.namespace.as_str() {
            "" => f.write_str(&self.name),
            namespace => write!(f, "{namespace}/{}", self.name),
        }
    }
}

/// Text at a member of `metadata`.
pub(crate) fn meta_str<'a>(object: &'a Value, member: &str) -> Option<&'a str> {
    object.get("metadata")?.get(member)?.as_str()
}

/// Text at a JSON pointer.
pub(crate) fn str_at<'a>(object: &'a Value, pointer: &str) -> Option<&'a str> {
    object.pointer(pointer)?.as_str()
}

/// Whole number at a JSON pointer.
pub(crate) fn int_at(object: &Value, pointer: &str) -> Option<i64> {
    object.pointer(pointer)?.as_i64()
}

/// The `metadata` object, made when it is absent or of another type.
pub(crate) fn metadata(object: &mut Value) -> &mut Map<String, Value> {
    member(object, "metadata")
}

/// An object-typed member of an object, made when it is absent or of another type.
pub(crate) fn member<'a>(object: &'a mut Value, name: &str) -> &'a mut Map<String, Value> {
    if !object.is_object() {
        *object = json!({});
    }
    let slot = &mut object[name];
    if !slot.is_object() {
        *slot = json!({});
    }
    slot.as_object_mut().expect("invariant: set to an object above")
}

/// Value of a label.
pub(crate) fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get("metadata")?.get("labels")?.get(key)?.as_str()
}

/// Finalizers, in stored order.
pub(crate) fn finalizers(object: &Value) -> impl Iterator<Item = &str> {
    list(object, "/metadata/finalizers").iter().filter_map(Value::as_str)
}

/// Uids of all owners, in stored order.
pub(crate) fn owner_uids(object: &Value) -> impl Iterator<Item = &str> {
    list(object, "/metadata/ownerReferences").iter().filter_map(|o| o.get("uid")?.as_str())
}

/// Items of a list; empty when the list is absent or of another type.
pub(crate) fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether deletion has been asked for.
pub(crate) fn is_terminating(object: &Value) -> bool {
    meta_str(object, "deletionTimestamp").is_some()
}

/// Status of a condition (`True`, `False`, `Unknown`), when the condition is there.
pub(crate) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a str> {
    let conditions = list(object, "/status/conditions");
    conditions.iter().find(|c| c["type"] == kind)?.get("status")?.as_str()
}

/// Sets a condition by its type, keeping `lastTransitionTime` while the status stays.
pub(crate) fn set_condition(object: &mut Value, mut condition: Value, now: &str) {
    let status = member(object, "status");
    let conditions = status.entry("conditions").or_insert_with(|| json!([]));
    let Some(conditions) = conditions.as_array_mut() else { return };
    let old = conditions.iter_mut().find(|c| c["type"] == condition["type"]);
    let kept = old.as_ref().filter(|old| old["status"] == condition["status"]);
    condition["lastTransitionTime"] =
        kept.map_or_else(|| json!(now), |old| old["lastTransitionTime"].clone());
    match old {
        Some(old) => *old = condition,
        None => conditions.push(condition),
    }
}
