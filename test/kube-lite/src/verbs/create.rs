//! POST to a collection.

use serde_json::{Value, json};

use crate::admission;
use crate::crd;
use crate::error::{ApiError, Cause};
use crate::gc;
use crate::kind::Kind;
use crate::object::{Key, meta_str, metadata};
use crate::request::FieldValidation;
use crate::state::{Ctx, State};
use crate::verbs::admit::{self, Written};

/// Members of `metadata` that only the server sets.
const SERVER_SET: [&str; 8] = [
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "resourceVersion",
    "selfLink",
    "managedFields",
];

/// Draws of a generated name before giving up. Source: Kubernetes API.
const NAME_DRAWS: usize = 8;

/// Stores a new object.
///
/// # Errors
/// `BadRequest`, `Invalid`, `AlreadyExists`; `NotFound` or `Forbidden` for its namespace.
pub(crate) fn create(
    state: &mut State,
    ctx: &Ctx,
    kind: &Kind,
    namespace: Option<&str>,
    mut object: Value,
    validation: FieldValidation,
) -> Result<Written, ApiError> {
    let namespace = namespace.unwrap_or("");
    admit::check_type(kind, &mut object)?;
    admit::check_namespace(kind, &mut object, namespace)?;
    check_open(state, kind, namespace, meta_str(&object, "name").unwrap_or(""))?;
    if !meta_str(&object, "resourceVersion").unwrap_or("").is_empty() {
        let message = "resourceVersion should not be set on objects to be created";
        return Err(ApiError::bad_request(message));
    }
    let key = name(state, kind, namespace, &mut object)?;
    stamp(state, ctx, kind, &mut object);
    admission::prepare(state, kind, &mut object)?;
    let warnings = admit::admit(kind, &mut object, None, validation)?;
    if state.store.contains(&kind.id(), &key) {
        return Err(ApiError::already_exists(kind, &key.name));
    }
    let mut stored = state.put(ctx, kind, &key, object);
    if kind.is(crd::GROUP, crd::PLURAL) && !ctx.dry_run {
        stored = crd::establish(state, ctx, kind, &key)?;
    }
    gc::collect(state, ctx);
    Ok(Written { stored, created: true, warnings })
}

/// The namespace of a new object must exist and must not be on its way out.
fn check_open(state: &State, kind: &Kind, namespace: &str, name: &str) -> Result<(), ApiError> {
    if !kind.namespaced {
        return Ok(());
    }
    if namespace.is_empty() {
        return Err(ApiError::bad_request("the namespace of the object must be given in the path"));
    }
    let namespaces = state.kind("", "namespaces")?;
    let found = state.get(&namespaces, &Key::new("", namespace))?;
    if crate::object::is_terminating(&found.object) {
        return Err(ApiError::namespace_terminating(kind, name, namespace));
    }
    Ok(())
}

/// The given name, or a generated one that is free.
fn name(
    state: &mut State,
    kind: &Kind,
    namespace: &str,
    object: &mut Value,
) -> Result<Key, ApiError> {
    if let Some(name) = meta_str(object, "name").filter(|name| !name.is_empty()) {
        return Ok(Key::new(namespace, name));
    }
    let Some(prefix) = meta_str(object, "generateName").filter(|p| !p.is_empty()) else {
        let cause = Cause::required("metadata.name", "name or generateName is required");
        return Err(ApiError::invalid(kind, "", &[cause]));
    };
    let prefix = prefix.to_owned();
    let id = kind.id();
    let mut key = Key::new(namespace, "");
    for _ in 0..NAME_DRAWS {
        key.name = state.ids.name(&prefix);
        if !state.store.contains(&id, &key) {
            break;
        }
    }
    metadata(object).insert("name".into(), json!(key.name));
    Ok(key)
}

fn stamp(state: &mut State, ctx: &Ctx, kind: &Kind, object: &mut Value) {
    let uid = state.ids.uid();
    let meta = metadata(object);
    for member in SERVER_SET {
        meta.remove(member);
    }
    meta.retain(|_, value| !value.is_null());
    meta.insert("uid".into(), json!(uid));
    meta.insert("creationTimestamp".into(), json!(ctx.now));
    if kind.rules.generation {
        meta.insert("generation".into(), json!(1));
    }
    if kind.status
        && !kind.rules.status_on_create
        && let Some(members) = object.as_object_mut()
    {
        members.remove("status");
    }
}
