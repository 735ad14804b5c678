//! The catalogue of one node class: the tables of the region seen through the class.

use std::collections::BTreeMap;
use std::sync::Arc;

use alibaba_sdk::ecs::InstanceType as Row;
use karpenter_core::api::labels as core;
use karpenter_core::model::instance_type::{InstanceType, Overlaid};
use karpenter_core::model::requirement::Requirement;

use super::CapacityType;
use super::capacity::{Setting, capacity};
use super::market::MarketView;
use super::offerings::{self, Shelf};
use super::overhead::overhead;
use super::reserved::{self, Reserved};
use super::types;
use crate::api::labels;
use crate::api::node_class::ECSNodeClass;
use crate::images;
use crate::legacy;
use crate::options::Options;
use crate::reservations::ledger::Ledger;
use crate::unavailable::Unavailable;

/// Everything a catalogue is made from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// Tables of the region.
    pub market: &'a MarketView,
    /// What was refused lately.
    pub unavailable: &'a Unavailable,
    /// Room left in capacity reservations.
    pub reservations: &'a Ledger,
    /// Settings.
    pub options: &'a Options,
}

/// The types nodes of `class` can be made of, in name order, names unique; those without stock are listed too.
///
/// A type without a zone that has both the type, on sale or reserved, and a vSwitch of the class is left out.
pub fn instance_types(class: &ECSNodeClass, sources: Sources<'_>) -> Vec<Arc<InstanceType>> {
    let v_switches = v_switches_by_zone(class);
    let rows = sources.market.types.values();
    rows.filter_map(|row| instance_type(row, class, &v_switches, sources)).map(Arc::new).collect()
}

/// vSwitches of `class` by zone, zones and ids in order.
pub fn v_switches_by_zone(class: &ECSNodeClass) -> BTreeMap<String, Vec<String>> {
    let mut by_zone: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for v_switch in class.status.iter().flat_map(|status| &status.v_switches) {
        by_zone.entry(v_switch.zone.clone()).or_default().push(v_switch.id.clone());
    }
    by_zone
}

fn instance_type(
    row: &Row,
    class: &ECSNodeClass,
    v_switches: &BTreeMap<String, Vec<String>>,
    sources: Sources<'_>,
) -> Option<InstanceType> {
    let Sources { market, unavailable, options, .. } = sources;
    let network = market.cluster.network;
    if !types::is_offered(row, network, options.include_exotic_families) {
        return None;
    }
    let status = class.status.as_ref()?;
    let image = images::select::for_arch(&status.images, types::arch(row)?);
    let shelf = Shelf {
        stock: &market.stock,
        prices: &market.prices,
        unavailable,
        v_switches,
        image: image.map(|image| image.id.as_str()),
        spot_price_limit: spot_price_limit(row, class, market),
    };
    let reserved = reserved(row, class, sources);
    let mut zones = offerings::supported_zones(row, shelf);
    zones.extend(reserved::zones(&reserved, shelf));
    if zones.is_empty() {
        return None;
    }
    let mut kinds = offerings::supported_capacity_types(row, shelf);
    kinds.extend((!reserved.is_empty()).then_some(CapacityType::Reserved));
    let mut requirements = types::requirements(row, &options.region);
    if options.legacy_labels {
        for label in legacy::labels::of(row) {
            requirements.replace(label);
        }
    }
    requirements.replace(Requirement::in_values(core::ZONE, zones));
    let kinds = kinds.into_iter().map(|kind| kind.as_str());
    requirements.replace(Requirement::in_values(core::CAPACITY_TYPE, kinds));
    for label in reserved::requirements(&reserved) {
        requirements.replace(label);
    }
    let name = class.metadata.name.clone().unwrap_or_default();
    requirements.replace(Requirement::in_values(labels::NODE_CLASS, [name]));
    let setting = Setting {
        network,
        spec: &class.spec,
        vm_memory_overhead_percent: options.vm_memory_overhead_percent,
        reserved_enis: options.reserved_enis,
    };
    let capacity = capacity(row, setting);
    let kubelet = class.spec.kubelet.as_ref();
    let by_pods = market.cluster.reserves_by_pods();
    let overhead = overhead(row.cpu_core_count, row.memory_size, &capacity, by_pods, kubelet);
    Some(InstanceType {
        name: row.instance_type_id.as_str().into(),
        requirements,
        offerings: offerings::offerings(row, shelf)
            .into_iter()
            .chain(reserved::offerings(row, &reserved, shelf))
            .collect(),
        capacity,
        overhead,
        overlaid: Overlaid::default(),
        devices: None,
    })
}

/// Reservations of `class` for the type; none where the gate is shut.
fn reserved<'a>(row: &Row, class: &'a ECSNodeClass, sources: Sources<'_>) -> Vec<Reserved<'a>> {
    match sources.options.reserved_capacity {
        true => Reserved::of(class, row, sources.reservations),
        false => vec![],
    }
}

fn spot_price_limit(row: &Row, class: &ECSNodeClass, market: &MarketView) -> Option<f64> {
    let name = &row.instance_type_id;
    let on_demand = market.prices.on_demand_or_estimate(name, row.cpu_core_count);
    class.spec.effective_spot_price_limit(on_demand)
}
