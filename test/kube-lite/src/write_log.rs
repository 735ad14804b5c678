//! What was written, by whom, in which order: the evidence of determinism checks.

use std::collections::BTreeMap;
use std::fmt;

/// What a request asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Verb {
    /// POST to a collection.
    Create,
    /// PUT.
    Update,
    /// PUT to the status subresource.
    UpdateStatus,
    /// PATCH.
    Patch,
    /// PATCH with an apply patch, of the status subresource too.
    Apply,
    /// PATCH of the status subresource.
    PatchStatus,
    /// PUT or PATCH of the scale subresource.
    Scale,
    /// POST to `pods/binding`.
    Bind,
    /// POST to `pods/eviction`.
    Evict,
    /// DELETE of one object or of a collection.
    Delete,
    /// Deletion of a dependent or of the contents of a namespace by the server itself.
    Collect,
}

/// What happened to the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The object is new.
    Added,
    /// The object changed.
    Modified,
    /// The object is gone.
    Deleted,
}

/// One change of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteRecord {
    /// Version the change got; unique and increasing.
    pub resource_version: u64,
    /// What was asked for.
    pub verb: Verb,
    /// What happened.
    pub effect: Effect,
    /// Kind, such as `Pod`, with `.group` for named groups.
    pub kind: String,
    /// Namespace; empty for cluster-scoped objects.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// The `kube-lite-actor` header, else the field manager, else the user agent, else `-`.
    pub actor: String,
}

impl fmt::Display for WriteRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource_version, verb, effect, kind, namespace, name, actor } = self;
        write!(f, "{resource_version} {verb:?} {effect:?} {kind} {namespace}/{name} {actor}")
    }
}

/// All changes since the start, in order, and how many of each sort there were.
///
/// No-op writes, refused requests and dry runs leave no record.
///
/// Source: ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteLog {
    records: Vec<WriteRecord>,
    counts: BTreeMap<(Verb, String), u64>,
}

impl WriteLog {
    /// Counts a change and keeps it while fewer than `limit` are kept.
    pub(crate) fn push(&mut self, record: WriteRecord, limit: usize) {
        *self.counts.entry((record.verb, record.kind.clone())).or_default() += 1;
        if self.records.len() < limit {
            self.records.push(record);
        }
    }

    /// Changes in order of their resource version.
    #[must_use]
    pub fn records(&self) -> &[WriteRecord] {
        &self.records
    }

    /// Number of changes per verb and kind, in that order.
    #[must_use]
    pub fn counts(&self) -> &BTreeMap<(Verb, String), u64> {
        &self.counts
    }

    /// Number of changes of one verb and kind, such as `(Verb::Create, "Pod")`.
    #[must_use]
    pub fn count(&self, verb: Verb, kind: &str) -> u64 {
        self.counts.get(&(verb, kind.to_owned())).copied().unwrap_or_default()
    }

    /// One line per change: equal bytes mean equal histories.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.records.iter().map(|record| format!("{record}\n")).collect()
    }
}
