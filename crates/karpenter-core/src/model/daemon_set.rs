//! DaemonSets: pods every fitting node will run besides its own.

use std::sync::Arc;

use super::ids::{ObjectKey, ResourceVersion, Uid};
use super::pod::PodShape;
use super::resources::Resources;

/// One DaemonSet and the pod it puts on nodes.
///
/// Source: Kubernetes API (`apps/v1` DaemonSet, `spec.template`).
#[derive(Debug, Clone, PartialEq)]
pub struct DaemonSet {
    /// Namespace and name.
    pub key: ObjectKey,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// Constraints of the template.
    pub shape: Arc<PodShape>,
    /// Requests of the template; a limit without request counts as request.
    pub requests: Arc<Resources>,
}
