//! RRSA as the environment of a pod sets it up.

use std::sync::Arc;

use alibaba_sdk::credentials::{
    Credentials, CredentialsError, CredentialsProvider, EnvLookup, RrsaConfig, RrsaCredentials,
};
use alibaba_sdk::sts::StsApi;
use async_trait::async_trait;

/// Reads the variables anew on each call, so that an error says what is missing now.
///
/// Source: Alibaba Cloud credentials chain, link 2.
pub(super) struct RrsaFromEnv {
    environment: EnvLookup,
    session_name: String,
    sts: Arc<dyn StsApi>,
}

impl RrsaFromEnv {
    /// A provider that exchanges tokens at `sts`.
    pub(super) fn new(environment: EnvLookup, session_name: String, sts: Arc<dyn StsApi>) -> Self {
        Self { environment, session_name, sts }
    }
}

#[async_trait]
impl CredentialsProvider for RrsaFromEnv {
    fn name(&self) -> &'static str {
        "rrsa"
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let config = RrsaConfig::from_env(&self.environment, &self.session_name)?;
        RrsaCredentials::new(config, self.sts.clone()).credentials().await
    }
}
