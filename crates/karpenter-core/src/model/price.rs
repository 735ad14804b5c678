//! Prices with a total order.

use std::cmp::Ordering;
use std::fmt;

/// Price per hour in the currency of the provider; never negative and never NaN.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Price(f64);

impl Price {
    /// Free of charge.
    pub const ZERO: Self = Self(0.0);
    /// Dearer than everything: the price of what cannot be bought.
    pub const UNKNOWN: Self = Self(f64::MAX);

    /// A price per hour; negative numbers and NaN count as zero.
    pub fn per_hour(value: f64) -> Self {
        Self(if value > 0.0 { value } else { 0.0 })
    }

    /// Currency units per hour.
    pub fn as_f64(self) -> f64 {
        self.0
    }
}

impl Eq for Price {}

impl PartialOrd for Price {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Price {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl std::iter::Sum for Price {
    fn sum<I: Iterator<Item = Self>>(prices: I) -> Self {
        Self(prices.map(|price| price.0).sum())
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4}", self.0)
    }
}
