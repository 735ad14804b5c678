//! What a failed call tells: [`SdkError`], and its [`ErrorKind`] from the one table in `kinds`.

mod envelope;
mod kinds;

pub(crate) use self::envelope::parse_error;
pub use self::kinds::{ErrorKind, classify};

use crate::transport::{Source, TransportError};

/// Code of an answer that is not the documented JSON.
pub const UNPARSABLE: &str = "UnparsableResponse";

/// Why an action failed. Act on [`SdkError::kind`]; code and message are for people.
#[derive(Debug, thiserror::Error)]
#[error("{action} failed: {}{message}{}", Prefix(.code), Suffix(.status, .request_id))]
pub struct SdkError {
    /// Class of the failure.
    pub kind: ErrorKind,
    /// Action name, e.g. `RunInstances`.
    pub action: &'static str,
    /// The service's code, e.g. `OperationDenied.NoStock`; empty when no service answered.
    pub code: String,
    /// The service's message, or what happened instead of an answer; bounded to 1 KiB.
    pub message: String,
    /// Id of the last attempt at the service, for support tickets.
    pub request_id: Option<String>,
    /// HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// Attempts that were sent, 0 when none was.
    pub attempts: u32,
    /// The error of the layer below, if any.
    #[source]
    pub source: Option<Source>,
}

impl SdkError {
    /// An error the service answered with, classified by code and status.
    #[must_use]
    pub fn service(
        action: &'static str,
        status: u16,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let code = code.into();
        Self {
            kind: classify(&code, status),
            code,
            status: Some(status),
            ..Self::local(action, ErrorKind::Other, message)
        }
    }

    /// An error without an answer of the service.
    #[must_use]
    pub fn local(action: &'static str, kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        let (code, request_id, status, source) = (String::new(), None, None, None);
        Self { kind, action, code, message, request_id, status, attempts: 0, source }
    }

    /// The same error caused by `source`.
    #[must_use]
    pub fn because(self, source: impl Into<Source>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    pub(crate) fn transport(action: &'static str, error: TransportError) -> Self {
        let kind = match error {
            TransportError::Connect(_) => ErrorKind::Unreachable,
            TransportError::Interrupted(_) | TransportError::TimedOut => ErrorKind::Interrupted,
            TransportError::BodyTooLarge { .. } => ErrorKind::Unparsable,
        };
        Self::local(action, kind, "no usable answer").because(error)
    }
}

struct Prefix<'a>(&'a str);

impl std::fmt::Display for Prefix<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(formatter, "{}: ", self.0) }
    }
}

struct Suffix<'a>(&'a Option<u16>, &'a Option<String>);

impl std::fmt::Display for Suffix<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.0, self.1) {
            (Some(status), Some(id)) => write!(formatter, " (status {status}, request {id})"),
            (Some(status), None) => write!(formatter, " (status {status})"),
            (None, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
