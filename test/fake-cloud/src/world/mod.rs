//! What exists in the cloud. Changed by actions and by the control side, under one lock.

pub(crate) mod account;
mod catalogue_rows;
pub(crate) mod cluster;
mod defaults;
pub(crate) mod image;
pub(crate) mod instance;
pub(crate) mod instance_type;
pub(crate) mod launch;
mod lifecycle;
pub(crate) mod network;
pub(crate) mod price;
pub(crate) mod reservation;
pub(crate) mod stock;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use self::{
    account::Account,
    cluster::Cluster,
    image::Image,
    instance::Instance,
    instance_type::InstanceType,
    network::{SecurityGroup, VSwitch},
    price::Prices,
    reservation::CapacityReservation,
    stock::StockTable,
};
use crate::{Config, Timing, ids::Ids};

/// Everything there is, by id.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct World {
    /// Region id.
    pub(crate) region: String,
    /// Zone ids in configured order.
    pub(crate) zones: Vec<String>,
    /// Where ids come from.
    pub(crate) ids: Ids,
    /// Durations of the life cycle.
    pub(crate) timing: Timing,
    /// Addresses per instance.
    pub(crate) ips_per_instance: u32,
    /// Instance types by id.
    pub(crate) types: BTreeMap<String, InstanceType>,
    /// Stock by market, zone and type.
    pub(crate) stock: StockTable,
    /// Prices by type, and by zone for spot.
    pub(crate) prices: Prices,
    /// vSwitches by id.
    pub(crate) vswitches: BTreeMap<String, VSwitch>,
    /// Security groups by id.
    pub(crate) security_groups: BTreeMap<String, SecurityGroup>,
    /// Images by id.
    pub(crate) images: BTreeMap<String, Image>,
    /// Capacity reservations by id.
    pub(crate) reservations: BTreeMap<String, CapacityReservation>,
    /// The one ACK cluster.
    pub(crate) cluster: Cluster,
    /// Roles, quotas, remembered client tokens, denied actions.
    pub(crate) account: Account,
    /// Instances by id.
    pub(crate) instances: BTreeMap<String, Instance>,
    /// Interruptions announced so far, oldest first.
    pub(crate) interruptions: Vec<Interruption>,
    pub(crate) created: u64,
    #[serde(skip)]
    next_change: Option<DateTime<Utc>>,
}

/// The announcement that a spot instance will be taken back.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Interruption {
    /// When it was announced.
    pub(crate) at: DateTime<Utc>,
    /// Which instance.
    pub(crate) instance_id: String,
    /// Its name then.
    pub(crate) instance_name: String,
}

impl World {
    /// The seeded default world.
    pub(crate) fn new(config: &Config) -> World {
        let mut world = World {
            region: config.region.clone(),
            zones: config.zones.clone(),
            ids: Ids::new(config.seed),
            timing: config.timing,
            ips_per_instance: config.ips_per_instance.max(1),
            types: config.catalogue.iter().map(|t| (t.id.clone(), t.clone())).collect(),
            stock: StockTable::default(),
            prices: Prices::new(config.seed, &config.catalogue),
            vswitches: BTreeMap::new(),
            security_groups: BTreeMap::new(),
            images: BTreeMap::new(),
            reservations: BTreeMap::new(),
            cluster: Cluster::new(config),
            account: Account::new(config),
            instances: BTreeMap::new(),
            interruptions: Vec::new(),
            created: 0,
            next_change: None,
        };
        world.seed_defaults();
        world
    }

    /// Instances in the order of their creation.
    pub(crate) fn instances_by_age(&self) -> Vec<&Instance> {
        let mut all: Vec<&Instance> = self.instances.values().collect();
        all.sort_by_key(|instance| instance.sequence);
        all
    }
}
