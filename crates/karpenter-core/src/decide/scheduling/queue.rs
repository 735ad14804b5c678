//! Pods waiting for a place, largest first, and when to give up.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::model::pod::Pod;
use crate::model::resources::Resources;

/// A size by its place among all sizes, the largest first.
pub(super) type SizeRank = u32;

/// Pods by index into the input; a pod that found no place goes to the end and is tried again after others were
/// placed.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: VecDeque<usize>,
    /// Length of the queue when the pod was last put back; zero before.
    length_at_return: Vec<usize>,
}

impl Queue {
    /// The `pods` that have a size: most CPU first, then most memory, then oldest, then smallest uid.
    ///
    /// Source: Karpenter behaviour, queue order.
    pub(super) fn new(pods: &[Arc<Pod>], size: impl Fn(usize) -> Option<SizeRank>) -> Self {
        let mut keyed: Vec<_> = pods
            .iter()
            .enumerate()
            .filter_map(|(at, pod)| {
                let key = (size(at)?, pod.created.as_second(), beginning(pod.uid.as_str()));
                Some((key, at))
            })
            .collect();
        let uid = |at: usize| (&pods[at].uid, at);
        keyed.sort_unstable_by(|(a, at_a), (b, at_b)| {
            a.cmp(b).then_with(|| uid(*at_a).cmp(&uid(*at_b)))
        });
        Self {
            waiting: keyed.into_iter().map(|(_, at)| at).collect(),
            length_at_return: vec![0; pods.len()],
        }
    }

    /// The pod to try next; `None` when there is none or all waiting ones were tried since the last success.
    pub(super) fn head(&self) -> Option<usize> {
        let head = *self.waiting.front()?;
        (self.length_at_return[head] != self.waiting.len()).then_some(head)
    }

    /// Takes off the [head](Self::head).
    pub(super) fn pop(&mut self) {
        self.waiting.pop_front();
    }

    /// Puts back a pod that found no place.
    pub(super) fn push(&mut self, pod: usize) {
        self.waiting.push_back(pod);
        self.length_at_return[pod] = self.waiting.len();
    }

    /// Pods without a place, in queue order.
    pub(super) fn waiting(&self) -> impl Iterator<Item = usize> {
        self.waiting.iter().copied()
    }

    /// Whether `pod`, which waits, was ever put back.
    pub(super) fn was_tried(&self, pod: usize) -> bool {
        self.length_at_return[pod] > 0
    }
}

/// Per entry of `requests` the rank of its size: most CPU first, then most memory.
pub(super) fn size_ranks<'r>(requests: impl Iterator<Item = &'r Resources>) -> Vec<SizeRank> {
    let amount = |own: &Resources, name| Reverse(own.get_or_zero(name).nanos());
    let sizes: Vec<_> = requests.map(|own| (amount(own, "cpu"), amount(own, "memory"))).collect();
    let mut distinct = sizes.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let rank = |size| distinct.partition_point(|other| other < size);
    sizes.iter().map(|size| SizeRank::try_from(rank(size)).unwrap_or(SizeRank::MAX)).collect()
}

/// The first bytes of a text as a number that compares as they do.
fn beginning(text: &str) -> u128 {
    let mut bytes = [0; 16];
    let n = text.len().min(bytes.len());
    bytes[..n].copy_from_slice(&text.as_bytes()[..n]);
    u128::from_be_bytes(bytes)
}
