//! OpenAPI v3: an index, and one document per group version.
//!
//! Clients read it to explain fields and to learn whether the server validates them. Schemas of
//! built-in kinds come from their types, schemas of custom kinds from their definitions.
//!
//! Source: Kubernetes API (OpenAPI v3). `/openapi/v2` is not served.

mod definitions;
mod paths;

use serde_json::{Map, Value, json};

use self::definitions::OBJECT_META;
pub(crate) use self::definitions::{Definitions, REF};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::registry::Registry;

/// The list of documents.
///
/// The address of a document changes with its content, so that clients may cache it.
pub(crate) fn index(registry: &Registry) -> Value {
    let mut paths = Map::new();
    for kind in registry.all() {
        let path = group_version_path(&kind.group, &kind.version);
        if !paths.contains_key(&path) {
            let hash = fingerprint(registry.of_version(&kind.group, &kind.version).map(|k| &**k));
            let url = format!("/openapi/v3/{path}?hash={hash:016X}");
            paths.insert(path, json!({"serverRelativeURL": url}));
        }
    }
    json!({"paths": paths})
}

/// The document of one group version.
///
/// # Errors
/// `NotFound` for a group version that is not served.
pub(crate) fn document(registry: &Registry, group: &str, version: &str) -> Result<Value, ApiError> {
    let mut document_paths = Map::new();
    let mut schemas = Map::new();
    for kind in registry.of_version(group, version) {
        let name = add_schema(kind, &mut schemas);
        paths::add(kind, name.as_deref(), &mut document_paths);
    }
    if document_paths.is_empty() {
        return Err(ApiError::no_such_path());
    }
    Ok(json!({
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.33.0"},
        "paths": document_paths,
        "components": {"schemas": schemas},
    }))
}

fn group_version_path(group: &str, version: &str) -> String {
    match group {
        "" => format!("api/{version}"),
        group => format!("apis/{group}/{version}"),
    }
}

/// Adds the schema of a kind with all it refers to; returns its name.
fn add_schema(kind: &Kind, schemas: &mut Map<String, Value>) -> Option<String> {
    let definitions = Definitions::get();
    let Some(custom) = &kind.schema else {
        let name = definitions.of_kind(&kind.group, &kind.version, &kind.kind)?;
        definitions.copy_into(name, schemas);
        return Some(name.to_owned());
    };
    definitions.copy_into(OBJECT_META, schemas);
    let name = custom_name(kind);
    schemas.insert(name.clone(), custom_schema(kind, custom.source()));
    Some(name)
}

/// Name of a custom schema: the group backwards, version and kind.
fn custom_name(kind: &Kind) -> String {
    let group: Vec<&str> = kind.group.rsplit('.').collect();
    format!("{}.{}.{}", group.join("."), kind.version, kind.kind)
}

fn custom_schema(kind: &Kind, source: &Value) -> Value {
    let mut schema = source.clone();
    let text = |description: &str| json!({"type": "string", "description": description});
    schema["properties"]["apiVersion"] = text("APIVersion defines the versioned schema.");
    schema["properties"]["kind"] = text("Kind is the name of the REST resource.");
    schema["properties"]["metadata"] = json!({
        "description": "Standard object's metadata.",
        "allOf": [{"$ref": format!("{REF}{OBJECT_META}")}],
    });
    let gvk = json!({"group": kind.group, "version": kind.version, "kind": kind.kind});
    schema["x-kubernetes-group-version-kind"] = json!([gvk]);
    schema
}

/// FNV-1a over what a document is made of.
fn fingerprint<'a>(kinds: impl Iterator<Item = &'a Kind>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for kind in kinds {
        let schema = kind.schema.as_ref().map(|schema| schema.source().to_string());
        let parts = [kind.kind.as_str(), schema.as_deref().unwrap_or("")];
        for byte in parts.into_iter().flat_map(str::bytes) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}
