//! The writes that make the status of every buffer say what it comes to.

use std::sync::Arc;

use jiff::Timestamp;

use super::status::status;
use super::{Resolved, Unresolved, resolve, target};
use crate::api::v1beta1::capacity_buffer::CapacityBuffer as Object;
use crate::decide::plan::{Plan, Step};
use crate::model::capacity_buffer::CapacityBuffer;
use crate::model::ids::ObjectKey;
use crate::state::{ChunkSources, ClusterSnapshot};

/// One write of the status of a buffer.
#[derive(Debug, Clone)]
pub struct BufferStep {
    /// The buffer as it is known.
    pub buffer: Arc<CapacityBuffer>,
    /// The object as it shall be.
    pub after: Box<Object>,
}

impl Step for BufferStep {
    fn object(&self) -> String {
        format!("capacitybuffer/{}", self.buffer.key)
    }
}

/// What `buffer` comes to, with what it refers to among `sources`.
///
/// # Errors
/// Why nothing can be provisioned.
pub fn resolution(buffer: &CapacityBuffer, sources: &ChunkSources) -> Result<Resolved, Unresolved> {
    let spec = &buffer.object.spec;
    let target = target(spec)?;
    let key = ObjectKey::new(buffer.key.namespace.clone(), target.name);
    match sources.get(target.kind, &key).map(|source| &source.chunk) {
        None => resolve(spec, None),
        Some(Ok(chunk)) => resolve(spec, Some(chunk)),
        Some(Err(problem)) => Err(Unresolved::Failed(problem.to_string())),
    }
}

/// Writes of statuses that do not say what their buffer comes to at `now`, in key order. A buffer that is being deleted
/// is left alone.
pub fn writes(snapshot: &ClusterSnapshot, now: Timestamp) -> Plan<BufferStep> {
    let mut plan = Plan::default();
    for buffer in snapshot.buffers.values() {
        let object = &*buffer.object;
        if buffer.is_being_deleted() {
            continue;
        }
        let resolution = resolution(buffer, &snapshot.chunk_sources);
        let round = snapshot.intents.round_of(&buffer.key);
        let status = Some(status(object, &resolution, round, now));
        if status != object.status {
            let after = Box::new(Object { status, ..object.clone() });
            plan.steps.push(BufferStep { buffer: buffer.clone(), after });
        }
    }
    plan
}
