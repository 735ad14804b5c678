//! Which kinds are watched, and how.

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use kube::Api;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind};
use kube::core::NamespaceResourceScope;
use kube::runtime::watcher;
use serde::de::DeserializeOwned;

use super::guard::{Lenient, decode};
use super::{Fold, Watching, follow};
use crate::api::v1;
use crate::cloud_provider::{NodeClassKind, ProviderTraits};
use crate::state::{Change, ClusterEvent, Kind, Tracked};
use crate::wire;
use crate::wire::Decoded;

/// One future per watched kind; each runs for ever and has a name for the supervisor.
pub fn watch_all(
    watching: &Watching,
    provider: &ProviderTraits,
) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
    vec![
        ("watch-pods", plain::<wire::pod::SlimPod>(watching, Kind::Pod, ClusterEvent::Pod)),
        ("watch-nodes", plain::<wire::node::SlimNode>(watching, Kind::Node, ClusterEvent::Node)),
        (
            "watch-daemonsets",
            plain::<wire::daemon_set::SlimDaemonSet>(
                watching,
                Kind::DaemonSet,
                ClusterEvent::DaemonSet,
            ),
        ),
        (
            "watch-poddisruptionbudgets",
            plain::<wire::disruption_budget::SlimDisruptionBudget>(
                watching,
                Kind::PodDisruptionBudget,
                ClusterEvent::PodDisruptionBudget,
            ),
        ),
        (
            "watch-volumeattachments",
            plain::<wire::volume_attachment::SlimVolumeAttachment>(
                watching,
                Kind::VolumeAttachment,
                ClusterEvent::VolumeAttachment,
            ),
        ),
        ("watch-nodeclaims", claims(watching, provider)),
        ("watch-nodepools", pools(watching, provider)),
        ("watch-nodeclasses", node_classes(watching, provider.node_classes[0].clone())),
    ]
}
