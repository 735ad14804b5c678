//! What an overlay makes of a price.

use std::str::FromStr;

use crate::model::price::Price;

/// A price in place of another, or the difference to it.
///
/// # Example
/// ```
/// # use karpenter_core::model::overlay::PriceChange;
/// # use karpenter_core::model::price::Price;
/// let discount: PriceChange = "-15%".parse().unwrap();
/// assert_eq!(discount.apply(Price::per_hour(2.0)), Price::per_hour(1.7));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PriceChange {
    /// This price per hour.
    To(f64),
    /// So much more, or less when negative, per hour.
    By(f64),
    /// So many hundredths more, or less when negative.
    ByPercent(f64),
}

/// A text that is neither a price nor a change of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a price nor a change of a price")]
pub struct PriceChangeError(String);

impl PriceChange {
    /// The price after the change; never below zero, and unknown stays unknown under a difference.
    ///
    /// Source: Karpenter behaviour, adjusted price.
    pub fn apply(self, price: Price) -> Price {
        match self {
            Self::To(amount) => Price::per_hour(amount),
            Self::By(_) | Self::ByPercent(_) if price == Price::UNKNOWN => price,
            Self::By(amount) => Price::per_hour(price.as_f64() + amount),
            Self::ByPercent(percent) => Price::per_hour(price.as_f64() * (1.0 + percent / 100.0)),
        }
    }
}

/// Reads an amount without sign as the price itself, a signed amount or percentage as the difference.
impl FromStr for PriceChange {
    type Err = PriceChangeError;

    fn from_str(text: &str) -> Result<Self, PriceChangeError> {
        let error = || PriceChangeError(text.to_owned());
        let is_signed = text.starts_with(['+', '-']);
        let (amount, is_percent) = match text.strip_suffix('%') {
            Some(amount) => (amount, true),
            None => (text, false),
        };
        let is_decimal = |c: char| c.is_ascii_digit() || c == '.';
        if !amount.trim_start_matches(['+', '-']).chars().all(is_decimal) {
            return Err(error());
        }
        let amount: f64 = amount.parse().map_err(|_| error())?;
        match (is_signed, is_percent) {
            _ if !amount.is_finite() => Err(error()),
            (true, true) => Ok(Self::ByPercent(amount)),
            (true, false) => Ok(Self::By(amount)),
            (false, false) => Ok(Self::To(amount)),
            (false, true) => Err(error()),
        }
    }
}
