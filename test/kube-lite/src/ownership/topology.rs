//! Which lists are one value, and which have items that are owned one by one.

use serde_json::{Value, json};

use crate::kind::Kind;
use crate::patch::merge_key;

/// A place in an object of some kind.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    kind: &'a Kind,
    /// Schema of a custom kind at this place, as far as it is known.
    schema: Option<&'a Value>,
    /// Last member on the way here.
    name: &'a str,
}

/// How a list is owned.
pub(super) enum ListKind {
    /// As one value.
    Atomic,
    /// Item by item, each its own key.
    Set,
    /// Item by item, told apart by these members.
    Map(Vec<String>),
}

impl<'a> Place<'a> {
    pub(super) fn root(kind: &'a Kind) -> Self {
        Self { kind, schema: kind.schema.as_ref().map(|schema| schema.source()), name: "" }
    }

    pub(super) fn member(&self, name: &'a str) -> Self {
        let schema = self.schema.and_then(|schema| {
            schema
                .get("properties")
                .and_then(|members| members.get(name))
                .or_else(|| schema.get("additionalProperties").filter(|value| value.is_object()))
        });
        Self { kind: self.kind, schema, name }
    }

    pub(super) fn item(&self) -> Self {
        Self { schema: self.schema.and_then(|schema| schema.get("items")), ..*self }
    }

    /// Whether a map here is owned as one value.
    pub(super) fn is_atomic_map(&self) -> bool {
        self.schema.is_some_and(|schema| schema["x-kubernetes-map-type"] == "atomic")
    }

    pub(super) fn list(&self) -> ListKind {
        match (self.name, self.schema) {
            ("finalizers", _) => ListKind::Set,
            ("ownerReferences", _) => ListKind::Map(vec!["uid".to_owned()]),
            (_, Some(schema)) => match schema["x-kubernetes-list-type"].as_str() {
                Some("set") => ListKind::Set,
                Some("map") => ListKind::Map(
                    crate::object::list(schema, "/x-kubernetes-list-map-keys")
                        .iter()
                        .filter_map(|key| key.as_str().map(str::to_owned))
                        .collect(),
                ),
                _ => ListKind::Atomic,
            },
            (_, None) if self.kind.schema.is_some() => ListKind::Atomic,
            (name, None) => match merge_key(&self.kind.kind, name) {
                Some(key) => ListKind::Map(vec![key.to_owned()]),
                None => ListKind::Atomic,
            },
        }
    }
}

/// The members that tell an item of a list apart; `None` for an item without them.
pub(super) fn keys_of(item: &Value, keys: &[String]) -> Option<Value> {
    let mut found = json!({});
    for key in keys {
        found[key.as_str()] = item.get(key)?.clone();
    }
    Some(found)
}

/// Writes every value of `config` into `live`.
pub(super) fn merge(place: &Place<'_>, live: &mut Value, config: &Value) {
    match config {
        Value::Object(members) if !place.is_atomic_map() => {
            if !live.is_object() {
                *live = json!({});
            }
            for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                merge(&place.member(name), &mut live[name.as_str()], value);
            }
        }
        Value::Array(items) => match (place.list(), live) {
            (ListKind::Map(keys), Value::Array(live)) => {
                for item in items {
                    let wanted = keys_of(item, &keys);
                    match live.iter_mut().find(|live| keys_of(live, &keys) == wanted) {
                        Some(found) => merge(&place.item(), found, item),
                        None => live.push(item.clone()),
                    }
                }
            }
            (ListKind::Set, Value::Array(live)) => {
                let new = items.iter().filter(|item| !live.contains(item)).cloned();
                let new: Vec<Value> = new.collect();
                live.extend(new);
            }
            (_, live) => *live = config.clone(),
        },
        scalar => *live = scalar.clone(),
    }
}
