//! PATCH: the stored object, edited, then written as an update.

use serde_json::Value;

use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::Key;
use crate::patch::apply;
use crate::request::{FieldValidation, PatchType};
use crate::state::{Ctx, State};
use crate::verbs::admit::Written;
use crate::verbs::update::{Part, update};

/// Applies a patch to a stored object.
///
/// # Errors
/// `UnsupportedMediaType` for a strategic merge on a custom kind, `Invalid` when the patch does
/// not fit the object, and all errors of an update.
#[expect(clippy::too_many_arguments, reason = "each is one coordinate of the request")]
pub(crate) fn patch(
    state: &mut State,
    ctx: &Ctx,
    kind: &Kind,
    key: &Key,
    patch_type: PatchType,
    body: &Value,
    part: Part,
    validation: FieldValidation,
) -> Result<Written, ApiError> {
    if patch_type == PatchType::Strategic && kind.schema.is_some() {
        let accepted = "application/json-patch+json, application/merge-patch+json, \
                        application/apply-patch+yaml";
        return Err(ApiError::unsupported_media_type(accepted));
    }
    let old = state.get(kind, key)?;
    let patched = apply(kind, patch_type, &old.object, body)?;
    update(state, ctx, kind, key, patched, part, validation)
}
