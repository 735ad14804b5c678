//! Anti-affinity, in both directions: where nobody of the group is.

use super::choices::{Options, Scope};
use super::label_counts::LabelCounts;

/// All empty domains of the bin together: which one it becomes may stay open.
///
/// Source: Karpenter behaviour, next domain of an anti-affinity. Differs: a bin that cannot have the label is free.
pub(super) fn options(counts: &LabelCounts, scope: Scope<'_>) -> Options {
    if scope.cannot_have_key {
        return Options::Free;
    }
    Options::any(counts.allowed(scope.pod, scope.node).without(&counts.used))
}
