//! What CapacityBuffers come to: how many pods of which kind room is kept for, and what is said about it.
//!
//! Pure parts only: [`target`] says what to read, [`resolve`] what follows from it, [`status`](status::status) what to
//! write, [`virtual_pods`](virtual_pods::virtual_pods) what to plan for. [`writes`](writes::writes) does the first three
//! for all buffers of a snapshot; [`Reserve`](round::Reserve) takes their pods into a round of planning and out of it.
//!
//! Source: Karpenter behaviour, CapacityBuffer.

pub mod chunks;
pub mod round;
pub mod status;
#[cfg(test)]
mod tests;
pub mod virtual_pods;
pub mod writes;

use crate::api::v1beta1::capacity_buffer::{ACTIVE_CAPACITY, CapacityBufferSpec};
use crate::model::chunk_source::ChunkSourceKind;
use crate::model::chunk_template::ChunkTemplate;
use crate::model::resources::Resources;

/// Group of the workloads a buffer can follow.
const WORKLOAD_GROUP: &str = "apps";

/// Object that says what a chunk looks like, in the namespace of the buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its kind.
    pub kind: ChunkSourceKind,
    /// Its name.
    pub name: String,
}

/// A buffer that can be provisioned for.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// What each chunk looks like.
    pub template: ChunkTemplate,
    /// Name of the PodTemplate; `None` for a workload.
    pub pod_template: Option<String>,
    /// Number of chunks, not negative.
    pub chunks: i32,
}

/// Why a buffer cannot be provisioned for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// There is no PodTemplate of that name; it may still come.
    #[error("PodTemplate {0} not found")]
    PodTemplateNotFound(String),
    /// There is no workload of that name; it may still come.
    #[error("{0} {1} not found")]
    ScalableRefNotFound(&'static str, String),
    /// The buffer names nothing.
    #[error("Neither podTemplateRef nor scalableRef is set")]
    NothingReferred,
    /// The buffer wants to be made in a way that is not ours.
    #[error("provisioning strategy {0:?} is not supported")]
    Strategy(String),
    /// The buffer names something that cannot be followed, or holds something that cannot be read.
    #[error("{0}")]
    Failed(String),
}

impl Unresolved {
    /// Reason of the condition.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::PodTemplateNotFound(_) => "PodTemplateNotFound",
            Self::ScalableRefNotFound(..) => "ScalableRefNotFound",
            Self::NothingReferred | Self::Strategy(_) | Self::Failed(_) => "ResolutionFailed",
        }
    }

    /// Whether it counts as an error that is tried again with backoff; the others wait for their author.
    pub fn is_retried(&self) -> bool {
        matches!(self, Self::Failed(_))
    }
}

/// What has to be read to resolve a buffer.
///
/// # Errors
/// The buffer names nothing that could be read.
pub fn target(spec: &CapacityBufferSpec) -> Result<Target, Unresolved> {
    if spec.strategy() != ACTIVE_CAPACITY {
        return Err(Unresolved::Strategy(spec.strategy().to_owned()));
    }
    if let Some(template) = &spec.pod_template_ref {
        return Ok(Target { kind: ChunkSourceKind::PodTemplate, name: template.name.clone() });
    }
    let Some(workload) = &spec.scalable_ref else { return Err(Unresolved::NothingReferred) };
    let group = workload.api_group.as_deref().unwrap_or_default();
    if !matches!(group, "" | WORKLOAD_GROUP) {
        return Err(Unresolved::Failed(format!("scalableRef.apiGroup {group:?} is not supported")));
    }
    let kind = ChunkSourceKind::WORKLOADS.into_iter().find(|kind| kind.as_str() == workload.kind);
    let unsupported = || format!("scalableRef.kind {:?} is not supported", workload.kind);
    let kind = kind.ok_or_else(|| Unresolved::Failed(unsupported()))?;
    Ok(Target { kind, name: workload.name.clone() })
}

/// How many chunks of what; `found` is what was read for [`target`], if it exists.
///
/// # Errors
/// Why nothing can be provisioned.
pub fn resolve(
    spec: &CapacityBufferSpec,
    found: Option<&ChunkTemplate>,
) -> Result<Resolved, Unresolved> {
    let Target { kind, name } = target(spec)?;
    let Some(template) = found else {
        return Err(match kind {
            ChunkSourceKind::PodTemplate => Unresolved::PodTemplateNotFound(name),
            workload => Unresolved::ScalableRefNotFound(workload.as_str(), name),
        });
    };
    let limits = spec.limits.as_ref().map(Resources::from_api).transpose();
    let limits = limits.map_err(|error| Unresolved::Failed(format!("spec.limits: {error}")))?;
    let (pod_template, workload_replicas) = match kind {
        ChunkSourceKind::PodTemplate => (Some(name), None),
        // What does not say how many pods it has has one.
        _ => (None, Some(template.replicas.unwrap_or(1))),
    };
    let wanted = chunks::Wanted {
        replicas: spec.replicas,
        percentage: spec.percentage,
        workload_replicas,
        limits: limits.as_ref(),
    };
    let chunks = wanted.chunks(&template.requests);
    Ok(Resolved { template: template.clone(), pod_template, chunks })
}
