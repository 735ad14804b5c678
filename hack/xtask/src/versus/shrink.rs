//! Leaving out what a difference does not need.

use serde_json::Value;

/// Members of objects that may go, each with everything below it, or item by item.
const OPTIONAL: [&str; 17] = [
    "nodeSelector",
    "tolerations",
    "taints",
    "topologySpreadConstraints",
    "nodeAffinity",
    "podAffinity",
    "podAntiAffinity",
    "nodeSelectorTerms",
    "requirements",
    "limits",
    "weight",
    "ports",
    "minDomains",
    "minValues",
    "nodeTaintsPolicy",
    "nodeAffinityPolicy",
    "preferredDuringSchedulingIgnoredDuringExecution",
];

/// The objects that are left when leaving out one more object or optional member no longer `is_kept`.
pub(super) fn smallest(
    mut objects: Vec<Value>,
    mut is_kept: impl FnMut(&[Value]) -> bool,
) -> Vec<Value> {
    loop {
        let before = objects.clone();
        for at in (0..objects.len()).rev() {
            let mut fewer = objects.clone();
            fewer.remove(at);
            if is_kept(&fewer) {
                objects = fewer;
            }
        }
        for at in 0..objects.len() {
            for path in optional(&objects[at]).into_iter().rev() {
                let mut smaller = objects.clone();
                if remove(&mut smaller[at], &path) && is_kept(&smaller) {
                    objects = smaller;
                }
            }
        }
        if objects == before {
            return objects;
        }
    }
}

/// Pointers to everything in `object` that may go, outermost first.
fn optional(object: &Value) -> Vec<String> {
    let mut paths = vec![];
    collect(object, "", false, &mut paths);
    paths
}

/// Pointers below `path`; `is_item` says that the members of `value` may go.
fn collect(value: &Value, path: &str, is_item: bool, paths: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let below = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                let may_go = OPTIONAL.contains(&name.as_str());
                if may_go || is_item {
                    paths.push(below.clone());
                }
                let has_names = matches!(name.as_str(), "nodeSelector" | "limits");
                collect(member, &below, may_go && (member.is_array() || has_names), paths);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                let below = format!("{path}/{at}");
                if is_item {
                    paths.push(below.clone());
                }
                collect(item, &below, false, paths);
            }
        }
        _ => {}
    }
}

/// Removes what `path` points at; false when it is gone already.
fn remove(object: &mut Value, path: &str) -> bool {
    let Some((parent, name)) = path.rsplit_once('/') else { return false };
    let name = name.replace("~1", "/").replace("~0", "~");
    match object.pointer_mut(parent) {
        Some(Value::Object(members)) => members.remove(&name).is_some(),
        Some(Value::Array(items)) => match name.parse::<usize>() {
            Ok(at) if at < items.len() => {
                items.remove(at);
                true
            }
            _ => false,
        },
        _ => false,
    }
}
