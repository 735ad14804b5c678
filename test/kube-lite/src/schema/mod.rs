//! Schemas of custom kinds: from what a client sent to what may be stored.
//!
//! # Flow
//! prune unknown members, drop nulls, default; then check types and bounds, and last the rules
//! written in CEL, unless a type-like error already makes them meaningless. On update, what is
//! equal to its old counterpart is not checked again.
//!
//! Source: Kubernetes API (structural schemas).

mod check;
mod node;
mod normalize;
mod rules;
#[cfg(test)]
mod tests;

use serde_json::Value;

use self::check::Checked;
use self::node::Node;
use crate::error::{ApiError, Cause};
use crate::kind::Kind;
use crate::object::meta_str;
use crate::request::FieldValidation;

/// The schema of one version of a custom kind, ready to judge objects.
#[derive(Debug)]
pub(crate) struct CustomSchema {
    source: Value,
    root: Node,
}

impl CustomSchema {
    /// Reads `openAPIV3Schema`.
    ///
    /// # Errors
    /// A sentence naming the place of a pattern or rule that does not compile.
    pub(crate) fn compile(schema: &Value) -> Result<Self, String> {
        Ok(Self { source: schema.clone(), root: Node::compile(schema, "")? })
    }

    /// The schema as it was written.
    pub(crate) fn source(&self) -> &Value {
        &self.source
    }

    /// Prunes and defaults a stored object, as every read does.
    pub(crate) fn read(&self, object: &mut Value) {
        normalize::prune(&self.root, object, "", true, &mut Vec::new());
        normalize::default(&self.root, object);
    }

    /// Makes a written object canonical and checks it; `old` is absent on create.
    ///
    /// Returns one warning per unknown field.
    ///
    /// # Errors
    /// `BadRequest` for unknown fields under strict validation, else `Invalid`.
    pub(crate) fn admit(
        &self,
        kind: &Kind,
        object: &mut Value,
        old: Option<&Value>,
        validation: FieldValidation,
    ) -> Result<Vec<String>, ApiError> {
        let mut unknown = Vec::new();
        normalize::prune(&self.root, object, "", true, &mut unknown);
        let unknown: Vec<String> =
            unknown.into_iter().map(|path| format!("unknown field {path:?}")).collect();
        if validation == FieldValidation::Strict && !unknown.is_empty() {
            let message = format!("strict decoding error: {}", unknown.join(", "));
            return Err(ApiError::bad_request(message));
        }
        normalize::default(&self.root, object);
        let causes = self.causes(object, old);
        if !causes.is_empty() {
            return Err(ApiError::invalid(kind, meta_str(object, "name").unwrap_or(""), &causes));
        }
        Ok(if validation == FieldValidation::Warn { unknown } else { Vec::new() })
    }

    /// Every rule an object breaks.
    fn causes(&self, object: &Value, old: Option<&Value>) -> Vec<Cause> {
        let mut checked = Checked::default();
        check::check(&self.root, object, old, "", &mut checked);
        if checked.blocking {
            let message = "Invalid value: \"null\": some validation rules were not checked because \
                           the object was invalid; correct the existing errors to complete \
                           validation";
            checked.causes.push(Cause::new("FieldValueInvalid", "<nil>", message));
        } else {
            rules::check(&self.root, object, old, "", &mut checked.causes);
        }
        checked.causes
    }
}
