//! From the records of a data directory to a running state.

use serde_json::Value;

use crate::config::Config;
use crate::crd;
use crate::gc;
use crate::ids::Ids;
use crate::journal::{DataError, Journal, Loaded, Op, Record};
use crate::kind::KindId;
use crate::object::{Key, is_terminating};
use crate::state::{Ctx, State};
use crate::store::Packed;

impl State {
    /// The state of the data directory of the settings, or an empty one without a directory.
    ///
    /// # Errors
    /// [`DataError`] when the directory cannot be used or holds damaged files.
    pub(crate) fn open(config: Config) -> Result<Self, DataError> {
        let mut state = Self::new(config);
        let Some(dir) = state.config.data.clone() else { return Ok(state) };
        let limit = state.config.journal_bytes;
        let journal = Journal::open(&dir, limit, |loaded| state.take(loaded))?;
        let version = state.store.version();
        if version > 1 {
            state.ids = Ids::resumed(state.config.seed, version);
        }
        state.store.attach(journal);
        Ok(state)
    }

    /// Takes in one record, in the order of the files.
    fn take(&mut self, loaded: Loaded) -> Result<(), &'static str> {
        match loaded {
            Loaded::SnapshotEnd(version) => self.store.rebase(version),
            Loaded::Object(record) => {
                if let Some(object) = facts(&record) {
                    self.index(&record.id, &record.key, None, Some(&object));
                }
                self.store.load(record);
            }
            Loaded::Change(record) => {
                if record.version <= self.store.version() {
                    return Err("the version does not follow the one before");
                }
                let before = self.store.packed(&record.id, &record.key).map(Packed::head);
                let (id, key, object) = (&record.id, &record.key, facts(&record));
                match record.op {
                    Op::Put => self.index(id, key, before.as_ref(), object.as_ref()),
                    Op::Remove => self.owners.changed(id, key, object.as_ref(), None),
                }
                self.store.replay(record);
            }
        }
        Ok(())
    }

    fn index(&mut self, id: &KindId, key: &Key, before: Option<&Value>, after: Option<&Value>) {
        self.owners.changed(id, key, before, Some(after.unwrap_or(&Value::Null)));
        if let Some(object) = after {
            self.leaving.changed(id, key, object);
        }
    }

    /// Serves the stored definitions and goes on with deletions that were under way.
    pub(crate) fn resume(&mut self, ctx: &Ctx) {
        if let Ok(definitions) = self.kind(crd::GROUP, crd::PLURAL) {
            for key in self.keys(&definitions.id()) {
                // A definition that is stored can be found.
                let _ = crd::establish(self, ctx, &definitions, &key);
            }
        }
        let namespaces: KindId = (String::new(), "namespaces".to_owned());
        for key in self.keys(&namespaces) {
            let stored = self.store.get(&namespaces, &key);
            if stored.is_some_and(|namespace| is_terminating(&namespace.object)) {
                gc::empty_namespace(self, ctx, &key.name);
            }
        }
        gc::collect(self, ctx);
    }

    fn keys(&self, id: &KindId) -> Vec<Key> {
        let log = self.store.log(id);
        log.into_iter().flat_map(|log| log.packed(None, None)).map(|(key, _)| key.clone()).collect()
    }
}

/// The metadata of a record's object, when it says anything about deletion or owners.
fn facts(record: &Record) -> Option<Value> {
    let packed = Packed { json: record.json.clone(), version: record.version };
    let telling = record.op == Op::Remove
        || packed.mentions("\"ownerReferences\"")
        || packed.mentions("\"deletionTimestamp\"");
    telling.then(|| packed.head())
}
