//! Walks two sorted lists of requirements side by side.

use crate::model::requirement::Requirement;
use std::cmp::Ordering;

/// What two lists say of one key; at least one of them says something.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pair<'a> {
    /// Only the left one.
    Left(&'a Requirement),
    /// Only the right one.
    Right(&'a Requirement),
    /// Both of them.
    Both(&'a Requirement, &'a Requirement),
}

/// Every key of either list once, in key order; linear, and without allocating.
pub(super) fn merged<'a>(
    left: &'a [Requirement],
    right: &'a [Requirement],
) -> impl Iterator<Item = Pair<'a>> {
    let (mut left, mut right) = (left, right);
    std::iter::from_fn(move || match (left.split_first(), right.split_first()) {
        (None, None) => None,
        (Some((own, rest)), None) => {
            left = rest;
            Some(Pair::Left(own))
        }
        (None, Some((other, rest))) => {
            right = rest;
            Some(Pair::Right(other))
        }
        (Some((own, left_rest)), Some((other, right_rest))) => Some(match by_key(own, other) {
            Ordering::Less => {
                left = left_rest;
                Pair::Left(own)
            }
            Ordering::Greater => {
                right = right_rest;
                Pair::Right(other)
            }
            Ordering::Equal => {
                (left, right) = (left_rest, right_rest);
                Pair::Both(own, other)
            }
        }),
    })
}

/// Keys often are the very same text, which needs no comparison.
fn by_key(a: &Requirement, b: &Requirement) -> Ordering {
    let (a, b) = (a.key(), b.key());
    if a.is_identical(b) { Ordering::Equal } else { a.cmp(b) }
}
