//! The `scale` subresource: one number of an object under the kind `autoscaling/v1 Scale`.

use serde_json::{Value, json};

use crate::error::{ApiError, Cause};
use crate::kind::{Kind, ScalePaths};
use crate::object::{Key, int_at, list, meta_str, metadata, str_at};
use crate::request::FieldValidation;
use crate::state::{Ctx, State};
use crate::store::Stored;
use crate::verbs::update::{Part, update};

/// The scale of an object.
///
/// # Errors
/// `NotFound`; `InternalError` when the object has no number of replicas.
pub(crate) fn get_scale(state: &State, kind: &Kind, key: &Key) -> Result<Value, ApiError> {
    let paths = paths(kind)?;
    let stored = state.get(kind, key)?;
    if int_at(&stored.object, &paths.spec).is_none() {
        let path = paths.spec.replace('/', ".");
        return Err(ApiError::internal(format!("the spec replicas field {path:?} does not exist")));
    }
    Ok(scale_of(paths, &stored))
}

/// Writes the number of a whole `Scale`; an absent number means zero.
///
/// # Errors
/// As an update of the object; `BadRequest` for more than 2147483647, `Invalid` below zero.
pub(crate) fn put_scale(
    state: &mut State,
    ctx: &Ctx,
    kind: &Kind,
    key: &Key,
    scale: &Value,
) -> Result<Value, ApiError> {
    let paths = paths(kind)?;
    let stored = state.get(kind, key)?;
    let replicas = replicas(kind, key, scale.pointer("/spec/replicas"))?;
    let mut object = (*stored.object).clone();
    set_pointer(&mut object, &paths.spec, json!(replicas));
    if let Some(version) = meta_str(scale, "resourceVersion").filter(|v| !v.is_empty()) {
        metadata(&mut object).insert("resourceVersion".into(), json!(version));
    }
    let written = update(state, ctx, kind, key, object, Part::Main, FieldValidation::Ignore)?;
    Ok(scale_of(paths, &written.stored))
}

/// Merges a patch into the scale and writes its number, when it names one.
///
/// # Errors
/// As [`put_scale`].
pub(crate) fn patch_scale(
    state: &mut State,
    ctx: &Ctx,
    kind: &Kind,
    key: &Key,
    body: &Value,
) -> Result<Value, ApiError> {
    let paths = paths(kind)?;
    let stored = state.get(kind, key)?;
    let mut scale = scale_of(paths, &stored);
    if body.is_array() {
        let operations: json_patch::Patch = serde_json::from_value(body.clone())
            .map_err(|error| ApiError::bad_request(error.to_string()))?;
        json_patch::patch(&mut scale, &operations)
            .map_err(|error| ApiError::unprocessable(error.to_string()))?;
    } else if body.pointer("/spec/replicas").is_none() {
        return Ok(scale);
    } else {
        json_patch::merge(&mut scale, body);
    }
    put_scale(state, ctx, kind, key, &scale)
}

fn paths(kind: &Kind) -> Result<&ScalePaths, ApiError> {
    kind.scale.as_ref().ok_or_else(ApiError::no_such_path)
}

fn replicas(kind: &Kind, key: &Key, value: Option<&Value>) -> Result<i64, ApiError> {
    let replicas = match value {
        None | Some(Value::Null) => 0,
        Some(value) => value
            .as_i64()
            .filter(|number| *number <= i64::from(i32::MAX))
            .ok_or_else(|| ApiError::bad_request("spec.replicas: must be an int32"))?,
    };
    if replicas < 0 {
        let detail = "should be a non-negative integer";
        let cause = Cause::invalid("spec.replicas", &json!(replicas), detail);
        return Err(ApiError::invalid(kind, &key.name, &[cause]));
    }
    Ok(replicas)
}

fn scale_of(paths: &ScalePaths, stored: &Stored) -> Value {
    let object = &stored.object;
    let number = |pointer: &str| int_at(object, pointer).unwrap_or_default();
    let mut meta = json!({});
    for member in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if let Some(value) = object["metadata"].get(member) {
            meta[member] = value.clone();
        }
    }
    let mut status = json!({"replicas": number(&paths.status)});
    if let Some(selector) = paths.selector.as_ref().and_then(|path| selector_text(object, path)) {
        status["selector"] = json!(selector);
    }
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": meta,
        "spec": {"replicas": number(&paths.spec)}, "status": status,
    })
}

/// Selector in its one-line form; requirements beyond equality are written set-based.
fn selector_text(object: &Value, pointer: &str) -> Option<String> {
    if let Some(text) = str_at(object, pointer) {
        return Some(text.to_owned());
    }
    let selector = object.pointer(pointer)?;
    let labels = selector.get("matchLabels").or(Some(selector))?.as_object()?;
    let mut terms: Vec<String> = labels
        .iter()
        .filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)))
        .collect();
    for term in list(selector, "/matchExpressions") {
        let (key, values) = (term["key"].as_str()?, list(term, "/values"));
        let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        terms.push(match term["operator"].as_str()? {
            "In" => format!("{key} in ({})", values.join(",")),
            "NotIn" => format!("{key} notin ({})", values.join(",")),
            "Exists" => key.to_owned(),
            _ => format!("!{key}"),
        });
    }
    Some(terms.join(","))
}

/// Sets a nested member, making the objects on the way.
fn set_pointer(object: &mut Value, pointer: &str, value: Value) {
    let mut slot = object;
    for segment in pointer.split('/').skip(1) {
        if !slot.is_object() {
            *slot = json!({});
        }
        slot = &mut slot[segment];
    }
    *slot = value;
}
