//! The operations of one kind, as far as clients read them.

use serde_json::{Map, Value, json};

use super::definitions::REF;
use crate::kind::Kind;

/// Query parameters of every write. Source: Kubernetes API.
const WRITE_PARAMETERS: [&str; 4] = ["dryRun", "fieldManager", "fieldValidation", "pretty"];

/// Query parameters of a list. Source: Kubernetes API.
const LIST_PARAMETERS: [&str; 11] = [
    "allowWatchBookmarks",
    "continue",
    "fieldSelector",
    "labelSelector",
    "limit",
    "pretty",
    "resourceVersion",
    "resourceVersionMatch",
    "sendInitialEvents",
    "timeoutSeconds",
    "watch",
];

/// Adds collection, object and subresource paths of a kind whose schema is called `schema`.
pub(super) fn add(kind: &Kind, schema: Option<&str>, paths: &mut Map<String, Value>) {
    let operation = |verb, parameters: &[&str]| operation(kind, schema, verb, parameters);
    let collection = collection_path(kind);
    let object = format!("{collection}/{{name}}");
    paths.insert(
        collection,
        json!({
            "get": operation("list", &LIST_PARAMETERS),
            "post": operation("post", &WRITE_PARAMETERS),
            "delete": operation("deletecollection", &LIST_PARAMETERS),
        }),
    );
    paths.insert(
        object.clone(),
        json!({
            "get": operation("get", &["pretty"]),
            "put": operation("put", &WRITE_PARAMETERS),
            "patch": operation("patch", &[&WRITE_PARAMETERS[..], &["force"]].concat()),
            "delete": operation("delete", &["dryRun", "gracePeriodSeconds", "propagationPolicy"]),
        }),
    );
    if kind.status {
        paths.insert(
            format!("{object}/status"),
            json!({
                "get": operation("get", &["pretty"]),
                "put": operation("put", &WRITE_PARAMETERS),
                "patch": operation("patch", &[&WRITE_PARAMETERS[..], &["force"]].concat()),
            }),
        );
    }
}

fn collection_path(kind: &Kind) -> String {
    let root = if kind.group.is_empty() { "api" } else { "apis" };
    let namespace = if kind.namespaced { "/namespaces/{namespace}" } else { "" };
    format!("/{root}/{}{namespace}/{}", kind.api_version(), kind.plural)
}

fn operation(kind: &Kind, schema: Option<&str>, verb: &str, parameters: &[&str]) -> Value {
    let parameters: Vec<Value> = parameters
        .iter()
        .map(|name| {
            json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}})
        })
        .collect();
    let body = match schema {
        Some(name) => json!({"schema": {"$ref": format!("{REF}{name}")}}),
        None => json!({}),
    };
    let mut operation = json!({
        "parameters": parameters,
        "x-kubernetes-action": verb,
        "x-kubernetes-group-version-kind":
            {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "responses": {"200": {"description": "OK", "content": {"application/json": body}}},
    });
    match verb {
        "post" | "put" => operation["requestBody"] = json!({"content": {"*/*": body}}),
        "patch" => operation["requestBody"] = json!({"content": patch_types()}),
        _ => {}
    }
    operation
}

/// Types of a patch body.
///
/// Strategic merge is not announced: these schemas carry no merge keys, so a client must merge
/// lists by the keys it has compiled in.
fn patch_types() -> Value {
    let object = json!({"schema": {"type": "object"}});
    json!({
        "application/apply-patch+yaml": object,
        "application/json-patch+json": {"schema": {"type": "array"}},
        "application/merge-patch+json": object,
    })
}
