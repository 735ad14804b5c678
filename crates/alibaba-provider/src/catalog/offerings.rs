//! The ways to buy a type on the market: every zone of the region, by use and as spot.

use std::collections::{BTreeMap, BTreeSet};

use alibaba_sdk::ecs::InstanceType as Row;
use karpenter_core::api::labels;
use karpenter_core::model::ids::{InstanceTypeName, Zone};
use karpenter_core::model::instance_type::Offering;
use karpenter_core::model::price::Price;
use karpenter_core::model::requirement::Requirement;

use super::CapacityType;
use super::prices::{Prices, SpotQuote};
use super::reserved;
use super::stock::Stock;
use crate::api::labels as own;
use crate::unavailable::{Asked, Mark, Unavailable};

/// What offerings depend on besides the type.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'a> {
    /// What is in stock.
    pub stock: &'a Stock,
    /// What it costs.
    pub prices: &'a Prices,
    /// What was refused lately.
    pub unavailable: &'a Unavailable,
    /// vSwitches of the class by zone; zones without one cannot be launched in.
    pub v_switches: &'a BTreeMap<String, Vec<String>>,
    /// Image the type would boot; `None` when the class has none for it.
    pub image: Option<&'a str>,
    /// Highest spot price per hour; `None` for no limit.
    pub spot_price_limit: Option<f64>,
}

/// Zones in which nodes of a type are possible at all, whatever is in stock now.
pub fn supported_zones(row: &Row, shelf: Shelf<'_>) -> BTreeSet<String> {
    let has_switch = |zone: &&String| shelf.v_switches.contains_key(zone.as_str());
    shelf
        .stock
        .zones()
        .iter()
        .filter(has_switch)
        .filter(|zone| {
            let sold = |kind| shelf.stock.level(kind, zone, &row.instance_type_id).is_some();
            CapacityType::MARKET.into_iter().any(sold)
        })
        .cloned()
        .collect()
}

/// Capacity types of a type: by use always, spot where the cloud sells it in some zone.
pub fn supported_capacity_types(row: &Row, shelf: Shelf<'_>) -> Vec<CapacityType> {
    let sold_as_spot = |zone: &str| shelf.stock.spot.level(zone, &row.instance_type_id).is_some();
    let spot = shelf.stock.spot.zones().any(sold_as_spot);
    let sold = CapacityType::MARKET.into_iter();
    sold.filter(|kind| *kind == CapacityType::OnDemand || spot).collect()
}

/// What the market offers of a type, by zone, then capacity type; what cannot be launched now is there, unavailable.
pub fn offerings(row: &Row, shelf: Shelf<'_>) -> Vec<Offering> {
    let mut zones = shelf.stock.zones();
    zones.extend(shelf.v_switches.keys().cloned());
    zones
        .iter()
        .flat_map(|zone| CapacityType::MARKET.map(|capacity_type| (zone, capacity_type)))
        .map(|(zone, capacity_type)| offering(row, zone, capacity_type, shelf))
        .collect()
}

fn offering(row: &Row, zone: &str, capacity_type: CapacityType, shelf: Shelf<'_>) -> Offering {
    let price = price(row, zone, capacity_type, shelf);
    let is_on_sale = price.is_some_and(|price| is_within_limit(price, capacity_type, shelf));
    Offering {
        requirements: [
            Requirement::in_values(labels::CAPACITY_TYPE, [capacity_type.as_str()]),
            Requirement::in_values(labels::ZONE, [zone]),
        ]
        .into_iter()
        .chain(own::OF_RESERVATIONS.map(Requirement::does_not_exist))
        .collect(),
        price: price.unwrap_or(Price::UNKNOWN),
        available: is_on_sale && is_launchable(row, zone, capacity_type, shelf),
        reservation_capacity: 0,
        capacity_override: None,
        overhead_override: None,
    }
}

/// `None` when the offering does not exist in the zone.
fn price(row: &Row, zone: &str, kind: CapacityType, shelf: Shelf<'_>) -> Option<Price> {
    let name = &row.instance_type_id;
    let on_demand = || shelf.prices.on_demand_or_estimate(name, row.cpu_core_count);
    match kind {
        CapacityType::OnDemand => Some(on_demand()),
        CapacityType::Spot => match shelf.prices.spot(name, zone) {
            SpotQuote::Known(price) => Some(Price::per_hour(price)),
            SpotQuote::NotYet => Some(on_demand()),
            SpotQuote::NotOffered => None,
        },
        CapacityType::Reserved => Some(reserved::price(row, shelf)),
    }
}

fn is_within_limit(price: Price, capacity_type: CapacityType, shelf: Shelf<'_>) -> bool {
    match (capacity_type, shelf.spot_price_limit) {
        (CapacityType::Spot, Some(limit)) => price <= Price::per_hour(limit),
        (CapacityType::OnDemand | CapacityType::Spot | CapacityType::Reserved, _) => true,
    }
}

fn is_launchable(row: &Row, zone: &str, capacity_type: CapacityType, shelf: Shelf<'_>) -> bool {
    let level = shelf.stock.level(capacity_type, zone, &row.instance_type_id);
    level.is_some_and(|level| level.is_available()) && is_possible(row, zone, capacity_type, shelf)
}

/// Whether nothing but a lack of stock can speak against an offering.
pub(super) fn is_possible(
    row: &Row,
    zone: &str,
    capacity_type: CapacityType,
    shelf: Shelf<'_>,
) -> bool {
    let name = InstanceTypeName::from(row.instance_type_id.as_str());
    let asked = Asked {
        instance_type: &name,
        family: &row.instance_type_family,
        cpu: row.cpu_core_count,
        zone: &Zone::from(zone),
        capacity_type,
    };
    !shelf.unavailable.blocks(asked) && has_address(zone, shelf) && boots(&name, shelf)
}

/// Whether some vSwitch of the zone is not known to be full.
fn has_address(zone: &str, shelf: Shelf<'_>) -> bool {
    let ids = shelf.v_switches.get(zone).into_iter().flatten();
    ids.into_iter().any(|id| !shelf.unavailable.contains(&Mark::VSwitch(id.clone())))
}

fn boots(instance_type: &InstanceTypeName, shelf: Shelf<'_>) -> bool {
    shelf.image.is_some_and(|image| {
        let mark = Mark::Image { image: image.to_owned(), instance_type: instance_type.clone() };
        !shelf.unavailable.contains(&mark)
    })
}
