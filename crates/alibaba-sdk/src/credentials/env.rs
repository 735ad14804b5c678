//! An access key, optionally with a security token, from environment variables.
//!
//! Source: Alibaba Cloud credentials chain, link 1.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Credentials, CredentialsError, CredentialsProvider};

/// Looks one environment variable up; an argument so that tests need no process-wide state.
pub type EnvLookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The lookup that reads the process environment.
#[must_use]
pub fn process_env() -> EnvLookup {
    Arc::new(|name| std::env::var(name).ok())
}

/// Name of the variable with the access key id.
pub(super) const ACCESS_KEY_ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
/// Name of the variable with the access key secret.
pub(super) const ACCESS_KEY_SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
/// Name of the variable with the optional security token.
pub(super) const SECURITY_TOKEN: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";

/// Reads the three variables anew on each call; empty values count as absent.
pub struct EnvCredentials {
    lookup: EnvLookup,
}

impl EnvCredentials {
    /// A provider over `lookup`.
    #[must_use]
    pub fn new(lookup: EnvLookup) -> Self {
        Self { lookup }
    }
}

/// The value of a variable, or the error that names it.
pub(super) fn require(lookup: &EnvLookup, name: &str) -> Result<String, CredentialsError> {
    optional(lookup, name)
        .ok_or_else(|| CredentialsError::NotConfigured(format!("{name} is not set")))
}

/// The value of a variable, none when unset or empty.
pub(super) fn optional(lookup: &EnvLookup, name: &str) -> Option<String> {
    lookup(name).filter(|value| !value.is_empty())
}

#[async_trait]
impl CredentialsProvider for EnvCredentials {
    fn name(&self) -> &'static str {
        "env"
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let id = require(&self.lookup, ACCESS_KEY_ID)?;
        let secret = require(&self.lookup, ACCESS_KEY_SECRET)?;
        let credentials = Credentials::access_key(id, secret.into());
        Ok(match optional(&self.lookup, SECURITY_TOKEN) {
            Some(token) => credentials.with_security_token(token.into()),
            None => credentials,
        })
    }
}
