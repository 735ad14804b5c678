//! Exact quantities of resources, read and printed as Kubernetes does.
//!
//! A quantity is a number of nano units and a remembered way of printing. Two quantities are equal when their
//! numbers are, however they print.

mod format;
#[cfg(test)]
mod laws;
mod parse;
#[cfg(test)]
mod tests;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity as ApiQuantity;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

/// Nano units in one unit.
const NANOS_PER_UNIT: i128 = 1_000_000_000;
/// Nano units in one milli unit.
const NANOS_PER_MILLI: i128 = 1_000_000;

/// How a quantity prints; a number that does not fit its way falls back to [`Notation::Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// With the suffixes n, u, m, none, k, M, G, T, P, E.
    Decimal,
    /// With the suffixes Ki, Mi, Gi, Ti, Pi, Ei.
    Binary,
    /// With an exponent of ten that is a multiple of three: `12e6`.
    Exponent,
}

/// An exact amount of a resource: a whole number of nano units, at most about ±1.7·10²⁹ units.
///
/// Arithmetic saturates at the ends of that range. Equality, order and hash look at the amount only.
///
/// # Example
/// ```
/// # use karpenter_core::model::quantity::Quantity;
/// let memory: Quantity = "1.5Gi".parse()?;
/// assert_eq!(memory.to_string(), "1536Mi");
/// assert_eq!(("100m".parse::<Quantity>()? + Quantity::from_units(1)).to_string(), "1100m");
/// # Ok::<(), karpenter_core::model::quantity::ParseQuantityError>(())
/// ```
///
/// Source: Kubernetes API, resource quantities. Differs: a decimal amount beyond the range is refused, and so is a
/// text without digits.
#[derive(Clone, Copy)]
pub struct Quantity {
    nanos: i128,
    notation: Notation,
}

/// Why a text is not a [`Quantity`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseQuantityError {
    /// The number or the order of its parts is wrong.
    #[error("quantity {0:?} is not a number with an optional suffix")]
    Malformed(String),
    /// The number is followed by something that is not a suffix.
    #[error("quantity {0:?} has an unknown suffix")]
    Suffix(String),
    /// The amount does not fit.
    #[error("quantity {0:?} is out of range")]
    OutOfRange(String),
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity { nanos: 0, notation: Notation::Decimal };

    /// `units` whole units, printed decimally.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// assert_eq!(Quantity::from_units(1500).to_string(), "1500");
    /// ```
    pub fn from_units(units: i64) -> Self {
        Self { nanos: i128::from(units) * NANOS_PER_UNIT, notation: Notation::Decimal }
    }

    /// `milli` thousandths of a unit, printed decimally.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// assert_eq!(Quantity::from_milli(2500).to_string(), "2500m");
    /// ```
    pub fn from_milli(milli: i64) -> Self {
        Self { nanos: i128::from(milli) * NANOS_PER_MILLI, notation: Notation::Decimal }
    }

    /// `bytes` whole units, printed with binary suffixes.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// assert_eq!(Quantity::from_bytes(3 << 20).to_string(), "3Mi");
    /// ```
    pub fn from_bytes(bytes: i64) -> Self {
        Self { nanos: i128::from(bytes) * NANOS_PER_UNIT, notation: Notation::Binary }
    }

    /// The same amount, printed another way.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::{Notation, Quantity};
    /// assert_eq!(Quantity::from_units(2048).with_notation(Notation::Binary).to_string(), "2Ki");
    /// ```
    #[must_use]
    pub fn with_notation(self, notation: Notation) -> Self {
        Self { notation, ..self }
    }

    /// How the quantity prints.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::{Notation, Quantity};
    /// assert_eq!(Quantity::from_bytes(1).notation(), Notation::Binary);
    /// ```
    pub fn notation(self) -> Notation {
        self.notation
    }

    /// The amount in nano units.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// assert_eq!(Quantity::from_milli(1).nanos(), 1_000_000);
    /// ```
    pub fn nanos(self) -> i128 {
        self.nanos
    }

    /// The amount in whole units, a fraction rounded away from zero; saturates.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// assert_eq!(Quantity::from_milli(1001).units_ceil(), 2);
    /// assert_eq!(Quantity::from_milli(-1001).units_ceil(), -2);
    /// ```
    pub fn units_ceil(self) -> i64 {
        saturate(div_away_from_zero(self.nanos, NANOS_PER_UNIT))
    }

    /// The amount in thousandths of a unit, a fraction rounded away from zero; saturates.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// assert_eq!(Quantity::from_units(2).milli_ceil(), 2000);
    /// ```
    pub fn milli_ceil(self) -> i64 {
        saturate(div_away_from_zero(self.nanos, NANOS_PER_MILLI))
    }

    /// Whether the amount is below zero.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// assert!(Quantity::from_units(-1).is_negative() && !Quantity::ZERO.is_negative());
    /// ```
    pub fn is_negative(self) -> bool {
        self.nanos < 0
    }

    /// Whether the amount is zero.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// assert!(Quantity::ZERO.is_zero());
    /// ```
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// `factor` times the amount.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// assert_eq!(Quantity::from_milli(500).times(3).to_string(), "1500m");
    /// ```
    #[must_use]
    pub fn times(self, factor: i64) -> Self {
        Self { nanos: self.nanos.saturating_mul(i128::from(factor)), ..self }
    }

    /// The way a sum prints: a zero takes over the notation of the other side.
    fn joint_notation(self, other: Self) -> Notation {
        if self.is_zero() { other.notation } else { self.notation }
    }
}

fn div_away_from_zero(amount: i128, divisor: i128) -> i128 {
    let quotient = amount / divisor;
    if amount % divisor == 0 { quotient } else { quotient + amount.signum() }
}

fn saturate(amount: i128) -> i64 {
    i64::try_from(amount).unwrap_or(if amount < 0 { i64::MIN } else { i64::MAX })
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl Hash for Quantity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.nanos.hash(state);
    }
}

impl Default for Quantity {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Add for Quantity {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let notation = self.joint_notation(other);
        Self { nanos: self.nanos.saturating_add(other.nanos), notation }
    }
}

impl Sub for Quantity {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        let notation = self.joint_notation(other);
        Self { nanos: self.nanos.saturating_sub(other.nanos), notation }
    }
}

impl AddAssign for Quantity {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Quantity {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Neg for Quantity {
    type Output = Self;

    fn neg(self) -> Self {
        Self { nanos: self.nanos.saturating_neg(), ..self }
    }
}

impl FromStr for Quantity {
    type Err = ParseQuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse::parse(text)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        format::write(*self, f)
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<&ApiQuantity> for Quantity {
    type Error = ParseQuantityError;

    fn try_from(quantity: &ApiQuantity) -> Result<Self, Self::Error> {
        quantity.0.trim().parse()
    }
}

impl From<Quantity> for ApiQuantity {
    fn from(quantity: Quantity) -> Self {
        ApiQuantity(quantity.to_string())
    }
}
