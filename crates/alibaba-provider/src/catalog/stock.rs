//! What is sold in which zone.

use std::collections::{BTreeMap, BTreeSet};

use alibaba_sdk::ecs::{DescribeAvailableResourceResponse, SupportedResource, Zone as ZoneRow};

use super::CapacityType;

/// Whether a type can be had in a zone, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// In stock.
    WithStock,
    /// In stock, but not replenished.
    ClosedWithStock,
    /// Out of stock, to be replenished.
    WithoutStock,
    /// Out of stock for good.
    ClosedWithoutStock,
}

impl Level {
    /// Whether a launch has a chance.
    pub fn is_available(self) -> bool {
        matches!(self, Self::WithStock | Self::ClosedWithStock)
    }

    fn of(row: &SupportedResource) -> Self {
        match (row.status.as_str(), row.status_category.as_str()) {
            ("Available", "ClosedWithStock") => Self::ClosedWithStock,
            ("Available", _) => Self::WithStock,
            (_, "ClosedWithoutStock") => Self::ClosedWithoutStock,
            _ => Self::WithoutStock,
        }
    }
}

/// Levels by zone and type; a type without a row is not sold in the zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StockTable(BTreeMap<String, BTreeMap<String, Level>>);

impl StockTable {
    /// Reads an answer about instance types; the rows decide, not the state of a zone.
    ///
    /// Source: Alibaba action DescribeAvailableResource.
    pub fn from_available(answer: &DescribeAvailableResourceResponse) -> Self {
        let mut table = Self::default();
        for zone in &answer.available_zones {
            let rows = zone
                .available_resources
                .iter()
                .filter(|resource| resource.kind == "InstanceType")
                .flat_map(|resource| &resource.supported_resources);
            let levels = table.0.entry(zone.zone_id.clone()).or_default();
            levels.extend(rows.map(|row| (row.value.clone(), Level::of(row))));
        }
        table
    }

    /// What can be created by the list of zones; knows no stock, so everything listed counts as in stock.
    ///
    /// Source: Alibaba action DescribeZones.
    pub fn from_zones(zones: &[ZoneRow]) -> Self {
        let levels = |zone: &ZoneRow| {
            let types = zone.available_instance_types.iter();
            types.map(|name| (name.clone(), Level::WithStock)).collect()
        };
        Self(zones.iter().map(|zone| (zone.zone_id.clone(), levels(zone))).collect())
    }

    /// The level of a type in a zone; `None` when it is not sold there.
    pub fn level(&self, zone: &str, instance_type: &str) -> Option<Level> {
        self.0.get(zone)?.get(instance_type).copied()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(BTreeMap::is_empty)
    }

    /// Zones in name order.
    pub fn zones(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Both tables of a region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stock {
    /// Pay by use.
    pub on_demand: StockTable,
    /// Spot.
    pub spot: StockTable,
}

impl Stock {
    /// The level of a type in a zone for a capacity type; `None` when it is not sold so.
    ///
    /// What is reserved is not on sale.
    pub fn level(&self, kind: CapacityType, zone: &str, instance_type: &str) -> Option<Level> {
        match kind {
            CapacityType::OnDemand => self.on_demand.level(zone, instance_type),
            CapacityType::Spot => self.spot.level(zone, instance_type),
            CapacityType::Reserved => None,
        }
    }

    /// Zones of either table.
    pub fn zones(&self) -> BTreeSet<String> {
        self.on_demand.zones().chain(self.spot.zones()).map(str::to_owned).collect()
    }
}
