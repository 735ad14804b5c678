//! What nodes for some pods cost at least, whatever the plan.
//!
//! Two bounds, both from prices put on what pods ask for. If no machine holds more value than it costs, nodes cannot
//! cost less than the value of all pods:
//!
//! - [`fluid`](fluid::fluid) puts prices on resources, as if pods could be cut in pieces. Microseconds.
//! - [`configuration`](configuration::configuration) puts prices on whole pods and asks which pods fit a machine
//!   together. Never below the other, often close to the best plan; milliseconds, bounded by its [`Effort`](configuration::Effort).
//!
//! # Guarantees
//!
//! Both are valid for every plan that puts the pods on machines of the list, however far the calculation got: prices
//! that would be too high are scaled down until they are not. Constraints between pods can only make plans dearer and
//! are left out. Amounts are compared as integers; a bound is lowered by a billionth for the rounding of prices.
//!
//! Source: ours; the scaling is Farley's bound of column generation.

use fixedbitset::FixedBitSet;

use crate::model::price::Price;

pub mod configuration;
pub mod fluid;

mod covering;
pub(super) mod greedy;
pub(super) mod knapsack;
pub(super) mod numbers;

/// A kind of node that can be bought any number of times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// What one costs per hour.
    pub price: Price,
    /// What pods can have of it, in nano units, one amount per resource; never negative.
    pub room: Vec<i128>,
}

/// Pods that ask for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// What one asks for, in nano units, resources as in [`Machine::room`]; never negative, not all zero.
    pub amounts: Vec<i128>,
    /// How many there are; at least one.
    pub count: usize,
    /// Machines one may run on, by position.
    pub machines: FixedBitSet,
}

impl Machine {
    /// How many of `kind` it holds when it holds nothing else, not more than there are.
    pub(super) fn holds(&self, kind: &Kind) -> usize {
        numbers::times(&self.room, &kind.amounts).min(kind.count)
    }
}

/// What `amounts` weigh.
fn weigh(weights: &[f64], amounts: &[i128]) -> f64 {
    weights.iter().zip(amounts).map(|(weight, amount)| weight * numbers::real(*amount)).sum()
}

/// Lowers a bound by what rounding may have added.
fn rounded_down(bound: f64) -> f64 {
    bound * (1.0 - 1e-9)
}
