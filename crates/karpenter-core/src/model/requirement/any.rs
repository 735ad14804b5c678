//! One concrete value of a requirement, for the label of a new node.

use super::Requirement;
use std::sync::Arc;

impl Requirement {
    /// The value a new node gets for this label: the smallest member, else the smallest integer from 0 on that is
    /// within bounds and no exception. None means that the node gets no such label.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// assert_eq!(Requirement::in_values("team", ["b", "a"]).any().as_deref(), Some("a"));
    /// assert_eq!(Requirement::not_in_values("shard", ["0"]).any().as_deref(), Some("1"));
    /// assert_eq!(Requirement::less_than("shard", 0).any(), None);
    /// ```
    ///
    /// Source: Karpenter behaviour, requirement algebra. Differs: deterministic, heeds exceptions, never panics.
    pub fn any(&self) -> Option<Arc<str>> {
        if !self.complement {
            return self.values.first().cloned();
        }
        let first = self.bounds.gte.unwrap_or(0).max(0);
        let last = self.bounds.lte.unwrap_or(i64::MAX);
        // One more candidate than there are exceptions always suffices.
        (first..=last)
            .take(self.values.len() + 1)
            .map(|n| n.to_string())
            .find(|text| !self.lists(text))
            .map(Arc::from)
    }
}
