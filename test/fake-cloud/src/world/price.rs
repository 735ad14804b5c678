//! Prices per hour in the currency of the account.

use std::collections::BTreeMap;

use chrono::{DateTime, Timelike, Utc};
use serde::{Deserialize, Serialize};

use super::instance_type::InstanceType;
use crate::{data::pairs, ids::fraction};

/// List prices by type, spot prices by type, zone and hour.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Prices {
    seed: u64,
    list: BTreeMap<String, f64>,
    #[serde(with = "pairs")]
    pinned_spot: BTreeMap<(String, String), f64>,
}

impl Prices {
    /// Prices of the catalogue.
    pub(crate) fn new(seed: u64, catalogue: &[InstanceType]) -> Prices {
        let list = catalogue.iter().filter_map(|t| Some((t.id.clone(), t.price?))).collect();
        Prices { seed, list, pinned_spot: BTreeMap::new() }
    }

    /// Pay-as-you-go price; `None` if the type has no price.
    pub(crate) fn on_demand(&self, of: &str) -> Option<f64> {
        self.list.get(of).copied()
    }

    /// Spot price in the hour of `at`: pinned, or 18 to 35 % of the list price with a wobble of 10 %
    /// from hour to hour.
    pub(crate) fn spot(&self, of: &str, zone: &str, at: DateTime<Utc>) -> Option<f64> {
        if let Some(pinned) = self.pinned_spot.get(&(of.to_owned(), zone.to_owned())) {
            return Some(*pinned);
        }
        let base = 0.18 + 0.17 * fraction(self.seed, &format!("spot/{of}/{zone}"));
        let hour = at.timestamp().div_euclid(3600);
        let wobble = 0.9 + 0.2 * fraction(self.seed, &format!("spot/{of}/{zone}/{hour}"));
        self.on_demand(of).map(|list| rounded(list * base * wobble))
    }

    /// Sets or (with `None`) removes the list price.
    pub(crate) fn set_on_demand(&mut self, of: &str, price: Option<f64>) {
        match price {
            Some(price) => {
                self.list.insert(of.to_owned(), price);
            }
            None => {
                self.list.remove(of);
            }
        }
    }

    /// Pins the spot price from now on.
    pub(crate) fn pin_spot(&mut self, of: &str, zone: &str, price: f64) {
        self.pinned_spot.insert((of.to_owned(), zone.to_owned()), price);
    }
}

/// To six decimals, the precision of the price list.
pub(crate) fn rounded(price: f64) -> f64 {
    (price * 1e6).round() / 1e6
}

/// The full hour of `at`.
pub(crate) fn hour(at: DateTime<Utc>) -> DateTime<Utc> {
    at.with_minute(0)
        .and_then(|t| t.with_second(0))
        .and_then(|t| t.with_nanosecond(0))
        .unwrap_or(at)
}
