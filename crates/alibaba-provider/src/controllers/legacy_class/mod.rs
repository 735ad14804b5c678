//! Resolves ECSNodeClasses of the older group where a cluster still has them.
//!
//! # Flow
//! The classes are listed at short intervals, converted in memory, and shown to the engine; each gets its own group's
//! finalizer and hash, its terms are resolved as those of our kind are, and its status is written in its own shape.
//!
//! # Guarantees
//! Nothing fails where the kind is not served; it is looked for again from time to time. The schema of the older kind
//! is never changed, and nothing is written when nothing changed.
//!
//! # Assumptions
//! No other controller looks after these classes.
//!
//! # Errors
//! None reach the caller; the runner repeats failed steps with backoff.

mod act;
mod decide;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use karpenter_core::controllers::reconciler::{Controller, Limits};
use karpenter_core::decide::plan::{Plan, Step};
use karpenter_core::effects::events::EventSink;
use karpenter_core::effects::step::Actor;
use karpenter_core::state::{ClusterSnapshot, ClusterState, Kind};
use parking_lot::Mutex;

use super::node_class::memory::{Memories, Memory};
use crate::legacy::object::LegacyClass;
use crate::provider::AlibabaProvider;
use act::Writer;

/// Kinds whose first list must have been seen.
const NEEDED: [Kind; 2] = [Kind::NodeClass, Kind::NodeClaim];

/// One thing to do; a text is the name of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LegacyStep {
    /// List all classes.
    List,
    /// Show the engine a class it does not know.
    Show(String),
    /// Give it the finalizer and its hash.
    Adopt(String),
    /// Resolve the parts that are due.
    Resolve(String),
    /// Take the finalizer off.
    Release(String),
}

impl Step for LegacyStep {
    fn object(&self) -> String {
        match self {
            Self::List => "list".to_owned(),
            Self::Show(name) => format!("show/{name}"),
            Self::Adopt(name) | Self::Resolve(name) | Self::Release(name) => {
                format!("class/{name}")
            }
        }
    }
}

/// What a pass looks at.
pub struct Input {
    snapshot: ClusterSnapshot,
    classes: BTreeMap<String, Arc<LegacyClass>>,
    memories: BTreeMap<String, Memory>,
    /// When the classes are listed next; `None` before the first list.
    list_due: Option<Timestamp>,
    is_region_known: bool,
}

/// The row.
pub struct LegacyClassController {
    provider: Arc<AlibabaProvider>,
    state: ClusterState,
    events: EventSink,
    memories: Memories,
    list_due: Arc<Mutex<Option<Timestamp>>>,
}

impl LegacyClassController {
    /// The row of `provider`; claims come from `state`, and classes go there.
    pub fn new(provider: Arc<AlibabaProvider>, state: ClusterState, events: EventSink) -> Self {
        let (memories, list_due) = (Memories::default(), Arc::default());
        Self { provider, state, events, memories, list_due }
    }
}

#[async_trait]
impl Controller for LegacyClassController {
    type Input = Input;
    type Step = LegacyStep;

    fn name(&self) -> &'static str {
        "alibaba.legacynodeclass"
    }

    fn limits(&self) -> Limits {
        Limits { max_in_flight: 10, step_timeout: Duration::from_secs(120), ..Limits::default() }
    }

    async fn observe(&mut self) -> Option<Input> {
        let snapshot = self.state.snapshot();
        let unsynced = snapshot.unsynced();
        if NEEDED.iter().any(|kind| unsynced.contains(kind)) {
            return None;
        }
        let market = self.provider.market.view();
        Some(Input {
            snapshot,
            classes: self.provider.legacy_classes.snapshot(),
            memories: self.memories.snapshot(),
            list_due: *self.list_due.lock(),
            is_region_known: market.problem().is_some()
                || market.types_read.is_some() && market.stock_read.is_some(),
        })
    }

    fn decide(&mut self, input: Input, now: Timestamp) -> Plan<LegacyStep> {
        decide::plan(&input, now)
    }

    fn actor(&self) -> Arc<dyn Actor<LegacyStep>> {
        Arc::new(Writer {
            provider: self.provider.clone(),
            state: self.state.clone(),
            events: self.events.clone(),
            memories: self.memories.clone(),
            list_due: self.list_due.clone(),
        })
    }
}
