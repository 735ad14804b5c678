//! Watched objects that cannot be understood, and whether their authors have been told.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::event::Kind;

/// Objects that are left out because they cannot be understood; cloning shares them.
///
/// Grows by one entry per object that exists and cannot be read.
#[derive(Debug, Clone, Default)]
pub struct Unreadable(Arc<Mutex<BTreeMap<(Kind, String), Entry>>>);

/// One object, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its kind.
    pub kind: Kind,
    /// Its name, with the namespace in front where the kind has one.
    pub name: String,
    /// `metadata.generation` that was judged; zero for kinds without.
    pub generation: i64,
    /// What is wrong.
    pub problem: String,
}

#[derive(Debug)]
struct Entry {
    finding: Finding,
    is_told: bool,
}

impl Unreadable {
    /// Notes a finding; answers whether it is news, that is, not the same as noted before.
    pub fn note(&self, finding: Finding) -> bool {
        let mut entries = self.0.lock();
        let key = (finding.kind, finding.name.clone());
        let is_news = entries.get(&key).is_none_or(|known| known.finding != finding);
        if is_news {
            entries.insert(key, Entry { finding, is_told: false });
        }
        is_news
    }

    /// Forgets an object that can be read, or is gone; `name` is asked for only when something is noted at all.
    pub fn forget(&self, kind: Kind, name: impl FnOnce() -> String) {
        let mut entries = self.0.lock();
        if !entries.is_empty() {
            entries.remove(&(kind, name()));
        }
    }

    /// Findings whose authors have not been told, in order of kind and name.
    pub fn untold(&self) -> Vec<Finding> {
        let entries = self.0.lock();
        let untold = entries.values().filter(|entry| !entry.is_told);
        untold.map(|entry| entry.finding.clone()).collect()
    }

    /// The author of the object has been told of exactly this finding.
    pub fn told(&self, finding: &Finding) {
        let mut entries = self.0.lock();
        let entry = entries.get_mut(&(finding.kind, finding.name.clone()));
        if let Some(entry) = entry.filter(|entry| entry.finding == *finding) {
            entry.is_told = true;
        }
    }
}
