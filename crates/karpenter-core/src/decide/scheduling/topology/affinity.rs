//! Affinity: where the others are, or anywhere for the first of its kind.

use super::choices::{Options, Scope};
use super::label_counts::LabelCounts;

/// Domains of the bin that have pods of the group; without any the pod may start a new one, if it is of the group
/// itself and the group has nobody where the pod could go.
///
/// Source: Karpenter behaviour, next domain of an affinity. Differs: a new one is a single domain.
pub(super) fn options(counts: &LabelCounts, scope: Scope<'_>) -> Options {
    let allowed = counts.allowed(scope.pod, scope.node);
    let near = allowed.and(&counts.used);
    if !near.is_zero() {
        return Options::any(near);
    }
    let is_somewhere = counts.allowed(scope.pod, None).meets(&counts.used);
    if scope.counts_itself && !is_somewhere {
        return Options::one_of(allowed.ones());
    }
    Options::None
}
