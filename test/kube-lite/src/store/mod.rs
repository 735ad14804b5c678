//! Objects and their history: one log per kind under one global resource version.

mod log;
mod selector;

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub(crate) use self::log::{Change, KindLog, Stored};
pub(crate) use self::selector::Selector;
use crate::kind::KindId;
use crate::object::{Key, metadata};
use crate::write_log::Effect;

/// All logs. The first version is 1, so that `0` can mean "any" as in the Kubernetes API.
#[derive(Debug)]
pub(crate) struct Store {
    version: u64,
    window: usize,
    logs: BTreeMap<KindId, KindLog>,
}

impl Store {
    /// An empty store that keeps `window` changes per kind.
    pub(crate) fn new(window: usize) -> Self {
        Self { version: 1, window, logs: BTreeMap::new() }
    }

    /// Version of the newest change.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The log of a kind, when anything was ever stored or watched.
    pub(crate) fn log(&self, id: &KindId) -> Option<&KindLog> {
        self.logs.get(id)
    }

    /// The log of a kind, made when absent.
    pub(crate) fn log_mut(&mut self, id: &KindId) -> &mut KindLog {
        let window = self.window;
        self.logs.entry(id.clone()).or_insert_with(|| KindLog::new(window))
    }

    /// Forgets a kind with all its objects.
    pub(crate) fn drop_log(&mut self, id: &KindId) {
        self.logs.remove(id);
    }

    /// Kinds that have a log, in order.
    pub(crate) fn kind_ids(&self) -> Vec<KindId> {
        self.logs.keys().cloned().collect()
    }

    /// The stored object.
    pub(crate) fn get(&self, id: &KindId, key: &Key) -> Option<&Stored> {
        self.logs.get(id)?.get(key)
    }

    /// Stores `object` under the next version, which is written into its metadata.
    pub(crate) fn put(&mut self, id: &KindId, key: Key, object: Value) -> Stored {
        let stored = self.stamp(object);
        self.log_mut(id).put(key, stored.clone());
        stored
    }

    /// Removes an object; the returned last state carries the version of the removal.
    pub(crate) fn remove(&mut self, id: &KindId, key: &Key, last: Value) -> Stored {
        let stored = self.stamp(last);
        self.log_mut(id).remove(key, stored.clone());
        stored
    }

    fn stamp(&mut self, mut object: Value) -> Stored {
        self.version += 1;
        metadata(&mut object).insert("resourceVersion".into(), json!(self.version.to_string()));
        Stored::new(object, self.version)
    }
}

/// What a change did, seen through a selector: objects enter and leave the selected set.
pub(crate) fn seen_effect(before: bool, after: bool, effect: Effect) -> Option<Effect> {
    match (before, after && effect != Effect::Deleted) {
        (false, false) => None,
        (false, true) => Some(Effect::Added),
        (true, true) => Some(Effect::Modified),
        (true, false) => Some(Effect::Deleted),
    }
}
