//! The bound of whole pods: which of them fit a machine together, found one pattern at a time.

use super::covering::{Column, Covering};
use super::fluid::{Fluid, fluid};
use super::knapsack::{Filling, Wares};
use super::numbers::{count, real};
use super::{Kind, Machine, rounded_down};

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
    /// What pods weigh, by resource; for a quick answer to how much fits a machine.
    weights: Vec<f64>,
    patterns: Vec<Pattern>,
    covering: Covering,
    best: f64,
}

impl<'s> Search<'s> {
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
        let patterns: Vec<Pattern> = kinds.iter().enumerate().map(alone).collect::<Option<_>>()?;
        let columns = patterns.iter().map(|pattern| column(pattern, machines, kinds)).collect();
        Some(Self {
            machines,
            kinds,
            weights: fluid.values,
            patterns,
            covering: Covering::new(kinds.len(), columns)?,
            best: fluid.per_hour,
        })
    }

    /// Adds the patterns that hold more than they cost; whether there was any.
    fn round(&mut self, effort: Effort) -> bool {
        self.covering.improve(20 * (self.kinds.len() + 5));
        let prices = self.covering.prices();
        let each = prices.iter().zip(self.kinds).map(|(price, kind)| price / count(kind.count));
        let values: Vec<f64> = each.collect();
        let wares = Wares::new(self.kinds, &values, |amounts| weigh(&self.weights, amounts));
        let bounds = self.bounds(&wares, &values);
        let all: Vec<usize> = self.kinds.iter().map(|kind| kind.count).collect();
        let (mut dearest, mut found) = (0.0_f64, false);
        for (n_searched, (at_most, machine)) in bounds.into_iter().enumerate() {
            let price = self.machines[machine].price.as_f64();
            if at_most <= price * dearest.max(1.0) || n_searched >= effort.machines {
                dearest = dearest.max(at_most / price);
                break;
            }
            let room = &self.machines[machine].room;
            let capacity = weigh(&self.weights, room);
            let filling = wares.fill((machine, room), capacity, &all, effort.steps);
            dearest = dearest.max(filling.at_most.min(at_most) / price);
            found |= self.take(machine, &filling);
        }
        let bound = prices.iter().sum::<f64>() / dearest.max(1.0);
        self.best = self.best.max(rounded_down(bound));
        found
    }

    /// What every machine holds at most, most per cost first.
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
                (single.fold(weighed, f64::min), at)
            })
            .collect();
        let ratio = |(at_most, at): &(f64, usize)| at_most / self.machines[*at].price.as_f64();
        bounds.sort_by(|a, b| ratio(b).total_cmp(&ratio(a)).then_with(|| a.1.cmp(&b.1)));
        bounds
    }

    /// Keeps the filling when it holds more than it costs.
    fn take(&mut self, machine: usize, filling: &Filling) -> bool {
        if filling.value <= self.machines[machine].price.as_f64() * (1.0 + 1e-7) {
            return false;
        }
        let pattern = Pattern { machine, counts: filling.counts.clone() };
        self.covering.add(column(&pattern, self.machines, self.kinds));
        self.patterns.push(pattern);
        true
    }

    fn finish(mut self) -> Configuration {
        self.covering.improve(20 * (self.kinds.len() + 5));
        let prices = self.covering.prices();
        let each = prices.iter().zip(self.kinds).map(|(price, kind)| price / count(kind.count));
        let used = self.covering.used().into_iter();
        Configuration {
            per_hour: self.best,
            values: each.collect(),
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

fn weigh(weights: &[f64], amounts: &[i128]) -> f64 {
    weights.iter().zip(amounts).map(|(weight, amount)| weight * real(*amount)).sum()
}
