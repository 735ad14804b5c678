//! Delivering instances: what can be delivered of an order, and doing it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    World,
    instance::{DiskSpec, Instance, InstanceStatus, SpotStrategy},
};
use crate::error::ApiError;

/// A checked order: every name in it exists and fits the others.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) instance_type: String,
    pub(crate) image_id: String,
    pub(crate) vswitch_id: String,
    pub(crate) zone: String,
    pub(crate) security_group_ids: Vec<String>,
    pub(crate) spot_strategy: SpotStrategy,
    pub(crate) spot_price_limit: Option<f64>,
    pub(crate) system_disk: DiskSpec,
    pub(crate) data_disks: Vec<DiskSpec>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) user_data: String,
    pub(crate) name: Option<String>,
    pub(crate) host_name: Option<String>,
    pub(crate) ram_role: Option<String>,
    pub(crate) key_pair: Option<String>,
    pub(crate) resource_group_id: Option<String>,
    pub(crate) reservation_id: Option<String>,
    pub(crate) reservation_named: bool,
    pub(crate) deletion_protection: bool,
    pub(crate) http_tokens: String,
    pub(crate) http_endpoint: String,
}

impl World {
    /// How many of `order` can be delivered now, between `min` and `max`.
    ///
    /// # Errors
    /// Why fewer than `min` can be delivered: not on sale, no stock, spot price, quota, addresses,
    /// full security group, in this order.
    pub(crate) fn deliverable(
        &self,
        order: &Order,
        min: u32,
        max: u32,
        now: DateTime<Utc>,
    ) -> Result<u32, ApiError> {
        let limits = [
            self.stock_limit(order)?,
            self.spot_limit(order, now)?,
            self.quota_limit(order),
            self.address_limit(order),
            self.security_group_limit(order),
        ];
        match limits.iter().find(|(units, _)| *units < min) {
            Some((_, refusal)) => Err(refusal.clone()),
            None => Ok(limits.iter().map(|(units, _)| *units).fold(max, u32::min)),
        }
    }

    /// Delivers `n` of `order`, which was found deliverable, and returns the ids in order.
    pub(crate) fn deliver(&mut self, order: &Order, n: u32, now: DateTime<Utc>) -> Vec<String> {
        if order.reservation_id.is_none() {
            let market = order.spot_strategy.market();
            self.stock.take(market, &order.zone, &order.instance_type, n);
        }
        (0..n).map(|_| self.deliver_one(order, now)).collect()
    }

    /// Price per hour of one instance of `order` at `now`.
    pub(crate) fn price(&self, order: &Order, now: DateTime<Utc>) -> Option<f64> {
        match order.spot_strategy {
            SpotStrategy::NoSpot => self.prices.on_demand(&order.instance_type),
            SpotStrategy::AsPriceGo | SpotStrategy::WithPriceLimit => {
                self.prices.spot(&order.instance_type, &order.zone, now)
            }
        }
    }

    fn deliver_one(&mut self, order: &Order, now: DateTime<Utc>) -> String {
        self.created += 1;
        let id = format!("i-{}{}", region_code(&self.region), self.ids.base36("instance", 18));
        let ips = self.ips_per_instance;
        let private_ip = self
            .vswitches
            .get_mut(&order.vswitch_id)
            .map_or(std::net::Ipv4Addr::UNSPECIFIED, |vswitch| vswitch.assign(ips));
        let instance = Instance {
            id: id.clone(),
            sequence: self.created,
            name: order.name.clone().unwrap_or_else(|| id.clone()),
            host_name: order.host_name.clone().unwrap_or_else(|| format!("iZ{}Z", &id[2..])),
            status: InstanceStatus::Pending,
            instance_type: order.instance_type.clone(),
            zone: order.zone.clone(),
            vswitch_id: order.vswitch_id.clone(),
            security_group_ids: order.security_group_ids.clone(),
            private_ip,
            image_id: order.image_id.clone(),
            user_data: order.user_data.clone(),
            tags: order.tags.clone(),
            spot_strategy: order.spot_strategy,
            spot_price_limit: order.spot_price_limit,
            price: self.price(order, now).unwrap_or_default(),
            system_disk: order.system_disk.clone(),
            data_disks: order.data_disks.clone(),
            ram_role: order.ram_role.clone(),
            key_pair: order.key_pair.clone(),
            resource_group_id: order.resource_group_id.clone(),
            reservation_id: order.reservation_id.clone(),
            reservation_named: order.reservation_named,
            deletion_protection: order.deletion_protection,
            http_tokens: order.http_tokens.clone(),
            http_endpoint: order.http_endpoint.clone(),
            created: now,
            interrupted_at: None,
            gone_at: None,
            releasing: false,
            stopped: false,
        };
        let instance = Instance { status: instance.status_at(now, &self.timing), ..instance };
        self.insert(instance, now);
        id
    }

