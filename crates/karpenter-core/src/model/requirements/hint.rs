//! Which known key a user probably meant.

use super::{AllowUndefined, Requirements};
use crate::model::ids::LabelKey;

/// The nearest key that contains `key` or ends with its name part: well-known keys first, then keys of the node side;
/// ties go to the first in the alphabet.
pub(super) fn typo_of(
    key: &LabelKey,
    node: &Requirements,
    allow_undefined: AllowUndefined<'_>,
) -> Option<LabelKey> {
    let known = match allow_undefined {
        AllowUndefined::Nothing => None,
        AllowUndefined::WellKnown(labels) => nearest(key.as_str(), labels.iter()),
    };
    known.or_else(|| nearest(key.as_str(), node.keys()))
}

/// The text behind an error that names the key.
pub(super) fn suffix(typo_of: Option<&LabelKey>) -> String {
    typo_of.map_or_else(String::new, |key| format!(" (typo of \"{key}\"?)"))
}

fn nearest<'a>(key: &str, known: impl Iterator<Item = &'a LabelKey>) -> Option<LabelKey> {
    let name = key.split_once('/').map_or(key, |(_, name)| name);
    known
        .filter(|known| known.as_str().contains(key) || known.as_str().ends_with(name))
        .min_by_key(|known| (edit_distance(key, known.as_str()), *known))
        .cloned()
}

/// Insertions, deletions and replacements of bytes that turn `from` into `to`; quadratic, for label keys.
fn edit_distance(from: &str, to: &str) -> usize {
    let to = to.as_bytes();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}
