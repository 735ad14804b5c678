//! PUT, and the second half of PATCH: one object replaces another.

use serde_json::{Map, Value, json};

use crate::crd;
use crate::error::{ApiError, Cause};
use crate::gc;
use crate::kind::Kind;
use crate::object::{Key, finalizers, int_at, is_terminating, meta_str, metadata};
use crate::ownership;
use crate::request::FieldValidation;
use crate::state::{Ctx, State};
use crate::store::Stored;
use crate::verbs::admit::{self, Written};
use crate::verbs::create;
use crate::write_log::Verb;

/// Which part of the object the endpoint writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Everything but status, when status has its own endpoint.
    Main,
    /// Status alone.
    Status,
}

/// Members of `metadata` that no write changes.
const FIXED: [&str; 7] = [
    "uid",
    "name",
    "namespace",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
];

/// Replaces an object under its optimistic lock.
///
/// # Errors
/// `NotFound`, `Conflict` for a stale version or another uid, `Invalid`, `BadRequest`.
pub(crate) fn update(
    state: &mut State,
    ctx: &Ctx,
    kind: &Kind,
    key: &Key,
    mut object: Value,
    part: Part,
    validation: FieldValidation,
) -> Result<Written, ApiError> {
    admit::check_type(kind, &mut object)?;
    admit::check_namespace(kind, &mut object, &key.namespace)?;
    check_name(key, &mut object)?;
    let old = match state.get(kind, key) {
        Ok(old) => old,
        Err(_) if kind.rules.create_on_update && part == Part::Main => {
            metadata(&mut object).remove("resourceVersion");
            let namespace = kind.namespaced.then_some(key.namespace.as_str());
            return create::create(state, ctx, kind, namespace, object, validation);
        }
        Err(missing) => return Err(missing),
    };
    check_version(kind, key, &object, &old)?;
    let owners = (ctx.verb == Verb::Apply).then(|| object["metadata"]["managedFields"].clone());
    let mut new = merge_parts(kind, object, &old.object, part);
    let warnings = admit::admit(kind, &mut new, Some(&old.object), validation)?;
    check_finalizers(kind, key, &new, &old.object)?;
    count_generation(kind, &mut new, &old.object);
    match owners {
        Some(owners) => {
            metadata(&mut new).insert("managedFields".into(), owners);
        }
        None => ownership::follow(kind, &mut new, &old.object, &ctx.actor, &ctx.now),
    }
    let stored = store(state, ctx, kind, key, new, old)?;
    gc::collect(state, ctx);
    Ok(Written { stored, created: false, warnings })
}

fn check_name(key: &Key, object: &mut Value) -> Result<(), ApiError> {
    let given = meta_str(object, "name").unwrap_or("");
    if !given.is_empty() && given != key.name {
        return Err(ApiError::bad_request(format!(
            "the name of the object ({given}) does not match the name on the URL ({})",
            key.name
        )));
    }
    metadata(object).insert("name".into(), json!(key.name));
    Ok(())
}

fn check_version(kind: &Kind, key: &Key, new: &Value, old: &Stored) -> Result<(), ApiError> {
    match meta_str(new, "resourceVersion").unwrap_or("") {
        "" if !kind.rules.unconditional_update => {
            let zero = Value::from(0);
            let cause = Cause::invalid(
                "metadata.resourceVersion",
                &zero,
                "must be specified for an update",
            );
            return Err(ApiError::invalid(kind, &key.name, &[cause]));
        }
        "" => {}
        version if version != old.version.to_string() => {
            return Err(ApiError::modified(kind, &key.name));
        }
        _ => {}
    }
    let (given, stored) = (meta_str(new, "uid").unwrap_or(""), meta_str(&old.object, "uid"));
    if !given.is_empty() && Some(given) != stored {
        let why = format!(
            "Precondition failed: UID in precondition: {given}, UID in object meta: {}",
            stored.unwrap_or("")
        );
        return Err(ApiError::conflict(kind, &key.name, why));
    }
    Ok(())
}

