//! One kind: its objects now, its last changes, and a signal for its watches.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::Notify;

use super::Packed;
use crate::object::Key;
use crate::write_log::Effect;

/// One version of one object, parsed; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    /// The object with its metadata.
    pub(crate) object: Arc<Value>,
    /// The object as JSON text, shared by every answer that carries it.
    pub(crate) json: Bytes,
    /// Version of the change that made it.
    pub(crate) version: u64,
}

impl Stored {
    /// Serialises an object whose `resourceVersion` already is `version`.
    pub(crate) fn new(object: Value, version: u64) -> Self {
        // Boxed, so that no spare capacity is kept.
        let json = Bytes::from(object.to_string().into_boxed_str().into_boxed_bytes());
        Self { object: Arc::new(object), json, version }
    }
}

/// One change of one object.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) key: Key,
    pub(crate) effect: Effect,
    /// State before; absent for an addition.
    pub(crate) before: Option<Packed>,
    /// State after; for a deletion the last state under the version of the deletion.
    pub(crate) after: Packed,
}

/// Objects of a kind and the window of its last changes.
#[derive(Debug)]
pub(crate) struct KindLog {
    objects: BTreeMap<Key, Packed>,
    changes: VecDeque<Arc<Change>>,
    window: usize,
    /// Version of the newest change that has left the window; zero when none has.
    forgotten: u64,
    /// Bytes of the texts of all objects.
    bytes: u64,
    signal: Arc<Notify>,
}

impl KindLog {
    /// An empty log of which nothing before the version `base` is known.
    pub(crate) fn new(window: usize, base: u64) -> Self {
        Self {
            objects: BTreeMap::new(),
            changes: VecDeque::new(),
            window: window.max(1),
            forgotten: base,
            bytes: 0,
            signal: Arc::new(Notify::new()),
        }
    }

    /// Wakes all who wait with every change, in the order in which they began to wait.
    ///
    /// A tokio `watch` channel would wake them in random order.
    pub(crate) fn signal(&self) -> Arc<Notify> {
        self.signal.clone()
    }

    /// Oldest version from which changes can still be replayed.
    pub(crate) fn oldest(&self) -> u64 {
        self.forgotten
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Stored> {
        self.objects.get(key).map(Packed::unpack)
    }

    /// As [`Self::get`], not parsed.
    pub(crate) fn peek(&self, key: &Key) -> Option<&Packed> {
        self.objects.get(key)
    }

    pub(crate) fn contains(&self, key: &Key) -> bool {
        self.objects.contains_key(key)
    }

    /// All objects in key order, each parsed on the way.
    pub(crate) fn objects(&self) -> impl Iterator<Item = (&Key, Stored)> {
        self.objects.iter().map(|(key, packed)| (key, packed.unpack()))
    }

    /// Objects of a namespace (all when `None`) after a key, in key order, each parsed on the way.
    pub(crate) fn range<'a>(
        &'a self,
        namespace: Option<&'a str>,
        after: Option<&Key>,
    ) -> impl Iterator<Item = (&'a Key, Stored)> {
        self.packed(namespace, after).map(|(key, packed)| (key, packed.unpack()))
    }

    /// As [`Self::range`], not parsed.
    pub(crate) fn packed<'a>(
        &'a self,
        namespace: Option<&'a str>,
        after: Option<&Key>,
    ) -> impl Iterator<Item = (&'a Key, &'a Packed)> {
        let first = namespace.map(|ns| Key::new(ns, ""));
        let start = match (after, &first) {
            (Some(after), _) => Bound::Excluded(after),
            (None, Some(first)) => Bound::Included(first),
            (None, None) => Bound::Unbounded,
        };
        self.objects
            .range((start, Bound::Unbounded))
            .take_while(move |(key, _)| namespace.is_none_or(|ns| key.namespace == ns))
    }

    /// Changes later than a version, oldest first; the caller has checked [`Self::oldest`].
    pub(crate) fn since(&self, version: u64) -> impl Iterator<Item = &Arc<Change>> {
        let start = self.changes.partition_point(|change| change.after.version <= version);
        self.changes.range(start..)
    }

    /// What differed at an earlier version: for each key changed since, its state then.
    pub(crate) fn rewound(&self, version: u64) -> BTreeMap<Key, Option<Packed>> {
        let mut then = BTreeMap::new();
        for change in self.since(version) {
            then.entry(change.key.clone()).or_insert_with(|| change.before.clone());
        }
        then
    }

    /// Bytes of the texts of all objects.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Forgets all before a version.
    pub(crate) fn rebase(&mut self, version: u64) {
        self.forgotten = version;
    }

    /// Takes in an object without a change: it was there before the base.
    pub(crate) fn load(&mut self, key: Key, object: Packed) {
        self.bytes += object.json.len() as u64;
        self.objects.insert(key, object);
    }

    pub(crate) fn put(&mut self, key: Key, after: Packed) {
        self.bytes += after.json.len() as u64;
        let before = self.objects.insert(key.clone(), after.clone());
        self.forget_bytes(before.as_ref());
        let effect = if before.is_some() { Effect::Modified } else { Effect::Added };
        self.push(Change { key, effect, before, after });
    }

    pub(crate) fn remove(&mut self, key: &Key, after: Packed) {
        let before = self.objects.remove(key);
        self.forget_bytes(before.as_ref());
        self.push(Change { key: key.clone(), effect: Effect::Deleted, before, after });
    }

    /// Replaces the text of an object without a change: a new schema reads it differently.
    pub(crate) fn reread(&mut self, key: &Key, object: Value) {
        if let Some(stored) = self.objects.get_mut(key) {
            *stored = Packed::from(&Stored::new(object, stored.version));
        }
    }

    fn forget_bytes(&mut self, gone: Option<&Packed>) {
        self.bytes -= gone.map_or(0, |packed| packed.json.len() as u64).min(self.bytes);
    }

    fn push(&mut self, change: Change) {
        self.changes.push_back(Arc::new(change));
        while self.changes.len() > self.window {
            if let Some(oldest) = self.changes.pop_front() {
                self.forgotten = oldest.after.version;
            }
        }
        self.signal.notify_waiters();
    }
}

impl Drop for KindLog {
    fn drop(&mut self) {
        self.signal.notify_waiters();
    }
}
