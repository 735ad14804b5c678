//! What a method wants to happen, with an identity of its own.

use std::fmt;

use jiff::Timestamp;

use super::candidate::Candidate;
use crate::api::v1::budget::DisruptionReason;

/// Identity of a command; the same in every run that decides the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(String);

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Nodes to take away together.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Identity.
    pub id: CommandId,
    /// Why.
    pub reason: DisruptionReason,
    /// The nodes, never empty, most wanted first.
    pub candidates: Vec<Candidate>,
    /// When it was thought of.
    pub created: Timestamp,
}

impl Command {
    /// Takes `candidates` away without replacement; `None` when there are none.
    pub fn delete(
        reason: DisruptionReason,
        candidates: Vec<Candidate>,
        now: Timestamp,
    ) -> Option<Self> {
        let first = candidates.first()?;
        let id = format!("{}-{}-{}", reason.as_str(), first.claim.uid, now.as_millisecond());
        Some(Self { id: CommandId(id), reason, candidates, created: now })
    }

    /// The same command for fewer nodes; `None` when there are none.
    #[must_use]
    pub fn narrowed(&self, candidates: Vec<Candidate>) -> Option<Self> {
        (!candidates.is_empty()).then(|| Self { candidates, ..self.clone() })
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.candidates.iter().map(|c| c.node.name.as_str()).collect();
        write!(f, "delete: [{}]", names.join(", "))
    }
}
