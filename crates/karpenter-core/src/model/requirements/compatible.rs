//! Whether a node with some requirements can take on more.

use super::{Requirements, hint};
use crate::model::ids::LabelKey;
use crate::model::label_rules::WellKnownLabels;
use crate::model::requirement::Requirement;
use std::fmt;

/// Which keys may be asked for although the node side says nothing about them.
#[derive(Clone, Copy, Debug)]
pub enum AllowUndefined<'a> {
    /// None: the strict reading, for nodes that exist.
    Nothing,
    /// The well-known ones: the instance type will define them.
    WellKnown(&'a WellKnownLabels),
}

impl AllowUndefined<'_> {
    fn allows(self, key: &LabelKey) -> bool {
        match self {
            AllowUndefined::Nothing => false,
            AllowUndefined::WellKnown(labels) => labels.contains(key.as_str()),
        }
    }
}

/// One key on which two sides have nothing in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyConflict {
    /// What the node side allows.
    pub have: Requirement,
    /// What is asked for.
    pub incoming: Requirement,
}

/// All keys on which two sides have nothing in common, in key order; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict(pub Vec<KeyConflict>);

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, KeyConflict { have, incoming }) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            write!(f, "{separator}key {}, {incoming} not in {have}", incoming.key())?;
        }
        Ok(())
    }
}

impl std::error::Error for Conflict {}

/// Why requirements cannot be taken on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Incompatible {
    /// A key needs a value that nobody defines.
    #[error("label \"{key}\" does not have known values{}", hint::suffix(.typo_of.as_ref()))]
    Undefined {
        /// The first such key, in order.
        key: LabelKey,
        /// The key that was probably meant.
        typo_of: Option<LabelKey>,
    },
    /// Some keys exclude each other.
    #[error(transparent)]
    Conflict(#[from] Conflict),
}

impl Requirements {
    /// Whether every key known to both sides leaves something, or may be absent on both.
    ///
    /// # Errors
    /// [`Conflict`] with every key that does not, in key order. Use [`is_intersecting`](Self::is_intersecting) where
    /// only the answer matters.
    pub fn intersects(&self, incoming: &Requirements) -> Result<(), Conflict> {
        let conflicts: Vec<KeyConflict> = self
            .conflicts(incoming)
            .map(|(have, incoming)| KeyConflict { have: have.clone(), incoming: incoming.clone() })
            .collect();
        if conflicts.is_empty() { Ok(()) } else { Err(Conflict(conflicts)) }
    }

    /// [`intersects`](Self::intersects) without the reasons; does not allocate.
    pub fn is_intersecting(&self, incoming: &Requirements) -> bool {
        self.conflicts(incoming).next().is_none()
    }

    /// Whether a node with these requirements can take on `incoming`. Not symmetric: a key only the node side knows
    /// never matters, a key only `incoming` knows must be allowed to be undefined or be satisfied by its absence.
    ///
    /// # Errors
    /// [`Incompatible::Undefined`] for the first undefined key, else [`Incompatible::Conflict`] for all conflicts. Use
    /// [`is_compatible`](Self::is_compatible) where only the answer matters.
    ///
    /// Source: Karpenter behaviour, requirement sets. Differs: the typo hint is the nearest key, not a random one.
    pub fn compatible(
        &self,
        incoming: &Requirements,
        allow_undefined: AllowUndefined<'_>,
    ) -> Result<(), Incompatible> {
        if let Some(key) = self.undefined(incoming, allow_undefined).next() {
            let typo_of = hint::typo_of(key, self, allow_undefined);
            return Err(Incompatible::Undefined { key: key.clone(), typo_of });
        }
        Ok(self.intersects(incoming)?)
    }

    /// [`compatible`](Self::compatible) without the reasons; does not allocate.
    pub fn is_compatible(
        &self,
        incoming: &Requirements,
        allow_undefined: AllowUndefined<'_>,
    ) -> bool {
        self.undefined(incoming, allow_undefined).next().is_none() && self.is_intersecting(incoming)
    }

    fn conflicts<'a>(
        &'a self,
        incoming: &'a Requirements,
    ) -> impl Iterator<Item = (&'a Requirement, &'a Requirement)> {
        let pair = |(key, incoming)| self.0.get(key).map(|have| (have, incoming));
        incoming.0.iter().filter_map(pair).filter(|(have, incoming)| {
            let both_allow_absence = have.allows_absence() && incoming.allows_absence();
            !(both_allow_absence || have.has_intersection(incoming))
        })
    }

    fn undefined<'a>(
        &'a self,
        incoming: &'a Requirements,
        allow_undefined: AllowUndefined<'a>,
    ) -> impl Iterator<Item = &'a LabelKey> {
        let is_undefined = move |(key, requirement): &(&LabelKey, &Requirement)| {
            !allow_undefined.allows(key) && !self.has(key.as_str()) && !requirement.allows_absence()
        };
        incoming.0.iter().filter(is_undefined).map(|(key, _)| key)
    }
}
