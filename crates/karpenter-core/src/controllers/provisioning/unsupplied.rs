//! Pools whose instance types cannot be had, so that the log says so when it begins and not with every plan.

use std::collections::BTreeSet;

use crate::cloud_provider::CloudProviderError;
use crate::model::ids::NodePoolName;

/// Pools that failed when they were last asked for, and those that have failed this time.
#[derive(Debug, Default)]
pub(super) struct Unsupplied {
    before: BTreeSet<NodePoolName>,
    now: BTreeSet<NodePoolName>,
}

impl Unsupplied {
    /// Notes that the types of `pool` could not be had; whether that is news. A pool that is still being evaluated is
    /// none.
    pub(super) fn is_news(&mut self, pool: &NodePoolName, error: &CloudProviderError) -> bool {
        if matches!(error, CloudProviderError::UnevaluatedNodePool(_)) {
            return false;
        }
        self.now.insert(pool.clone());
        !self.before.contains(pool)
    }

    /// All pools were asked for; the next time begins.
    pub(super) fn turn(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // behaviour 02#97
    #[test]
    fn a_catalogue_that_cannot_be_had_is_news_once_and_one_being_evaluated_is_not() {
        let mut unsupplied = Unsupplied::default();
        let broken = CloudProviderError::Transient("no answer".to_owned());
        let waits = CloudProviderError::UnevaluatedNodePool("other".to_owned());
        let mut asked = |error: &CloudProviderError| {
            let is_news = unsupplied.is_news(&"third".into(), error);
            unsupplied.turn();
            is_news
        };
        assert_eq!([&broken, &broken, &waits, &broken].map(&mut asked), [true, false, false, true]);
    }
}
