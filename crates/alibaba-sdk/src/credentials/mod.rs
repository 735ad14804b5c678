//! Who signs: credentials, and the providers that find them.
//!
//! A [`CredentialsProvider`] answers with credentials usable now. [`Chain`] asks several in order, [`Refreshing`]
//! caches expiring ones; both are providers themselves, so a new source is one more link.
//!
//! Source: Alibaba Cloud credentials chain.

mod chain;
mod env;
mod fixed;
mod refresh;
mod rrsa;

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

pub use self::{
    chain::Chain,
    env::{EnvCredentials, EnvLookup, process_env},
    fixed::StaticCredentials,
    refresh::Refreshing,
    rrsa::{RrsaConfig, RrsaCredentials},
};

/// An access key, with a security token when it was issued by STS.
///
/// `Debug` shows only the first characters of the key id.
#[derive(Clone)]
pub struct Credentials {
    access_key_id: String,
    access_key_secret: SecretString,
    security_token: Option<SecretString>,
    expiration: Option<DateTime<Utc>>,
}

impl Credentials {
    /// A long-lived access key.
    #[must_use]
    pub fn access_key(access_key_id: impl Into<String>, access_key_secret: SecretString) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            access_key_secret,
            security_token: None,
            expiration: None,
        }
    }

    /// The same key with the token STS issued for it.
    #[must_use]
    pub fn with_security_token(self, token: SecretString) -> Self {
        Self { security_token: Some(token), ..self }
    }

    /// The same key, not usable after `expiration`.
    #[must_use]
    pub fn with_expiration(self, expiration: DateTime<Utc>) -> Self {
        Self { expiration: Some(expiration), ..self }
    }

    /// Public part of the key.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// Secret part of the key.
    #[must_use]
    pub fn access_key_secret(&self) -> &SecretString {
        &self.access_key_secret
    }

    /// Token that must accompany every call, for STS credentials.
    #[must_use]
    pub fn security_token(&self) -> Option<&SecretString> {
        self.security_token.as_ref()
    }

    /// First instant at which the credentials no longer work; none for long-lived keys.
    #[must_use]
    pub fn expiration(&self) -> Option<DateTime<Utc>> {
        self.expiration
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.access_key_id.chars().take(4).collect();
        formatter
            .debug_struct("Credentials")
            .field("access_key_id", &format_args!("{shown}…"))
            .field("security_token", &self.security_token.is_some())
            .field("expiration", &self.expiration)
            .finish_non_exhaustive()
    }
}

/// Why a provider has no credentials. Never contains a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// The provider is not configured here.
    #[error("not configured: {0}")]
    NotConfigured(String),
    /// The provider is configured but could not deliver.
    #[error("{0}")]
    Failed(String),
    /// No link of a chain delivered; one line per link, in order.
    #[error("no credentials: {}", .0.join("; "))]
    Exhausted(Vec<String>),
}

/// A source of credentials.
#[async_trait]
pub trait CredentialsProvider: Send + Sync {
    /// Short name for logs and errors, e.g. `env`.
    fn name(&self) -> &'static str;

    /// Credentials usable now.
    ///
    /// # Errors
    /// [`CredentialsError`] when none can be had.
    async fn credentials(&self) -> Result<Credentials, CredentialsError>;

    /// Tells the provider that the service refused `refused`, so that it does not hand them out again from a
    /// cache. Does nothing for sources without one.
    fn invalidate(&self, refused: &Credentials) {
        let _ = refused;
    }
}
