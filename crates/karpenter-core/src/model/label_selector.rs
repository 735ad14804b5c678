//! Label selectors, parsed once: what PodDisruptionBudgets, spreads and affinities select pods with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Labels of one object, in key order. Shared, because thousands of pods carry the same set.
pub type Labels = Arc<BTreeMap<Arc<str>, Arc<str>>>;

/// Selects objects by their labels; all clauses must hold, and no clause at all selects everything.
///
/// Source: Kubernetes API (`metav1.LabelSelector`).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelSelector {
    /// Labels that must be present with exactly this value.
    pub match_labels: BTreeMap<Arc<str>, Arc<str>>,
    /// Further clauses, in the order written.
    pub match_expressions: Vec<LabelClause>,
}

/// One `matchExpressions` entry of a [`LabelSelector`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelClause {
    /// The label is present with one of the values.
    In(Arc<str>, BTreeSet<Arc<str>>),
    /// The label is absent or has none of the values.
    NotIn(Arc<str>, BTreeSet<Arc<str>>),
    /// The label is present.
    Exists(Arc<str>),
    /// The label is absent.
    DoesNotExist(Arc<str>),
}

impl LabelSelector {
    /// Whether an object with `labels` is selected.
    pub fn matches(&self, labels: &BTreeMap<Arc<str>, Arc<str>>) -> bool {
        self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            && self.match_expressions.iter().all(|clause| clause.matches(labels))
    }
}

impl LabelClause {
    fn matches(&self, labels: &BTreeMap<Arc<str>, Arc<str>>) -> bool {
        match self {
            Self::In(key, values) => labels.get(key).is_some_and(|v| values.contains(v)),
            Self::NotIn(key, values) => labels.get(key).is_none_or(|v| !values.contains(v)),
            Self::Exists(key) => labels.contains_key(key),
            Self::DoesNotExist(key) => !labels.contains_key(key),
        }
    }
}
