//! Everything behind the lock, and the two ways it changes: an object is stored or removed.
//!
//! Verbs decide; this module keeps the store, the write log, the owner index and the registry of
//! kinds in step with each other.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::admission::Leaving;
use crate::config::Config;
use crate::error::ApiError;
use crate::gc::Owners;
use crate::ids::Ids;
use crate::kind::Kind;
use crate::object::Key;
use crate::registry::Registry;
use crate::store::{Packed, Store, Stored};
use crate::write_log::{Effect, Verb, WriteLog, WriteRecord};

/// Who writes, when, and whether it counts.
#[derive(Debug, Clone)]
pub(crate) struct Ctx {
    /// Time of the request in whole seconds, RFC 3339.
    pub(crate) now: String,
    /// Name in the write log.
    pub(crate) actor: String,
    /// Nothing is stored; answers are as if it were.
    pub(crate) dry_run: bool,
    /// What was asked for.
    pub(crate) verb: Verb,
}

/// The whole server without HTTP.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) registry: Registry,
    pub(crate) ids: Ids,
    pub(crate) owners: Owners,
    pub(crate) writes: WriteLog,
    /// Namespaces whose contents are being deleted.
    pub(crate) closing: BTreeSet<String>,
    /// Claims whose deletion waits for their pods.
    pub(crate) leaving: Leaving,
}

impl State {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            store: Store::new(config.watch_window),
            registry: Registry::new(),
            ids: Ids::new(config.seed),
            owners: Owners::default(),
            writes: WriteLog::default(),
            closing: BTreeSet::new(),
            leaving: Leaving::default(),
            config,
        }
    }

    /// The stored object.
    pub(crate) fn get(&self, kind: &Kind, key: &Key) -> Result<Stored, ApiError> {
        let found = self.store.get(&kind.id(), key);
        found.ok_or_else(|| ApiError::not_found(kind, &key.name))
    }

    /// Stores an object; a dry run only shows what would be stored.
    pub(crate) fn put(&mut self, ctx: &Ctx, kind: &Kind, key: &Key, object: Value) -> Stored {
        if ctx.dry_run {
            return Stored::new(object, self.store.version());
        }
        let id = kind.id();
        let before = self.store.packed(&id, key).map(Packed::head);
        let effect = if before.is_some() { Effect::Modified } else { Effect::Added };
        let stored = self.store.put(&id, key.clone(), object);
        self.owners.changed(&id, key, before.as_ref(), Some(&stored.object));
        self.leaving.changed(&id, key, &stored.object);
        self.record(ctx, kind, key, effect, stored.version);
        stored
    }

    /// Removes an object for good; its dependents and an emptied namespace follow.
    pub(crate) fn remove(&mut self, ctx: &Ctx, kind: &Kind, key: &Key, last: Value) -> Stored {
        if ctx.dry_run {
            return Stored::new(last, self.store.version());
        }
        let id = kind.id();
        let stored = self.store.remove(&id, key, last);
        self.owners.changed(&id, key, Some(&stored.object), None);
        self.record(ctx, kind, key, Effect::Deleted, stored.version);
        stored
    }

    /// The registered kind of a group and plural.
    pub(crate) fn kind(&self, group: &str, plural: &str) -> Result<Arc<Kind>, ApiError> {
        self.registry.get(group, plural).ok_or_else(ApiError::no_such_path)
    }

    fn record(&mut self, ctx: &Ctx, kind: &Kind, key: &Key, effect: Effect, version: u64) {
        let record = WriteRecord {
            resource_version: version,
            verb: ctx.verb,
            effect,
            kind: kind.qualified_kind(),
            namespace: key.namespace.clone(),
            name: key.name.clone(),
            actor: ctx.actor.clone(),
        };
        self.writes.push(record, self.config.max_write_records);
    }
}
