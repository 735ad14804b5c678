//! Counters that devices of a pool share: a large device and the small ones it can be cut into.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::device::{CounterSet, Device};
use crate::model::quantity::Quantity;

/// Counters of one pool by set and name.
#[derive(Debug, Default)]
pub(super) struct Counters<'a> {
    by_name: BTreeMap<(&'a Arc<str>, &'a Arc<str>), usize>,
    /// Two sets have one name.
    pub(super) is_ambiguous: bool,
}

impl<'a> Counters<'a> {
    /// Numbers the counters of `sets`; their amounts go to the end of `amounts`.
    pub(super) fn of(
        sets: impl IntoIterator<Item = &'a CounterSet>,
        amounts: &mut Vec<Quantity>,
    ) -> Self {
        let mut counters = Self::default();
        let mut names = BTreeSet::new();
        for set in sets {
            counters.is_ambiguous |= !names.insert(&set.name);
            for (name, amount) in &set.counters {
                counters.by_name.insert((&set.name, name), amounts.len());
                amounts.push(*amount);
            }
        }
        counters
    }
}

/// What `device` takes, by the number of the counter; `None` when it names one that is not there.
pub(super) fn uses(device: &Device, counters: &Counters<'_>) -> Option<Vec<(usize, Quantity)>> {
    let uses = device.consumes.iter();
    let uses = uses.flat_map(|one| one.counters.iter().map(|(name, n)| (&one.set, name, *n)));
    uses.map(|(set, name, amount)| Some((*counters.by_name.get(&(set, name))?, amount))).collect()
}
