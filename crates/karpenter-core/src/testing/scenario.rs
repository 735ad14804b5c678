//! Scheduling inputs.

use std::sync::Arc;

use jiff::Timestamp;

use super::devices::{ResourceClaimBuilder, SliceBuilder, device_class};
use super::node_pools::NodePoolBuilder;
use super::nodes::StateNodeBuilder;
use super::pods::PodBuilder;
use super::volumes::{StorageClassBuilder, VolumeBuilder, VolumeClaimBuilder, csi_node};
use crate::decide::scheduling::input::{PoolSupply, Purpose, ReservedOfferings, SchedulingInput};
use crate::model::instance_type::Catalog;
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use crate::model::namespace::Namespace;
use crate::options::Options;
use crate::state::{BoundPods, Collection, Devices, Revision, Storage, Tracked};

/// A cluster without anything, with default options, at the epoch.
pub fn cluster() -> SchedulingInput {
    SchedulingInput {
        based_on: Revision(1),
        now: Timestamp::UNIX_EPOCH,
        seed: 42,
        options: Options::default(),
        purpose: Purpose::Placement,
        reserved: ReservedOfferings::Strict,
        pods: vec![],
        virtual_pods: vec![],
        reschedule: vec![],
        displaced: vec![],
        nodes: vec![],
        leaving: vec![],
        bound: BoundPods::default(),
        storage: Storage::default(),
        unsupported_storage: Arc::default(),
        devices: Devices::default(),
        namespaces: vec![],
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
        let node = node.build();
        node.usage.pods.values().for_each(|pod| self.bound.add(pod));
        self.nodes.push(node);
        self
    }

    /// With a node that goes away; its pods stay unless they are rescheduled.
    #[must_use]
    pub fn with_leaving(mut self, node: StateNodeBuilder) -> Self {
        let node = node.marked().build();
        node.usage.pods.values().for_each(|pod| self.bound.add(pod));
        self.leaving.push(node);
        self
    }

    /// With a PersistentVolumeClaim.
    #[must_use]
    pub fn with_volume_claim(mut self, claim: VolumeClaimBuilder) -> Self {
        self.storage.claims = with(&self.storage.claims, claim.build());
        self
    }

    /// With a PersistentVolume.
    #[must_use]
    pub fn with_volume(mut self, volume: VolumeBuilder) -> Self {
        self.storage.volumes = with(&self.storage.volumes, volume.build());
        self
    }

    /// With a StorageClass.
    #[must_use]
    pub fn with_storage_class(mut self, class: StorageClassBuilder) -> Self {
        self.storage.classes = with(&self.storage.classes, class.build());
        self
    }

    /// With limits of the volumes of a node, by driver.
    #[must_use]
    pub fn with_volume_limits(mut self, node: &str, limits: &[(&str, usize)]) -> Self {
        self.storage.csi_nodes = with(&self.storage.csi_nodes, csi_node(node, limits));
        self
    }

    /// With a ResourceClaim.
    #[must_use]
    pub fn with_resource_claim(mut self, claim: ResourceClaimBuilder) -> Self {
        self.devices.claims = with(&self.devices.claims, claim.build());
        self
    }

    /// With a ResourceSlice.
    #[must_use]
    pub fn with_slice(mut self, slice: SliceBuilder) -> Self {
        self.devices.slices = with(&self.devices.slices, slice.build());
        self
    }

    /// With a DeviceClass of devices that the expression selects.
    #[must_use]
    pub fn with_device_class(mut self, name: &str, expression: &str) -> Self {
        self.devices.classes = with(&self.devices.classes, device_class(name, expression));
        self
    }

    /// With a namespace that has these labels.
    #[must_use]
    pub fn with_namespace(mut self, name: &str, labels: &[(&str, &str)]) -> Self {
        let labels = labels.iter().map(|(key, value)| ((*key).into(), (*value).into()));
        self.namespaces.push(Arc::new(Namespace {
            name: name.into(),
            uid: name.into(),
            resource_version: "1".into(),
            labels: Arc::new(labels.collect()),
        }));
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

    /// With reservations told apart by this label.
    #[must_use]
    pub fn with_reservation_id(mut self, key: &str) -> Self {
        self.well_known = Arc::new((*self.well_known).clone().with_reservation_id(key));
        self
    }

    /// With more well-known labels.
    #[must_use]
    pub fn with_well_known(mut self, keys: &[&str]) -> Self {
        self.well_known = Arc::new((*self.well_known).clone().with(keys.iter().copied()));
        self
    }
}

fn with<V: Tracked>(collection: &Collection<V>, one: Arc<V>) -> Collection<V> {
    collection.values().cloned().chain([one]).collect()
}
