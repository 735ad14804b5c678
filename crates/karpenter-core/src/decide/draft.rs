//! A copy of an object that a decision changes; an effect writes the difference.

use jiff::Timestamp;

use crate::api::v1::conditions::{Condition, ConditionStatus, HasConditions, Verdict};

/// A copy of an object under change, and the time its conditions change at.
///
/// Times in objects have whole seconds, so a decision that changes nothing leaves an equal copy.
#[derive(Debug, Clone)]
pub struct Draft<O> {
    /// The copy.
    pub object: O,
    now: Timestamp,
}

impl<O: HasConditions + Clone + PartialEq> Draft<O> {
    /// A copy of `object` whose root and dependent conditions all exist.
    pub fn of(object: &O, now: Timestamp) -> Self {
        let mut draft = Self { object: object.clone(), now: whole_seconds(now) };
        draft.object.condition_set(draft.now);
        draft
    }

    /// The time of changes, in whole seconds.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Status of a condition; absent ones are Unknown.
    pub fn status(&self, r#type: &str) -> ConditionStatus {
        self.object.condition(r#type).map_or(ConditionStatus::Unknown, |condition| condition.status)
    }

    /// Puts a verdict in place.
    pub fn set(&mut self, verdict: Verdict) {
        self.object.condition_set(self.now).set(verdict);
    }

    /// Says of a condition what it says already, but for the current generation.
    pub fn renew(&mut self, r#type: &str) {
        let Some(condition) = self.object.condition(r#type) else { return };
        let Condition { status, reason, message, .. } = condition.clone();
        self.set(Verdict::new(r#type, status, reason, message));
    }

    /// Removes an independent condition; dependent ones stay.
    pub fn clear(&mut self, r#type: &str) {
        // Refusing to clear a dependent condition is what the doc promises.
        let _ = self.object.condition_set(self.now).clear(r#type);
    }

    /// Whether the copy differs from `original`.
    pub fn is_changed(&self, original: &O) -> bool {
        self.object != *original
    }
}

/// `at` without its fraction of a second, as Kubernetes stores times.
pub fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
