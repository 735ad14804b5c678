//! Answers and refusals of the control API, all in JSON.

use std::fmt;

use axum::{
    body::Bytes,
    extract::RawQuery,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::CONTENT_TYPE};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::http::codec::decode_form;

/// A refused control call: which field, what is wrong, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    field: String,
    problem: String,
}

impl Refusal {
    /// 400: the field cannot be what it is.
    pub(crate) fn bad(field: impl Into<String>, problem: impl Into<String>) -> Refusal {
        let (field, problem) = (field.into(), problem.into());
        Refusal { status: StatusCode::BAD_REQUEST, field, problem }
    }

    /// 404: there is no such thing.
    pub(crate) fn missing(field: &str, name: &str, fix: &str) -> Refusal {
        let problem = format!("there is no \"{name}\"; {fix}");
        Refusal { status: StatusCode::NOT_FOUND, field: field.into(), problem }
    }

    /// 500: the change was made but is not in the data file.
    pub(crate) fn unsaved(problem: &str) -> Refusal {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Refusal { status, field: "data".into(), problem: problem.into() }
    }

    /// Path of the field.
    pub(crate) fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong, and what would be right.
    pub(crate) fn problem(&self) -> &str {
        &self.problem
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.problem)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"error": {"field": self.field, "problem": self.problem}});
        json_response(self.status, &body)
    }
}

/// A JSON answer.
pub(crate) fn json_response<T: Serialize>(status: StatusCode, body: &T) -> Response {
    let text = serde_json::to_string(body).unwrap_or_default() + "\n";
    (status, [(CONTENT_TYPE, "application/json")], text).into_response()
}

/// Reads a JSON body.
///
/// # Errors
/// The path of the first field that is wrong or unknown.
pub(crate) fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Refusal> {
    let document = &mut serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(document).map_err(|error| refused(&error))
}

/// Reads a query whose parameters are the fields of `T`, all of them texts.
///
/// # Errors
/// The first parameter that is unknown.
pub(crate) fn query<T: DeserializeOwned>(RawQuery(text): RawQuery) -> Result<T, Refusal> {
    let pairs = decode_form(&text.unwrap_or_default());
    let object = pairs.into_iter().map(|(name, value)| (name, value.into())).collect();
    serde_path_to_error::deserialize(serde_json::Value::Object(object))
        .map_err(|error| refused(&error))
}

/// The field that stopped the reading; `body` when it was the document as a whole.
fn refused(error: &serde_path_to_error::Error<serde_json::Error>) -> Refusal {
    let path = error.path().to_string();
    let field = if path.chars().any(char::is_alphanumeric) { &path } else { "body" };
    Refusal::bad(field, error.inner().to_string())
}
