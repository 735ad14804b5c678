//! What instances cost per hour.

use std::collections::BTreeMap;

use alibaba_sdk::ecs::{DescribePriceResponse, SpotPrice};
use jiff::Timestamp;
use karpenter_core::model::price::Price;

/// Price of a vCPU hour while no price of the region is known; ranks unknown types by size.
const ASSUMED_PER_CPU: f64 = 1.0;

/// Prices of a region, in one currency.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prices {
    currency: String,
    on_demand: BTreeMap<String, Quote<f64>>,
    per_cpu: BTreeMap<String, f64>,
    spot: BTreeMap<String, Quote<BTreeMap<String, f64>>>,
}

/// A price and when it was read.
#[derive(Debug, Clone, PartialEq)]
struct Quote<T> {
    value: T,
    at: Timestamp,
}

/// The spot price of a type in a zone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SpotQuote {
    /// Per hour.
    Known(f64),
    /// Not asked yet.
    NotYet,
    /// Asked, and the zone was not in the answer: no spot there.
    NotOffered,
}

impl Prices {
    /// On-demand price per hour; `None` when unknown.
    pub fn on_demand(&self, instance_type: &str) -> Option<f64> {
        self.on_demand.get(instance_type).map(|quote| quote.value)
    }

    /// On-demand price, or an estimate that ranks behind every known price per vCPU.
    pub fn on_demand_or_estimate(&self, instance_type: &str, cpu: u32) -> Price {
        let known = self.on_demand(instance_type);
        Price::per_hour(known.unwrap_or_else(|| self.highest_per_cpu() * f64::from(cpu)))
    }

    fn highest_per_cpu(&self) -> f64 {
        let per_cpu = self.per_cpu.values().copied().max_by(f64::total_cmp);
        per_cpu.unwrap_or(ASSUMED_PER_CPU)
    }

    /// Spot price in a zone.
    pub fn spot(&self, instance_type: &str, zone: &str) -> SpotQuote {
        let Some(quote) = self.spot.get(instance_type) else { return SpotQuote::NotYet };
        quote.value.get(zone).map_or(SpotQuote::NotOffered, |price| SpotQuote::Known(*price))
    }

    /// Enters the on-demand price of a type with `cpu` vCPUs.
    pub fn learn_on_demand(
        &mut self,
        instance_type: &str,
        cpu: u32,
        quoted: &Quoted,
        at: Timestamp,
    ) {
        self.switch_currency(&quoted.currency);
        self.on_demand.insert(instance_type.to_owned(), Quote { value: quoted.per_hour, at });
        let per_cpu = quoted.per_hour / f64::from(cpu.max(1));
        self.per_cpu.insert(instance_type.to_owned(), per_cpu);
    }

    /// Enters the spot prices of a type: the newest row of each zone, all zones of the former answer replaced.
    ///
    /// Source: Alibaba action DescribeSpotPriceHistory.
    pub fn learn_spot(
        &mut self,
        instance_type: &str,
        currency: &str,
        rows: &[SpotPrice],
        at: Timestamp,
    ) {
        self.switch_currency(currency);
        let mut newest: BTreeMap<&str, &SpotPrice> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.instance_type == instance_type) {
            let kept = newest.entry(&row.zone_id).or_insert(row);
            if row.timestamp > kept.timestamp {
                *kept = row;
            }
        }
        let value =
            newest.into_iter().map(|(zone, row)| (zone.to_owned(), row.spot_price)).collect();
        self.spot.insert(instance_type.to_owned(), Quote { value, at });
    }

    /// Prices in two currencies cannot be compared: the first of another currency drops all others.
    fn switch_currency(&mut self, currency: &str) {
        if currency.is_empty() || currency == self.currency {
            return;
        }
        if !self.currency.is_empty() {
            tracing::warn!(from = self.currency, to = currency, "the currency of prices changed");
            *self = Self::default();
        }
        currency.clone_into(&mut self.currency);
    }

    /// When the on-demand price was read.
    pub fn on_demand_read(&self, instance_type: &str) -> Option<Timestamp> {
        self.on_demand.get(instance_type).map(|quote| quote.at)
    }

    /// When the spot prices were read.
    pub fn spot_read(&self, instance_type: &str) -> Option<Timestamp> {
        self.spot.get(instance_type).map(|quote| quote.at)
    }
}

/// An on-demand price as the cloud quotes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Quoted {
    /// Per hour, without disks.
    pub per_hour: f64,
    /// `CNY` or `USD`; empty when the answer does not say.
    pub currency: String,
}

/// The list price of the instance alone; `None` when the answer holds no price.
///
/// Source: Alibaba action DescribePrice, part `instanceType`.
pub fn quoted(answer: &DescribePriceResponse) -> Option<Quoted> {
    let price = &answer.price_info.price;
    let part = price.detail_infos.iter().find(|part| part.resource == "instanceType");
    let per_hour = part.map_or(price.original_price, |part| part.original_price);
    (per_hour > 0.0).then(|| Quoted { per_hour, currency: price.currency.clone() })
}
