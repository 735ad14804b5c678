//! Which combinations of list and watch parameters are allowed.
//!
//! Source: Kubernetes API (API Concepts: resource versions, streaming lists).

use crate::error::{ApiError, Cause};
use crate::request::Params;

const MATCH: &str = "resourceVersionMatch";

/// Checks the parameters of a list.
///
/// # Errors
/// `Invalid` naming the parameter; `BadRequest` for a version beside a continue token.
pub(super) fn check_list(params: &Params) -> Result<(), ApiError> {
    if !params.continue_token.is_empty() && params.resource_version.is_some_and(|v| v > 0) {
        let message = "specifying resource version is not allowed when using continue";
        return Err(ApiError::bad_request(message));
    }
    let mut causes = Vec::new();
    if params.send_initial_events.is_some() {
        let why = "sendInitialEvents is forbidden for list";
        causes.push(Cause::forbidden("sendInitialEvents", why));
    }
    if !params.resource_version_match.is_empty() {
        causes.extend(match_problem(params));
    }
    refuse(&causes)
}

/// Checks the parameters of a watch.
///
/// # Errors
/// `Invalid` naming the parameter.
pub(super) fn check_watch(params: &Params) -> Result<(), ApiError> {
    let given = params.resource_version_match.as_str();
    let why = match (params.send_initial_events, given) {
        (Some(_), "NotOlderThan") | (None, "") => return Ok(()),
        (Some(_), "") => "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        (Some(_), _) => return refuse(&[unsupported(given, "\"NotOlderThan\"")]),
        (None, _) => {
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        }
    };
    refuse(&[Cause::forbidden(MATCH, why)])
}

fn match_problem(params: &Params) -> Option<Cause> {
    let forbidden = |why| Some(Cause::forbidden(MATCH, why));
    match (params.resource_version, params.resource_version_match.as_str()) {
        _ if !params.continue_token.is_empty() => {
            forbidden("resourceVersionMatch is forbidden when continue is provided")
        }
        (None, _) => {
            forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided")
        }
        (Some(0), "Exact") => {
            forbidden("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")
        }
        (Some(_), "Exact" | "NotOlderThan") => None,
        (Some(_), other) => Some(unsupported(other, "\"Exact\", \"NotOlderThan\"")),
    }
}

fn unsupported(value: &str, supported: &str) -> Cause {
    let message = format!("Unsupported value: {value:?}: supported values: {supported}");
    Cause::new("FieldValueNotSupported", MATCH, message)
}

fn refuse(causes: &[Cause]) -> Result<(), ApiError> {
    match causes {
        [] => Ok(()),
        causes => Err(ApiError::invalid_options(causes)),
    }
}
