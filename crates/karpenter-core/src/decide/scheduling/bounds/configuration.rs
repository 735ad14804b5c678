//! The bound of whole pods: which of them fit a machine together, found one pattern at a time.

use super::covering::{Column, Covering};
use super::fluid::{Fluid, fluid};
use super::greedy::Greedy;
use super::knapsack::Wares;
use super::numbers::{count, real};
use super::{Kind, Machine, rounded_down, weigh};

/// Most tries to fill one machine of the packing to start from.
const STEPS_AT_FIRST: usize = 200;

/// How far the search for patterns goes; all bounds on counts, so that results repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Most rounds of new patterns.
    pub rounds: usize,
    /// Most machines searched in a round.
    pub machines: usize,
    /// Most tries to fill one machine.
    pub steps: usize,
}

impl Effort {
    /// For a decision that somebody waits for: a few milliseconds.
    pub const ONLINE: Self = Self { rounds: 60, machines: 8, steps: 300 };
    /// For figures: as good as it gets.
    pub const OFFLINE: Self = Self { rounds: 400, machines: 40, steps: 60_000 };
}

/// Pods that fit a machine together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// Which machine.
    pub machine: usize,
    /// How many of every kind.
    pub counts: Vec<usize>,
}

/// What pods are worth, and how fractions of patterns hold them all.
#[derive(Debug, Clone, PartialEq)]
pub struct Configuration {
    /// Lower bound of the cost per hour.
    pub per_hour: f64,
    /// What one pod of every kind is worth per hour.
    pub values: Vec<f64>,
    /// Patterns and how many of each, a fraction; together they hold every pod.
    pub patterns: Vec<(Pattern, f64)>,
}

/// The least that machines for all pods of `kinds` cost per hour; `None` when some kind fits no machine it may run on.
///
/// Never below [`fluid`], and equal to it, without values and patterns, when some machine is free.
pub fn configuration(
    machines: &[Machine],
    kinds: &[Kind],
    effort: Effort,
) -> Option<Configuration> {
    let fluid = fluid(machines, &demand(machines, kinds)?)?;
    if machines.iter().any(|machine| machine.price.as_f64() <= 0.0) {
        let values = vec![0.0; kinds.len()];
        return Some(Configuration { per_hour: fluid.per_hour, values, patterns: vec![] });
    }
    let mut search = Search::new(machines, kinds, fluid)?;
    for _ in 0..effort.rounds {
        if !search.round(effort) {
            break;
        }
    }
    Some(search.finish())
}

struct Search<'s> {
    machines: &'s [Machine],
    kinds: &'s [Kind],
    /// What resources weigh; for a quick answer to how much fits a machine.
    weights: Vec<f64>,
    patterns: Vec<Pattern>,
    covering: Covering,
    /// The best bound so far, and what one pod of every kind is worth there.
    best: (f64, Vec<f64>),
}

impl<'s> Search<'s> {
    /// Starts from every kind alone and from a quick packing of all.
    fn new(machines: &'s [Machine], kinds: &'s [Kind], fluid: Fluid) -> Option<Self> {
        let alone = |(at, kind): (usize, &Kind)| {
            let holds = |machine: &usize| machines[*machine].holds(kind);
            let fitting = kind.machines.ones().filter(|machine| holds(machine) > 0);
            let each = |machine: &usize| machines[*machine].price.as_f64() / count(holds(machine));
            let machine = fitting.min_by(|a, b| each(a).total_cmp(&each(b)))?;
            let mut counts = vec![0; kinds.len()];
            counts[at] = holds(&machine);
            Some(Pattern { machine, counts })
        };
        let alone = kinds.iter().enumerate().map(alone);
        let mut patterns: Vec<Pattern> = alone.collect::<Option<_>>()?;
        let worth: Vec<f64> = kinds.iter().map(|kind| fluid.value(&kind.amounts)).collect();
        let mut left: Vec<usize> = kinds.iter().map(|kind| kind.count).collect();
        let greedy = Greedy { machines, kinds, weights: &fluid.values, steps: STEPS_AT_FIRST };
        let packed = greedy.pack(&worth, &mut left).into_iter();
        patterns.extend(packed.map(|(pattern, _)| pattern));
        let columns = patterns.iter().map(|pattern| column(pattern, machines, kinds)).collect();
        Some(Self {
            machines,
            kinds,
            patterns,
            covering: Covering::new(kinds.len(), columns)?,
            best: (fluid.per_hour, worth),
            weights: fluid.values,
        })
    }

