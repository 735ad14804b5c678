//! Custom resource definitions: from a stored definition to a served kind.
//!
//! # Flow
//! A written definition is checked, its storage version becomes a kind of the registry, and the
//! definition gets its `NamesAccepted` and `Established` conditions in the same request. Stored
//! objects are pruned and defaulted anew when the schema changes, without a change of version.
//!
//! # Caveats
//! One version per definition is served: the storage version. Conversion is not built.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::error::{ApiError, Cause};
use crate::kind::{Kind, ScalePaths, WriteRules};
use crate::object::{Key, list, member, meta_str, set_condition, str_at};
use crate::schema::CustomSchema;
use crate::state::{Ctx, State};
use crate::store::Stored;
use crate::write_log::Verb;

/// Group of definitions.
pub(crate) const GROUP: &str = "apiextensions.k8s.io";
/// Plural of definitions.
pub(crate) const PLURAL: &str = "customresourcedefinitions";

/// Checks that a definition can be served.
///
/// # Errors
/// `Invalid` with one cause per missing name, wrong name or unusable schema.
pub(crate) fn check(definition: &Value) -> Result<(), ApiError> {
    let name = meta_str(definition, "name").unwrap_or("");
    let text = |pointer| str_at(definition, pointer).unwrap_or("");
    let mut causes = Vec::new();
    for pointer in ["/spec/group", "/spec/names/plural", "/spec/names/kind", "/spec/scope"] {
        if text(pointer).is_empty() {
            causes.push(Cause::required(&pointer[1..].replace('/', "."), ""));
        }
    }
    let expected = format!("{}.{}", text("/spec/names/plural"), text("/spec/group"));
    if causes.is_empty() && name != expected {
        let detail = "must be spec.names.plural+\".\"+spec.group";
        causes.push(Cause::invalid("metadata.name", &json!(name), detail));
    }
    match storage_version(definition) {
        None => causes.push(Cause::required("spec.versions", "one version must be stored")),
        Some(version) => {
            if let Err(problem) = CustomSchema::compile(&version["schema"]["openAPIV3Schema"]) {
                let field = "spec.versions.schema.openAPIV3Schema";
                causes.push(Cause::new("FieldValueInvalid", field, problem));
            }
        }
    }
    match causes.as_slice() {
        [] => Ok(()),
        causes => Err(ApiError::invalid(&definition_kind(), name, causes)),
    }
}

/// Serves the kind of a stored definition and marks the definition as established.
///
/// # Errors
/// `NotFound` when the definition is not stored.
pub(crate) fn establish(
    state: &mut State,
    ctx: &Ctx,
    kind: &Kind,
    key: &Key,
) -> Result<Stored, ApiError> {
    let stored = state.get(kind, key)?;
    let Some(custom) = custom_kind(&stored.object) else { return Ok(stored) };
    let changed = state.registry.get(&custom.group, &custom.plural).is_none_or(|known| {
        known.schema.as_ref().map(|s| s.source()) != custom.schema.as_ref().map(|s| s.source())
    });
    let id = custom.id();
    if changed {
        reread(state, &custom);
    }
    state.registry.insert(custom);
    state.store.log_mut(&id);
    let mut definition = (*stored.object).clone();
    let names = definition["spec"]["names"].clone();
    for (condition, reason, message) in [
        ("NamesAccepted", "NoConflicts", "no conflicts found"),
        ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    ] {
        let condition = json!({
            "type": condition, "status": "True", "reason": reason, "message": message});
        set_condition(&mut definition, condition, &ctx.now);
    }
    let version = storage_version(&definition).map(|v| v["name"].clone());
    let status = member(&mut definition, "status");
    status.insert("acceptedNames".into(), names);
    status.insert("storedVersions".into(), json!([version]));
    if definition == *stored.object {
        return Ok(stored);
    }
    let ctx = Ctx { verb: Verb::UpdateStatus, ..ctx.clone() };
    Ok(state.put(&ctx, kind, key, definition))
}

/// Stops serving the kind of a removed definition; its objects go with it.
pub(crate) fn retire(state: &mut State, ctx: &Ctx, definition: &Value) {
    let Some(custom) = custom_kind(definition) else { return };
    let id = custom.id();
    let ctx = Ctx { verb: Verb::Collect, ..ctx.clone() };
    let keys: Vec<Key> = state
        .store
        .log(&id)
        .into_iter()
        .flat_map(|l| l.objects())
        .map(|(k, _)| k.clone())
        .collect();
    for key in keys {
        if let Ok(stored) = state.get(&custom, &key) {
            state.remove(&ctx, &custom, &key, (*stored.object).clone());
        }
    }
    state.registry.remove(&id);
    state.store.drop_log(&id);
}

/// Reads stored objects through a new schema.
fn reread(state: &mut State, custom: &Kind) {
    let Some(schema) = &custom.schema else { return };
    let log = state.store.log_mut(&custom.id());
    let objects: Vec<(Key, Arc<Value>)> =
        log.objects().map(|(key, stored)| (key.clone(), stored.object)).collect();
    for (key, object) in objects {
        let mut read = (*object).clone();
        schema.read(&mut read);
        if read != *object {
            log.reread(&key, read);
        }
    }
}

fn storage_version(definition: &Value) -> Option<&Value> {
    list(definition, "/spec/versions").iter().find(|version| version["storage"] == true)
}

fn definition_kind() -> Kind {
    let found = crate::builtin::kinds().into_iter().find(|kind| kind.is(GROUP, PLURAL));
    found.expect("invariant: a row of the built-in table")
}

/// The kind a definition describes; `None` when it cannot be served.
fn custom_kind(definition: &Value) -> Option<Kind> {
    let version = storage_version(definition)?;
    let text = |pointer| str_at(definition, pointer).map(str::to_owned);
    let texts = |pointer| -> Vec<String> {
        list(definition, pointer).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let kind = text("/spec/names/kind")?;
    let status = version.pointer("/subresources/status").is_some();
    let selectable = list(version, "/selectableFields").iter();
    Some(Kind {
        group: text("/spec/group")?,
        version: version["name"].as_str()?.to_owned(),
        list_kind: text("/spec/names/listKind").unwrap_or_else(|| format!("{kind}List")),
        plural: text("/spec/names/plural")?,
        singular: text("/spec/names/singular").unwrap_or_else(|| kind.to_lowercase()),
        short_names: texts("/spec/names/shortNames"),
        categories: texts("/spec/names/categories"),
        namespaced: text("/spec/scope")? == "Namespaced",
        status,
        scale: version.pointer("/subresources/scale").and_then(scale_paths),
        rules: WriteRules {
            generation: true,
            unconditional_update: false,
            create_on_update: false,
            status_on_create: false,
            returns_deleted: false,
        },
        selectable: selectable
            .filter_map(|field| {
                Some(field["jsonPath"].as_str()?.trim_start_matches('.').to_owned())
            })
            .collect(),
        schema: Some(Arc::new(CustomSchema::compile(&version["schema"]["openAPIV3Schema"]).ok()?)),
        kind,
    })
}

fn scale_paths(scale: &Value) -> Option<ScalePaths> {
    let pointer = |name: &str| Some(scale[name].as_str()?.replace('.', "/"));
    Some(ScalePaths {
        spec: pointer("specReplicasPath")?,
        status: pointer("statusReplicasPath")?,
        selector: pointer("labelSelectorPath"),
    })
}
