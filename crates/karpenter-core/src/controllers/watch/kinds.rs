//! Which kinds are watched, and which of their objects are ours.

use std::fmt::Debug;

use futures::future::{BoxFuture, FutureExt};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind};
use kube::core::DeserializeGuard;
use kube::runtime::watcher;
use kube::{Api, Resource};
use serde::de::DeserializeOwned;

use super::{Seen, Watched, Watching, follow};
use crate::api::v1::nodeclaim::NodeClaim;
use crate::api::v1::nodepool::NodePool;
use crate::api::v1alpha1::node_overlay::NodeOverlay;
use crate::api::v1beta1::capacity_buffer::CapacityBuffer;
use crate::cloud_provider::{NodeClassKind, ProviderTraits};
use crate::model::chunk_source::{ChunkSource, ChunkSourceKind};
use crate::model::node_class::NodeClass;
use crate::options::FeatureGates;
use crate::state::{Change, ClusterEvent, Finding, Kind, Tracked};
use crate::wire::chunk_template::{
    SlimDeployment, SlimPodTemplate, SlimReplicaSet, SlimStatefulSet,
};
use crate::wire::csi_node::SlimCsiNode;
use crate::wire::daemon_set::SlimDaemonSet;
use crate::wire::disruption_budget::SlimDisruptionBudget;
use crate::wire::namespace::SlimNamespace;
use crate::wire::node::SlimNode;
use crate::wire::persistent_volume::SlimPersistentVolume;
use crate::wire::persistent_volume_claim::SlimPersistentVolumeClaim;
use crate::wire::pod::SlimPod;
use crate::wire::storage_class::SlimStorageClass;
use crate::wire::volume_attachment::SlimVolumeAttachment;
use crate::wire::{Decoded, node_class};

/// A future that runs for ever, with a name for whoever supervises it.
pub type Named = (&'static str, BoxFuture<'static, ()>);

/// One task per watched kind. A kind behind a closed feature gate counts as listed and empty.
pub fn watch_all(
    watching: &Watching,
    provider: &ProviderTraits,
    gates: &FeatureGates,
) -> Vec<Named> {
    let ours = provider.node_classes.clone();
    let is_ours = move |group: &str, kind: &str| {
        ours.iter().any(|class| class.group == group && class.kind == kind)
    };
    let claim_is_ours = {
        let is_ours = is_ours.clone();
        move |claim: &NodeClaim| {
            let class = &claim.spec.node_class_ref;
            is_ours(&class.group, &class.kind)
        }
    };
    let pool_is_ours = move |pool: &NodePool| {
        let class = &pool.spec.template.spec.node_class_ref;
        is_ours(&class.group, &class.kind)
    };
    let mut tasks = vec![
        watch::<SlimPod>(watching, "watch-pod", Kind::Pod, ClusterEvent::Pod, |_| true),
        watch::<SlimNode>(watching, "watch-node", Kind::Node, ClusterEvent::Node, |_| true),
        watch::<NodeClaim>(
            watching,
            "watch-nodeclaim",
            Kind::NodeClaim,
            ClusterEvent::NodeClaim,
            claim_is_ours,
        ),
        watch::<NodePool>(
            watching,
            "watch-nodepool",
            Kind::NodePool,
            ClusterEvent::NodePool,
            pool_is_ours,
        ),
        watch::<SlimDaemonSet>(
            watching,
            "watch-daemonset",
            Kind::DaemonSet,
            ClusterEvent::DaemonSet,
            |_| true,
        ),
        watch::<SlimDisruptionBudget>(
            watching,
            "watch-poddisruptionbudget",
            Kind::PodDisruptionBudget,
            ClusterEvent::PodDisruptionBudget,
            |_| true,
        ),
        watch::<SlimVolumeAttachment>(
            watching,
            "watch-volumeattachment",
            Kind::VolumeAttachment,
            ClusterEvent::VolumeAttachment,
            |_| true,
        ),
        watch::<SlimNamespace>(
            watching,
            "watch-namespace",
            Kind::Namespace,
            ClusterEvent::Namespace,
            |_| true,
        ),
        watch_node_class(watching, provider.default_node_class().clone()),
    ];
    tasks.extend(watch_storage(watching));
    tasks.extend(watch_overlays(watching, gates.node_overlay));
    tasks.extend(watch_buffers(watching, gates.capacity_buffer));
    tasks
}

