//! Moving one signed request: the port, its production implementation, and what governs repetition.
//!
//! | module | idea |
//! |---|---|
//! | [`reqwest`] | the transport of production |
//! | [`endpoint`] | where a product answers |
//! | [`throttle`] | how often an action may be called, and pauses the service asked for |
//! | [`retry`] | which failures are worth another attempt, and when |

pub mod endpoint;
pub mod reqwest;
pub mod retry;
pub mod throttle;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

/// An error of the layer below.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// Sends one request and collects the answer; performs no retries and follows no redirects.
#[async_trait]
pub trait Transport: Send + Sync {
    /// # Errors
    /// [`TransportError`], which tells whether the request can have reached the service.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError>;
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// No connection: not a byte of the request was sent.
    #[error("cannot connect")]
    Connect(#[source] Source),
    /// The connection failed after (part of) the request was sent; it may have been executed.
    #[error("connection failed before the answer was complete")]
    Interrupted(#[source] Source),
    /// The attempt took too long; it may have been executed.
    #[error("no answer in time")]
    TimedOut,
    /// The answer is larger than allowed; the request was executed.
    #[error("answer is longer than {limit} bytes")]
    BodyTooLarge {
        /// The bound, in bytes.
        limit: usize,
    },
}

/// Largest answer taken, in bytes. The largest known one, a page of instance types, is below 2 MiB.
pub const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
