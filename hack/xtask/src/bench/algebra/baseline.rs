//! Requirements the obvious way: a hash map of keys to hash sets of texts with a complement flag.
//!
//! Measured beside ours as what one would write first; nothing else uses it.

use std::collections::{HashMap, HashSet};

use karpenter_core::model::label_rules::WellKnownLabels;
use karpenter_core::model::requirements::Requirements;

/// What one label may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plain {
    complement: bool,
    values: HashSet<String>,
    gte: Option<i64>,
    lte: Option<i64>,
    min_values: Option<u32>,
}

/// A requirement per label key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlainSet(HashMap<String, Plain>);

impl PlainSet {
    /// The same requirements.
    pub(super) fn new(set: &Requirements) -> Self {
        let plain = set.iter().map(|requirement| {
            let plain = Plain {
                complement: requirement.complement(),
                values: requirement.values().iter().map(ToString::to_string).collect(),
                gte: requirement.gte(),
                lte: requirement.lte(),
                min_values: requirement.min_values(),
            };
            (requirement.key().to_string(), plain)
        });
        Self(plain.collect())
    }

    /// Whether every key known to both leaves something.
    pub(super) fn is_intersecting(&self, incoming: &PlainSet) -> bool {
        let keys: HashSet<&String> =
            self.0.keys().filter(|key| incoming.0.contains_key(*key)).collect();
        keys.into_iter().all(|key| {
            let (have, asked) = (&self.0[key], &incoming.0[key]);
            have.has_intersection(asked) || (have.allows_absence() && asked.allows_absence())
        })
    }

    /// Whether a planned node with this set can take on `incoming`.
    pub(super) fn is_compatible(&self, incoming: &PlainSet, known: &HashSet<String>) -> bool {
        let unknown: HashSet<&String> =
            incoming.0.keys().filter(|key| !known.contains(*key)).collect();
        unknown.into_iter().all(|key| self.0.contains_key(key) || incoming.0[key].allows_absence())
            && self.is_intersecting(incoming)
    }

    /// What both say.
    pub(super) fn intersect(&self, other: &PlainSet) -> PlainSet {
        let mut result = self.0.clone();
        result.extend(other.0.iter().map(|(key, other)| {
            let both = self.0.get(key).map_or_else(|| other.clone(), |own| own.intersection(other));
            (key.clone(), both)
        }));
        Self(result)
    }
}

/// Well-known keys in the same spirit.
pub(super) fn known(labels: &WellKnownLabels) -> HashSet<String> {
    labels.iter().map(ToString::to_string).collect()
}

impl Plain {
    fn allows_absence(&self) -> bool {
        self.complement != self.values.is_empty()
    }

    fn bounds(&self, other: &Plain) -> (Option<i64>, Option<i64>) {
        let gte = self.gte.into_iter().chain(other.gte).max();
        let lte = self.lte.into_iter().chain(other.lte).min();
        (gte, lte)
    }

    fn has_intersection(&self, other: &Plain) -> bool {
        let (gte, lte) = self.bounds(other);
        if gte.zip(lte).is_some_and(|(gte, lte)| gte > lte) {
            return false;
        }
        let is_within = |value: &&String| is_within(value, gte, lte);
        match (self.complement, other.complement) {
            (true, true) => true,
            (true, false) => {
                other.values.iter().filter(is_within).any(|value| !self.values.contains(value))
            }
            (false, true) => {
                self.values.iter().filter(is_within).any(|value| !other.values.contains(value))
            }
            (false, false) => {
                self.values.iter().filter(is_within).any(|value| other.values.contains(value))
            }
        }
    }

    fn intersection(&self, other: &Plain) -> Plain {
        let (gte, lte) = self.bounds(other);
        let min_values = self.min_values.max(other.min_values);
        if gte.zip(lte).is_some_and(|(gte, lte)| gte > lte) {
            let values = HashSet::new();
            return Plain { complement: false, values, gte: None, lte: None, min_values };
        }
        let mut values: HashSet<String> = match (self.complement, other.complement) {
            (true, true) => self.values.union(&other.values).cloned().collect(),
            (true, false) => other.values.difference(&self.values).cloned().collect(),
            (false, true) => self.values.difference(&other.values).cloned().collect(),
            (false, false) => self.values.intersection(&other.values).cloned().collect(),
        };
        values.retain(|value| is_within(value, gte, lte));
        let complement = self.complement && other.complement;
        let (gte, lte) = if complement { (gte, lte) } else { (None, None) };
        Plain { complement, values, gte, lte, min_values }
    }
}

fn is_within(value: &str, gte: Option<i64>, lte: Option<i64>) -> bool {
    if gte.is_none() && lte.is_none() {
        return true;
    }
    let Ok(n) = value.parse::<i64>() else { return false };
    gte.is_none_or(|gte| gte <= n) && lte.is_none_or(|lte| n <= lte)
}