/// What volumes of pods refer to.
fn watch_storage(watching: &Watching) -> [Named; 4] {
    [
        watch::<SlimPersistentVolumeClaim>(
            watching,
            "watch-persistentvolumeclaim",
            Kind::PersistentVolumeClaim,
            ClusterEvent::PersistentVolumeClaim,
            |_| true,
        ),
        watch::<SlimPersistentVolume>(
            watching,
            "watch-persistentvolume",
            Kind::PersistentVolume,
            ClusterEvent::PersistentVolume,
            |_| true,
        ),
        watch::<SlimStorageClass>(
            watching,
            "watch-storageclass",
            Kind::StorageClass,
            ClusterEvent::StorageClass,
            |_| true,
        ),
        watch::<SlimCsiNode>(
            watching,
            "watch-csinode",
            Kind::CsiNode,
            ClusterEvent::CsiNode,
            |_| true,
        ),
    ]
}

fn watch_overlays(watching: &Watching, is_open: bool) -> Option<Named> {
    let watched =
        Watched { kind: Kind::NodeOverlay, event: ClusterEvent::NodeOverlay, optional: true };
    watch_behind_gate::<NodeOverlay>(is_open, watching, "watch-nodeoverlay", watched)
}

/// CapacityBuffers and everything they can refer to.
fn watch_buffers(watching: &Watching, is_open: bool) -> Vec<Named> {
    let buffers =
        Watched { kind: Kind::CapacityBuffer, event: ClusterEvent::CapacityBuffer, optional: true };
    let templates = source(ChunkSourceKind::PodTemplate, |change| {
        ClusterEvent::ChunkSource(ChunkSourceKind::PodTemplate, change)
    });
    let deployments = source(ChunkSourceKind::Deployment, |change| {
        ClusterEvent::ChunkSource(ChunkSourceKind::Deployment, change)
    });
    let stateful_sets = source(ChunkSourceKind::StatefulSet, |change| {
        ClusterEvent::ChunkSource(ChunkSourceKind::StatefulSet, change)
    });
    let replica_sets = source(ChunkSourceKind::ReplicaSet, |change| {
        ClusterEvent::ChunkSource(ChunkSourceKind::ReplicaSet, change)
    });
    let tasks = [
        watch_behind_gate::<CapacityBuffer>(is_open, watching, "watch-capacitybuffer", buffers),
        watch_behind_gate::<SlimPodTemplate>(is_open, watching, "watch-podtemplate", templates),
        watch_behind_gate::<SlimDeployment>(is_open, watching, "watch-deployment", deployments),
        watch_behind_gate::<SlimStatefulSet>(is_open, watching, "watch-statefulset", stateful_sets),
        watch_behind_gate::<SlimReplicaSet>(is_open, watching, "watch-replicaset", replica_sets),
    ];
    tasks.into_iter().flatten().collect()
}

fn source(
    kind: ChunkSourceKind,
    event: fn(Change<ChunkSource>) -> ClusterEvent,
) -> Watched<ChunkSource> {
    Watched { kind: Kind::ChunkSource(kind), event, optional: true }
}

/// The watch of a kind that is looked at when its feature gate is open.
pub(super) fn watch_behind_gate<K>(
    is_open: bool,
    watching: &Watching,
    name: &'static str,
    watched: Watched<K::Model>,
) -> Option<Named>
where
    K: Decoded + Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + 'static,
    K::Model: Send + Sync + 'static,
    <K::Model as Tracked>::Key: Send,
{
    if !is_open {
        let nothing = (watched.event)(Change::Reset(vec![]));
        watching.state.apply(nothing, watching.clock.now());
        return None;
    }
    Some(watch_as::<K>(watching, name, watched, |_| true))
}

