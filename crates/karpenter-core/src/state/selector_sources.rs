//! Objects that select pods, by kind; owners of pods also by uid.

use std::sync::Arc;

use imbl::OrdMap;
use jiff::Timestamp;

use super::collection::{Change, Collection};
use crate::model::ids::Uid;
use crate::model::selector_source::{SelectorSource, SelectorSourceKind};

/// Services and workloads; none while no option needs them.
#[derive(Debug, Clone, Default)]
pub struct SelectorSources {
    by_kind: OrdMap<SelectorSourceKind, Collection<SelectorSource>>,
    by_uid: OrdMap<Uid, (SelectorSourceKind, Arc<SelectorSource>)>,
}

impl SelectorSources {
    /// Objects of one kind in key order.
    pub fn of_kind(&self, kind: SelectorSourceKind) -> impl Iterator<Item = &Arc<SelectorSource>> {
        self.by_kind.get(&kind).into_iter().flat_map(Collection::values)
    }

    /// The object with this uid, and its kind.
    pub fn owner(&self, uid: &Uid) -> Option<(SelectorSourceKind, &Arc<SelectorSource>)> {
        self.by_uid.get(uid).map(|(kind, source)| (*kind, source))
    }

    pub(super) fn apply(
        &mut self,
        kind: SelectorSourceKind,
        change: Change<SelectorSource>,
        now: Timestamp,
    ) {
        for (old, new) in self.by_kind.entry(kind).or_default().apply(change, now) {
            if let Some(old) = old {
                self.by_uid.remove(&old.uid);
            }
            if let Some(new) = new {
                self.by_uid.insert(new.uid.clone(), (kind, new));
            }
        }
    }
}
