//! Spread: where a pod goes so that counts stay even.

use super::choices::{Options, Scope};
use super::label_counts::LabelCounts;

/// How even a spread has to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evenness {
    /// By how much a domain may exceed the emptiest.
    pub(super) max_skew: i32,
    /// With fewer domains the emptiest counts as empty.
    pub(super) min_domains: Option<i32>,
}

/// Domains of the bin, one of which the pod may go to: the emptiest of those within the skew, or all of these by count
/// and name when `scope` is wide.
///
/// The minimum is taken over the domains the pod itself allows; when it allows none, any domain will do.
///
/// Source: Karpenter behaviour, next domain of a spread.
pub(super) fn options(counts: &LabelCounts, evenness: Evenness, scope: Scope<'_>) -> Options {
    let own = i64::from(scope.counts_itself);
    let eligible = counts.allowed(scope.pod, None);
    let least = eligible.ones().map(|domain| i64::from(counts.count(domain))).min();
    let n_eligible = i64::try_from(eligible.count()).unwrap_or(i64::MAX);
    let is_short = evenness.min_domains.is_some_and(|min| n_eligible < i64::from(min));
    let least = if is_short { 0 } else { least.unwrap_or(i64::from(i32::MAX)) };
    let is_even = |domain: &usize| {
        i64::from(counts.count(*domain)) + own - least <= i64::from(evenness.max_skew)
    };
    let mut valid: Vec<usize> = counts.allowed(None, scope.node).ones().filter(is_even).collect();
    valid.sort_by_key(|domain| counts.count(*domain));
    if !scope.is_wide
        && let Some(first) = valid.first().map(|first| counts.count(*first))
    {
        valid.retain(|domain| counts.count(*domain) == first);
    }
    Options::one_of(valid)
}
