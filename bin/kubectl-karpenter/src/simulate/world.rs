//! The cluster that the objects make together, and what the engine is asked about it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use karpenter_core::api::v1::conditions::{self, HasConditions};
use karpenter_core::decide::provisioning::demand;
use karpenter_core::decide::provisioning::input::{Terms, scheduling_input};
use karpenter_core::decide::scheduling::input::{PoolSupply, SchedulingInput};
use karpenter_core::model::label_rules::LabelNormalization;
use karpenter_core::model::namespace::Namespace;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::node_pool::NodePool;
use karpenter_core::model::pod::Pod;
use karpenter_core::model::validation::{ValidationRules, validate};
use karpenter_core::options::Options;
use karpenter_core::state::{Change, ClusterEvent, ClusterSnapshot, ClusterState};
use kwok_provider::catalog::InstanceTypes;

use super::complaint::Complaint;
use super::documents::Origin;
use super::objects::{Objects, WrittenPod};
use super::{selectors, supply};

/// A cluster as the controller would see it.
#[derive(Debug)]
pub struct World {
    /// What is left out.
    pub complaints: Vec<Complaint>,
    /// What a reader of the plan should know, one line each.
    pub notes: Vec<String>,
    snapshot: ClusterSnapshot,
    supplies: Vec<PoolSupply>,
    now: Timestamp,
}

impl World {
    /// The cluster of `objects` at `now`, where NodePools launch `types`.
    pub fn new(objects: Objects, types: &InstanceTypes, now: Timestamp) -> Self {
        let mut complaints = objects.complaints;
        let mut notes = objects.notes;
        let pools = usable(objects.pools, &supply::rules(types), &mut complaints);
        let namespaces = with_implied(&objects.namespaces, &objects.pods);
        let (launched, launching): (Vec<_>, Vec<_>) =
            objects.claims.into_iter().partition(|c| c.provider_id().is_some());
        notes.extend(unknown_sizes(&launching));
        let pods = objects.pods.into_iter().map(|written| waiting(written, &mut notes)).collect();
        let state = ClusterState::default();
        for event in [
            ClusterEvent::Namespace(Change::Reset(namespaces)),
            ClusterEvent::NodePool(Change::Reset(pools)),
            ClusterEvent::NodeOverlay(Change::Reset(objects.overlays)),
            ClusterEvent::NodeClaim(Change::Reset(launched)),
            ClusterEvent::Node(Change::Reset(objects.nodes)),
            ClusterEvent::DaemonSet(Change::Reset(objects.daemon_sets)),
            ClusterEvent::PodDisruptionBudget(Change::Reset(objects.budgets)),
            ClusterEvent::PersistentVolumeClaim(Change::Reset(objects.volume_claims)),
            ClusterEvent::PersistentVolume(Change::Reset(objects.volumes)),
            ClusterEvent::StorageClass(Change::Reset(objects.storage_classes)),
            ClusterEvent::CsiNode(Change::Reset(objects.csi_nodes)),
            ClusterEvent::ResourceClaim(Change::Reset(objects.resource_claims)),
            ClusterEvent::ResourceSlice(Change::Reset(objects.resource_slices)),
            ClusterEvent::DeviceClass(Change::Reset(objects.device_classes)),
            ClusterEvent::Pod(Change::Reset(pods)),
        ]
        .into_iter()
        .chain(selectors::events(objects.sources))
        {
            state.apply(event, now);
        }
        let snapshot = state.snapshot();
        let (supplies, rejected) =
            supply::supplies(snapshot.pools.values(), &snapshot.overlays, types);
        notes.extend(rejected);
        notes.extend(unknown_nodes(&snapshot));
        if snapshot.pools.is_empty() {
            notes.push(
                "no NodePool is given, so nothing is planned, not even onto nodes that are there"
                    .to_owned(),
            );
        }
        Self { complaints, notes, snapshot, supplies, now }
    }