/// The watch of a kind that every cluster has.
fn watch<K>(
    watching: &Watching,
    name: &'static str,
    kind: Kind,
    event: fn(Change<K::Model>) -> ClusterEvent,
    is_ours: impl Fn(&K) -> bool + Send + 'static,
) -> Named
where
    K: Decoded + Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + 'static,
    K::Model: Send + Sync + 'static,
    <K::Model as Tracked>::Key: Send,
{
    watch_as(watching, name, Watched { kind, event, optional: false }, is_ours)
}

fn watch_as<K>(
    watching: &Watching,
    name: &'static str,
    watched: Watched<K::Model>,
    is_ours: impl Fn(&K) -> bool + Send + 'static,
) -> Named
where
    K: Decoded + Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + 'static,
    K::Model: Send + Sync + 'static,
    <K::Model as Tracked>::Key: Send,
{
    let kind = watched.kind;
    let api = Api::<DeserializeGuard<K>>::all(watching.client.clone());
    let open = move || watcher(api.clone(), watcher::Config::default());
    let own = watching.clone();
    let see = move |object: DeserializeGuard<K>| see(&own, kind, object, &is_ours);
    let unreadable = watching.unreadable.clone();
    let gone = move |object: DeserializeGuard<K>| {
        unreadable.forget(kind, || full_name(object.meta()));
        K::key(object.meta())
    };
    (name, follow(watching.clone(), watched, open, see, gone).boxed())
}

fn see<K>(
    watching: &Watching,
    kind: Kind,
    object: DeserializeGuard<K>,
    is_ours: impl Fn(&K) -> bool,
) -> Seen<K::Model>
where
    K: Decoded + Resource<DynamicType = ()>,
{
    let object = match object.0 {
        Ok(object) => object,
        Err(invalid) => return skip::<K>(watching, kind, &invalid.metadata, &invalid.error),
    };
    if !is_ours(&object) {
        return Seen::Absent(K::key(object.meta()));
    }
    let metadata = object.meta().clone();
    match object.decode() {
        Ok(model) => {
            watching.unreadable.forget(kind, || full_name(&metadata));
            Seen::Object(model)
        }
        Err(problem) => skip::<K>(watching, kind, &metadata, &problem.to_string()),
    }
}

fn skip<K: Decoded>(
    watching: &Watching,
    kind: Kind,
    metadata: &ObjectMeta,
    problem: &str,
) -> Seen<K::Model> {
    let finding = Finding {
        kind,
        name: full_name(metadata),
        generation: metadata.generation.unwrap_or_default(),
        problem: problem.to_owned(),
    };
    if watching.unreadable.note(finding) {
        watching.metrics.skipped(kind.name());
        tracing::warn!(kind = kind.name(), object = full_name(metadata), problem, "object skipped");
    }
    Seen::Absent(K::key(metadata))
}

/// Name with the namespace in front, where there is one.
fn full_name(metadata: &ObjectMeta) -> String {
    let name = metadata.name.as_deref().unwrap_or_default();
    match metadata.namespace.as_deref() {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    }
}

fn watch_node_class(watching: &Watching, class: NodeClassKind) -> Named {
    let kind = GroupVersionKind::gvk(&class.group, &class.version, &class.kind);
    let resource = ApiResource::from_gvk_with_plural(&kind, &class.plural);
    let api = Api::<DynamicObject>::all_with(watching.client.clone(), &resource);
    let open = move || watcher(api.clone(), watcher::Config::default());
    let decode = move |object: DynamicObject| node_class::decode(&class.group, &class.kind, object);
    let seen = decode.clone();
    let see = move |object: DynamicObject| -> Seen<NodeClass> { Seen::Object(seen(object)) };
    let gone = move |object: DynamicObject| decode(object).key;
    let watched =
        Watched { kind: Kind::NodeClass, event: ClusterEvent::NodeClass, optional: false };
    let task = follow(watching.clone(), watched, open, see, gone);
    ("watch-nodeclass", task.boxed())
}
