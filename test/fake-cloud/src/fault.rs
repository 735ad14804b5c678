//! Breaking calls on purpose: what to break, how often, and whether the work is done first.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

/// What a broken call answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum FaultAnswer {
    /// The error envelope with this HTTP status, code and message.
    Error {
        /// 400 to 599; anything else is sent as 500.
        status: u16,
        /// Error code.
        code: String,
        /// Sentence for people.
        message: String,
    },
    /// The connection breaks: the body ends in an error after its head, a caller sees a reset.
    ConnectionReset,
    /// No answer ever comes; the caller's own timeout has to end the call.
    Hang,
    /// HTTP 200 with half a JSON document.
    MalformedJson,
    /// HTTP 502 with an HTML page, as a gateway writes it.
    BadGateway,
}

/// When a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FaultPoint {
    /// Nothing has happened yet.
    BeforeEffect,
    /// The action is done and remembered (also under its ClientToken), only the answer is lost. A
    /// call that would have been refused anyway keeps its own refusal.
    AfterEffect,
}

/// One planned fault of one action; see [`FakeCloud::fail`](crate::FakeCloud::fail).
///
/// ```
/// use fake_cloud::FaultSpec;
/// let third_call_only = FaultSpec::error(503, "ServiceUnavailable").after(2);
/// let for_ever = FaultSpec::error(403, "Forbidden.RAM").always();
/// # let _ = (third_call_only, for_ever);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultSpec {
    /// What the caller sees.
    pub answer: FaultAnswer,
    /// Before or after the effect.
    pub point: FaultPoint,
    /// How many calls of the action pass unharmed first.
    pub skip: u32,
    /// How many calls are broken then; `u32::MAX` never ends.
    pub times: u32,
}

impl FaultSpec {
    /// The next call answers this error and does nothing.
    pub fn error(status: u16, code: impl Into<String>) -> FaultSpec {
        let code = code.into();
        let message = format!("The request has failed: {code}.");
        FaultSpec::once(FaultAnswer::Error { status, code, message })
    }

    /// The next call does its work, then the connection breaks: the crash window of a caller.
    pub fn response_lost() -> FaultSpec {
        FaultSpec::once(FaultAnswer::ConnectionReset).after_effect()
    }

    /// The next call meets `answer` and does nothing.
    pub fn once(answer: FaultAnswer) -> FaultSpec {
        FaultSpec { answer, point: FaultPoint::BeforeEffect, skip: 0, times: 1 }
    }

    /// The work is done before the fault strikes.
    #[must_use]
    pub fn after_effect(mut self) -> FaultSpec {
        self.point = FaultPoint::AfterEffect;
        self
    }

    /// Strikes this many calls in a row.
    #[must_use]
    pub fn times(mut self, n: u32) -> FaultSpec {
        self.times = n;
        self
    }

    /// Strikes every call until [`FakeCloud::heal`](crate::FakeCloud::heal).
    #[must_use]
    pub fn always(self) -> FaultSpec {
        self.times(u32::MAX)
    }

    /// Lets `n` calls pass first.
    #[must_use]
    pub fn after(mut self, n: u32) -> FaultSpec {
        self.skip = n;
        self
    }
}

/// Planned faults by action; those of one action are used up one after the other.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Faults {
    planned: BTreeMap<String, VecDeque<FaultSpec>>,
}

impl Faults {
    /// Appends a fault for `action`.
    pub(crate) fn plan(&mut self, action: &str, spec: FaultSpec) {
        if spec.times > 0 {
            self.planned.entry(action.to_owned()).or_default().push_back(spec);
        }
    }

    /// Forgets the faults of `action`.
    pub(crate) fn heal(&mut self, action: &str) {
        self.planned.remove(action);
    }

    /// How many faults of `action` wait.
    pub(crate) fn count(&self, action: &str) -> usize {
        self.planned.get(action).map_or(0, VecDeque::len)
    }

    /// Whether faults of `action` are planned.
    pub(crate) fn concern(&self, action: &str) -> bool {
        self.planned.contains_key(action)
    }

    /// The fault that this call of `action` meets; a call that still passes unharmed is counted.
    pub(crate) fn strike(&mut self, action: &str) -> Option<FaultSpec> {
        let first = self.planned.get_mut(action)?.front_mut()?;
        if first.skip > 0 {
            first.skip -= 1;
            return None;
        }
        Some(first.clone())
    }

    /// Uses up one strike of the fault that [`Faults::strike`] returned.
    pub(crate) fn consume(&mut self, action: &str) {
        let Some(queue) = self.planned.get_mut(action) else { return };
        let Some(first) = queue.front_mut() else { return };
        if first.times != u32::MAX {
            first.times -= 1;
        }
        if first.times == 0 {
            queue.pop_front();
        }
    }
}
