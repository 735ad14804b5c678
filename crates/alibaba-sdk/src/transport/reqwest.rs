//! The transport of production: HTTP over TLS with connection reuse.

use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use reqwest::redirect::Policy;

use super::{MAX_BODY_BYTES, Transport, TransportError};

/// Longest time to set up a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A [`Transport`] over a pooled reqwest client; cheap to clone.
///
/// The process must have installed a rustls crypto provider before the first one is made.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: reqwest::Client,
}

impl ReqwestTransport {
    /// A client with a connect timeout of 3 s that follows no redirects: a signature holds for one host only.
    ///
    /// # Errors
    /// When the TLS backend cannot be initialised.
    pub fn new() -> Result<Self, TransportError> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(Policy::none())
            .build()
            .map_err(|error| TransportError::Connect(error.into()))?;
        Ok(Self { client })
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let request = reqwest::Request::try_from(request).map_err(lower)?;
        let mut answer = self.client.execute(request).await.map_err(lower)?;
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(lower)? {
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(TransportError::BodyTooLarge { limit: MAX_BODY_BYTES });
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body.freeze());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

/// The URL is dropped from the error: the query of an RPC v1 call holds its signature and token.
fn lower(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    match () {
        () if error.is_builder() || error.is_connect() => TransportError::Connect(error.into()),
        () if error.is_timeout() => TransportError::TimedOut,
        () => TransportError::Interrupted(error.into()),
    }
}
