//! Packing one machine after the other, each time the one that holds most value for its price.

use super::configuration::Pattern;
use super::knapsack::Wares;
use super::{Kind, Machine};

/// How a machine is valued and filled.
#[derive(Debug)]
pub(in super::super) struct Greedy<'g> {
    /// What can be bought.
    pub(in super::super) machines: &'g [Machine],
    /// What has to be packed.
    pub(in super::super) kinds: &'g [Kind],
    /// What resources weigh.
    pub(in super::super) weights: &'g [f64],
    /// Most tries to fill one machine.
    pub(in super::super) steps: usize,
}

impl Greedy<'_> {
    /// Patterns for all pods that are `left`, with how often each is used; `values` are what one pod is worth.
    ///
    /// Stops early when nothing that is left is worth anything; `left` then says what that is.
    pub(in super::super) fn pack(
        &self,
        values: &[f64],
        left: &mut [usize],
    ) -> Vec<(Pattern, usize)> {
        let wares = Wares::new(self.kinds, values, |amounts| super::weigh(self.weights, amounts));
        let mut patterns = vec![];
        while let Some(pattern) = self.best(&wares, left) {
            let used = pattern.counts.iter().zip(&*left).filter(|(n, _)| **n > 0);
            let times = used.map(|(n, left)| left / n).min().unwrap_or_default();
            left.iter_mut().zip(&pattern.counts).for_each(|(left, n)| *left -= n * times);
            patterns.push((pattern, times));
        }
        patterns
    }

    fn best(&self, wares: &Wares<'_>, left: &[usize]) -> Option<Pattern> {
        let fillings = self.machines.iter().enumerate().map(|(at, machine)| {
            let capacity = super::weigh(self.weights, &machine.room);
            let filling = wares.fill((at, &machine.room), capacity, left, self.steps);
            let worth = filling.value / machine.price.as_f64();
            (worth, Pattern { machine: at, counts: filling.counts })
        });
        let best = fillings.max_by(|a, b| a.0.total_cmp(&b.0));
        best.filter(|(worth, _)| *worth > 0.0).map(|(_, pattern)| pattern)
    }
}
