//! Stock, prices, quotas.

use crate::{FakeCloud, InstanceType, Market, Stock};

impl FakeCloud {
    /// Sets the stock of a type in a zone, on demand and spot alike; the two markets count down
    /// separately.
    pub fn set_stock(&self, instance_type: &str, zone: &str, stock: Stock) {
        self.set_market_stock(Market::OnDemand, instance_type, zone, Some(stock));
        self.set_market_stock(Market::Spot, instance_type, zone, Some(stock));
    }

    /// Sets the stock of one market; `None` withdraws the type from sale in the zone.
    pub fn set_market_stock(
        &self,
        market: Market,
        instance_type: &str,
        zone: &str,
        stock: Option<Stock>,
    ) {
        self.change(|state, _| state.world.stock.set(market, zone, instance_type, stock));
    }

    /// The stock of one market; `None` if the type is not sold in the zone.
    pub fn stock(&self, market: Market, instance_type: &str, zone: &str) -> Option<Stock> {
        self.look(|state, _| state.world.stock.get(market, zone, instance_type))
    }

    /// Overrides the `StatusCategory` of a zone as a whole; rows of types keep their own.
    pub fn set_zone_category(&self, zone: &str, category: Option<&str>) {
        self.change(|state, _| state.world.stock.set_zone_category(zone, category));
    }

    /// Sets the pay-as-you-go price per hour; `None` makes DescribePrice answer `PriceNotFound`.
    pub fn set_price(&self, instance_type: &str, price: Option<f64>) {
        self.change(|state, _| state.world.prices.set_on_demand(instance_type, price));
    }

    /// Pins the spot price per hour of a type in a zone.
    pub fn set_spot_price(&self, instance_type: &str, zone: &str, price: f64) {
        self.change(|state, _| state.world.prices.pin_spot(instance_type, zone, price));
    }

    /// The pay-as-you-go price per hour.
    pub fn price(&self, instance_type: &str) -> Option<f64> {
        self.look(|state, _| state.world.prices.on_demand(instance_type))
    }

    /// The spot price per hour now.
    pub fn spot_price(&self, instance_type: &str, zone: &str) -> Option<f64> {
        self.look(|state, now| state.world.prices.spot(instance_type, zone, now))
    }

    /// Limits the vCPUs of a family, such as `ecs.g7`; `None` lifts the limit.
    pub fn set_vcpu_quota(&self, family: &str, vcpus: Option<u32>) {
        self.change(|state, _| {
            let quotas = &mut state.world.account.vcpu_quotas;
            match vcpus {
                Some(vcpus) => quotas.insert(family.to_owned(), vcpus),
                None => quotas.remove(family),
            };
        });
    }

    /// Adds or replaces an instance type and puts it on sale in every zone, unlimited.
    pub fn add_instance_type(&self, of: InstanceType) {
        self.change(|state, _| {
            let world = &mut state.world;
            world.prices.set_on_demand(&of.id, of.price);
            for zone in &world.zones {
                for market in [Market::OnDemand, Market::Spot, Market::Subscription] {
                    world.stock.set(market, zone, &of.id, Some(Stock::Unlimited));
                }
            }
            world.types.insert(of.id.clone(), of);
        });
    }

    /// All instance types, by id.
    pub fn instance_types(&self) -> Vec<InstanceType> {
        self.look(|state, _| state.world.types.values().cloned().collect())
    }
}
