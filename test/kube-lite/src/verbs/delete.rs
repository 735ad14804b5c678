//! DELETE of one object or of a collection.

use serde_json::{Value, json};

use crate::admission;
use crate::crd;
use crate::error::ApiError;
use crate::gc;
use crate::kind::Kind;
use crate::object::{Key, finalizers, int_at, is_terminating, meta_str, metadata, str_at};
use crate::request::Params;
use crate::state::{Ctx, State};
use crate::store::{Selector, Stored};

/// Grace period of a pod that names none, in seconds. Source: Kubernetes API.
const POD_GRACE_SECONDS: i64 = 30;

/// What a DELETE may ask for beside the name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DeleteOptions {
    /// Seconds a pod may take; zero removes it at once.
    pub(crate) grace_period_seconds: Option<i64>,
    /// Only an object with this uid.
    pub(crate) uid: Option<String>,
    /// Only this version of the object.
    pub(crate) resource_version: Option<String>,
    /// `Background`, `Foreground` (taken as background) or `Orphan`.
    pub(crate) propagation_policy: Option<String>,
    /// Nothing is stored.
    pub(crate) dry_run: bool,
}

impl DeleteOptions {
    /// Reads a `DeleteOptions` body; members of the body win over parameters.
    ///
    /// # Errors
    /// `BadRequest` for a negative grace period or an unknown policy.
    pub(crate) fn read(body: &Value, params: &Params) -> Result<Self, ApiError> {
        let text = |pointer| str_at(body, pointer).map(str::to_owned);
        let orphan = body["orphanDependents"] == true;
        let policy = text("/propagationPolicy").or_else(|| params.propagation_policy.clone());
        let policy = policy.or_else(|| orphan.then(|| "Orphan".to_owned()));
        if let Some(policy) = &policy
            && !["Background", "Foreground", "Orphan"].contains(&policy.as_str())
        {
            let message = format!("propagationPolicy: Unsupported value: {policy:?}");
            return Err(ApiError::bad_request(message));
        }
        let grace = int_at(body, "/gracePeriodSeconds").or(params.grace_period_seconds);
        if grace.is_some_and(|seconds| seconds < 0) {
            return Err(ApiError::bad_request("gracePeriodSeconds: must not be negative"));
        }
        Ok(Self {
            grace_period_seconds: grace,
            uid: text("/preconditions/uid"),
            resource_version: text("/preconditions/resourceVersion"),
            propagation_policy: policy,
            dry_run: params.dry_run || !crate::object::list(body, "/dryRun").is_empty(),
        })
    }
}

/// What became of a DELETE.
#[derive(Debug)]
pub(crate) enum Deletion {
    /// The object is still there, marked for deletion.
    Marked(Stored),
    /// The object is gone; this was its last state.
    Gone(Stored),
}

/// Deletes one object, now or when its grace period and finalizers allow.
///
/// The caller runs the collector afterwards.
///
/// # Errors
/// `NotFound`; `Conflict` when a precondition fails; `Forbidden` for a namespace that stays.
pub(crate) fn delete_object(
    state: &mut State,
    ctx: &Ctx,
    kind: &Kind,
    key: &Key,
    options: &DeleteOptions,
) -> Result<Deletion, ApiError> {
    let stored = state.get(kind, key)?;
    check_preconditions(kind, key, &stored.object, options)?;
    admission::check_delete(kind, key)?;
    let ctx = &Ctx { dry_run: ctx.dry_run || options.dry_run, ..ctx.clone() };
    if options.propagation_policy.as_deref() == Some("Orphan") && !ctx.dry_run {
        let uid = meta_str(&stored.object, "uid").unwrap_or("").to_owned();
        gc::orphan(state, ctx, &uid);
    }
    let grace = grace(kind, &stored.object, options);
    if kind.is("", "namespaces") {
        return Ok(close_namespace(state, ctx, kind, key, &stored));
    }
    if grace == 0 && finalizers(&stored.object).next().is_none() {
        if kind.is(crd::GROUP, crd::PLURAL) && !ctx.dry_run {
            crd::retire(state, ctx, &stored.object);
        }
        return Ok(Deletion::Gone(state.remove(ctx, kind, key, (*stored.object).clone())));
    }
    match marked(kind, &stored.object, grace, &ctx.now) {
        Some(object) => Ok(Deletion::Marked(state.put(ctx, kind, key, object))),
        None => Ok(Deletion::Marked(stored)),
    }
}

