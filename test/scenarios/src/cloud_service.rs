//! The fake cloud as a transport of the SDK: requests go straight into its router.

use alibaba_sdk::transport::{Transport, TransportError};
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use tower::ServiceExt;

/// Largest answer taken.
const MAX_BODY: usize = 16 << 20;

/// Sends requests into a router of this process.
#[derive(Clone)]
pub struct InProcess(pub Router);

#[async_trait]
impl Transport for InProcess {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let answer = self.0.clone().oneshot(request.map(Body::from)).await;
        let (head, body) = match answer {
            Ok(response) => response.into_parts(),
            Err(never) => match never {},
        };
        let bytes = axum::body::to_bytes(body, MAX_BODY)
            .await
            .map_err(|error| TransportError::Interrupted(error.into()))?;
        Ok(Response::from_parts(head, bytes))
    }
}