    /// What the controller would ask the engine about this cluster; devices are planned for when some object is about
    /// them.
    pub fn scheduling_input(
        &self,
        types: &InstanceTypes,
        mut options: Options,
        seed: u64,
    ) -> SchedulingInput {
        let devices = &self.snapshot.devices;
        options.ignore_dra_requests &=
            devices.claims.is_empty() && devices.slices.is_empty() && devices.classes.is_empty();
        let demand = demand(&self.snapshot, self.now);
        let terms = Terms {
            now: self.now,
            seed,
            options,
            well_known: types.well_known.clone(),
            normalization: Arc::new(LabelNormalization::core()),
            unsupported_storage: Arc::default(),
        };
        scheduling_input(&self.snapshot, demand, vec![], self.supplies.clone(), terms)
    }
}

/// The pools the controller would use; a file seldom says what became of a pool, so silence counts as ready.
fn usable(
    pools: Vec<(Origin, NodePool)>,
    rules: &ValidationRules,
    complaints: &mut Vec<Complaint>,
) -> Vec<Arc<NodePool>> {
    let mut good = vec![];
    for (origin, mut pool) in pools {
        let problems = validate(&pool.object, rules);
        if problems.is_empty() {
            let says_nothing =
                pool.object.conditions().iter().all(|c| c.r#type != conditions::READY);
            pool.ready |= says_nothing;
            good.push(Arc::new(pool));
            continue;
        }
        complaints.extend(problems.into_iter().map(|problem| Complaint {
            origin: origin.clone(),
            object: format!("NodePool {}", pool.name),
            field: problem.field,
            problem: problem.message,
            fix: "as it is, the NodePool makes no nodes".to_owned(),
        }));
    }
    good
}

/// The namespaces, and those that pods are in without their being given.
fn with_implied(given: &[Arc<Namespace>], pods: &[WrittenPod]) -> Vec<Arc<Namespace>> {
    let known: BTreeSet<_> = given.iter().map(|namespace| namespace.name.clone()).collect();
    let used: BTreeSet<_> = pods.iter().map(|written| written.pod.key.namespace.clone()).collect();
    let implied = used.difference(&known).map(|name| {
        let label = ("kubernetes.io/metadata.name".into(), name.as_str().into());
        Arc::new(Namespace {
            name: name.clone(),
            uid: format!("Namespace/{name}").into(),
            resource_version: "".into(),
            labels: Arc::new([label].into()),
        })
    });
    given.iter().cloned().chain(implied).collect()
}

/// The pod; one that nobody has placed waits, whatever its status says of it.
fn waiting(written: WrittenPod, notes: &mut Vec<String>) -> Arc<Pod> {
    let WrittenPod { mut pod, is_gated } = written;
    let needs_node = pod.node_name.is_none() && pod.is_active();
    if needs_node && is_gated {
        notes.push(format!("Pod {}: has scheduling gates, so it is not planned for", pod.key));
    } else if needs_node && pod.preempting {
        notes
            .push(format!("Pod {}: waits for pods it preempts, so it is not planned for", pod.key));
    }
    pod.unschedulable = needs_node && !is_gated;
    Arc::new(pod)
}

fn unknown_sizes(launching: &[Arc<NodeClaim>]) -> impl Iterator<Item = String> {
    launching.iter().map(|claim| {
        format!(
            "NodeClaim {}: has no instance yet, so its size is unknown and nothing is placed on it",
            claim.name
        )
    })
}

/// Nodes that pods run on and that are not given.
fn unknown_nodes(snapshot: &ClusterSnapshot) -> Vec<String> {
    let running = snapshot.pods.values().filter(|pod| !pod.is_terminal());
    let named: BTreeSet<_> = running.filter_map(|pod| pod.node_name.clone()).collect();
    let missing = named.iter().filter(|name| snapshot.nodes.get(name).is_none());
    let note = |name| format!("Node {name}: is not given, so pods on it are not counted");
    missing.map(note).collect()
}
