//! From fractions of patterns to nodes with whole pods on them.

use crate::decide::scheduling::bounds::configuration::{Configuration, Effort, configuration};
use crate::decide::scheduling::bounds::fluid::Fluid;
use crate::decide::scheduling::bounds::greedy::Greedy;
use crate::decide::scheduling::bounds::numbers;
use crate::decide::scheduling::bounds::{Kind, Machine};
use crate::decide::scheduling::universe::covers;

/// Most tries to fill one machine with what is left over.
const STEPS: usize = 200;

/// Shares of a pattern from which it is used once more, one candidate each.
const ROUND_UP: [f64; 4] = [0.35, 0.6, 0.85, 1.0];

/// How many pods of every kind go onto one node.
pub(super) type Bin = Vec<usize>;

/// Nodes for all pods of `kinds`, in the cheapest way found; `None` when some kind fits no machine.
pub(super) fn bins(machines: &[Machine], kinds: &[Kind], fluid: &Fluid) -> Option<Vec<Bin>> {
    let found = configuration(machines, kinds, Effort::ONLINE)?;
    if found.patterns.is_empty() {
        return None;
    }
    let rounding = Rounding { machines, kinds, fluid, found: &found };
    let worth: Vec<f64> = kinds.iter().map(|kind| fluid.value(&kind.amounts)).collect();
    let plain = [&found.values, &worth].map(|values| rounding.by_values(values));
    let rounded = ROUND_UP.into_iter().map(|share| rounding.by_patterns(share));
    let candidates = rounded.chain(plain);
    let costed = candidates.map(|bins| (rounding.cost(&bins), bins));
    costed.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, bins)| bins)
}

/// What a node with the pods of `bin` costs at least; infinite when no machine holds them.
fn price(machines: &[Machine], kinds: &[Kind], bin: &Bin) -> f64 {
    let mut total = vec![0; machines.first().map_or(0, |machine| machine.room.len())];
    for (kind, n) in kinds.iter().zip(bin).filter(|(_, n)| **n > 0) {
        let n = i128::try_from(*n).unwrap_or(i128::MAX);
        total.iter_mut().zip(&kind.amounts).for_each(|(sum, amount)| *sum += amount * n);
    }
    let holds = |(at, machine): &(usize, &Machine)| {
        let used = kinds.iter().zip(bin).filter(|(_, n)| **n > 0);
        covers(&machine.room, &total)
            && used.into_iter().all(|(kind, _)| kind.machines.contains(*at))
    };
    let prices =
        machines.iter().enumerate().filter(holds).map(|(_, machine)| machine.price.as_f64());
    prices.min_by(f64::total_cmp).unwrap_or(f64::INFINITY)
}

struct Rounding<'r> {
    machines: &'r [Machine],
    kinds: &'r [Kind],
    fluid: &'r Fluid,
    found: &'r Configuration,
}

impl Rounding<'_> {
    fn cost(&self, bins: &[Bin]) -> f64 {
        bins.iter().map(|bin| price(self.machines, self.kinds, bin)).sum()
    }

    /// Every pattern as often as it goes, once more from a rest of `share`, and what is left over.
    fn by_patterns(&self, share: f64) -> Vec<Bin> {
        let (mut left, mut bins, mut rests) = (self.all(), vec![], vec![]);
        for (at, (pattern, level)) in self.found.patterns.iter().enumerate() {
            let whole = numbers::floor(*level);
            (0..whole).for_each(|_| take(&pattern.counts, &mut left, &mut bins));
            rests.push((level - numbers::count(whole), at));
        }
        rests.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        for (_, at) in rests.into_iter().filter(|(rest, _)| *rest >= share) {
            take(&self.found.patterns[at].0.counts, &mut left, &mut bins);
        }
        self.fill(&self.found.values, &mut left, &mut bins);
        bins
    }

    /// No pattern at all, by what pods are worth as wholes or by their resources.
    fn by_values(&self, values: &[f64]) -> Vec<Bin> {
        let (mut left, mut bins) = (self.all(), vec![]);
        self.fill(values, &mut left, &mut bins);
        bins
    }

    fn all(&self) -> Vec<usize> {
        self.kinds.iter().map(|kind| kind.count).collect()
    }

    /// Packs what is `left`, each time onto the machine that holds most value for its price.
    fn fill(&self, values: &[f64], left: &mut [usize], bins: &mut Vec<Bin>) {
        let greedy = Greedy {
            machines: self.machines,
            kinds: self.kinds,
            weights: &self.fluid.values,
            steps: STEPS,
        };
        for (pattern, times) in greedy.pack(values, left) {
            bins.extend(std::iter::repeat_n(pattern.counts, times));
        }
        self.one_each(left, bins);
    }

    /// A node for every pod that is `left`: nothing is known about what they are worth.
    fn one_each(&self, left: &mut [usize], bins: &mut Vec<Bin>) {
        for at in 0..left.len() {
            let mut bin = vec![0; left.len()];
            bin[at] = 1;
            (0..left[at]).for_each(|_| bins.push(bin.clone()));
            left[at] = 0;
        }
    }
}

/// A node with as many of `counts` as are `left`, unless that is none.
fn take(counts: &[usize], left: &mut [usize], bins: &mut Vec<Bin>) {
    let bin: Bin = counts.iter().zip(&*left).map(|(n, left)| *n.min(left)).collect();
    if bin.iter().any(|n| *n > 0) {
        left.iter_mut().zip(&bin).for_each(|(left, n)| *left -= n);
        bins.push(bin);
    }
}
