//! What the engine needs to know of a provider's node class: whether it can be used.

use jiff::Timestamp;

use super::ids::{NodeClassKey, ResourceVersion, Uid};

/// A node class without its cloud specific part.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeClass {
    /// Group, kind and name.
    pub key: NodeClassKey,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// `metadata.generation`.
    pub generation: i64,
    /// Set while it is being deleted.
    pub deleted_at: Option<Timestamp>,
    /// Its condition `Ready`.
    pub readiness: Readiness,
}

/// Condition `Ready` of a node class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// It can be used.
    Ready,
    /// It cannot; a person has to act.
    NotReady {
        /// CamelCase reason.
        reason: String,
        /// What is wrong.
        message: String,
    },
    /// Its controller has not come to a verdict.
    Unknown {
        /// What it waits for; empty when it has not said anything.
        message: String,
    },
}
