//! Credentials given by the caller.

use async_trait::async_trait;

use super::{Credentials, CredentialsError, CredentialsProvider};

/// Always the same credentials.
#[derive(Clone, Debug)]
pub struct StaticCredentials(pub Credentials);

#[async_trait]
impl CredentialsProvider for StaticCredentials {
    fn name(&self) -> &'static str {
        "static"
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        Ok(self.0.clone())
    }
}
