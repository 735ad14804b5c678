//! The RAM role of the ECS instance the process runs on, from the metadata service.

use std::sync::Arc;

use alibaba_sdk::credentials::{Credentials, CredentialsError, CredentialsProvider};
use alibaba_sdk::transport::Transport;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request};
use serde::Deserialize;

/// The metadata service; reachable from ECS instances alone, over plain HTTP.
const METADATA: &str = "http://100.100.100.200/latest";
/// Life asked for a token, in seconds: it is used at once.
const TOKEN_SECONDS: &str = "60";

/// Asks for a token first and goes without one where that is refused (instances outside the hardened mode).
///
/// Source: Alibaba "Instance metadata" and "Instance RAM roles".
pub(super) struct RamRole {
    role: String,
    transport: Arc<dyn Transport>,
}

/// What the service answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Issued {
    access_key_id: String,
    access_key_secret: String,
    security_token: String,
    expiration: String,
}

impl RamRole {
    /// A provider of the keys of `role`.
    pub(super) fn new(role: String, transport: Arc<dyn Transport>) -> Self {
        Self { role, transport }
    }

    async fn token(&self) -> Option<String> {
        let ttl = ("x-aliyun-ecs-metadata-token-ttl-seconds", TOKEN_SECONDS);
        let answer = self.ask(Method::PUT, "/api/token", ttl).await;
        answer.ok().map(|text| text.trim().to_owned())
    }

    /// The text of a 200.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        (name, value): (&str, &str),
    ) -> Result<String, CredentialsError> {
        let mut builder = Request::builder().method(method).uri(format!("{METADATA}{path}"));
        if !value.is_empty() {
            builder = builder.header(name, value);
        }
        let request = builder.body(Bytes::new()).map_err(|error| failed(&error))?;
        let answer = self.transport.send(request).await.map_err(|error| failed(&error))?;
        if !answer.status().is_success() {
            let status = answer.status().as_u16();
            let role = &self.role;
            let text = format!("the metadata service answers {status} for the role {role:?}");
            return Err(CredentialsError::Failed(text));
        }
        Ok(String::from_utf8_lossy(answer.body()).into_owned())
    }
}

fn failed(error: &dyn std::error::Error) -> CredentialsError {
    CredentialsError::Failed(format!("metadata service: {error}"))
}

#[async_trait]
impl CredentialsProvider for RamRole {
    fn name(&self) -> &'static str {
        "ecs ram role"
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let token = self.token().await.unwrap_or_default();
        let path = format!("/meta-data/ram/security-credentials/{}", self.role);
        let header = ("x-aliyun-ecs-metadata-token", token.as_str());
        let text = self.ask(Method::GET, &path, header).await?;
        // The error of the parser could quote the answer, which holds a secret.
        let odd = || CredentialsError::Failed("metadata service: not an issued key".to_owned());
        let issued: Issued = serde_json::from_str(&text).map_err(|_| odd())?;
        let expiration = issued.expiration.parse().map_err(|_| odd())?;
        let key = Credentials::access_key(issued.access_key_id, issued.access_key_secret.into());
        Ok(key.with_security_token(issued.security_token.into()).with_expiration(expiration))
    }
}