    /// Adds patterns that hold more than they cost; whether there was any.
    ///
    /// Values half way to those of the best bound give patterns that last; the values themselves decide at the end.
    fn round(&mut self, effort: Effort) -> bool {
        self.covering.improve(20 * (self.kinds.len() + 5));
        let values = self.values();
        let half_way = values.iter().zip(&self.best.1).map(|(a, b)| 0.5 * (a + b)).collect();
        self.price(&values, half_way, effort) || self.price(&values, values.clone(), effort)
    }

    /// What one pod of every kind is worth now.
    fn values(&self) -> Vec<f64> {
        let prices = self.covering.prices();
        prices.iter().zip(self.kinds).map(|(price, kind)| price / count(kind.count)).collect()
    }

    /// Fills machines by the values `guess` and keeps what is worth more than it costs by `values`.
    fn price(&mut self, values: &[f64], guess: Vec<f64>, effort: Effort) -> bool {
        let wares = Wares::new(self.kinds, &guess, |amounts| weigh(&self.weights, amounts));
        let bounds = self.bounds(&wares, &guess);
        let all: Vec<usize> = self.kinds.iter().map(|kind| kind.count).collect();
        let mut dearest = bounds.get(effort.machines).map_or(0.0, |(ratio, _)| *ratio);
        let mut found = false;
        for (ratio, machine) in bounds.into_iter().take(effort.machines) {
            let Machine { price, room } = &self.machines[machine];
            let capacity = weigh(&self.weights, room);
            let filling = wares.fill((machine, room), capacity, &all, effort.steps);
            dearest = dearest.max(ratio.min(filling.at_most / price.as_f64()));
            found |= self.take(values, Pattern { machine, counts: filling.counts });
        }
        let worth: f64 = guess.iter().zip(&all).map(|(value, n)| value * count(*n)).sum();
        let bound = rounded_down(worth / dearest.max(1.0));
        if bound > self.best.0 {
            self.best = (bound, guess);
        }
        found
    }

    /// What every machine holds at most for what it costs, most first.
    fn bounds(&self, wares: &Wares<'_>, values: &[f64]) -> Vec<(f64, usize)> {
        let n_resources = self.weights.len();
        let single = |resource: usize| {
            Wares::new(self.kinds, values, move |amounts| real(amounts[resource]))
        };
        let by_resource: Vec<Wares<'_>> = (0..n_resources).map(single).collect();
        let machines = self.machines.iter().enumerate();
        let mut bounds: Vec<(f64, usize)> = machines
            .map(|(at, machine)| {
                let weighed = wares.at_most(at, weigh(&self.weights, &machine.room));
                let single = by_resource.iter().zip(&machine.room);
                let single = single.map(|(wares, room)| wares.at_most(at, real(*room)));
                (single.fold(weighed, f64::min) / machine.price.as_f64(), at)
            })
            .collect();
        bounds.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        bounds
    }

    /// Keeps the pattern when it is worth more than it costs.
    fn take(&mut self, values: &[f64], pattern: Pattern) -> bool {
        let worth: f64 = values.iter().zip(&pattern.counts).map(|(v, n)| v * count(*n)).sum();
        if worth <= self.machines[pattern.machine].price.as_f64() * (1.0 + 1e-7) {
            return false;
        }
        self.covering.add(column(&pattern, self.machines, self.kinds));
        self.patterns.push(pattern);
        true
    }

    fn finish(mut self) -> Configuration {
        self.covering.improve(20 * (self.kinds.len() + 5));
        let used = self.covering.used().into_iter();
        Configuration {
            per_hour: self.best.0,
            values: self.values(),
            patterns: used.map(|(at, level)| (self.patterns[at].clone(), level)).collect(),
        }
    }
}

/// What all pods ask for together.
fn demand(machines: &[Machine], kinds: &[Kind]) -> Option<Vec<i128>> {
    let mut demand = vec![0; machines.first()?.room.len()];
    for kind in kinds {
        let all = i128::try_from(kind.count).unwrap_or(i128::MAX);
        demand.iter_mut().zip(&kind.amounts).for_each(|(sum, amount)| *sum += amount * all);
    }
    Some(demand)
}

fn column(pattern: &Pattern, machines: &[Machine], kinds: &[Kind]) -> Column {
    let counts = pattern.counts.iter().zip(kinds);
    Column {
        cost: machines[pattern.machine].price.as_f64(),
        covers: counts.map(|(n, kind)| count(*n) / count(kind.count)).collect(),
    }
}
