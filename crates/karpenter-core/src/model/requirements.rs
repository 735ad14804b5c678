//! What the labels of a node may be: one requirement per key.

mod compatible;
mod hint;
#[cfg(test)]
mod laws;
mod merge;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use compatible::{AllowUndefined, Conflict, Incompatible, KeyConflict};
pub use read::UnsupportedOperator;

use crate::api::labels;
use crate::model::ids::LabelKey;
use crate::model::requirement::Requirement;
use merge::{Pair, merged};
use std::fmt;

/// A requirement per label key, in key order; a key without one is unconstrained.
///
/// Kept as a sorted list: sets have a dozen keys, are walked side by side, and are cloned often. Looking up a key is
/// logarithmic, adding one that is new is linear.
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
pub struct Requirements(Vec<Requirement>);

impl Requirements {
    /// No constraint at all.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirements::Requirements;
    /// assert!(Requirements::new().is_empty());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Tightens the requirement of one key: intersects with what is there.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let mut set = Requirements::new();
    /// set.add(Requirement::at_least("cpu", 2));
    /// set.add(Requirement::at_most("cpu", 8));
    /// assert_eq!(set.to_string(), "cpu Exists >=2 <=8");
    /// ```
    pub fn add(&mut self, requirement: Requirement) {
        match self.position(requirement.key().as_str()) {
            Ok(at) => self.0[at] = self.0[at].intersection(&requirement),
            Err(at) => self.0.insert(at, requirement),
        }
    }

    /// Puts a requirement in place of what was there for its key; returns the former one.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let mut set = Requirements::from_iter([Requirement::in_values("team", ["a"])]);
    /// let former = set.replace(Requirement::in_values("team", ["b"]));
    /// assert_eq!(former, Some(Requirement::in_values("team", ["a"])));
    /// assert_eq!(set.to_string(), "team In [b]");
    /// ```
    pub fn replace(&mut self, requirement: Requirement) -> Option<Requirement> {
        match self.position(requirement.key().as_str()) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at], requirement)),
            Err(at) => {
                self.0.insert(at, requirement);
                None
            }
        }
    }

    /// Removes the requirement of `key`.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let mut set = Requirements::from_iter([Requirement::exists("team")]);
    /// assert_eq!(set.remove("team"), Some(Requirement::exists("team")));
    /// assert_eq!(set.remove("team"), None);
    /// ```
    pub fn remove(&mut self, key: &str) -> Option<Requirement> {
        self.position(key).ok().map(|at| self.0.remove(at))
    }

    /// The requirement of `key`; None means unconstrained, as good as `Exists`.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let set = Requirements::from_iter([Requirement::in_values("team", ["a"])]);
    /// assert!(set.get("team").is_some_and(|team| team.contains("a")));
    /// assert_eq!(set.get("zone"), None);
    /// ```
    pub fn get(&self, key: &str) -> Option<&Requirement> {
        self.position(key).ok().map(|at| &self.0[at])
    }

    /// Whether `key` is constrained.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let set = Requirements::from_iter([Requirement::exists("team")]);
    /// assert!(set.has("team") && !set.has("zone"));
    /// ```
    pub fn has(&self, key: &str) -> bool {
        self.position(key).is_ok()
    }

    /// All requirements, by key.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let set = Requirements::from_iter(["b", "a"].map(Requirement::exists));
    /// let keys: Vec<&str> = set.iter().map(|requirement| requirement.key().as_str()).collect();
    /// assert_eq!(keys, ["a", "b"]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &Requirement> {
        self.0.iter()
    }

    /// All keys, sorted.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let set = Requirements::from_iter(["b", "a"].map(Requirement::exists));
    /// assert_eq!(set.keys().map(|key| key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    /// ```
    pub fn keys(&self) -> impl Iterator<Item = &LabelKey> {
        self.0.iter().map(Requirement::key)
    }

    /// How many keys are constrained.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::Requirements;
    /// assert_eq!(Requirements::from_iter([Requirement::exists("team")]).len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no key is constrained.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::Requirements;
    /// assert!(!Requirements::from_iter([Requirement::does_not_exist("team")]).is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any key asks for a minimum of distinct values.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let many = Requirement::exists("family").with_min_values(Some(3));
    /// assert!(Requirements::from_iter([many]).has_min_values());
    /// ```
    pub fn has_min_values(&self) -> bool {
        self.iter().any(|requirement| requirement.min_values().is_some())
    }

    /// What both sides allow, key by key; a key known to one side is taken over. A key on which the sides disagree
    /// becomes `DoesNotExist`: ask [`intersects`](Self::intersects) first where that matters. Linear in both sides.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let a = Requirements::from_iter([Requirement::in_values("zone", ["1", "2"])]);
    /// let b = Requirements::from_iter([Requirement::in_values("zone", ["2"]), Requirement::exists("team")]);
    /// assert_eq!(a.intersect(&b).to_string(), "team Exists, zone In [2]");
    /// ```
    #[must_use]
    pub fn intersect(&self, other: &Requirements) -> Requirements {
        let both = merged(&self.0, &other.0).map(|pair| match pair {
            Pair::Left(own) => own.clone(),
            Pair::Right(other) => other.clone(),
            Pair::Both(own, other) => own.intersection(other),
        });
        let mut result = Vec::with_capacity(self.len() + other.len());
        result.extend(both);
        Requirements(result)
    }

    fn position(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|requirement| requirement.key().as_str().cmp(key))
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
