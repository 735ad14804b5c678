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

/// Keys of `set` whose minimum the `types` do not reach, in key order; empty without types.
///
/// Only values the requirement still allows count. Stops at the first type that completes every minimum.
///
/// Source: Karpenter behaviour, minValues. Differs: values the requirement excludes do not count.
pub(super) fn shortfalls<'a>(
    types: impl Iterator<Item = &'a InstanceType>,
    set: &Requirements,
) -> Vec<Shortfall> {
    let mut open: Vec<(&Requirement, usize, BTreeSet<&str>)> = set
        .iter()
        .filter_map(|requirement| Some((requirement, requirement.min_values()?)))
        .map(|(r, wanted)| (r, usize::try_from(wanted).unwrap_or(usize::MAX), BTreeSet::new()))
        .collect();
    let mut is_empty = true;
    for it in types {
        if open.iter().all(|(_, wanted, seen)| seen.len() >= *wanted) {
            return vec![];
        }
        is_empty = false;
        for (requirement, _, seen) in &mut open {
            let offered = it.requirements.get(requirement.key().as_str());
            let values = offered.map_or(&[][..], |offered| offered.values());
            seen.extend(
                values.iter().filter(|value| requirement.contains(value)).map(AsRef::as_ref),
            );
        }
    }
    if is_empty {
        return vec![];
    }
    open.into_iter()
        .filter(|(_, wanted, seen)| seen.len() < *wanted)
        .map(|(requirement, _, seen)| Shortfall {
            key: requirement.key().clone(),
            offered: u32::try_from(seen.len()).unwrap_or(u32::MAX),
        })
        .collect()
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
