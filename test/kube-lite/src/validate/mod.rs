//! Rules of built-in kinds that people meet: what a genuine server answers with code 422.
//!
//! Not complete: only rules that a mistake in a manifest breaks easily, and immutable fields.
//!
//! Source: Kubernetes API.

mod pod;
#[cfg(test)]
mod tests;
mod workload;

use serde_json::{Value, json};

use crate::error::Cause;
use crate::kind::Kind;

/// Every rule an object of a built-in kind breaks; `old` is absent on create.
pub(crate) fn check(kind: &Kind, object: &Value, old: Option<&Value>) -> Vec<Cause> {
    let mut causes = Vec::new();
    match kind.kind.as_str() {
        "Pod" => match old {
            None => pod::check(object, "spec", &mut causes),
            Some(old) => pod::check_update(object, old, &mut causes),
        },
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" => {
            workload::check(kind, object, old, &mut causes);
        }
        "PersistentVolumeClaim" => {
            if let Some(old) = old {
                claim_update(object, old, &mut causes);
            }
        }
        _ => {}
    }
    causes
}

/// A claim only grows, and only its volume may be filled in later.
fn claim_update(object: &Value, old: &Value, causes: &mut Vec<Cause>) {
    let frozen = |claim: &Value| {
        let mut spec = claim["spec"].clone();
        if let Some(spec) = spec.as_object_mut() {
            if old.pointer("/spec/volumeName").is_none_or(|name| name == "") {
                spec.remove("volumeName");
            }
            spec.remove("volumeAttributesClassName");
        }
        if let Some(resources) = spec.get_mut("resources").and_then(Value::as_object_mut) {
            resources.remove("requests");
        }
        spec
    };
    if frozen(object) != frozen(old) {
        let why = "spec is immutable after creation except resources.requests and \
                   volumeAttributesClassName for bound claims";
        causes.push(Cause::forbidden("spec", why));
    }
}

/// Whether a text is a DNS label of at most 63 characters.
fn is_dns_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    bytes.len() <= 63
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
        && edge(bytes.first())
        && edge(bytes.last())
}

fn not_negative(object: &Value, pointer: &str, causes: &mut Vec<Cause>) {
    if let Some(number) = crate::object::int_at(object, pointer).filter(|number| *number < 0) {
        let field = pointer[1..].replace('/', ".");
        causes.push(Cause::invalid(&field, &json!(number), "must be greater than or equal to 0"));
    }
}
