//! What an actor knows: a mirror of the kinds it watches.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::{Stream, StreamExt};
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind};
use kube::runtime::watcher::{Config, Event, watcher};
use serde_json::Value;

use crate::object::{Key, meta_str};

/// Pause after a failed list or watch.
const RETRY: Duration = Duration::from_secs(1);

/// A kind an actor watches or writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Watched {
    pub(super) group: &'static str,
    pub(super) kind: &'static str,
    pub(super) plural: &'static str,
}

impl Watched {
    const fn new(group: &'static str, kind: &'static str, plural: &'static str) -> Self {
        Self { group, kind, plural }
    }
}

pub(super) const PODS: Watched = Watched::new("", "Pod", "pods");
pub(super) const NODES: Watched = Watched::new("", "Node", "nodes");
pub(super) const DEPLOYMENTS: Watched = Watched::new("apps", "Deployment", "deployments");
pub(super) const REPLICASETS: Watched = Watched::new("apps", "ReplicaSet", "replicasets");
pub(super) const DAEMONSETS: Watched = Watched::new("apps", "DaemonSet", "daemonsets");
pub(super) const BUDGETS: Watched =
    Watched::new("policy", "PodDisruptionBudget", "poddisruptionbudgets");
pub(super) const STATEFULSETS: Watched = Watched::new("apps", "StatefulSet", "statefulsets");
pub(super) const JOBS: Watched = Watched::new("batch", "Job", "jobs");
pub(super) const NAMESPACES: Watched = Watched::new("", "Namespace", "namespaces");
pub(super) const EVENTS: Watched = Watched::new("", "Event", "events");
pub(super) const CLAIMS: Watched =
    Watched::new("", "PersistentVolumeClaim", "persistentvolumeclaims");
pub(super) const VOLUMES: Watched = Watched::new("", "PersistentVolume", "persistentvolumes");
pub(super) const CLASSES: Watched =
    Watched::new("storage.k8s.io", "StorageClass", "storageclasses");
pub(super) const CSI_NODES: Watched = Watched::new("storage.k8s.io", "CSINode", "csinodes");
pub(super) const ATTACHMENTS: Watched =
    Watched::new("storage.k8s.io", "VolumeAttachment", "volumeattachments");
pub(super) const LEASES: Watched = Watched::new("coordination.k8s.io", "Lease", "leases");

/// Objects of one kind, in key order.
pub(super) type Objects = BTreeMap<Key, Arc<Value>>;

type Events = Pin<Box<dyn Stream<Item = Event<DynamicObject>> + Send>>;

/// Mirror of one kind.
struct Mirror {
    watched: Watched,
    events: Events,
    objects: Objects,
    /// Objects of a list under way.
    listing: Option<Objects>,
    synced: bool,
    /// Newest version seen, and the version of our own newest write.
    seen: u64,
    wanted: u64,
}

/// Mirrors of all kinds of an actor.
pub(super) struct World {
    mirrors: Vec<Mirror>,
}

impl World {
    /// Starts watching; nothing is known until [`World::synced`].
    pub(super) fn new(client: &kube::Client, kinds: &[Watched]) -> Self {
        Self { mirrors: kinds.iter().map(|kind| Mirror::new(client, *kind)).collect() }
    }

    /// Whether every kind has been listed once.
    pub(super) fn synced(&self) -> bool {
        self.mirrors.iter().all(|mirror| mirror.synced)
    }

    /// Objects of a watched kind; empty for any other.
    pub(super) fn objects(&self, kind: Watched) -> &Objects {
        static NONE: Objects = Objects::new();
        self.mirrors.iter().find(|m| m.watched == kind).map_or(&NONE, |mirror| &mirror.objects)
    }

    /// Waits for a change and takes in all that are there.
    pub(super) async fn changed(&mut self) {
        poll_fn(|context| if self.poll(context) { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    /// Notes that our own write will show up with this version.
    pub(super) fn expect(&mut self, kind: Watched, version: u64) {
        if let Some(mirror) = self.mirrors.iter_mut().find(|mirror| mirror.watched == kind) {
            mirror.wanted = mirror.wanted.max(version);
        }
    }

    /// Waits until our own writes have shown up; true when anything was taken in meanwhile.
    pub(super) async fn settled(&mut self) -> bool {
        let mut any = false;
        while self.mirrors.iter().any(|mirror| mirror.seen < mirror.wanted) {
            self.changed().await;
            any = true;
        }
        any
    }

    /// Takes in what is ready, kind by kind; true when there was anything.
    fn poll(&mut self, context: &mut Context<'_>) -> bool {
        let mut any = false;
        for mirror in &mut self.mirrors {
            while let Poll::Ready(Some(event)) = mirror.events.as_mut().poll_next(context) {
                mirror.take(event);
                any = true;
            }
        }
        any
    }
}

impl Mirror {
    fn new(client: &kube::Client, watched: Watched) -> Self {
        let kind = GroupVersionKind::gvk(watched.group, "v1", watched.kind);
        let resource = ApiResource::from_gvk_with_plural(&kind, watched.plural);
        let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
        let events = watcher(api, Config::default()).filter_map(|event| async move {
            match event {
                Ok(event) => Some(event),
                Err(error) => {
                    tracing::debug!(%error, "watch failed, trying again");
                    tokio::time::sleep(RETRY).await;
                    None
                }
            }
        });
        Self {
            watched,
            events: Box::pin(events),
            objects: Objects::new(),
            listing: None,
            synced: false,
            seen: 0,
            wanted: 0,
        }
    }

    fn take(&mut self, event: Event<DynamicObject>) {
        match event {
            Event::Init => self.listing = Some(Objects::new()),
            Event::InitApply(object) => {
                if let Some((key, object)) = self.read(object) {
                    self.listing.get_or_insert_default().insert(key, object);
                }
            }
            Event::InitDone => {
                self.objects = self.listing.take().unwrap_or_default();
                self.synced = true;
                self.wanted = 0;
            }
            Event::Apply(object) => {
                if let Some((key, object)) = self.read(object) {
                    self.objects.insert(key, object);
                }
            }
            Event::Delete(object) => {
                if let Some((key, _)) = self.read(object) {
                    self.objects.remove(&key);
                }
            }
        }
    }

    fn read(&mut self, object: DynamicObject) -> Option<(Key, Arc<Value>)> {
        let object = serde_json::to_value(object).ok()?;
        self.seen = self.seen.max(version(&object));
        let key =
            Key::new(meta_str(&object, "namespace").unwrap_or(""), meta_str(&object, "name")?);
        Some((key, Arc::new(object)))
    }
}

/// Version of an object as a number; zero when it has none.
pub(super) fn version(object: &Value) -> u64 {
    meta_str(object, "resourceVersion").and_then(|text| text.parse().ok()).unwrap_or_default()
}
