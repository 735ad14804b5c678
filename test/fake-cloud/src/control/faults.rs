//! Making calls fail.

use crate::{FakeCloud, FaultSpec, RateLimit};

impl FakeCloud {
    /// Plans a fault for calls of `action`; several faults of one action strike one after the other.
    ///
    /// Calls that are refused earlier (signature, rate limit) do not use a fault up.
    pub fn fail(&self, action: &str, spec: FaultSpec) {
        self.change(|state, _| state.faults.plan(action, spec));
    }

    /// Forgets the planned faults of `action`.
    pub fn heal(&self, action: &str) {
        self.change(|state, _| state.faults.heal(action));
    }

    /// Limits calls of `action`; replaces an earlier limit and its window.
    pub fn throttle(&self, action: &str, limit: RateLimit) {
        self.change(|state, _| state.throttles.set(action, Some(limit)));
    }

    /// Lifts the limit of `action`.
    pub fn unthrottle(&self, action: &str) {
        self.change(|state, _| state.throttles.set(action, None));
    }

    /// From now on RAM denies `action` with `Forbidden.RAM`.
    pub fn deny(&self, action: &str) {
        self.change(|state, _| {
            state.world.account.denied.insert(action.to_owned());
        });
    }

    /// RAM allows `action` again.
    pub fn allow(&self, action: &str) {
        self.change(|state, _| {
            state.world.account.denied.remove(action);
        });
    }
}
