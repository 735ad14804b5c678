//! What a set says of one key, by itself: where masks have no place in a row, and where people read them.

use super::row::Outcome;
use super::vocabulary::{Said, Vocabulary};

/// A label key of this solve; numbers are in the order of keys.
pub(super) type KeyId = usize;

/// What a set says of one key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Part {
    /// The key.
    pub(super) key: KeyId,
    /// Distinct values asked for.
    pub(super) min_values: Option<u32>,
    /// What it may be.
    pub(super) said: Said,
}

/// Whether both leave something, or both do without the label.
pub(super) fn agree(have: &Said, incoming: &Said) -> bool {
    (have.allows_absence && incoming.allows_absence) || have.mask.meets(&incoming.mask)
}

/// The part of `key`; parts are in key order.
pub(super) fn find(parts: &[Part], key: KeyId) -> Option<&Part> {
    let at = parts.binary_search_by_key(&key, |part| part.key).ok()?;
    Some(&parts[at])
}

/// How it ends when a bin that says `have` is asked to take on `incoming`, both of them keys without a field.
pub(super) fn meet(
    have: &[Part],
    incoming: &[Part],
    vocabularies: &[Vocabulary],
    is_claim: bool,
) -> Outcome {
    let mut result = Outcome::default();
    for asked in incoming {
        let words = &vocabularies[asked.key];
        match find(have, asked.key) {
            Some(own) if !agree(&own.said, &asked.said) => {
                result.is_incompatible = true;
                result.is_for_good |= !(asked.said.allows_absence && own.said.is_open);
            }
            Some(own) => result.is_below_zero |= words.is_below_zero(&own.said, Some(&asked.said)),
            None => {
                let may_lack = asked.said.allows_absence || is_claim && words.is_well_known;
                result.is_incompatible |= !may_lack;
                result.is_below_zero |= words.is_below_zero(&asked.said, None);
            }
        }
    }
    result
}
