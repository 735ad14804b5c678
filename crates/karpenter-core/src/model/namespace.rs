//! Namespaces, as far as selectors look at them.

use super::ids::{self, ResourceVersion, Uid};
use super::label_selector::Labels;

/// One Namespace.
///
/// Source: Kubernetes API (`v1.Namespace`).
#[derive(Debug, Clone, PartialEq)]
pub struct Namespace {
    /// Name.
    pub name: ids::Namespace,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// Labels, which pod affinity terms select namespaces by.
    pub labels: Labels,
}
