//! The first provider that answers wins.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Credentials, CredentialsError, CredentialsProvider};

/// Providers in order of preference, asked anew on every call.
///
/// `Differs:` nothing is remembered, so a provider that fails once is used as soon as it works; put providers
/// that are dear to ask behind [`super::Refreshing`].
pub struct Chain {
    links: Vec<Arc<dyn CredentialsProvider>>,
}

impl Chain {
    /// A chain of `links`, most preferred first.
    #[must_use]
    pub fn new(links: Vec<Arc<dyn CredentialsProvider>>) -> Self {
        Self { links }
    }
}

#[async_trait]
impl CredentialsProvider for Chain {
    fn name(&self) -> &'static str {
        "chain"
    }

    /// # Errors
    /// [`CredentialsError::Exhausted`] names every link's reason, in order.
    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let mut reasons = Vec::with_capacity(self.links.len());
        for link in &self.links {
            match link.credentials().await {
                Ok(credentials) => return Ok(credentials),
                Err(error) => reasons.push(format!("{}: {error}", link.name())),
            }
        }
        Err(CredentialsError::Exhausted(reasons))
    }

    fn invalidate(&self, refused: &Credentials) {
        for link in &self.links {
            link.invalidate(refused);
        }
    }
}

#[cfg(test)]
mod tests;
