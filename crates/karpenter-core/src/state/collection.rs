//! A sorted map of watched objects that sees our own writes before the watch does.

use std::sync::Arc;
use std::time::Duration;

use imbl::OrdMap;
use jiff::Timestamp;

use crate::model::capacity_buffer::CapacityBuffer;
use crate::model::chunk_source::ChunkSource;
use crate::model::csi_node::CsiNode;
use crate::model::daemon_set::DaemonSet;
use crate::model::device_class::DeviceClass;
use crate::model::disruption_budget::PodDisruptionBudget;
use crate::model::ids::{
    self, NodeClaimName, NodeClassKey, NodeName, NodeOverlayName, NodePoolName,
};
use crate::model::ids::{ObjectKey, PodKey, ResourceVersion, Uid};
use crate::model::namespace::Namespace;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::node_class::NodeClass;
use crate::model::node_pool::NodePool;
use crate::model::overlay::NodeOverlay;
use crate::model::persistent_volume::PersistentVolume;
use crate::model::persistent_volume_claim::PersistentVolumeClaim;
use crate::model::pod::Pod;
use crate::model::resource_claim::ResourceClaim;
use crate::model::resource_slice::ResourceSlice;
use crate::model::selector_source::SelectorSource;
use crate::model::storage_class::StorageClass;
use crate::model::volume_attachment::VolumeAttachment;

/// How long an object we wrote or created is protected against older news.
const WRITE_GUARD: Duration = Duration::from_secs(60);

/// How long a created object may stay without any watch event before it has to be read live.
const CREATE_GUARD: Duration = Duration::from_secs(15);

/// An object with an identity and a version.
pub trait Tracked {
    /// Key within its kind.
    type Key: Ord + Clone + std::fmt::Debug;
    /// The key.
    fn key(&self) -> Self::Key;
    /// Uid; differs between objects of one name.
    fn uid(&self) -> &Uid;
    /// Version of the object.
    fn resource_version(&self) -> &ResourceVersion;
}

macro_rules! tracked {
    ($($model:ty, $key:ty, $field:ident;)*) => {$(
        impl Tracked for $model {
            type Key = $key;
            fn key(&self) -> Self::Key {
                self.$field.clone()
            }
            fn uid(&self) -> &Uid {
                &self.uid
            }
            fn resource_version(&self) -> &ResourceVersion {
                &self.resource_version
            }
        }
    )*};
}

tracked! {
    Pod, PodKey, key;
    Node, NodeName, name;
    NodeClaim, NodeClaimName, name;
    NodePool, NodePoolName, name;
    NodeOverlay, NodeOverlayName, name;
    NodeClass, NodeClassKey, key;
    CapacityBuffer, ObjectKey, key;
    ChunkSource, ObjectKey, key;
    SelectorSource, ObjectKey, key;
    DaemonSet, ObjectKey, key;
    PodDisruptionBudget, ObjectKey, key;
    VolumeAttachment, Arc<str>, name;
    PersistentVolumeClaim, ObjectKey, key;
    PersistentVolume, Arc<str>, name;
    StorageClass, Arc<str>, name;
    CsiNode, NodeName, name;
    ResourceClaim, ObjectKey, key;
    ResourceSlice, Arc<str>, name;
    DeviceClass, Arc<str>, name;
    Namespace, ids::Namespace, name;
}

/// One piece of news about objects of a kind.
#[derive(Debug, Clone)]
pub enum Change<V: Tracked> {
    /// The watch shows the object like this.
    Upsert(Arc<V>),
    /// The watch says the object is gone.
    Delete(V::Key),
    /// A list has ended: exactly these objects exist. What is missing in it has been deleted.
    Reset(Vec<Arc<V>>),
    /// A write of ours was answered with this object; updates an entry of the same uid, never adds one.
    Written(Arc<V>),
    /// A create of ours, or a live read, was answered with this object; the watch has to confirm it.
    Created(Arc<V>),
}

/// What one change did to one entry; both sides are `None` never at once.
pub(super) type Transition<V> = (Option<Arc<V>>, Option<Arc<V>>);

/// Objects of one kind in key order.
#[derive(Debug)]
pub struct Collection<V: Tracked> {
    objects: OrdMap<V::Key, Arc<V>>,
    written: OrdMap<V::Key, Guard>,
    created: OrdMap<V::Key, Guard>,
}

#[derive(Debug, Clone)]
struct Guard {
    uid: Uid,
    version: ResourceVersion,
    until: Timestamp,
}

impl<V: Tracked> Clone for Collection<V> {
    fn clone(&self) -> Self {
        Self {
            objects: self.objects.clone(),
            written: self.written.clone(),
            created: self.created.clone(),
        }
    }
}

impl<V: Tracked> Default for Collection<V> {
    fn default() -> Self {
        Self { objects: OrdMap::new(), written: OrdMap::new(), created: OrdMap::new() }
    }
}

