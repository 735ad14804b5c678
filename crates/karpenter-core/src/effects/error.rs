//! What can go wrong while acting, and what the runner does about it.

use std::time::Duration;

use super::step::{Failure, FailureClass, Outcome};
use crate::cloud_provider::{CloudProviderError, ErrorClass};

/// How long a step waits after a conflict, so that the watch can show what changed.
const AFTER_CONFLICT: Duration = Duration::from_millis(250);

/// Failures told in one line, at most.
const TOLD: usize = 5;

/// An effect did not reach its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The Kubernetes API refused or did not answer.
    #[error("{action}")]
    Kube {
        /// What was attempted, for example `patch Node a`.
        action: String,
        /// The refusal.
        #[source]
        source: kube::Error,
    },
    /// The cloud refused or did not answer.
    #[error("{action}")]
    Cloud {
        /// What was attempted.
        action: String,
        /// The refusal.
        #[source]
        source: CloudProviderError,
    },
    /// No answer in time.
    #[error("{action}: no answer within {} s", .limit.as_secs())]
    TimedOut {
        /// What was attempted.
        action: String,
        /// The limit.
        limit: Duration,
    },
    /// The Kubernetes API answered with something that does not decode.
    #[error("{action}: {problem}")]
    Undecodable {
        /// What was attempted.
        action: String,
        /// The object and field.
        problem: String,
    },
}

impl Error {
    /// The status code of the Kubernetes API; `None` when there was no answer from it.
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Kube { source: kube::Error::Api(status), .. } => Some(status.code),
            Self::Kube { .. } | Self::Cloud { .. } | Self::TimedOut { .. } => None,
            Self::Undecodable { .. } => None,
        }
    }

    /// The object is not there.
    pub fn is_not_found(&self) -> bool {
        self.code() == Some(404)
    }

    /// Somebody else has changed the object since we looked, or it is a different object of that name.
    pub fn is_conflict(&self) -> bool {
        self.code() == Some(409)
    }

    /// Normal events of a busy cluster become outcomes, everything else a failure with one line of text.
    ///
    /// # Errors
    /// [`Failure`] with the whole chain of causes.
    pub fn outcome(self) -> Result<Outcome, Failure> {
        if self.is_not_found() || self.is_conflict() {
            return Ok(Outcome::After(AFTER_CONFLICT));
        }
        Err(Failure { message: report(&self), class: self.class() })
    }

    /// The outcome of several attempts that went wrong: nothing for none, else every failure in one line.
    ///
    /// # Errors
    /// [`Failure`] of the class of the first one that is more than a normal event; the rest are told in order, at most
    /// `TOLD` of them.
    pub fn combined(errors: Vec<Self>) -> Result<Outcome, Failure> {
        let results = errors.into_iter().map(Self::outcome);
        let (mut outcome, mut class, mut messages) = (Outcome::Done, None, vec![]);
        for result in results {
            match result {
                Ok(normal) => outcome = normal,
                Err(failure) => {
                    class.get_or_insert(failure.class);
                    messages.push(failure.message);
                }
            }
        }
        let Some(class) = class else { return Ok(outcome) };
        let n_more = messages.len().saturating_sub(TOLD);
        messages.truncate(TOLD);
        if n_more > 0 {
            messages.push(format!("and {n_more} more"));
        }
        Err(Failure { message: messages.join("; "), class })
    }

    fn class(&self) -> FailureClass {
        match self {
            Self::Kube { source: kube::Error::Api(status), .. } if status.code == 403 => {
                FailureClass::WaitForUser
            }
            Self::Cloud { source, .. } => match source.class() {
                ErrorClass::Retry { after } => FailureClass::Retry { after },
                ErrorClass::WaitForUser => FailureClass::WaitForUser,
                ErrorClass::Gone | ErrorClass::Bug => FailureClass::Retry { after: None },
            },
            Self::Kube { .. } | Self::TimedOut { .. } | Self::Undecodable { .. } => {
                FailureClass::Retry { after: None }
            }
        }
    }
}

/// `error` and its causes in one line, each once.
pub fn report(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = next.source();
    }
    text
}
