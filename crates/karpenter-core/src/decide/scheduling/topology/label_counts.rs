//! Pods per value of a node label such as the zone.

use crate::decide::scheduling::mask::Mask;
use crate::decide::scheduling::vocabulary::{Said, Vocabulary};
use crate::decide::scheduling::world::KeyId;

/// Pods per domain; a domain is a bit of the label's vocabulary, so that domains are in the order of their names.
#[derive(Debug)]
pub(super) struct LabelCounts {
    /// The label.
    pub(super) key: KeyId,
    counts: Vec<u32>,
    /// Domains that are known, empty or not.
    pub(super) known: Mask,
    /// Domains with at least one pod.
    pub(super) used: Mask,
}

impl LabelCounts {
    /// Nobody anywhere; `known` are the domains.
    pub(super) fn new(key: KeyId, words: &Vocabulary, known: Mask) -> Self {
        Self { key, counts: vec![], known, used: words.nothing() }
    }

    /// Pods in a domain.
    pub(super) fn count(&self, domain: usize) -> u32 {
        self.counts.get(domain).copied().unwrap_or_default()
    }

    /// Adds `n` pods; returns whether the domain was known.
    pub(super) fn add(&mut self, domain: usize, n: u32) -> bool {
        if self.counts.len() <= domain {
            self.counts.resize(domain + 1, 0);
        }
        self.counts[domain] += n;
        let was_known = self.known.contains(domain);
        self.known.insert(domain);
        self.used.insert(domain);
        was_known
    }

    /// Takes back an [`add`](Self::add) of one pod.
    pub(super) fn take_back(&mut self, domain: usize, was_known: bool) {
        self.counts[domain] -= 1;
        if self.counts[domain] == 0 {
            self.used.remove(domain);
        }
        if !was_known {
            self.known.remove(domain);
        }
    }

    /// Domains that both `pod` and `node` allow, as far as they say anything.
    pub(super) fn allowed(&self, pod: Option<&Said>, node: Option<&Said>) -> Mask {
        [pod, node].into_iter().flatten().fold(self.known.clone(), |all, said| all.and(&said.mask))
    }
}
