//! Claims whose creation is under way, so that creations at the same time do not exceed a limit together.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::decide::provisioning::limits::{Counted, LimitExceeded, admit};
use crate::decide::scheduling::plan::PlannedClaim;
use crate::model::ids::NodeClaimName;
use crate::state::ClusterState;

/// All creations under way.
#[derive(Debug, Clone, Default)]
pub struct Creations(Arc<Mutex<BTreeMap<NodeClaimName, Counted>>>);

/// A creation under way, until it is dropped.
#[derive(Debug)]
pub(super) struct Creation<'c> {
    all: &'c Creations,
    claim: NodeClaimName,
}

impl Creations {
    /// Counts `planned` in, unless it would exceed a limit of its pool.
    ///
    /// # Errors
    /// The limit.
    pub(super) fn begin(
        &self,
        planned: &PlannedClaim,
        state: &ClusterState,
    ) -> Result<Creation<'_>, LimitExceeded> {
        let counted = Counted { pool: planned.pool.clone(), requests: planned.requests.clone() };
        let mut creating = self.0.lock();
        admit(&counted, &creating, &state.snapshot())?;
        creating.insert(planned.name.clone(), counted);
        Ok(Creation { all: self, claim: planned.name.clone() })
    }
}

impl Drop for Creation<'_> {
    fn drop(&mut self) {
        self.all.0.lock().remove(&self.claim);
    }
}
