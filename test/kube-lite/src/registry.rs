//! Kinds that are served now: the built-in table and the installed custom kinds.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::builtin;
use crate::kind::{Kind, KindId};

/// Served kinds by group and plural.
#[derive(Debug)]
pub(crate) struct Registry {
    kinds: BTreeMap<KindId, Arc<Kind>>,
}

impl Registry {
    /// The built-in kinds.
    pub(crate) fn new() -> Self {
        let kinds = builtin::kinds().into_iter().map(|kind| (kind.id(), Arc::new(kind)));
        Self { kinds: kinds.collect() }
    }

    pub(crate) fn get(&self, group: &str, plural: &str) -> Option<Arc<Kind>> {
        self.kinds.get(&(group.to_owned(), plural.to_owned())).cloned()
    }

    /// Adds or replaces a kind.
    pub(crate) fn insert(&mut self, kind: Kind) {
        self.kinds.insert(kind.id(), Arc::new(kind));
    }

    pub(crate) fn remove(&mut self, id: &KindId) {
        self.kinds.remove(id);
    }

    /// All kinds by group, then plural.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Kind>> {
        self.kinds.values()
    }

    /// Kinds of one group and version, by plural.
    pub(crate) fn of_version<'a>(
        &'a self,
        group: &'a str,
        version: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Kind>> {
        self.all().filter(move |kind| kind.group == group && kind.version == version)
    }
}
