//! Events that actors leave about objects.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::pods;
use super::world::{EVENTS, Watched};
use super::write::Write;
use crate::object::{Key, meta_str};
use crate::time::text;

/// What an event says.
#[derive(Debug)]
pub(super) struct Said<'a> {
    /// `Normal` or `Warning`.
    pub(super) kind: &'a str,
    pub(super) reason: &'a str,
    pub(super) message: &'a str,
}

/// An event about an object; saying the same again about it changes nothing.
///
/// Source: Kubernetes API (Event).
pub(super) fn about(
    kind: Watched,
    key: &Key,
    object: &Value,
    said: &Said<'_>,
    component: &str,
    now: Timestamp,
) -> Write {
    let id = format!("{} {} {}", pods::uid(object), said.reason, said.message);
    let namespace = if key.namespace.is_empty() { "default" } else { &key.namespace };
    let event = json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": {"name": format!("{}.{:016x}", key.name, fnv(&id)), "namespace": namespace},
        "involvedObject": {
            "apiVersion": object["apiVersion"], "kind": kind.kind, "namespace": key.namespace,
            "name": key.name, "uid": pods::uid(object),
            "resourceVersion": meta_str(object, "resourceVersion"),
        },
        "type": said.kind, "reason": said.reason, "message": said.message, "count": 1,
        "firstTimestamp": text(now), "lastTimestamp": text(now),
        "source": {"component": component}, "reportingComponent": component,
        "reportingInstance": component,
    });
    Write::Create { kind: EVENTS, namespace: namespace.to_owned(), object: event }
}

/// A number that depends on a text alone (FNV-1a).
pub(super) fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
