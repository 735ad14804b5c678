//! The most valuable pods that fit one machine together.

use super::Kind;
use super::numbers::{count, times};
use crate::decide::scheduling::universe::{Amounts, covers};

/// Kinds of pods with what one is worth, in the order in which they are tried.
#[derive(Debug)]
pub(in super::super) struct Wares<'k> {
    kinds: &'k [Kind],
    /// Value and weight per pod.
    worth: Vec<(f64, f64)>,
    /// Kinds that are worth anything, most value per weight first, then the heaviest.
    order: Vec<usize>,
}

/// What fits a machine.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Filling {
    /// How many of every kind.
    pub(in super::super) counts: Vec<usize>,
    /// What they are worth together.
    pub(in super::super) value: f64,
    /// What no filling exceeds.
    pub(in super::super) at_most: f64,
}

impl<'k> Wares<'k> {
    /// `kinds` with their values; weights are what `weigh` makes of amounts, zero or more.
    pub(in super::super) fn new(
        kinds: &'k [Kind],
        values: &[f64],
        weigh: impl Fn(&[i128]) -> f64,
    ) -> Self {
        let worth = kinds.iter().zip(values).map(|(kind, value)| (*value, weigh(&kind.amounts)));
        let worth: Vec<(f64, f64)> = worth.collect();
        let mut order: Vec<usize> = (0..kinds.len()).filter(|at| worth[*at].0 > 0.0).collect();
        // Crosswise, so that a weight of zero needs no division.
        order.sort_by(|a, b| {
            let (a, b) = (worth[*a], worth[*b]);
            (b.0 * a.1).total_cmp(&(a.0 * b.1)).then_with(|| b.1.total_cmp(&a.1))
        });
        Self { kinds, worth, order }
    }

    /// What fits machine number `machine` at most, counted in pieces; `capacity` is the weight of its room.
    pub(in super::super) fn at_most(&self, machine: usize, capacity: f64) -> f64 {
        let allowed = self.order.iter().filter(|at| self.kinds[**at].machines.contains(machine));
        self.in_pieces(allowed.map(|at| (*at, self.kinds[*at].count)), capacity)
    }

    /// The best filling of machine number `machine` found in `steps` tries; `left` says how many there are of each kind.
    pub(in super::super) fn fill(
        &self,
        (machine, room): (usize, &[i128]),
        capacity: f64,
        left: &[usize],
        steps: usize,
    ) -> Filling {
        let fits = |at: &usize| {
            let kind = &self.kinds[*at];
            left[*at] > 0 && kind.machines.contains(machine) && covers(room, &kind.amounts)
        };
        let order: Vec<usize> = self.order.iter().copied().filter(fits).collect();
        let root = self.in_pieces(order.iter().map(|at| (*at, left[*at])), capacity);
        let none = vec![0; self.kinds.len()];
        let mut search =
            Search { wares: self, order, left, steps, counts: none.clone(), best: (0.0, none) };
        search.go(0, room, (capacity, 0.0));
        let (value, counts) = search.best;
        let at_most = if search.steps > 0 { value } else { root.max(value) };
        Filling { counts, value, at_most }
    }

    /// Value of the pods `of` that weigh `capacity`, the last one cut to size.
    fn in_pieces(&self, of: impl Iterator<Item = (usize, usize)>, capacity: f64) -> f64 {
        let (mut value, mut left) = (0.0, capacity);
        for (at, n) in of {
            let (worth, weight) = self.worth[at];
            let all = weight * count(n);
            if all > left {
                return value + worth * (left / weight).max(0.0);
            }
            value += worth * count(n);
            left -= all;
        }
        value
    }
}

/// Depth first over how many of each kind, most first; what cannot beat the best so far is skipped.
struct Search<'s, 'k> {
    wares: &'s Wares<'k>,
    order: Vec<usize>,
    left: &'s [usize],
    steps: usize,
    counts: Vec<usize>,
    best: (f64, Vec<usize>),
}

impl Search<'_, '_> {
    fn go(&mut self, depth: usize, room: &[i128], (capacity, value): (f64, f64)) {
        if value > self.best.0 {
            self.best = (value, self.counts.clone());
        }
        let Some(at) = self.order.get(depth).copied() else { return };
        let rest = self.order[depth..].iter().map(|at| (*at, self.left[*at]));
        if value + self.wares.in_pieces(rest, capacity) <= self.best.0 * (1.0 + 1e-12) {
            return;
        }
        let amounts = &self.wares.kinds[at].amounts;
        let (worth, weight) = self.wares.worth[at];
        for n in (0..=times(room, amounts).min(self.left[at])).rev() {
            if self.steps == 0 {
                break;
            }
            self.steps -= 1;
            let mut rest: Amounts = room.to_vec();
            let taken = i128::try_from(n).unwrap_or(i128::MAX);
            rest.iter_mut().zip(amounts).for_each(|(rest, amount)| *rest -= amount * taken);
            self.counts[at] = n;
            let n = count(n);
            self.go(depth + 1, &rest, (capacity - weight * n, value + worth * n));
        }
        self.counts[at] = 0;
    }
}
