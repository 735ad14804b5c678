//! How a change of one condition moves the others.

use super::{
    AWAITING_MESSAGE, AWAITING_RECONCILIATION, Condition, ConditionStatus, ConditionTypes,
    RECONCILING_DEPENDENTS, UNHEALTHY_DEPENDENTS, Verdict,
};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// What a change of conditions needs to know about the object and the time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) generation: i64,
    pub(super) created: Timestamp,
    pub(super) is_deleting: bool,
    pub(super) now: Timestamp,
}

/// The root or one of its dependents was to be removed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("condition {0} cannot be cleared, because readiness depends on it")]
pub struct ClearError(pub String);

/// The conditions of one object, open for changes; on opening, missing dependents and the root are added as Unknown.
///
/// After every change the root is recomputed and stands last, the others are ordered by transition time.
///
/// Source: Karpenter behaviour, condition engine.
#[derive(Debug)]
pub struct ConditionSet<'a> {
    types: ConditionTypes,
    facts: Facts,
    conditions: &'a mut Vec<Condition>,
}

impl<'a> ConditionSet<'a> {
    pub(super) fn open(
        types: ConditionTypes,
        facts: Facts,
        conditions: &'a mut Vec<Condition>,
    ) -> Self {
        let mut set = Self { types, facts, conditions };
        set.initialize();
        set
    }

    /// The condition of a type.
    pub fn get(&self, r#type: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.r#type == r#type)
    }

    /// Puts a verdict in place of the former one and recomputes the root. The transition time changes with the status
    /// only. Returns whether anything changed.
    pub fn set(&mut self, verdict: Verdict) -> bool {
        let is_root = verdict.r#type == self.types.root;
        let changed = self.put(verdict);
        if changed && !is_root {
            self.recompute_root();
        }
        changed
    }

    /// Removes an independent condition; the rest is left sorted by type until the next change. Returns whether there
    /// was one.
    ///
    /// # Errors
    /// [`ClearError`] for the root and its dependents.
    pub fn clear(&mut self, r#type: &str) -> Result<bool, ClearError> {
        if self.types.has(r#type) {
            return Err(ClearError(r#type.to_owned()));
        }
        let n_before = self.conditions.len();
        self.conditions.retain(|condition| condition.r#type != r#type);
        let removed = self.conditions.len() < n_before;
        if removed {
            self.conditions.sort_by(|a, b| a.r#type.cmp(&b.r#type));
        }
        Ok(removed)
    }

    fn initialize(&mut self) {
        let wanted = [self.types.root].into_iter().chain(self.types.dependents.iter().copied());
        let missing: Vec<&str> = wanted.filter(|r#type| self.get(r#type).is_none()).collect();
        for r#type in missing {
            self.set(Verdict::awaiting(r#type));
        }
    }

    fn put(&mut self, verdict: Verdict) -> bool {
        let next = self.condition(verdict);
        match self.conditions.iter_mut().find(|condition| condition.r#type == next.r#type) {
            Some(present) if *present == next => return false,
            Some(present) => *present = next.clone(),
            None => self.conditions.push(next.clone()),
        }
        if self.facts.is_deleting {
            for condition in self.conditions.iter_mut() {
                condition.observed_generation = Some(self.facts.generation);
            }
        }
        let root = self.types.root;
        self.conditions.sort_by_key(|c| (c.r#type == root, c.last_transition_time.0));
        true
    }

    fn condition(&self, verdict: Verdict) -> Condition {
        let since = match self.get(&verdict.r#type) {
            Some(present) if present.status == verdict.status => present.last_transition_time.0,
            None if self.types.has(&verdict.r#type) => self.facts.created,
            Some(_) | None => self.facts.now,
        };
        let Verdict { r#type, status, reason, message } = verdict;
        let (reason, message) = match (reason.is_empty(), status) {
            (true, ConditionStatus::True) => (r#type.clone(), String::new()),
            (true, ConditionStatus::Unknown) => {
                (AWAITING_RECONCILIATION.to_owned(), AWAITING_MESSAGE.to_owned())
            }
            (true, ConditionStatus::False) | (false, _) => (reason, message),
        };
        Condition {
            r#type,
            status,
            observed_generation: Some(self.facts.generation),
            last_transition_time: Time(since),
            reason,
            message,
        }
    }

    fn recompute_root(&mut self) {
        let verdict = self.root_verdict();
        self.put(verdict);
    }

    fn root_verdict(&self) -> Verdict {
        let root = self.types.root;
        let is_current = |c: &Condition| c.observed_generation == Some(self.facts.generation);
        let dependents =
            self.conditions.iter().filter(|c| self.types.dependents.contains(&&*c.r#type));
        let mut unhealthy: Vec<&Condition> =
            dependents.filter(|c| c.status != ConditionStatus::True || !is_current(c)).collect();
        if unhealthy.is_empty() {
            return Verdict::ok(root);
        }
        unhealthy.sort_by_key(|c| std::cmp::Reverse(c.last_transition_time.0));
        let pairs: Vec<String> =
            unhealthy.iter().map(|c| format!("{}={}", c.r#type, c.status.as_str())).collect();
        if unhealthy.iter().any(|c| c.status == ConditionStatus::False && is_current(c)) {
            Verdict::failed(root, UNHEALTHY_DEPENDENTS, pairs.join(", "))
        } else {
            Verdict::unknown(root, RECONCILING_DEPENDENTS, pairs.join(", "))
        }
    }
}
