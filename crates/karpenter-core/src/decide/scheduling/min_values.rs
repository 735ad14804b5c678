//! `minValues`: how many distinct values of a label the chosen instance types must offer together.

use std::collections::BTreeSet;

use crate::model::ids::LabelKey;
use crate::model::instance_type::InstanceType;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;

/// A key that offers fewer values than asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shortfall {
    /// The label.
    pub(super) key: LabelKey,
    /// Distinct values the types offer within the requirement.
    pub(super) offered: u32,
}

/// What a list of instance types makes of all minimums of a requirement set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variety {
    /// How many types, from the front of the list, reach every minimum; all of them when some minimum is never
    /// reached, zero when there is no minimum.
    pub(super) n_needed: usize,
    /// Keys whose minimum is not reached, in key order; empty without types.
    pub(super) shortfalls: Vec<Shortfall>,
}

/// The variety of `types`, walked in their order until every minimum of `set` is reached.
///
/// Only values that a type lists and that the requirement still allows count. Linear in the values of the types walked.
///
/// Source: Karpenter behaviour, minValues. Differs: values the requirement excludes do not count.
pub(super) fn variety<'a>(
    types: impl Iterator<Item = &'a InstanceType>,
    set: &Requirements,
) -> Variety {
    let mut open: Vec<Minimum<'_>> = set.iter().filter_map(Minimum::of).collect();
    let mut n_needed = 0;
    for it in types {
        if open.iter().all(Minimum::is_reached) {
            return Variety { n_needed, shortfalls: vec![] };
        }
        n_needed += 1;
        open.iter_mut().for_each(|minimum| minimum.count(it));
    }
    let is_short = |minimum: &&Minimum<'_>| n_needed > 0 && !minimum.is_reached();
    let shortfalls = open.iter().filter(is_short).map(Minimum::shortfall).collect();
    Variety { n_needed, shortfalls }
}

/// The [`shortfalls`](Variety::shortfalls) of `types`.
pub(super) fn shortfalls<'a>(
    types: impl Iterator<Item = &'a InstanceType>,
    set: &Requirements,
) -> Vec<Shortfall> {
    variety(types, set).shortfalls
}

/// One key's minimum and the values seen so far.
struct Minimum<'a> {
    requirement: &'a Requirement,
    wanted: usize,
    seen: BTreeSet<&'a str>,
}

impl<'a> Minimum<'a> {
    fn of(requirement: &'a Requirement) -> Option<Self> {
        let wanted = usize::try_from(requirement.min_values()?).unwrap_or(usize::MAX);
        Some(Self { requirement, wanted, seen: BTreeSet::new() })
    }

    fn is_reached(&self) -> bool {
        self.seen.len() >= self.wanted
    }

    fn count(&mut self, it: &'a InstanceType) {
        let offered = it.requirements.get(self.requirement.key().as_str());
        let values = offered.map_or(&[][..], |offered| offered.values()).iter();
        let allowed = values.filter(|value| self.requirement.contains(value));
        self.seen.extend(allowed.map(AsRef::as_ref));
    }

    fn shortfall(&self) -> Shortfall {
        Shortfall {
            key: self.requirement.key().clone(),
            offered: u32::try_from(self.seen.len()).unwrap_or(u32::MAX),
        }
    }
}

/// `set` with the minimum of every key in `shortfalls` lowered to what is offered.
pub(super) fn relaxed(set: &Requirements, shortfalls: &[Shortfall]) -> Requirements {
    let mut relaxed = set.clone();
    for shortfall in shortfalls {
        if let Some(requirement) = set.get(shortfall.key.as_str()).cloned() {
            let offered = (shortfall.offered > 0).then_some(shortfall.offered);
            relaxed.replace(requirement.with_min_values(offered));
        }
    }
    relaxed
}
