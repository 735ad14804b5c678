//! RRSA: a projected service account token exchanged for STS credentials.
//!
//! The token file is read again on every call, because the kubelet rotates it; wrap the provider in
//! [`super::Refreshing`].
//!
//! Source: Alibaba Cloud credentials chain, link 2; Alibaba action AssumeRoleWithOIDC.

use std::{fmt, path::PathBuf, sync::Arc};

use async_trait::async_trait;

use super::{
    Credentials, CredentialsError, CredentialsProvider,
    env::{EnvLookup, optional, require},
};
use crate::sts::{AssumeRoleWithOidc, StsApi};

/// Longest token the service takes, in bytes.
const MAX_TOKEN_BYTES: u64 = 20_000;
/// Life asked for, in seconds.
const DURATION_SECONDS: u32 = 3600;

/// Which role to assume, and with which token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RrsaConfig {
    /// `acs:ram::<uid>:role/<name>`.
    pub role_arn: String,
    /// `acs:ram::<uid>:oidc-provider/<name>`.
    pub oidc_provider_arn: String,
    /// File with the projected token.
    pub token_file: PathBuf,
    /// 2 to 64 characters of `[A-Za-z0-9.@_-]`; shown in audit logs.
    pub session_name: String,
}

impl RrsaConfig {
    /// Reads `ALIBABA_CLOUD_{ROLE_ARN,OIDC_PROVIDER_ARN,OIDC_TOKEN_FILE}`; the session name is
    /// `ALIBABA_CLOUD_ROLE_SESSION_NAME` or else `default_session_name`, cut to 64 characters.
    ///
    /// # Errors
    /// [`CredentialsError::NotConfigured`] names the first variable that is missing.
    pub fn from_env(
        lookup: &EnvLookup,
        default_session_name: &str,
    ) -> Result<Self, CredentialsError> {
        let session_name = optional(lookup, "ALIBABA_CLOUD_ROLE_SESSION_NAME")
            .unwrap_or_else(|| default_session_name.to_owned());
        Ok(Self {
            role_arn: require(lookup, "ALIBABA_CLOUD_ROLE_ARN")?,
            oidc_provider_arn: require(lookup, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN")?,
            token_file: require(lookup, "ALIBABA_CLOUD_OIDC_TOKEN_FILE")?.into(),
            session_name: session_name.chars().take(64).collect(),
        })
    }
}

/// Exchanges the token for credentials that live one hour.
pub struct RrsaCredentials {
    config: RrsaConfig,
    sts: Arc<dyn StsApi>,
}

impl RrsaCredentials {
    /// A provider that calls `sts`, which needs no credentials of its own for this action.
    #[must_use]
    pub fn new(config: RrsaConfig, sts: Arc<dyn StsApi>) -> Self {
        Self { config, sts }
    }

    async fn token(&self) -> Result<String, CredentialsError> {
        let path = self.config.token_file.clone();
        let read = tokio::task::spawn_blocking(move || read_token(&path)).await;
        let shown = self.config.token_file.display();
        match read {
            Ok(Ok(token)) => Ok(token),
            Ok(Err(error)) => {
                Err(CredentialsError::Failed(format!("cannot read token file {shown}: {error}")))
            }
            Err(_) => Err(CredentialsError::Failed(format!("reading token file {shown} panicked"))),
        }
    }
}

fn read_token(path: &std::path::Path) -> std::io::Result<String> {
    use std::io::{Error, ErrorKind, Read as _};
    let mut token = String::new();
    std::fs::File::open(path)?.take(MAX_TOKEN_BYTES + 1).read_to_string(&mut token)?;
    if token.len() as u64 > MAX_TOKEN_BYTES {
        return Err(Error::new(ErrorKind::InvalidData, "token is longer than 20000 bytes"));
    }
    Ok(token.trim().to_owned())
}

impl fmt::Debug for RrsaCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RrsaCredentials")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl CredentialsProvider for RrsaCredentials {
    fn name(&self) -> &'static str {
        "rrsa"
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let request = AssumeRoleWithOidc {
            role_arn: self.config.role_arn.clone(),
            oidc_provider_arn: self.config.oidc_provider_arn.clone(),
            oidc_token: self.token().await?.into(),
            role_session_name: self.config.session_name.clone(),
            duration_seconds: Some(DURATION_SECONDS),
            policy: None,
        };
        let response = self
            .sts
            .assume_role_with_oidc(&request)
            .await
            .map_err(|error| CredentialsError::Failed(error.to_string()))?;
        Ok(response.credentials.into())
    }
}

#[cfg(test)]
mod tests;
