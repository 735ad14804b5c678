//! Objects and their history: one log per kind under one global resource version.

mod log;
mod packed;
mod selector;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub(crate) use self::log::{Change, KindLog, Stored};
pub(crate) use self::packed::Packed;
pub(crate) use self::selector::Selector;
use crate::journal::{Contents, Journal, Op, Record};
use crate::kind::KindId;
use crate::object::{Key, metadata};
use crate::write_log::Effect;

/// All logs. The first version is 1, so that `0` can mean "any" as in the Kubernetes API.
#[derive(Debug)]
pub(crate) struct Store {
    version: u64,
    window: usize,
    /// Version before which nothing is known.
    base: u64,
    journal: Option<Journal>,
    logs: BTreeMap<KindId, KindLog>,
}

impl Store {
    /// An empty store that keeps `window` changes per kind.
    pub(crate) fn new(window: usize) -> Self {
        Self { version: 1, window, base: 0, journal: None, logs: BTreeMap::new() }
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
        let (window, base) = (self.window, self.base);
        self.logs.entry(id.clone()).or_insert_with(|| KindLog::new(window, base))
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
    pub(crate) fn get(&self, id: &KindId, key: &Key) -> Option<Stored> {
        self.logs.get(id)?.get(key)
    }

    /// The stored object, not parsed.
    pub(crate) fn packed(&self, id: &KindId, key: &Key) -> Option<&Packed> {
        self.logs.get(id)?.peek(key)
    }

    /// Whether there is such an object.
    pub(crate) fn contains(&self, id: &KindId, key: &Key) -> bool {
        self.logs.get(id).is_some_and(|log| log.contains(key))
    }

    /// Stores `object` under the next version, which is written into its metadata.
    pub(crate) fn put(&mut self, id: &KindId, key: Key, object: Value) -> Stored {
        let stored = self.stamp(object);
        self.write(id, key, Op::Put, &stored);
        stored
    }

    /// Removes an object; the returned last state carries the version of the removal.
    pub(crate) fn remove(&mut self, id: &KindId, key: &Key, last: Value) -> Stored {
        let stored = self.stamp(last);
        self.write(id, key.clone(), Op::Remove, &stored);
        stored
    }

    fn write(&mut self, id: &KindId, key: Key, op: Op, stored: &Stored) {
        let json = stored.json.clone();
        let record = Record { version: stored.version, op, id: id.clone(), key, json };
        if let Some(journal) = &mut self.journal {
            journal.append(&record);
        }
        self.replay(record);
    }

    /// Makes a change that was journaled before.
    pub(crate) fn replay(&mut self, record: Record) {
        let Record { version, op, id, key, json } = record;
        self.version = version;
        let after = Packed { json, version };
        let log = self.log_mut(&id);
        match op {
            Op::Put => log.put(key, after),
            Op::Remove => log.remove(&key, after),
        }
    }

    /// Takes in an object of a snapshot.
    pub(crate) fn load(&mut self, record: Record) {
        let Record { version, id, key, json, .. } = record;
        self.log_mut(&id).load(key, Packed { json, version });
    }

    /// Goes on from the version a snapshot was taken at; what happened before it is unknown.
    pub(crate) fn rebase(&mut self, version: u64) {
        (self.version, self.base) = (version, version);
        self.logs.values_mut().for_each(|log| log.rebase(version));
    }

    /// Writes every later change to this journal too.
    pub(crate) fn attach(&mut self, journal: Journal) {
        self.journal = Some(journal);
    }

    /// Why writes are refused, when the journal cannot be written.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.journal.as_ref().and_then(Journal::failure)
    }

    /// Shortens a journal that has become long; cheap otherwise.
    pub(crate) fn compact(&mut self) {
        let Some(journal) = &mut self.journal else { return };
        let bytes = self.logs.values().map(KindLog::bytes).sum();
        if !journal.is_long(bytes) {
            return;
        }
        let objects = |log: &KindLog| {
            log.packed(None, None).map(|(key, packed)| (key.clone(), packed.clone())).collect()
        };
        let contents: Contents =
            self.logs.iter().map(|(id, log)| (id.clone(), objects(log))).collect();
        journal.compact(self.version, contents);
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
