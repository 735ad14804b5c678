//! The bound of resources: pods as if they could be cut in pieces.

use super::covering::{Column, Covering};
use super::numbers::real;
use super::{Machine, rounded_down, weigh};

/// Most pivots per resource; a few are usual.
const PIVOTS: usize = 50;

/// What resources are worth, and what all that is asked for is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Fluid {
    /// Lower bound of the cost per hour.
    pub per_hour: f64,
    /// What one nano unit of every resource is worth per hour; no machine holds more than it costs.
    pub values: Vec<f64>,
}

impl Fluid {
    /// What `amounts` are worth per hour.
    pub fn value(&self, amounts: &[i128]) -> f64 {
        weigh(&self.values, amounts)
    }
}

/// The least that machines with room for `demand` in all cost per hour; `None` when no number of them has it.
///
/// Resources that a free machine has are worth nothing.
///
/// # Example
/// ```
/// # use karpenter_core::decide::scheduling::bounds::Machine;
/// # use karpenter_core::decide::scheduling::bounds::fluid::fluid;
/// # use karpenter_core::model::price::Price;
/// let machine = |price, room: [i128; 2]| Machine { price: Price::per_hour(price), room: room.into() };
/// let bound = fluid(&[machine(1.0, [4, 8]), machine(1.0, [2, 16])], &[6, 24]);
/// assert!(bound.is_some_and(|bound| (bound.per_hour - 2.0).abs() < 1e-6));
/// ```
pub fn fluid(machines: &[Machine], demand: &[i128]) -> Option<Fluid> {
    let is_free = |resource: &usize| {
        machines.iter().any(|machine| machine.price.as_f64() <= 0.0 && machine.room[*resource] > 0)
    };
    let rows: Vec<usize> = (0..demand.len()).filter(|r| demand[*r] > 0 && !is_free(r)).collect();
    let mut values = vec![0.0; demand.len()];
    if rows.is_empty() {
        return Some(Fluid { per_hour: 0.0, values });
    }
    let share = |machine: &Machine, row: usize| real(machine.room[row]) / real(demand[row]);
    let columns = machines.iter().filter(|machine| machine.price.as_f64() > 0.0);
    let columns: Vec<Column> = columns
        .map(|machine| Column {
            cost: machine.price.as_f64(),
            covers: rows.iter().map(|row| share(machine, *row)).collect(),
        })
        .collect();
    let mut covering = Covering::new(rows.len(), columns.clone())?;
    covering.improve(PIVOTS * rows.len());
    let prices = covering.prices();
    let worth = |column: &Column| {
        let worth: f64 = column.covers.iter().zip(&prices).map(|(c, price)| c * price).sum();
        worth / column.cost
    };
    let dearest = columns.iter().map(worth).max_by(f64::total_cmp).unwrap_or_default();
    let scale = 1.0 / dearest.max(1.0);
    for (row, price) in rows.iter().zip(&prices) {
        values[*row] = price * scale / real(demand[*row]);
    }
    Some(Fluid { per_hour: rounded_down(prices.iter().sum::<f64>() * scale), values })
}
