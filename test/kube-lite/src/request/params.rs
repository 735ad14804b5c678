//! Query parameters.

use axum::extract::Query;
use http::Uri;

use crate::error::ApiError;

/// What a server does with unknown fields of a written object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum FieldValidation {
    /// Drops them without a word.
    Ignore,
    /// Drops them and says so in `Warning` headers.
    #[default]
    Warn,
    /// Refuses the request.
    Strict,
}

/// Parameters of one request; absent ones are empty, `false` or `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params {
    pub(crate) watch: bool,
    pub(crate) allow_watch_bookmarks: bool,
    /// `None` when the parameter is absent.
    pub(crate) send_initial_events: Option<bool>,
    pub(crate) timeout_seconds: Option<u64>,
    pub(crate) label_selector: String,
    pub(crate) field_selector: String,
    pub(crate) resource_version: Option<u64>,
    pub(crate) resource_version_match: String,
    pub(crate) limit: Option<usize>,
    pub(crate) continue_token: String,
    pub(crate) dry_run: bool,
    pub(crate) field_manager: String,
    pub(crate) field_validation: FieldValidation,
    pub(crate) grace_period_seconds: Option<i64>,
    pub(crate) propagation_policy: Option<String>,
}

impl Params {
    /// Reads the query of a URI; unknown parameters are ignored.
    ///
    /// # Errors
    /// `BadRequest` when a number or a named value cannot be read.
    pub(crate) fn parse(uri: &Uri) -> Result<Self, ApiError> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|error| ApiError::bad_request(error.to_string()))?;
        let mut params = Self::default();
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            params.set(&name, value)?;
        }
        Ok(params)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), ApiError> {
        match name {
            "watch" => self.watch = truth(&value),
            "allowWatchBookmarks" => self.allow_watch_bookmarks = truth(&value),
            "sendInitialEvents" => self.send_initial_events = Some(truth(&value)),
            "timeoutSeconds" => self.timeout_seconds = Some(number(name, &value)?),
            "labelSelector" => self.label_selector = value,
            "fieldSelector" => self.field_selector = value,
            "resourceVersion" => self.resource_version = Some(version(&value)?),
            "resourceVersionMatch" => self.resource_version_match = value,
            "limit" => self.limit = Some(number(name, &value)?).filter(|limit| *limit > 0),
            "continue" => self.continue_token = value,
            "dryRun" => self.dry_run = dry_run(&value)?,
            "fieldManager" => self.field_manager = value,
            "fieldValidation" => self.field_validation = field_validation(&value)?,
            "gracePeriodSeconds" => self.grace_period_seconds = Some(number(name, &value)?),
            "propagationPolicy" => self.propagation_policy = Some(value),
            _ => {}
        }
        Ok(())
    }
}

fn truth(value: &str) -> bool {
    matches!(value, "true" | "1" | "True" | "TRUE" | "t")
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, ApiError> {
    value.parse().map_err(|_| {
        let parse = "strconv.ParseInt: parsing";
        ApiError::bad_request(format!("{name}: {parse} {value:?}: invalid syntax"))
    })
}

fn version(value: &str) -> Result<u64, ApiError> {
    value.parse().map_err(|_| {
        let parse = format!("strconv.ParseUint: parsing {value:?}: invalid syntax");
        ApiError::bad_request(format!("resourceVersion: Invalid value: {value:?}: {parse}"))
    })
}

fn dry_run(value: &str) -> Result<bool, ApiError> {
    match value {
        "All" => Ok(true),
        other => Err(ApiError::bad_request(format!("dryRun: Unsupported value: {other:?}"))),
    }
}

fn field_validation(value: &str) -> Result<FieldValidation, ApiError> {
    match value {
        "Ignore" => Ok(FieldValidation::Ignore),
        "Warn" => Ok(FieldValidation::Warn),
        "Strict" => Ok(FieldValidation::Strict),
        other => {
            Err(ApiError::bad_request(format!("fieldValidation: Unsupported value: {other:?}")))
        }
    }
}
