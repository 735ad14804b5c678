//! Inclusive integer bounds of a label.

/// Smallest and largest integer allowed; without either every text is allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Bounds {
    pub(super) gte: Option<i64>,
    pub(super) lte: Option<i64>,
}

impl Bounds {
    pub(super) fn is_unbounded(self) -> bool {
        self.gte.is_none() && self.lte.is_none()
    }

    /// The tighter bound on each end.
    pub(super) fn merge(self, other: Bounds) -> Bounds {
        let lte = match (self.lte, other.lte) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Bounds { gte: self.gte.max(other.gte), lte }
    }

    /// Whether no integer is left.
    pub(super) fn are_crossed(self) -> bool {
        matches!((self.gte, self.lte), (Some(gte), Some(lte)) if gte > lte)
    }

    pub(super) fn admit(self, value: &str) -> bool {
        if self.is_unbounded() {
            return true;
        }
        let Ok(n) = value.parse::<i64>() else { return false };
        self.gte.is_none_or(|gte| gte <= n) && self.lte.is_none_or(|lte| n <= lte)
    }
}

/// The integer a text means as a bound: 0 if it is none, the nearest 64-bit one if it is too large.
pub(super) fn parse_saturating(text: &str) -> i64 {
    use std::num::IntErrorKind;
    match text.parse::<i64>() {
        Ok(n) => n,
        Err(error) => match error.kind() {
            IntErrorKind::PosOverflow => i64::MAX,
            IntErrorKind::NegOverflow => i64::MIN,
            _ => 0,
        },
    }
}
