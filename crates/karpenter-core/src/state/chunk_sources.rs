//! What CapacityBuffers can refer to, by kind.

use std::sync::Arc;

use imbl::OrdMap;
use jiff::Timestamp;

use super::collection::{Change, Collection};
use crate::model::chunk_source::{ChunkSource, ChunkSourceKind};
use crate::model::ids::ObjectKey;

/// PodTemplates and workloads; none while no feature needs them.
#[derive(Debug, Clone, Default)]
pub struct ChunkSources {
    by_kind: OrdMap<ChunkSourceKind, Collection<ChunkSource>>,
}

impl ChunkSources {
    /// The object of this kind and key.
    pub fn get(&self, kind: ChunkSourceKind, key: &ObjectKey) -> Option<&Arc<ChunkSource>> {
        self.by_kind.get(&kind)?.get(key)
    }

    pub(super) fn apply(
        &mut self,
        kind: ChunkSourceKind,
        change: Change<ChunkSource>,
        now: Timestamp,
    ) {
        self.by_kind.entry(kind).or_default().apply(change, now);
    }
}
