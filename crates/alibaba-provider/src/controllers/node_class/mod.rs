//! Resolves ECSNodeClasses: finds what their terms select, says whether they can be used, and keeps them while in use.
//!
//! # Flow
//! A class that is new or has changed is read; it gets a finalizer and its hash; its terms are resolved, and again
//! when their age says so; what came out goes into the status as one guarded patch. A class that is being deleted
//! keeps its finalizer until no NodeClaim refers to it. Claims an earlier provider made get the hash of their class.
//!
//! # Guarantees
//! A part whose calls fail keeps what was resolved before; its condition becomes Unknown after three failures in a
//! row, at once where a person has to act. Nothing is written when nothing changed.
//!
//! # Assumptions
//! The engine's watch shows every class, so a version it shows and we have not read is news.
//!
//! # Errors
//! None reach the caller; the runner repeats failed steps with backoff.

mod act;
mod adoption;
mod decide;
pub(in crate::controllers) mod memory;
pub(in crate::controllers) mod resolve;
#[cfg(test)]
mod tests;
pub mod validate;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use karpenter_core::controllers::reconciler::{Controller, Limits};
use karpenter_core::decide::plan::{Plan, Step};
use karpenter_core::effects::events::EventSink;
use karpenter_core::effects::step::Actor;
use karpenter_core::model::ids::ResourceVersion;
use karpenter_core::state::{ClusterSnapshot, ClusterState, Kind};
use serde_json::Value;

use crate::api::node_class::ECSNodeClass;
use crate::provider::AlibabaProvider;
use act::Writer;
use memory::{Memories, Memory};

/// Kinds whose first list must have been seen.
const NEEDED: [Kind; 2] = [Kind::NodeClass, Kind::NodeClaim];

/// One thing to do about a class; the text is its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClassStep {
    /// Read it.
    Read(String),
    /// Give it the finalizer and its hash.
    Adopt(String),
    /// Resolve the parts that are due.
    Resolve(String),
    /// Give a claim of the class its hash.
    Mark {
        /// The claim.
        claim: String,
        /// Version of the claim the marks were decided for.
        version: ResourceVersion,
        /// Annotations to set.
        marks: Value,
    },
    /// Take the annotations of an earlier provider off.
    Forget(String),
    /// Say which claims keep it from going.
    Report(String, Vec<String>),
    /// Take the finalizer off.
    Release(String),
}

impl Step for ClassStep {
    fn object(&self) -> String {
        match self {
            Self::Read(name) | Self::Adopt(name) | Self::Resolve(name) | Self::Release(name) => {
                name.clone()
            }
            Self::Forget(name) => format!("forget/{name}"),
            Self::Mark { claim, .. } => format!("claim/{claim}"),
            // The pause between reports must not hold the release back.
            Self::Report(name, _) => format!("report/{name}"),
        }
    }
}

/// What a pass looks at.
pub struct Input {
    snapshot: ClusterSnapshot,
    classes: BTreeMap<String, Arc<ECSNodeClass>>,
    memories: BTreeMap<String, Memory>,
    /// Whether the tables of the region were read, or it is known why not.
    is_region_known: bool,
}

/// The row.
pub struct NodeClassController {
    provider: Arc<AlibabaProvider>,
    state: ClusterState,
    events: EventSink,
    memories: Memories,
}

impl NodeClassController {
    /// The row of `provider`; classes and claims come from `state`.
    pub fn new(provider: Arc<AlibabaProvider>, state: ClusterState, events: EventSink) -> Self {
        Self { provider, state, events, memories: Memories::default() }
    }

    /// Forgets classes the watch does not show any more.
    fn forget_gone(&self, snapshot: &ClusterSnapshot) {
        let names: Vec<&str> =
            snapshot.node_classes.values().map(|class| class.key.name.as_ref()).collect();
        self.provider.node_classes.keep(&names);
        self.memories.keep(&names);
    }
}

#[async_trait]
impl Controller for NodeClassController {
    type Input = Input;
    type Step = ClassStep;

    fn name(&self) -> &'static str {
        "alibaba.nodeclass"
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
        self.forget_gone(&snapshot);
        let market = self.provider.market.view();
        let has_no_cluster = self.provider.parts.options.cluster_id.is_empty();
        Some(Input {
            snapshot,
            classes: self.provider.node_classes.snapshot(),
            memories: self.memories.snapshot(),
            is_region_known: market.problem().is_some()
                || (has_no_cluster || market.cluster_read.is_some())
                    && market.types_read.is_some()
                    && market.stock_read.is_some(),
        })
    }

    fn decide(&mut self, input: Input, now: Timestamp) -> Plan<ClassStep> {
        decide::plan(&input, now)
    }

    fn actor(&self) -> Arc<dyn Actor<ClassStep>> {
        Arc::new(Writer {
            provider: self.provider.clone(),
            events: self.events.clone(),
            memories: self.memories.clone(),
        })
    }
}
