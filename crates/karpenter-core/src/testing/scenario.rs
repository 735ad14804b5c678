//! Scheduling inputs.

use std::sync::Arc;

use jiff::Timestamp;

use super::node_pools::NodePoolBuilder;
use super::nodes::StateNodeBuilder;
use super::pods::PodBuilder;
use crate::decide::scheduling::input::{PoolSupply, SchedulingInput};
use crate::model::instance_type::Catalog;
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use crate::options::Options;
use crate::state::Revision;

/// A cluster without anything, with default options, at the epoch.
pub fn cluster() -> SchedulingInput {
    SchedulingInput {
        based_on: Revision(1),
        now: Timestamp::UNIX_EPOCH,
        seed: 42,
        options: Options::default(),
        pods: vec![],
        reschedule: vec![],
        nodes: vec![],
        pools: vec![],
        daemon_sets: vec![],
        well_known: Arc::new(WellKnownLabels::core()),
        normalization: Arc::new(LabelNormalization::core()),
    }
}

impl SchedulingInput {
    /// With a pool that can launch what is in `catalog`.
    #[must_use]
    pub fn with_pool(mut self, pool: NodePoolBuilder, catalog: Catalog) -> Self {
        self.pools.push(PoolSupply { pool: pool.build(), catalog });
        self
    }

    /// With pending pods.
    #[must_use]
    pub fn with_pods(mut self, pods: impl IntoIterator<Item = PodBuilder>) -> Self {
        self.pods.extend(pods.into_iter().map(PodBuilder::build));
        self
    }

    /// With a node.
    #[must_use]
    pub fn with_node(mut self, node: StateNodeBuilder) -> Self {
        self.nodes.push(node.build());
        self
    }

    /// With a DaemonSet whose pods look like `pod`.
    #[must_use]
    pub fn with_daemon_set(mut self, pod: PodBuilder) -> Self {
        self.daemon_sets.push(pod.build_daemon_set());
        self
    }

    /// With other options.
    #[must_use]
    pub fn with_options(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    /// With more well-known labels.
    #[must_use]
    pub fn with_well_known(mut self, keys: &[&str]) -> Self {
        self.well_known = Arc::new((*self.well_known).clone().with(keys.iter().copied()));
        self
    }
}
