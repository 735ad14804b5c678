//! Looking at the calls that came in.

use std::collections::BTreeMap;

use crate::{CallRecord, FakeCloud};

impl FakeCloud {
    /// The latest calls, oldest first; at most [`Config::call_log_limit`](crate::Config) of them.
    pub fn calls(&self) -> Vec<CallRecord> {
        self.look(|state, _| state.calls.records())
    }

    /// The latest calls of one action, oldest first.
    pub fn calls_of(&self, action: &str) -> Vec<CallRecord> {
        self.calls().into_iter().filter(|call| call.action == action).collect()
    }

    /// Number of calls of one action since the start or the last [`FakeCloud::forget_calls`].
    pub fn count(&self, action: &str) -> u64 {
        self.counts().get(action).copied().unwrap_or_default()
    }

    /// Number of calls by action, refused and broken ones included.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.look(|state, _| state.calls.counts().clone())
    }

    /// Empties the record and the counters.
    pub fn forget_calls(&self) {
        self.change(|state, _| state.calls.clear());
    }
}
