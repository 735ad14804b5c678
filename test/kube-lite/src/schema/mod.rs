//! Schemas of custom kinds.

use serde_json::Value;

use crate::error::ApiError;
use crate::kind::Kind;
use crate::request::FieldValidation;

/// A compiled schema.
#[derive(Debug)]
pub(crate) struct CustomSchema {
    source: Value,
}

impl CustomSchema {
    pub(crate) fn compile(schema: &Value) -> Result<Self, String> {
        Ok(Self { source: schema.clone() })
    }
    pub(crate) fn source(&self) -> &Value {
        &self.source
    }
    pub(crate) fn read(&self, _object: &mut Value) {}
    pub(crate) fn admit(
        &self,
        _kind: &Kind,
        _object: &mut Value,
        _old: Option<&Value>,
        _validation: FieldValidation,
    ) -> Result<Vec<String>, ApiError> {
        Ok(Vec::new())
    }
}
