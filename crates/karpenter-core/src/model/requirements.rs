//! What the labels of a node may be: one requirement per key.

mod compatible;
mod hint;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use compatible::{AllowUndefined, Conflict, Incompatible, KeyConflict};
pub use read::UnsupportedOperator;

use crate::api::labels;
use crate::model::ids::LabelKey;
use crate::model::requirement::Requirement;
use std::collections::BTreeMap;
use std::fmt;

/// A requirement per label key, in key order; a key without one is unconstrained.
///
/// # Example
/// ```
/// # use karpenter_core::model::requirement::Requirement;
/// # use karpenter_core::model::requirements::Requirements;
/// let mut pool = Requirements::from_iter([Requirement::in_values("team", ["a", "b"])]);
/// pool.add(Requirement::not_in_values("team", ["a"]));
/// assert_eq!(pool.to_string(), "team In [b]");
/// ```
///
/// Source: Karpenter behaviour, requirement sets.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirements(BTreeMap<LabelKey, Requirement>);

impl Requirements {
    /// No constraint at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tightens the requirement of one key: intersects with what is there.
    pub fn add(&mut self, requirement: Requirement) {
        match self.0.get_mut(requirement.key()) {
            Some(present) => *present = present.intersection(&requirement),
            None => {
                self.0.insert(requirement.key().clone(), requirement);
            }
        }
    }

    /// Puts a requirement in place of what was there for its key; returns the former one.
    pub fn replace(&mut self, requirement: Requirement) -> Option<Requirement> {
        self.0.insert(requirement.key().clone(), requirement)
    }

    /// Removes the requirement of `key`.
    pub fn remove(&mut self, key: &str) -> Option<Requirement> {
        self.0.remove(key)
    }

    /// The requirement of `key`; None means unconstrained, as good as `Exists`.
    pub fn get(&self, key: &str) -> Option<&Requirement> {
        self.0.get(key)
    }

    /// Whether `key` is constrained.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// All requirements, by key.
    pub fn iter(&self) -> impl Iterator<Item = &Requirement> {
        self.0.values()
    }

    /// All keys, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &LabelKey> {
        self.0.keys()
    }

    /// How many keys are constrained.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no key is constrained.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any key asks for a minimum of distinct values.
    pub fn has_min_values(&self) -> bool {
        self.iter().any(|requirement| requirement.min_values().is_some())
    }

    /// What both sides allow, key by key; a key known to one side is taken over. A key on which the sides disagree
    /// becomes `DoesNotExist`: ask [`intersects`](Self::intersects) first where that matters.
    #[must_use]
    pub fn intersect(&self, other: &Requirements) -> Requirements {
        let mut result = self.clone();
        result.extend(other.iter().cloned());
        result
    }
}

impl Extend<Requirement> for Requirements {
    fn extend<I: IntoIterator<Item = Requirement>>(&mut self, requirements: I) {
        for requirement in requirements {
            self.add(requirement);
        }
    }
}

/// Requirements of the same key are intersected.
impl FromIterator<Requirement> for Requirements {
    fn from_iter<I: IntoIterator<Item = Requirement>>(requirements: I) -> Self {
        let mut result = Requirements::new();
        result.extend(requirements);
        result
    }
}

/// All requirements, by key, joined by `, `; restricted keys (the host name placeholder) are left out.
impl fmt::Display for Requirements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.iter().filter(|r| !labels::RESTRICTED.contains(&r.key().as_str()));
        for (at, requirement) in shown.enumerate() {
            write!(f, "{}{requirement}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
