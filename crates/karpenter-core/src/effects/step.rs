//! How steps of plans are carried out, and how they end.

use std::time::Duration;

use async_trait::async_trait;

/// Carries out steps of one kind.
#[async_trait]
pub trait Actor<S>: Send + Sync {
    /// Does what `step` says. Must be idempotent.
    async fn act(&self, step: S) -> Result<Outcome, Failure>;
}

/// How a step ended when nothing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done; the state shows it.
    Done,
    /// Overtaken by events; decide again at once.
    Again,
    /// Under way; do not repeat before this much time has passed.
    After(Duration),
}

/// Why a step failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The chain of causes in one line, without secrets.
    pub message: String,
    /// What to do about it.
    pub class: FailureClass,
}

/// What the runner does about a failed step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureClass {
    /// Repeat with backoff, not before `after`.
    Retry {
        /// Shortest wait.
        after: Option<Duration>,
    },
    /// A person has to act first: repeat, but slowly.
    WaitForUser,
}

impl Failure {
    /// A failure worth another try with ordinary backoff.
    pub fn retry(message: impl Into<String>) -> Self {
        Self { message: message.into(), class: FailureClass::Retry { after: None } }
    }
}
