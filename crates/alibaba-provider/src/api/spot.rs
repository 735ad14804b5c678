//! How spot instances bid.

use karpenter_core::model::price::Price;

use super::node_class::ECSNodeClassSpec;
use super::string_enum::string_enum;

string_enum! {
    /// How a spot instance bids.
    SpotStrategy {
        /// Follows the market up to the on-demand price.
        SpotAsPriceGo = "SpotAsPriceGo",
        /// Up to a limit.
        SpotWithPriceLimit = "SpotWithPriceLimit",
    }
}

impl ECSNodeClassSpec {
    /// Highest price per hour a spot instance may cost, where the type costs `on_demand` by use; `None` for no limit
    /// but the on-demand price, also while a limit in percent cannot be told.
    pub fn effective_spot_price_limit(&self, on_demand: Price) -> Option<f64> {
        if self.spot_strategy != Some(SpotStrategy::SpotWithPriceLimit) {
            return None;
        }
        let percent = self.spot_price_limit_percent.filter(|_| on_demand != Price::UNKNOWN);
        let of_percent = |percent: i32| on_demand.as_f64() * f64::from(percent) / 100.0;
        self.spot_price_limit.or_else(|| percent.map(of_percent))
    }
}
