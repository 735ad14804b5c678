//! Sets of fields in the form of `FieldsV1`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::topology::{ListKind, Place, keys_of};

/// Path of a field: `f:name`, `k:{keys}` or `v:value` per step, `.` last for an item itself.
pub(crate) type Field = Vec<String>;

/// Members an applier never owns.
const IDENTITY: [&str; 9] = [
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "selfLink",
    "managedFields",
];

/// A set of fields, in path order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields(BTreeSet<Field>);

impl Fields {
    /// Every field an applied configuration names.
    pub(super) fn of(place: &Place<'_>, config: &Value) -> Self {
        let mut fields = Self::default();
        for (name, value) in config.as_object().into_iter().flatten() {
            let at = vec![format!("f:{name}")];
            match name.as_str() {
                "apiVersion" | "kind" => {}
                "metadata" => {
                    let members = value.as_object().into_iter().flatten();
                    for (name, value) in members.filter(|(n, _)| !IDENTITY.contains(&n.as_str())) {
                        let place = place.member("metadata");
                        let at = [&at[..], &[format!("f:{name}")]].concat();
                        fields.add(&place.member(name), value, at);
                    }
                }
                _ => fields.add(&place.member(name), value, at),
            }
        }
        fields
    }

    fn add(&mut self, place: &Place<'_>, value: &Value, at: Field) {
        let below = |segment: String| [&at[..], &[segment]].concat();
        match value {
            Value::Null => {}
            Value::Object(members) if !members.is_empty() && !place.is_atomic_map() => {
                for (name, value) in members {
                    self.add(&place.member(name), value, below(format!("f:{name}")));
                }
            }
            Value::Array(items) => match place.list() {
                ListKind::Atomic => {
                    self.0.insert(at);
                }
                ListKind::Set => self.0.extend(items.iter().map(|item| below(format!("v:{item}")))),
                ListKind::Map(keys) => {
                    for item in items {
                        let Some(keys) = keys_of(item, &keys) else { continue };
                        let at = below(format!("k:{keys}"));
                        self.0.insert([&at[..], &[".".to_owned()]].concat());
                        self.add(&place.item(), item, at);
                    }
                }
            },
            _ => {
                self.0.insert(at);
            }
        }
    }

    /// Reads the nested form.
    pub(super) fn read(tree: &Value) -> Self {
        let mut fields = Self::default();
        fields.read_below(tree, &[]);
        fields
    }

    fn read_below(&mut self, tree: &Value, at: &[String]) {
        let members = tree.as_object().into_iter().flatten();
        for (segment, below) in members {
            let path = [at, std::slice::from_ref(segment)].concat();
            if below.as_object().is_none_or(Map::is_empty) {
                self.0.insert(path);
            } else {
                self.read_below(below, &path);
            }
        }
    }

    /// The nested form.
    pub(super) fn tree(&self) -> Value {
        let mut tree = json!({});
        for field in &self.0 {
            let mut at = &mut tree;
            for segment in field {
                if at.get(segment).is_none() {
                    at[segment.as_str()] = json!({});
                }
                at = &mut at[segment.as_str()];
            }
        }
        tree
    }

    pub(super) fn contains(&self, field: &Field) -> bool {
        self.0.contains(field)
    }

    /// Whether the field, something below it or something above it is in the set.
    pub(super) fn covers(&self, field: &Field) -> bool {
        self.0.iter().any(|own| own.starts_with(field) || field.starts_with(own))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.iter()
    }

    pub(super) fn insert(&mut self, field: Field) {
        self.0.insert(field);
    }

    pub(super) fn remove(&mut self, field: &Field) {
        self.0.remove(field);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The value of a field; for an item itself, its keys.
pub(super) fn value_at(object: &Value, field: &[String]) -> Option<Value> {
    let Some((segment, rest)) = field.split_first() else { return Some(object.clone()) };
    match segment.split_once(':') {
        Some(("f", name)) => value_at(object.get(name)?, rest),
        Some(("k", keys)) => {
            let keys: Value = serde_json::from_str(keys).ok()?;
            let item = object.as_array()?.iter().find(|item| has_keys(item, &keys))?;
            if rest == ["."] { Some(keys) } else { value_at(item, rest) }
        }
        Some((_, value)) => {
            let value: Value = serde_json::from_str(value).ok()?;
            object.as_array()?.contains(&value).then_some(value)
        }
        None => Some(object.clone()),
    }
}

/// Removes a field, and what becomes empty by that.
pub(super) fn remove(object: &mut Value, field: &[String]) {
    let Some((segment, rest)) = field.split_first() else { return };
    match (segment.split_once(':'), object) {
        (Some(("f", name)), Value::Object(members)) => {
            if rest.is_empty() {
                members.remove(name);
            } else if let Some(below) = members.get_mut(name) {
                remove(below, rest);
                if is_empty(below) {
                    members.remove(name);
                }
            }
        }
        (Some(("k", keys)), Value::Array(items)) => {
            let keys: Value = serde_json::from_str(keys).unwrap_or(Value::Null);
            if rest == ["."] {
                items.retain(|item| !has_keys(item, &keys));
            } else if let Some(item) = items.iter_mut().find(|item| has_keys(item, &keys)) {
                remove(item, rest);
            }
        }
        (Some((_, value)), Value::Array(items)) => {
            let value: Value = serde_json::from_str(value).unwrap_or(Value::Null);
            items.retain(|item| *item != value);
        }
        _ => {}
    }
}

fn has_keys(item: &Value, keys: &Value) -> bool {
    keys.as_object().is_some_and(|keys| keys.iter().all(|(key, v)| item.get(key) == Some(v)))
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}