/// Deletes every selected object, in key order; the answer lists what was there.
pub(crate) fn delete_collection(
    state: &mut State,
    ctx: &Ctx,
    kind: &Kind,
    namespace: Option<&str>,
    selector: &Selector,
    options: &DeleteOptions,
) -> Vec<Stored> {
    let log = state.store.log(&kind.id());
    let selected: Vec<(Key, Stored)> = log
        .into_iter()
        .flat_map(|log| log.packed(namespace, None))
        .filter(|(_, stored)| stored.matches(selector))
        .map(|(key, stored)| (key.clone(), stored.unpack()))
        .collect();
    for (key, _) in &selected {
        // An object that a cascade removed before its turn needs no deletion.
        let _ = delete_object(state, ctx, kind, key, options);
    }
    selected.into_iter().map(|(_, stored)| stored).collect()
}

/// Refuses when the object is not the one the options name.
pub(super) fn check_preconditions(
    kind: &Kind,
    key: &Key,
    object: &Value,
    options: &DeleteOptions,
) -> Result<(), ApiError> {
    let given = [
        ("UID", "uid", &options.uid),
        ("ResourceVersion", "resourceVersion", &options.resource_version),
    ];
    for (label, member, wanted) in given {
        let found = meta_str(object, member).unwrap_or("");
        if let Some(wanted) = wanted
            && wanted != found
        {
            let why = format!(
                "the {label} in the precondition ({wanted}) does not match the {label} in record \
                 ({found}). The object might have been deleted and then recreated"
            );
            return Err(ApiError::conflict(kind, &key.name, why));
        }
    }
    Ok(())
}

/// Seconds until removal: only a bound, unfinished pod gets any.
fn grace(kind: &Kind, object: &Value, options: &DeleteOptions) -> i64 {
    let bound = str_at(object, "/spec/nodeName").is_some_and(|node| !node.is_empty());
    let over = matches!(str_at(object, "/status/phase"), Some("Succeeded" | "Failed"));
    if !kind.is_pod() || !bound || over {
        return 0;
    }
    let own = int_at(object, "/spec/terminationGracePeriodSeconds").unwrap_or(POD_GRACE_SECONDS);
    options.grace_period_seconds.unwrap_or(own).max(0)
}

/// The object with its deletion asked for; `None` when it was, with no longer a grace period.
fn marked(kind: &Kind, object: &Value, grace: i64, now: &str) -> Option<Value> {
    let at = |base: &str, seconds: i64| -> Option<String> {
        let base: jiff::Timestamp = base.parse().ok()?;
        Some(base.checked_add(jiff::SignedDuration::from_secs(seconds)).ok()?.to_string())
    };
    let mut new = object.clone();
    let generation = int_at(object, "/metadata/generation").unwrap_or_default() + 1;
    let meta = metadata(&mut new);
    if let Some(deadline) = meta_str(object, "deletionTimestamp") {
        let before = int_at(object, "/metadata/deletionGracePeriodSeconds").unwrap_or_default();
        if grace >= before {
            return None;
        }
        meta.insert("deletionTimestamp".into(), json!(at(deadline, grace - before)?));
    } else {
        meta.insert("deletionTimestamp".into(), json!(at(now, grace)?));
        if kind.rules.generation {
            meta.insert("generation".into(), json!(generation));
        }
    }
    meta.insert("deletionGracePeriodSeconds".into(), json!(grace));
    Some(new)
}

/// A namespace first loses its contents; [`gc::collect`] removes it when it is empty.
fn close_namespace(
    state: &mut State,
    ctx: &Ctx,
    kind: &Kind,
    key: &Key,
    stored: &Stored,
) -> Deletion {
    if is_terminating(&stored.object) {
        return Deletion::Marked(stored.clone());
    }
    let mut object = (*stored.object).clone();
    metadata(&mut object).insert("deletionTimestamp".into(), json!(ctx.now));
    object["status"] = json!({"phase": "Terminating"});
    let marked = state.put(ctx, kind, key, object);
    if !ctx.dry_run {
        gc::empty_namespace(state, ctx, &key.name);
    }
    Deletion::Marked(marked)
}