/// Takes from the request what this endpoint writes, and the rest from the stored object.
fn merge_parts(kind: &Kind, mut request: Value, old: &Value, part: Part) -> Value {
    let mut new = match part {
        Part::Main => {
            if kind.status {
                copy_member(old, &mut request, "status");
            }
            request
        }
        Part::Status => {
            let mut new = old.clone();
            copy_member(&request, &mut new, "status");
            // Built-in kinds let labels and annotations through the status endpoint.
            if kind.schema.is_none() {
                let owners = old["metadata"].get("ownerReferences").cloned();
                let meta = metadata(&mut new);
                *meta = request["metadata"].as_object().cloned().unwrap_or_default();
                set_or_remove(meta, "ownerReferences", owners);
            }
            new
        }
    };
    let meta = metadata(&mut new);
    for member in FIXED {
        set_or_remove(meta, member, old["metadata"].get(member).cloned());
    }
    for member in ["resourceVersion", "selfLink", "managedFields"] {
        meta.remove(member);
    }
    meta.retain(|_, value| !value.is_null() && !is_empty(value));
    new
}

fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty)
}

fn copy_member(from: &Value, to: &mut Value, member: &str) {
    if let Some(to) = to.as_object_mut() {
        set_or_remove(to, member, from.get(member).cloned());
    }
}

fn set_or_remove(members: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => members.insert(name.to_owned(), value),
        None => members.remove(name),
    };
}

/// An object on its way out takes no new finalizers.
fn check_finalizers(kind: &Kind, key: &Key, new: &Value, old: &Value) -> Result<(), ApiError> {
    if !is_terminating(old) {
        return Ok(());
    }
    let known: Vec<&str> = finalizers(old).collect();
    let added: Vec<&str> = finalizers(new).filter(|name| !known.contains(name)).collect();
    if added.is_empty() {
        return Ok(());
    }
    let why = format!(
        "no new finalizers can be added if the object is being deleted, found new finalizers \
         {added:?}"
    );
    Err(ApiError::invalid(kind, &key.name, &[Cause::forbidden("metadata.finalizers", why)]))
}

/// Raises the generation when anything outside metadata and status differs.
fn count_generation(kind: &Kind, new: &mut Value, old: &Value) {
    let differs = |name: &str| new.get(name) != old.get(name);
    let names = new.as_object().into_iter().chain(old.as_object()).flat_map(Map::keys);
    let outside = |name: &&String| *name != "metadata" && !(kind.status && *name == "status");
    if kind.rules.generation && names.filter(outside).any(|name| differs(name)) {
        let generation = int_at(old, "/metadata/generation").unwrap_or_default() + 1;
        metadata(new).insert("generation".into(), json!(generation));
    }
}

/// Stores what differs; an object that has lost its last finalizer disappears.
fn store(
    state: &mut State,
    ctx: &Ctx,
    kind: &Kind,
    key: &Key,
    mut new: Value,
    old: Stored,
) -> Result<Stored, ApiError> {
    let version = old.object["metadata"]["resourceVersion"].clone();
    metadata(&mut new).insert("resourceVersion".into(), version);
    let gone = is_terminating(&new)
        && finalizers(&new).next().is_none()
        && int_at(&new, "/metadata/deletionGracePeriodSeconds").unwrap_or_default() == 0
        && !(kind.is("", "namespaces") && state.closing.contains(&key.name));
    let definition = kind.is(crd::GROUP, crd::PLURAL) && !ctx.dry_run;
    if gone {
        if definition {
            crd::retire(state, ctx, &new);
        }
        return Ok(state.remove(ctx, kind, key, new));
    }
    if new == *old.object {
        return Ok(old);
    }
    let stored = state.put(ctx, kind, key, new);
    if definition { crd::establish(state, ctx, kind, key) } else { Ok(stored) }
}
