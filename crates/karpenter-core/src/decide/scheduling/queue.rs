//! Pods waiting for a place, largest first, and when to give up.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::model::pod::Pod;

/// Pods by index into the input; a pod that found no place goes to the end and is tried again after others were
/// placed.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: VecDeque<usize>,
    /// Length of the queue when the pod was last put back; zero before.
    length_at_return: Vec<usize>,
}

impl Queue {
    /// The `pods` that are `wanted`: most CPU first, then most memory, then oldest, then smallest uid.
    ///
    /// Source: Karpenter behaviour, queue order.
    pub(super) fn new(pods: &[Arc<Pod>], wanted: impl Fn(usize) -> bool) -> Self {
        let mut keyed: Vec<_> = pods
            .iter()
            .enumerate()
            .filter(|(at, _)| wanted(*at))
            .map(|(at, pod)| {
                let amount = |name| Reverse(pod.requests.get_or_zero(name).nanos());
                (amount("cpu"), amount("memory"), pod.created.as_second(), &pod.uid, at)
            })
            .collect();
        keyed.sort_unstable();
        Self {
            waiting: keyed.into_iter().map(|key| key.4).collect(),
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