/// The objects as one list shows them; of two with one key the last.
impl<V: Tracked> FromIterator<Arc<V>> for Collection<V> {
    fn from_iter<I: IntoIterator<Item = Arc<V>>>(objects: I) -> Self {
        let objects = objects.into_iter().map(|object| (object.key(), object)).collect();
        Self { objects, ..Self::default() }
    }
}

impl<V: Tracked> Collection<V> {
    /// The object called `key`.
    pub fn get(&self, key: &V::Key) -> Option<&Arc<V>> {
        self.objects.get(key)
    }

    /// Objects in key order.
    pub fn values(&self) -> impl Iterator<Item = &Arc<V>> {
        self.objects.values()
    }

    /// Number of objects.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Folds one change in and returns what became of each entry it touched, in key order.
    pub(super) fn apply(&mut self, change: Change<V>, now: Timestamp) -> Vec<Transition<V>> {
        match change {
            Change::Upsert(object) => self.upsert(object, now).into_iter().collect(),
            Change::Delete(key) => self.delete(&key).into_iter().collect(),
            Change::Reset(live) => self.reset(live, now),
            Change::Written(object) => self.own_write(object, now).into_iter().collect(),
            Change::Created(object) => self.own_create(object, now).into_iter().collect(),
        }
    }

    /// Ends protection against older news where its time is over.
    pub(super) fn expire(&mut self, now: Timestamp) {
        for key in ended(&self.written, |guard| guard.until <= now) {
            self.written.remove(&key);
        }
    }

    /// Created objects that the watch has not confirmed in time, in key order: somebody has to look.
    pub(super) fn unconfirmed(&self, now: Timestamp) -> Vec<Arc<V>> {
        let late = ended(&self.created, |guard| guard.until <= now);
        late.iter().filter_map(|key| self.objects.get(key).cloned()).collect()
    }

    /// When an object becomes unconfirmed next.
    pub(super) fn next_unconfirmed(&self) -> Option<Timestamp> {
        self.created.values().map(|guard| guard.until).min()
    }

    fn upsert(&mut self, object: Arc<V>, now: Timestamp) -> Option<Transition<V>> {
        let key = object.key();
        if self.is_outdated(&key, &object, now) {
            return None;
        }
        self.created.remove(&key);
        let old = self.objects.insert(key, object.clone());
        Some((old, Some(object)))
    }

    fn delete(&mut self, key: &V::Key) -> Option<Transition<V>> {
        self.written.remove(key);
        self.created.remove(key);
        self.objects.remove(key).map(|old| (Some(old), None))
    }

    fn reset(&mut self, live: Vec<Arc<V>>, now: Timestamp) -> Vec<Transition<V>> {
        let names: std::collections::BTreeSet<_> = live.iter().map(|object| object.key()).collect();
        let gone: Vec<_> = self
            .objects
            .keys()
            .filter(|key| !names.contains(*key) && !self.created.contains_key(*key))
            .cloned()
            .collect();
        let mut transitions: Vec<_> = gone.iter().filter_map(|key| self.delete(key)).collect();
        transitions.extend(live.into_iter().filter_map(|object| self.upsert(object, now)));
        transitions
    }

    fn own_write(&mut self, object: Arc<V>, now: Timestamp) -> Option<Transition<V>> {
        let key = object.key();
        let known = self.objects.get(&key)?;
        if known.uid() != object.uid()
            || object.resource_version().is_older_than(known.resource_version())
        {
            return None;
        }
        self.written.insert(key.clone(), Guard::of(&*object, now + WRITE_GUARD));
        let old = self.objects.insert(key, object.clone());
        Some((old, Some(object)))
    }

    fn own_create(&mut self, object: Arc<V>, now: Timestamp) -> Option<Transition<V>> {
        let key = object.key();
        if self.objects.contains_key(&key) && !self.created.contains_key(&key) {
            return self.own_write(object, now);
        }
        self.created.insert(key.clone(), Guard::of(&*object, now + CREATE_GUARD));
        let old = self.objects.insert(key, object.clone());
        Some((old, Some(object)))
    }

    /// Old news about an object we have written since.
    fn is_outdated(&self, key: &V::Key, object: &V, now: Timestamp) -> bool {
        self.written.get(key).is_some_and(|guard| {
            guard.until > now
                && guard.uid == *object.uid()
                && object.resource_version().is_older_than(&guard.version)
        })
    }
}

impl Guard {
    fn of<V: Tracked>(object: &V, until: Timestamp) -> Self {
        Self { uid: object.uid().clone(), version: object.resource_version().clone(), until }
    }
}

/// Keys whose value is over, in key order.
pub(super) fn ended<K: Ord + Clone, V: Clone>(
    map: &OrdMap<K, V>,
    over: impl Fn(&V) -> bool,
) -> Vec<K> {
    map.iter().filter(|(_, value)| over(value)).map(|(key, _)| key.clone()).collect()
}
