//! Strategic merge: a merge patch that merges the known lists by key.

use serde_json::{Map, Value};

/// Merges `patch` into `target`; `kind` decides merge keys that differ by kind.
///
/// Directives: `$patch: replace | delete | merge`, `$deleteFromPrimitiveList/<list>`;
/// `$setElementOrder/<list>` and `$retainKeys` are dropped.
pub(super) fn strategic_merge(kind: &str, target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *target = patch.clone();
        return;
    };
    if members.get("$patch").is_some_and(|directive| directive == "replace") {
        *target = without_directives(patch);
        return;
    }
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (name, value) in members {
        if let Some(list) = name.strip_prefix("$deleteFromPrimitiveList/") {
            delete_primitives(target, list, value);
        } else if !name.starts_with('$') {
            merge_member(kind, target, name, value);
        }
    }
}

fn merge_member(kind: &str, target: &mut Map<String, Value>, name: &str, value: &Value) {
    match value {
        Value::Null => {
            target.remove(name);
        }
        Value::Object(members) if members.get("$patch").is_some_and(|d| d == "delete") => {
            target.remove(name);
        }
        Value::Object(_) => {
            let slot = target.entry(name.to_owned()).or_insert(Value::Null);
            strategic_merge(kind, slot, value);
        }
        Value::Array(items) => merge_list(kind, target, name, items),
        scalar => {
            target.insert(name.to_owned(), scalar.clone());
        }
    }
}

fn merge_list(kind: &str, target: &mut Map<String, Value>, name: &str, items: &[Value]) {
    let replaces = items.iter().any(|item| item["$patch"] == "replace");
    let slot = target.entry(name.to_owned()).or_insert(Value::Null);
    let (false, Value::Array(old)) = (replaces, &mut *slot) else {
        let kept = items.iter().filter(|item| item.get("$patch").is_none());
        *slot = kept.map(without_directives).collect();
        return;
    };
    match merge_key(kind, name) {
        Some(key) => items.iter().for_each(|item| merge_item(kind, old, key, item)),
        None if name == "finalizers" => {
            let new: Vec<Value> = items.iter().filter(|i| !old.contains(i)).cloned().collect();
            old.extend(new);
        }
        None => *slot = items.iter().map(without_directives).collect(),
    }
}

fn merge_item(kind: &str, old: &mut Vec<Value>, key: &str, item: &Value) {
    let position = old.iter().position(|candidate| candidate.get(key) == item.get(key));
    let deletes = item["$patch"] == "delete";
    match position {
        Some(position) if deletes => {
            old.remove(position);
        }
        Some(position) => strategic_merge(kind, &mut old[position], item),
        None if deletes => {}
        None => old.push(without_directives(item)),
    }
}

fn delete_primitives(target: &mut Map<String, Value>, list: &str, values: &Value) {
    let Some(values) = values.as_array() else { return };
    if let Some(Value::Array(old)) = target.get_mut(list) {
        old.retain(|value| !values.contains(value));
    }
}

/// A value as it is stored when there is nothing to merge it with: no directives, no nulls.
fn without_directives(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, v)| !name.starts_with('$') && !v.is_null());
            Value::Object(kept.map(|(name, v)| (name.clone(), without_directives(v))).collect())
        }
        Value::Array(items) => items.iter().map(without_directives).collect(),
        scalar => scalar.clone(),
    }
}

/// Key that items of a list are matched by; `None` means the list is replaced as a whole, as
/// `taints` and `tolerations` are.
///
/// Source: Kubernetes API.
pub(crate) fn merge_key(kind: &str, list: &str) -> Option<&'static str> {
    Some(match list {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "env"
        | "volumes"
        | "imagePullSecrets"
        | "resourceClaims"
        | "schedulingGates"
        | "drivers"
        | "secrets" => "name",
        "conditions" | "addresses" => "type",
        "ports" if kind == "Service" => "port",
        "ports" => "containerPort",
        "volumeMounts" => "mountPath",
        "volumeDevices" => "devicePath",
        "ownerReferences" => "uid",
        "hostAliases" | "podIPs" | "hostIPs" => "ip",
        "topologySpreadConstraints" => "topologyKey",
        _ => return None,
    })
}
