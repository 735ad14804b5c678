//! Which kinds are watched, and which of their objects are ours.

use std::fmt::Debug;

use futures::future::{BoxFuture, FutureExt};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind};
use kube::core::DeserializeGuard;
use kube::runtime::watcher;
use kube::{Api, Resource};
use serde::de::DeserializeOwned;

use super::{Seen, Watching, follow};
use crate::api::v1::nodeclaim::NodeClaim;
use crate::api::v1::nodepool::NodePool;
use crate::cloud_provider::{NodeClassKind, ProviderTraits};
use crate::model::node_class::NodeClass;
use crate::state::{Change, ClusterEvent, Kind, Tracked};
use crate::wire::daemon_set::SlimDaemonSet;
use crate::wire::disruption_budget::SlimDisruptionBudget;
use crate::wire::namespace::SlimNamespace;
use crate::wire::node::SlimNode;
use crate::wire::pod::SlimPod;
use crate::wire::volume_attachment::SlimVolumeAttachment;
use crate::wire::{Decoded, node_class};

/// A future that runs for ever, with a name for whoever supervises it.
pub type Named = (&'static str, BoxFuture<'static, ()>);

/// One task per watched kind.
pub fn watch_all(watching: &Watching, provider: &ProviderTraits) -> Vec<Named> {
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
    vec![
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
    ]
}

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
    let api = Api::<DeserializeGuard<K>>::all(watching.client.clone());
    let open = move || watcher(api.clone(), watcher::Config::default());
    let own = watching.clone();
    let see = move |object: DeserializeGuard<K>| see(&own, kind, object, &is_ours);
    (name, follow(watching.clone(), kind, event, open, see).boxed())
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
        Ok(model) => Seen::Object(model),
        Err(problem) => skip::<K>(watching, kind, &metadata, &problem.to_string()),
    }
}

fn skip<K: Decoded>(
    watching: &Watching,
    kind: Kind,
    metadata: &ObjectMeta,
    problem: &str,
) -> Seen<K::Model> {
    let key = K::key(metadata);
    watching.metrics.skipped(kind.name());
    tracing::warn!(kind = kind.name(), object = ?key, problem, "object skipped");
    Seen::Absent(key)
}

fn watch_node_class(watching: &Watching, class: NodeClassKind) -> Named {
    let kind = GroupVersionKind::gvk(&class.group, &class.version, &class.kind);
    let resource = ApiResource::from_gvk_with_plural(&kind, &class.plural);
    let api = Api::<DynamicObject>::all_with(watching.client.clone(), &resource);
    let open = move || watcher(api.clone(), watcher::Config::default());
    let see = move |object: DynamicObject| -> Seen<NodeClass> {
        Seen::Object(node_class::decode(&class.group, &class.kind, object))
    };
    let task = follow(watching.clone(), Kind::NodeClass, ClusterEvent::NodeClass, open, see);
    ("watch-nodeclass", task.boxed())
}