    fn stock_limit(&self, order: &Order) -> Result<(u32, ApiError), ApiError> {
        let market = order.spot_strategy.market();
        let Some(stock) = self.stock.get(market, &order.zone, &order.instance_type) else {
            return Err(ApiError::forbidden(
                "Zone.NotOnSale",
                "The resource in the specified zone is no longer available for sale. Please try other regions and zones.",
            ));
        };
        let refusal = ApiError::forbidden(
            "OperationDenied.NoStock",
            "The requested resource is sold out in the specified zone; try other types of resources or other regions and zones.",
        );
        let room = order.reservation_id.as_deref().map(|id| self.room(id));
        Ok((room.unwrap_or_else(|| stock.deliverable()), refusal))
    }

    fn spot_limit(&self, order: &Order, now: DateTime<Utc>) -> Result<(u32, ApiError), ApiError> {
        let refusal = ApiError::bad(
            "InvalidSpotPriceLimit.LowerThanPublicPrice",
            "The specified parameter \"spotPriceLimit\" can't be lower than current public price.",
        );
        match (order.spot_price_limit, self.price(order, now)) {
            (Some(limit), Some(price)) if limit < price => Err(refusal),
            _ => Ok((u32::MAX, refusal)),
        }
    }

    fn quota_limit(&self, order: &Order) -> (u32, ApiError) {
        let refusal = ApiError::forbidden(
            "QuotaExceed.ElasticQuota",
            "No additional quota is available for the specified ECS instance type.",
        );
        let Some(of) = self.types.get(&order.instance_type) else { return (0, refusal) };
        let Some(quota) = self.account.vcpu_quotas.get(of.family()) else {
            return (u32::MAX, refusal);
        };
        let same_family = |i: &&Instance| {
            self.types.get(&i.instance_type).is_some_and(|t| t.family() == of.family())
        };
        let used: u32 = self
            .instances
            .values()
            .filter(same_family)
            .filter_map(|i| self.types.get(&i.instance_type))
            .map(|t| t.vcpu)
            .sum();
        (quota.saturating_sub(used) / of.vcpu.max(1), refusal)
    }

    fn address_limit(&self, order: &Order) -> (u32, ApiError) {
        let free = self.vswitches.get(&order.vswitch_id).map_or(0, |vswitch| vswitch.available_ips);
        let refusal = ApiError::bad(
            "InvalidVSwitchId.IpNotEnough",
            "The specified VSwitch does not have enough IP addresses.",
        );
        (free / self.ips_per_instance, refusal)
    }

    fn security_group_limit(&self, order: &Order) -> (u32, ApiError) {
        let free = |id: &String| {
            let limit = self.security_groups.get(id).map_or(0, |group| group.instance_limit);
            limit.saturating_sub(self.members(id))
        };
        let refusal = ApiError::forbidden(
            "SecurityGroupInstanceLimitExceed",
            "The maximum number of instances in a security group is exceeded.",
        );
        (order.security_group_ids.iter().map(free).min().unwrap_or(0), refusal)
    }

    /// How many instances are in a security group.
    pub(crate) fn members(&self, group: &str) -> u32 {
        let inside = |i: &&Instance| i.security_group_ids.iter().any(|id| id == group);
        u32::try_from(self.instances.values().filter(inside).count()).unwrap_or(u32::MAX)
    }
}

/// The two letters that ids of a region start with.
pub(crate) fn region_code(region: &str) -> &'static str {
    match region {
        "cn-hangzhou" => "bp",
        "cn-shanghai" => "uf",
        "cn-beijing" => "2z",
        "cn-shenzhen" => "wz",
        "ap-southeast-1" => "t4",
        _ => "x0",
    }
}
