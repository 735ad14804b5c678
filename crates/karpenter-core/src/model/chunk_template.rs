//! What one chunk of a CapacityBuffer looks like.

use std::sync::Arc;

use super::pod::PodShape;
use super::resources::Resources;

/// The pod that a PodTemplate or a workload makes, without volumes that would have to be provisioned first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChunkTemplate {
    /// `metadata.generation` of the object the template stands in.
    pub generation: i64,
    /// Constraints.
    pub shape: Arc<PodShape>,
    /// Requests; a limit without request counts as request.
    pub requests: Arc<Resources>,
    /// Replicas of the workload; `None` for a PodTemplate, and for a workload that does not say.
    pub replicas: Option<i32>,
}
