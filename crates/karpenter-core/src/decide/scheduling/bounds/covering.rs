//! The linear programme behind both bounds: cover every row once, as cheaply as possible, with fractions of columns.
//!
//! `min cost·x` over `x ≥ 0` such that every row is covered at least once, by the revised simplex method with a dense
//! inverse: cost per pivot is rows × (rows + columns). Columns may be added between calls of
//! [`improve`](Covering::improve), which goes on from where it was.

/// Smallest gain that is worth a pivot, as a share of what everything costs.
const GAIN: f64 = 1e-11;

/// Smallest entry to divide by.
const PIVOT: f64 = 1e-10;

/// What a row that is not covered costs, as a multiple of what everything costs at most.
const MISSING: f64 = 10.0;

/// Something that covers rows.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// What one costs; above zero.
    pub(super) cost: f64,
    /// The share of every row that one covers; none below zero.
    pub(super) covers: Vec<f64>,
}

/// The programme, with the best solution so far.
#[derive(Debug)]
pub(super) struct Covering {
    columns: Vec<Column>,
    /// What everything costs at most; costs are divided by it while calculating.
    scale: f64,
    /// Per row what is used.
    basis: Vec<Basic>,
    inverse: Vec<Vec<f64>>,
    /// How much of it is used.
    levels: Vec<f64>,
}

/// What a solution is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basic {
    /// The row is covered from nowhere.
    Missing,
    /// The row is covered more than once.
    Surplus(usize),
    Column(usize),
}

impl Covering {
    /// The programme of `columns`; `None` when some row is covered by none of them, or there is no row.
    pub(super) fn new(n_rows: usize, columns: Vec<Column>) -> Option<Self> {
        let cheapest = |row: usize| {
            let covering = columns.iter().filter(|column| column.covers[row] > 0.0);
            covering.map(|column| column.cost / column.covers[row]).min_by(f64::total_cmp)
        };
        let scale = (0..n_rows).map(cheapest).sum::<Option<f64>>().filter(|sum| *sum > 0.0)?;
        let unit = |at: usize| (0..n_rows).map(|row| f64::from(u8::from(row == at))).collect();
        Some(Self {
            columns,
            scale,
            basis: vec![Basic::Missing; n_rows],
            inverse: (0..n_rows).map(unit).collect(),
            levels: vec![1.0; n_rows],
        })
    }

    /// Adds a column.
    pub(super) fn add(&mut self, column: Column) {
        self.columns.push(column);
    }

    /// Makes the solution cheaper until it is the cheapest, by at most `pivots` steps.
    pub(super) fn improve(&mut self, pivots: usize) {
        for _ in 0..pivots {
            let prices = self.scaled_prices();
            let Some(entering) = self.entering(&prices) else { return };
            let direction = self.direction(entering);
            let Some(row) = self.leaving(&direction) else { return };
            self.pivot(entering, row, &direction);
        }
    }

    /// What covering every row is worth; none below zero. At the optimum no column covers more than it costs.
    pub(super) fn prices(&self) -> Vec<f64> {
        self.scaled_prices().into_iter().map(|price| (price * self.scale).max(0.0)).collect()
    }

    /// The columns in use with how much of each, by column.
    pub(super) fn used(&self) -> Vec<(usize, f64)> {
        let rows = self.basis.iter().zip(&self.levels);
        let mut used: Vec<(usize, f64)> = rows
            .filter_map(|(basic, level)| match basic {
                Basic::Column(at) => Some((*at, *level)),
                Basic::Missing | Basic::Surplus(_) => None,
            })
            .collect();
        used.sort_by_key(|(at, _)| *at);
        used
    }

    fn cost(&self, basic: Basic) -> f64 {
        match basic {
            Basic::Missing => MISSING,
            Basic::Surplus(_) => 0.0,
            Basic::Column(at) => self.columns[at].cost / self.scale,
        }
    }

    fn scaled_prices(&self) -> Vec<f64> {
        let mut prices = vec![0.0; self.basis.len()];
        for (basic, inverse) in self.basis.iter().zip(&self.inverse) {
            let cost = self.cost(*basic);
            prices.iter_mut().zip(inverse).for_each(|(price, entry)| *price += cost * entry);
        }
        prices
    }

    /// What saves most per unit; `None` at the optimum.
    fn entering(&self, prices: &[f64]) -> Option<Basic> {
        let surplus = prices.iter().enumerate().map(|(row, price)| (*price, Basic::Surplus(row)));
        let columns = self.columns.iter().enumerate().map(|(at, column)| {
            let worth: f64 = column.covers.iter().zip(prices).map(|(c, price)| c * price).sum();
            (column.cost / self.scale - worth, Basic::Column(at))
        });
        let saving = surplus.chain(columns).filter(|(reduced, _)| *reduced < -GAIN);
        saving.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, basic)| basic)
    }

    /// How what is in use changes with one unit of `entering`.
    fn direction(&self, entering: Basic) -> Vec<f64> {
        let entry = |inverse: &Vec<f64>| match entering {
            Basic::Missing => 0.0,
            Basic::Surplus(row) => -inverse[row],
            Basic::Column(at) => {
                self.columns[at].covers.iter().zip(inverse).map(|(covers, i)| covers * i).sum()
            }
        };
        self.inverse.iter().map(entry).collect()
    }

    /// The row whose part is used up first; a row covered from nowhere goes before others.
    fn leaving(&self, direction: &[f64]) -> Option<usize> {
        let shrinking = (0..direction.len()).filter(|row| direction[*row] > PIVOT);
        shrinking.min_by(|a, b| {
            let ratio = |row: usize| self.levels[row] / direction[row];
            let is_kept = |row: usize| self.basis[row] != Basic::Missing;
            ratio(*a).total_cmp(&ratio(*b)).then_with(|| is_kept(*a).cmp(&is_kept(*b)))
        })
    }

    fn pivot(&mut self, entering: Basic, row: usize, direction: &[f64]) {
        let by = direction[row];
        let level = (self.levels[row] / by).max(0.0);
        let leading: Vec<f64> = self.inverse[row].iter().map(|entry| entry / by).collect();
        for (at, factor) in direction.iter().enumerate().filter(|(at, _)| *at != row) {
            self.levels[at] = (self.levels[at] - factor * level).max(0.0);
            let entries = self.inverse[at].iter_mut().zip(&leading);
            entries.for_each(|(entry, leading)| *entry -= factor * leading);
        }
        self.inverse[row] = leading;
        self.levels[row] = level;
        self.basis[row] = entering;
    }
}
