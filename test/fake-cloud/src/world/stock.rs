//! Stock: how many instances of a type a zone can still deliver, per market.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::data::pairs;

/// The three markets with separate stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Market {
    /// Pay-as-you-go.
    OnDemand,
    /// Pay-as-you-go with a spot strategy.
    Spot,
    /// PrePaid; only shown by DescribeAvailableResource.
    Subscription,
}

/// Stock of one type in one zone and market.
///
/// Source: Alibaba action DescribeAvailableResource (StatusCategory).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stock {
    /// Any number: `WithStock`.
    Unlimited,
    /// This many: `WithStock`, or `WithoutStock` at 0. Releases give back.
    Units(u32),
    /// This many and no replenishment: `ClosedWithStock`, or `ClosedWithoutStock` at 0; releases do
    /// not give back.
    Closing(u32),
}

impl Stock {
    /// How many can be delivered now.
    pub(crate) fn deliverable(self) -> u32 {
        match self {
            Stock::Unlimited => u32::MAX,
            Stock::Units(n) | Stock::Closing(n) => n,
        }
    }

    /// The `StatusCategory` of the service.
    pub(crate) fn category(self) -> &'static str {
        match self {
            Stock::Units(0) => "WithoutStock",
            Stock::Closing(0) => "ClosedWithoutStock",
            Stock::Unlimited | Stock::Units(_) => "WithStock",
            Stock::Closing(_) => "ClosedWithStock",
        }
    }

    /// The `Status` of the service.
    pub(crate) fn status(self) -> &'static str {
        if self.deliverable() > 0 { "Available" } else { "SoldOut" }
    }

    fn taken(self, n: u32) -> Stock {
        match self {
            Stock::Unlimited => Stock::Unlimited,
            Stock::Units(have) => Stock::Units(have.saturating_sub(n)),
            Stock::Closing(have) => Stock::Closing(have.saturating_sub(n)),
        }
    }

    fn given_back(self) -> Stock {
        match self {
            Stock::Units(have) => Stock::Units(have.saturating_add(1)),
            Stock::Unlimited | Stock::Closing(_) => self,
        }
    }
}

/// Stock by (market, zone, type); an absent row means "not sold there".
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct StockTable {
    #[serde(with = "pairs")]
    rows: BTreeMap<(Market, String, String), Stock>,
    zone_categories: BTreeMap<String, String>,
}

impl StockTable {
    /// Sets or (with `None`) withdraws the offer of `of` in `zone`.
    pub(crate) fn set(&mut self, market: Market, zone: &str, of: &str, stock: Option<Stock>) {
        let key = (market, zone.to_owned(), of.to_owned());
        match stock {
            Some(stock) => {
                self.rows.insert(key, stock);
            }
            None => {
                self.rows.remove(&key);
            }
        }
    }

    /// The stock of one row.
    pub(crate) fn get(&self, market: Market, zone: &str, of: &str) -> Option<Stock> {
        self.rows.get(&(market, zone.to_owned(), of.to_owned())).copied()
    }

    /// All rows of a market in a zone, by type.
    pub(crate) fn zone(&self, market: Market, zone: &str) -> Vec<(&str, Stock)> {
        let first = (market, zone.to_owned(), String::new());
        self.rows
            .range(first..)
            .take_while(|((m, z, _), _)| *m == market && z == zone)
            .map(|((_, _, of), stock)| (of.as_str(), *stock))
            .collect()
    }

    /// Takes `n` units that were checked to be there.
    pub(crate) fn take(&mut self, market: Market, zone: &str, of: &str, n: u32) {
        if let Some(stock) = self.rows.get_mut(&(market, zone.to_owned(), of.to_owned())) {
            *stock = stock.taken(n);
        }
    }

    /// Takes one unit back.
    pub(crate) fn give_back(&mut self, market: Market, zone: &str, of: &str) {
        if let Some(stock) = self.rows.get_mut(&(market, zone.to_owned(), of.to_owned())) {
            *stock = stock.given_back();
        }
    }

    /// Overrides what DescribeAvailableResource says of the zone as a whole.
    pub(crate) fn set_zone_category(&mut self, zone: &str, category: Option<&str>) {
        match category {
            Some(text) => {
                self.zone_categories.insert(zone.to_owned(), text.to_owned());
            }
            None => {
                self.zone_categories.remove(zone);
            }
        }
    }

    /// The category of the zone as a whole; `WithStock` unless overridden.
    pub(crate) fn zone_category(&self, zone: &str) -> &str {
        self.zone_categories.get(zone).map_or("WithStock", String::as_str)
    }
}
