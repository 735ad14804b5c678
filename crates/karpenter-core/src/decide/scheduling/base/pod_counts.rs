//! How many pods with certain labels each node has, by the number of its name.

use std::sync::Arc;

use imbl::OrdMap;
use rustc_hash::FxHashMap;

use super::numbering::Numbering;
use crate::model::ids::{Namespace, NodeName};
use crate::model::label_selector::Labels;

/// Nodes by the number of their name, and how many pods each has; nodes that nobody knows are left out.
pub(in super::super) type PodsOnNodes = Arc<[(usize, u32)]>;

/// With more distinct labels than this, everything is counted anew from time to time.
const MOST: usize = 16_384;

/// What was counted so far.
#[derive(Debug, Default)]
pub(in super::super) struct PodCounts {
    known: FxHashMap<(Namespace, Labels), (OrdMap<NodeName, u32>, PodsOnNodes)>,
    /// How many names there were when it was counted.
    n_names: usize,
}

impl PodCounts {
    /// The pods of `namespace` with `labels`, which are `on` these nodes. Costs nothing when nothing has changed since
    /// it was last asked for.
    pub(in super::super) fn of(
        &mut self,
        (namespace, labels): (&Namespace, &Labels),
        on: &OrdMap<NodeName, u32>,
        names: &Numbering<NodeName>,
    ) -> PodsOnNodes {
        if self.n_names != names.len() || self.known.len() > MOST {
            self.known.clear();
            self.n_names = names.len();
        }
        let key = (namespace.clone(), labels.clone());
        if let Some((_, counted)) = self.known.get(&key).filter(|(known, _)| known.ptr_eq(on)) {
            return counted.clone();
        }
        let numbered = on.iter().filter_map(|(node, n)| Some((names.find(node)?, *n)));
        let counted: PodsOnNodes = numbered.collect();
        self.known.insert(key, (on.clone(), counted.clone()));
        counted
    }
}
