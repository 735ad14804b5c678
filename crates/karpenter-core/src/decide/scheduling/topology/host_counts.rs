//! Pods per node.

use fixedbitset::FixedBitSet;

use super::HostId;

/// Pods per host, and which open claims are full for whoever the group limits.
#[derive(Debug)]
pub(super) struct HostCounts {
    counts: Vec<u32>,
    /// Hosts with at least one pod.
    n_used: usize,
    /// How many pods a host may have, the newcomer included if it is counted; `None` for a group that limits nothing.
    limit: Option<i64>,
    /// The first host that is an open claim.
    first_claim: HostId,
    /// Open claims at the limit: for newcomers that are not counted, and for those that are.
    full: [FixedBitSet; 2],
}

impl HostCounts {
    /// Nobody anywhere.
    pub(super) fn new(limit: Option<i64>, first_claim: HostId) -> Self {
        Self { counts: vec![], n_used: 0, limit, first_claim, full: Default::default() }
    }

    /// Pods on a host.
    pub(super) fn count(&self, host: HostId) -> u32 {
        self.counts.get(host).copied().unwrap_or_default()
    }

    /// Whether no host has a pod.
    pub(super) fn is_empty(&self) -> bool {
        self.n_used == 0
    }

    /// Hosts with at least one pod.
    pub(super) fn used(&self) -> impl Iterator<Item = HostId> {
        self.counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(host, _)| host)
    }

    /// All hosts with a count, ascending.
    pub(super) fn counted(&self) -> impl Iterator<Item = (HostId, u32)> {
        self.counts.iter().copied().enumerate()
    }

    /// Open claims that are full for a newcomer.
    pub(super) fn full(&self, counts_itself: bool) -> &FixedBitSet {
        &self.full[usize::from(counts_itself)]
    }

    /// Whether a host is full for a newcomer.
    pub(super) fn is_full(&self, host: HostId, counts_itself: bool) -> bool {
        self.limit
            .is_some_and(|limit| i64::from(self.count(host)) + i64::from(counts_itself) > limit)
    }

    /// Adds `n` pods.
    pub(super) fn add(&mut self, host: HostId, n: u32) {
        if self.counts.len() <= host {
            self.counts.resize(host + 1, 0);
        }
        self.n_used += usize::from(self.counts[host] == 0);
        self.counts[host] += n;
        self.note(host);
    }

    /// Takes one pod back.
    pub(super) fn take_back(&mut self, host: HostId) {
        self.counts[host] -= 1;
        self.n_used -= usize::from(self.counts[host] == 0);
        self.note(host);
    }

    fn note(&mut self, host: HostId) {
        let Some(claim) = host.checked_sub(self.first_claim) else { return };
        for counts_itself in [false, true] {
            let is_full = self.is_full(host, counts_itself);
            let full = &mut self.full[usize::from(counts_itself)];
            full.grow(claim + 1);
            full.set(claim, is_full);
        }
    }
}
