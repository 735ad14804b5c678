//! Classes of the older group as last read or written.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::RwLock;

use super::object::LegacyClass;

/// Classes by name; cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct LegacyClasses(Arc<RwLock<BTreeMap<String, Arc<LegacyClass>>>>);

impl LegacyClasses {
    /// The class called `name`.
    pub fn get(&self, name: &str) -> Option<Arc<LegacyClass>> {
        self.0.read().get(name).cloned()
    }

    /// Enters a class.
    pub fn learn(&self, class: LegacyClass) -> Arc<LegacyClass> {
        let class = Arc::new(class);
        let name = class.class.metadata.name.clone().unwrap_or_default();
        self.0.write().insert(name, class.clone());
        class
    }

    /// Forgets classes whose name is not among `names`, and answers the names forgotten.
    pub fn keep(&self, names: &[&str]) -> Vec<String> {
        let mut all = self.0.write();
        let gone = all.keys().filter(|name| !names.contains(&name.as_str())).cloned().collect();
        all.retain(|name, _| names.contains(&name.as_str()));
        gone
    }

    /// All classes, by name.
    pub fn snapshot(&self) -> BTreeMap<String, Arc<LegacyClass>> {
        self.0.read().clone()
    }
}
