//! Rules that name the quirk of upstream behind a difference.
//!
//! A rule looks at the smallest objects that still differ and at both plans. It says what has to be there for the quirk
//! to show, and in which direction it shows; the first rule that holds explains the difference.

use serde::Serialize;
use serde_json::Value;

use super::outcome::{Difference, Outcome};

/// A difference, and what it comes from.
pub(super) struct Case<'a> {
    kind: Difference,
    objects: &'a [Value],
    #[expect(dead_code)]
    ours: &'a Outcome,
    #[expect(dead_code)]
    theirs: &'a [Outcome],
}

/// A quirk of upstream's scheduler, by its number in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Rule {
    /// Its number.
    pub(super) quirk: u8,
    /// What upstream does.
    pub(super) what: &'static str,
}

impl<'a> Case<'a> {
    /// The case of `objects` with both plans.
    pub(super) fn new(
        kind: Difference,
        objects: &'a [Value],
        ours: &'a Outcome,
        theirs: &'a [Outcome],
    ) -> Self {
        Self { kind, objects, ours, theirs }
    }
}

impl Rule {
    /// Number and words.
    pub(super) fn title(self) -> String {
        format!("quirk {}: {}", self.quirk, self.what)
    }
}

/// The rule that explains `case`.
pub(super) fn explain(_case: &Case<'_>) -> Option<Rule> {
    None
}
