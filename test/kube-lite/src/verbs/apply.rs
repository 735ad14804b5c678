//! PATCH with an apply patch: one manager's wishes, written over the stored object.

use serde_json::{Value, json};

use crate::error::{ApiError, Cause};
use crate::kind::Kind;
use crate::object::{Key, meta_str, metadata};
use crate::ownership::{self, Applier};
use crate::request::Params;
use crate::state::{Ctx, State};
use crate::verbs::admit::{self, Written};
use crate::verbs::create::create;
use crate::verbs::update::{Part, update};

/// Applies a configuration; creates what is absent.
///
/// # Errors
/// `Invalid` without a field manager, `Conflict` for fields of other managers unless forced, and
/// all errors of a create or an update.
pub(crate) fn apply(
    state: &mut State,
    ctx: &Ctx,
    kind: &Kind,
    key: &Key,
    mut config: Value,
    part: Part,
    params: &Params,
) -> Result<Written, ApiError> {
    if params.field_manager.is_empty() {
        return Err(no_manager());
    }
    admit::check_type(kind, &mut config)?;
    let force = params.force;
    let applier = Applier { manager: &params.field_manager, force, now: &ctx.now };
    let validation = params.field_validation;
    match state.get(kind, key) {
        Ok(old) => {
            let mut merged = ownership::apply(kind, &old.object, &config, applier)?;
            if let Some(version) = meta_str(&config, "resourceVersion") {
                metadata(&mut merged).insert("resourceVersion".into(), json!(version));
            }
            update(state, ctx, kind, key, merged, part, validation)
        }
        Err(_) if part == Part::Main => {
            metadata(&mut config).insert("name".into(), json!(key.name));
            let object = ownership::apply(kind, &json!({}), &config, applier)?;
            let namespace = kind.namespaced.then_some(key.namespace.as_str());
            create(state, ctx, kind, namespace, object, validation)
        }
        Err(missing) => Err(missing),
    }
}

fn no_manager() -> ApiError {
    let cause = Cause::required("fieldManager", "is required for apply patch");
    ApiError::invalid_options("PatchOptions", &[cause])
}
