//! The refusal of a call, as the service would word it.

use http::StatusCode;

/// Code, message and HTTP status of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// HTTP status, 400 to 599.
    pub(crate) status: StatusCode,
    /// Documented error code.
    pub(crate) code: String,
    /// Sentence for people.
    pub(crate) message: String,
    /// For denials by RAM: the action that was not allowed, as `ecs:DeleteInstances`.
    pub(crate) denied: Option<String>,
    /// Milliseconds until a throttled caller may return.
    pub(crate) retry_after_ms: Option<i64>,
}

impl ApiError {
    /// A refusal with status 400.
    pub(crate) fn bad(code: impl Into<String>, message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// A refusal with status 403.
    pub(crate) fn forbidden(code: impl Into<String>, message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::FORBIDDEN, code, message)
    }

    /// A refusal with status 404.
    pub(crate) fn not_found(code: impl Into<String>, message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::NOT_FOUND, code, message)
    }

    /// `MissingParameter` naming the parameter.
    pub(crate) fn missing(name: &str) -> ApiError {
        ApiError::bad(
            "MissingParameter",
            format!(
                "The input parameter \"{name}\" that is mandatory for processing this request is not supplied."
            ),
        )
    }

    /// `InvalidParameter` naming the parameter.
    pub(crate) fn invalid(name: &str) -> ApiError {
        ApiError::bad(
            "InvalidParameter",
            format!("The specified parameter \"{name}\" is not valid."),
        )
    }

    /// A refusal with any status.
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> ApiError {
        ApiError {
            status,
            code: code.into(),
            message: message.into(),
            denied: None,
            retry_after_ms: None,
        }
    }
}
