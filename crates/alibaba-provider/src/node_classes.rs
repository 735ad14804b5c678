//! ECSNodeClass objects as last read or written.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::RwLock;

use crate::api::node_class::ECSNodeClass;

/// Classes by name; cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct NodeClasses(Arc<RwLock<BTreeMap<String, Arc<ECSNodeClass>>>>);

impl NodeClasses {
    /// The class called `name`.
    pub fn get(&self, name: &str) -> Option<Arc<ECSNodeClass>> {
        self.0.read().get(name).cloned()
    }

    /// Enters a class as the API answered it.
    pub fn learn(&self, class: ECSNodeClass) -> Arc<ECSNodeClass> {
        let class = Arc::new(class);
        let name = class.metadata.name.clone().unwrap_or_default();
        self.0.write().insert(name, class.clone());
        class
    }

    /// Forgets classes whose name is not among `names`.
    pub fn keep(&self, names: &[&str]) {
        self.0.write().retain(|name, _| names.contains(&name.as_str()));
    }

    /// All classes, by name.
    pub fn snapshot(&self) -> BTreeMap<String, Arc<ECSNodeClass>> {
        self.0.read().clone()
    }
}
