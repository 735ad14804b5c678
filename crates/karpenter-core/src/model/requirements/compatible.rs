//! Whether a node with some requirements can take on more.

use super::merge::{Pair, merged};
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
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let node = Requirements::from_iter([Requirement::in_values("zone", ["a"])]);
    /// let pod = Requirements::from_iter([Requirement::in_values("zone", ["b"])]);
    /// let conflict = node.intersects(&pod).unwrap_err();
    /// assert_eq!(conflict.to_string(), "key zone, zone In [b] not in zone In [a]");
    /// assert!(node.intersects(&Requirements::from_iter([Requirement::exists("team")])).is_ok());
    /// ```
    pub fn intersects(&self, incoming: &Requirements) -> Result<(), Conflict> {
        let conflicts: Vec<KeyConflict> = self
            .conflicts(incoming)
            .map(|(have, incoming)| KeyConflict { have: have.clone(), incoming: incoming.clone() })
            .collect();
        if conflicts.is_empty() { Ok(()) } else { Err(Conflict(conflicts)) }
    }

    /// [`intersects`](Self::intersects) without the reasons; does not allocate.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::Requirements;
    /// let node = Requirements::from_iter([Requirement::in_values("zone", ["a"])]);
    /// assert!(node.is_intersecting(&Requirements::from_iter([Requirement::not_in_values("zone", ["b"])])));
    /// assert!(!node.is_intersecting(&Requirements::from_iter([Requirement::does_not_exist("zone")])));
    /// ```
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
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::{AllowUndefined, Requirements};
    /// # use karpenter_core::model::label_rules::WellKnownLabels;
    /// let (known, node) = (WellKnownLabels::core(), Requirements::new());
    /// let arch = Requirements::from_iter([Requirement::in_values("kubernetes.io/arch", ["arm64"])]);
    /// assert!(node.compatible(&arch, AllowUndefined::WellKnown(&known)).is_ok());
    /// let error = node.compatible(&arch, AllowUndefined::Nothing).unwrap_err();
    /// assert_eq!(error.to_string(), r#"label "kubernetes.io/arch" does not have known values"#);
    /// ```
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
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// # use karpenter_core::model::requirements::{AllowUndefined, Requirements};
    /// let node = Requirements::from_iter([Requirement::in_values("team", ["a", "b"])]);
    /// let pod = Requirements::from_iter([Requirement::in_values("team", ["b", "c"])]);
    /// assert!(node.is_compatible(&pod, AllowUndefined::Nothing));
    /// // Not symmetric: the other way round, nobody defines the key.
    /// assert!(!Requirements::new().is_compatible(&pod, AllowUndefined::Nothing));
    /// assert!(pod.is_compatible(&Requirements::new(), AllowUndefined::Nothing));
    /// ```
    pub fn is_compatible(
        &self,
        incoming: &Requirements,
        allow_undefined: AllowUndefined<'_>,
    ) -> bool {
        merged(&self.0, &incoming.0).all(|pair| match pair {
            Pair::Left(_) => true,
            Pair::Right(asked) => asked.allows_absence() || allow_undefined.allows(asked.key()),
            Pair::Both(have, asked) => agree(have, asked),
        })
    }

    fn conflicts<'a>(
        &'a self,
        incoming: &'a Requirements,
    ) -> impl Iterator<Item = (&'a Requirement, &'a Requirement)> {
        merged(&self.0, &incoming.0).filter_map(|pair| match pair {
            Pair::Both(have, asked) => (!agree(have, asked)).then_some((have, asked)),
            Pair::Left(_) | Pair::Right(_) => None,
        })
    }

    fn undefined<'a>(
        &'a self,
        incoming: &'a Requirements,
        allow_undefined: AllowUndefined<'a>,
    ) -> impl Iterator<Item = &'a LabelKey> {
        merged(&self.0, &incoming.0).filter_map(move |pair| match pair {
            Pair::Right(asked) => {
                let is_fine = asked.allows_absence() || allow_undefined.allows(asked.key());
                (!is_fine).then_some(asked.key())
            }
            Pair::Left(_) | Pair::Both(..) => None,
        })
    }
}

/// Whether both leave something, or both do without the label.
fn agree(have: &Requirement, incoming: &Requirement) -> bool {
    (have.allows_absence() && incoming.allows_absence()) || have.has_intersection(incoming)
}
