//! Looks after claims that run in capacity reservations: those of one that ends soon go, those that have fallen out of
//! theirs are paid by use and say so.
//!
//! # Flow
//! While there are reserved claims, instances are listed once a minute. A claim whose reservation the class shows as
//! expiring is deleted, which drains its node in order. Where the cloud says that a registered instance runs in no
//! reservation any more, claim and node lose the labels of the reservation and get capacity type on-demand.
//!
//! # Guarantees
//! Claims and nodes are written one by one, each guarded by the version that was looked at; after a crash between the
//! two the other one follows. Without reserved claims nothing is called.
//!
//! # Caveats
//! Instances whose claims have not registered are left alone: the cloud may take its time to show the reservation.
//!
//! # Errors
//! None reach the caller; the runner repeats failed steps with backoff.

mod act;
mod decide;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use karpenter_core::controllers::reconciler::{Controller, Limits};
use karpenter_core::decide::plan::{Plan, Step};
use karpenter_core::effects::events::EventSink;
use karpenter_core::effects::step::Actor;
use karpenter_core::model::ids::{NodeClaimName, NodeName, ProviderId, ResourceVersion, Uid};
use karpenter_core::state::{ClusterSnapshot, ClusterState, Kind};
use parking_lot::Mutex;

use crate::api::reservations::ReservationState;
use crate::provider::AlibabaProvider;
use act::Writer;

/// Kinds whose first list must have been seen.
const NEEDED: [Kind; 2] = [Kind::Node, Kind::NodeClaim];

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReservedStep {
    /// Ask the cloud how instances are paid for.
    List,
    /// Delete a claim whose reservation ends soon.
    Expire(NodeClaimName, Uid),
    /// Label a claim as paid by use.
    DemoteClaim(NodeClaimName, ResourceVersion),
    /// Label a node as paid by use.
    DemoteNode(NodeName, ResourceVersion),
}

impl Step for ReservedStep {
    fn object(&self) -> String {
        match self {
            Self::List => "instances".to_owned(),
            Self::Expire(claim, _) | Self::DemoteClaim(claim, _) => format!("claim/{claim}"),
            Self::DemoteNode(node, _) => format!("node/{node}"),
        }
    }
}

/// What the cloud last said about our instances.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Listing {
    /// When it was asked; `None` before the first time.
    read: Option<Timestamp>,
    /// Instances that are paid by use.
    on_demand: BTreeSet<ProviderId>,
}

/// What a pass looks at.
pub struct Input {
    snapshot: ClusterSnapshot,
    /// Ids of reservations that end soon.
    expiring: BTreeSet<String>,
    listing: Listing,
}

/// The row.
pub struct ReservedClaims {
    provider: Arc<AlibabaProvider>,
    state: ClusterState,
    events: EventSink,
    listing: Arc<Mutex<Listing>>,
}

impl ReservedClaims {
    /// The row of `provider`; claims and nodes come from `state`.
    pub fn new(provider: Arc<AlibabaProvider>, state: ClusterState, events: EventSink) -> Self {
        Self { provider, state, events, listing: Arc::default() }
    }

    fn expiring(&self) -> BTreeSet<String> {
        let classes = self.provider.node_classes.snapshot();
        let rooms = classes
            .values()
            .filter_map(|class| class.status.as_ref())
            .flat_map(|status| &status.capacity_reservations);
        let ending = rooms.filter(|room| room.state == ReservationState::Expiring);
        ending.map(|room| room.id.clone()).collect()
    }
}

#[async_trait]
impl Controller for ReservedClaims {
    type Input = Input;
    type Step = ReservedStep;

    fn name(&self) -> &'static str {
        "alibaba.reservations"
    }

    fn limits(&self) -> Limits {
        Limits { max_in_flight: 10, ..Limits::default() }
    }

    async fn observe(&mut self) -> Option<Input> {
        let snapshot = self.state.snapshot();
        let unsynced = snapshot.unsynced();
        if NEEDED.iter().any(|kind| unsynced.contains(kind)) {
            return None;
        }
        let listing = self.listing.lock().clone();
        Some(Input { snapshot, expiring: self.expiring(), listing })
    }

    fn decide(&mut self, input: Input, now: Timestamp) -> Plan<ReservedStep> {
        decide::plan(&input, self.provider.parts.options.reservation_refresh, now)
    }

    fn actor(&self) -> Arc<dyn Actor<ReservedStep>> {
        Arc::new(Writer {
            provider: self.provider.clone(),
            events: self.events.clone(),
            listing: self.listing.clone(),
        })
    }
}
