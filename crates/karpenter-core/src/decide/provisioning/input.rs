//! What the engine is asked about a cluster, by the controller and by whoever simulates it.
//!
//! Besides what is read off the snapshot this is where pods get the spread constraints that the scheduler would give
//! them, and DaemonSets the pods they really have.

use std::sync::Arc;

use jiff::Timestamp;

use super::Demand;
use crate::decide::daemon_pods;
use crate::decide::default_spread::with_defaults;
use crate::decide::scheduling::input::{PoolSupply, Purpose, ReservedOfferings, SchedulingInput};
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use crate::model::pod::Pod;
use crate::model::storage_class::UnsupportedStorage;
use crate::options::Options;
use crate::state::ClusterSnapshot;

/// What a plan depends on besides the cluster.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The time of the decision.
    pub now: Timestamp,
    /// Where names of new claims come from, together with the revision.
    pub seed: u64,
    /// Settings.
    pub options: Options,
    /// Labels that instance types define.
    pub well_known: Arc<WellKnownLabels>,
    /// Spellings of label keys and values that mean another one.
    pub normalization: Arc<LabelNormalization>,
    /// Storage that nodes of the provider can never reach.
    pub unsupported_storage: Arc<UnsupportedStorage>,
}

/// The question whether `demand` of `snapshot` and `virtual_pods` behind it can be met, with new nodes of `pools` where
/// need be.
pub fn scheduling_input(
    snapshot: &ClusterSnapshot,
    demand: Demand,
    virtual_pods: Vec<Arc<Pod>>,
    pools: Vec<PoolSupply>,
    terms: Terms,
) -> SchedulingInput {
    let defaults = &terms.options.default_spread;
    let spread = |pods| with_defaults(pods, defaults, &snapshot.selector_sources);
    SchedulingInput {
        based_on: snapshot.revision,
        now: terms.now,
        seed: terms.seed,
        purpose: Purpose::Placement,
        reserved: ReservedOfferings::Strict,
        pods: spread(demand.pending),
        virtual_pods: spread(virtual_pods),
        reschedule: spread(demand.reschedule),
        displaced: vec![],
        nodes: demand.nodes,
        leaving: demand.leaving,
        bound: snapshot.bound.clone(),
        storage: snapshot.storage.clone(),
        devices: snapshot.devices.clone(),
        unsupported_storage: terms.unsupported_storage,
        namespaces: snapshot.namespaces.values().cloned().collect(),
        pools,
        daemon_sets: daemon_pods::observed(snapshot, terms.options.ignore_dra_requests),
        well_known: terms.well_known,
        normalization: terms.normalization,
        options: terms.options,
    }
}
