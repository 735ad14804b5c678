//! Pruning and defaulting.

use serde_json::{Map, Value};

use super::node::Node;

/// Members every object may have at its root.
const ROOT_MEMBERS: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Removes members the schema does not know, and notes their paths.
pub(super) fn prune(
    node: &Node,
    value: &mut Value,
    path: &str,
    root: bool,
    unknown: &mut Vec<String>,
) {
    match value {
        Value::Object(members) => prune_object(node, members, path, root, unknown),
        Value::Array(items) => {
            if let Some(schema) = &node.items {
                for (index, item) in items.iter_mut().enumerate() {
                    prune(schema, item, &format!("{path}[{index}]"), false, unknown);
                }
            }
        }
        _ => {}
    }
}

fn prune_object(
    node: &Node,
    members: &mut Map<String, Value>,
    path: &str,
    root: bool,
    unknown: &mut Vec<String>,
) {
    let own = |name: &str| (root || node.embedded) && ROOT_MEMBERS.contains(&name);
    if !node.preserve_unknown && !node.int_or_string {
        members.retain(|name, _| {
            let known = own(name) || node.member(name).is_some();
            if !known {
                unknown.push(join(path, name));
            }
            known
        });
    }
    for (name, value) in members.iter_mut().filter(|(name, _)| !own(name)) {
        if let Some(schema) = node.member(name) {
            prune(schema, value, &join(path, name), false, unknown);
        }
    }
}

/// Fills in defaults from the top down, into defaults just filled in as well.
///
/// A null where none is allowed is dropped first, so that the default takes its place.
pub(super) fn default(node: &Node, value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, value| {
                !value.is_null() || node.member(name).is_none_or(|schema| schema.nullable)
            });
            for (name, schema) in &node.properties {
                if let Some(default) = &schema.default
                    && !members.contains_key(name)
                {
                    members.insert(name.clone(), default.clone());
                }
            }
            for (name, value) in members.iter_mut() {
                if let Some(schema) = node.member(name) {
                    default(schema, value);
                }
            }
        }
        Value::Array(items) => {
            if let Some(schema) = &node.items {
                items.iter_mut().for_each(|item| default(schema, item));
            }
        }
        _ => {}
    }
}

/// Path of a member; the root has an empty path.
pub(super) fn join(path: &str, name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    match (path, name.chars().all(plain)) {
        ("", true) => name.to_owned(),
        (path, true) => format!("{path}.{name}"),
        (path, false) => format!("{path}[{name}]"),
    }
}
