//! Field ownership: which manager applied which fields, and what follows from it.
//!
//! # Flow
//! An apply patch names every field its manager cares about. It conflicts with fields that
//! another manager owns at another value, unless forced; it removes what the manager applied
//! before, no longer names, and shares with nobody. A write of another kind takes the applied
//! fields it changes.
//!
//! # Caveats
//! An object that was never applied has no owners: the first apply never conflicts.
//!
//! Source: Kubernetes API concepts, "Server-Side Apply".

mod fields;
mod managers;
mod topology;

use serde_json::{Value, json};

pub(crate) use self::fields::Field;
use self::fields::{Fields, remove, value_at};
use self::managers::{Managers, Operation};
use self::topology::Place;
use crate::error::ApiError;
use crate::kind::Kind;

/// Who applies, when, and whether others may be overruled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Applier<'a> {
    pub(crate) manager: &'a str,
    pub(crate) force: bool,
    /// RFC 3339.
    pub(crate) now: &'a str,
}

/// The live object (`null` when there is none) after an apply, owners included.
///
/// # Errors
/// `Conflict` with one cause per field another manager owns at another value.
pub(crate) fn apply(
    kind: &Kind,
    live: &Value,
    config: &Value,
    applier: Applier<'_>,
) -> Result<Value, ApiError> {
    let place = Place::root(kind);
    let applied = Fields::of(&place, config);
    let mut managers = Managers::read(live);
    let own = (applier.manager, Operation::Apply);
    let disputed = managers.disputed(own, |field| {
        applied.contains(field) && value_at(config, field) != value_at(live, field)
    });
    if !disputed.is_empty() && !applier.force {
        return Err(ApiError::field_conflict(&disputed));
    }
    for (manager, field) in &disputed {
        managers.drop_field(manager, field);
    }
    let before = managers.replace(own, applied.clone(), &kind.api_version(), applier.now);
    let mut merged = live.clone();
    for field in before.iter().filter(|field| !applied.covers(field)) {
        if !managers.owned(field) {
            remove(&mut merged, field);
        }
    }
    topology::merge(&place, &mut merged, config);
    managers.write(&mut merged);
    Ok(merged)
}

/// Follows a write that is no apply: fields it changes go over to `manager`.
pub(crate) fn follow(kind: &Kind, new: &mut Value, old: &Value, manager: &str, now: &str) {
    if old["metadata"].get("managedFields").is_none() {
        return;
    }
    let mut managers = Managers::read(old);
    let own = (manager, Operation::Update);
    let changed = managers.disputed(own, |field| value_at(new, field) != value_at(old, field));
    let mut taken = managers.fields(own);
    for (loser, field) in &changed {
        managers.drop_field(loser, field);
        if value_at(new, field).is_some() {
            taken.insert(field.clone());
        }
    }
    if !taken.is_empty() {
        managers.replace(own, taken, &kind.api_version(), now);
    }
    managers.write(new);
}

/// A field as messages name it, such as `.spec.ports[name="http"].port`.
fn shown(field: &Field) -> String {
    let mut text = String::new();
    for segment in field {
        match segment.split_once(':') {
            Some(("f", name)) => text.push_str(&format!(".{name}")),
            Some(("k", keys)) => {
                let keys: Value = serde_json::from_str(keys).unwrap_or(json!({}));
                let pairs = keys.as_object().into_iter().flatten();
                let pairs: Vec<String> = pairs.map(|(key, v)| format!("{key}={v}")).collect();
                text.push_str(&format!("[{}]", pairs.join(",")));
            }
            Some((_, value)) => text.push_str(&format!("[={value}]")),
            None => {}
        }
    }
    text
}

/// Message and causes of disputed fields.
pub(crate) fn conflict_texts(disputed: &[(String, Field)]) -> (String, Vec<Value>) {
    let lines: Vec<String> = disputed
        .iter()
        .map(|(manager, field)| format!("conflict with {manager:?}: {}", shown(field)))
        .collect();
    let plural = if lines.len() == 1 { "" } else { "s" };
    let message =
        format!("Apply failed with {} conflict{plural}: {}", lines.len(), lines.join("\n"));
    let causes = disputed.iter().map(|(manager, field)| {
        json!({
            "reason": "FieldManagerConflict", "message": format!("conflict with {manager:?}"),
            "field": shown(field),
        })
    });
    (message, causes.collect())
}
