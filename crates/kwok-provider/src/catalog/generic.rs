//! Instance types made by rule: every size with three amounts of memory, two processors and two systems, in four
//! zones, on demand and as spot.
//!
//! Source: Karpenter behaviour, KWOK provider (its default types).

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use karpenter_core::api::labels;
use karpenter_core::api::v1::requirement::{NodeSelectorRequirementWithMinValues, Operator};

use super::file::{InstanceTypeRow, OfferingRow};

const PROCESSORS: [u32; 12] = [1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256];
/// Families by GiB of memory per processor: compute, standard, memory.
const FAMILIES: [(&str, u32); 3] = [("c", 2), ("s", 4), ("m", 8)];
const SYSTEMS: [&str; 2] = ["linux", "windows"];
const ARCHITECTURES: [&str; 2] = ["amd64", "arm64"];

/// Zones of every type.
pub const ZONES: [&str; 4] = ["test-zone-a", "test-zone-b", "test-zone-c", "test-zone-d"];

const PODS_PER_PROCESSOR: u32 = 16;
const MOST_PODS: u32 = 1024;
const GIB: f64 = 1_073_741_824.0;

/// Price per hour of a processor.
const PRICE_OF_PROCESSOR: f64 = 0.025;
/// Price per hour of 10⁹ bytes of memory.
const PRICE_OF_GIGABYTE: f64 = 0.001;
/// What spot costs of the price on demand.
const SPOT_SHARE: f64 = 0.7;

/// The rows of all 144 types, by processors, family, system and architecture.
pub fn rows() -> Vec<InstanceTypeRow> {
    let mut rows = vec![];
    for processors in PROCESSORS {
        for (family, gib_per_processor) in FAMILIES {
            for system in SYSTEMS {
                for architecture in ARCHITECTURES {
                    rows.push(InstanceTypeRow {
                        name: format!("{family}-{processors}x-{architecture}-{system}"),
                        offerings: offerings(price(processors, processors * gib_per_processor)),
                        architecture: architecture.to_owned(),
                        operating_systems: vec![system.to_owned()],
                        resources: resources(processors, processors * gib_per_processor),
                    });
                }
            }
        }
    }
    rows
}

fn resources(processors: u32, gib: u32) -> BTreeMap<String, Quantity> {
    let pods = (processors * PODS_PER_PROCESSOR).min(MOST_PODS);
    [
        ("cpu", processors.to_string()),
        ("memory", format!("{gib}Gi")),
        ("ephemeral-storage", "20Gi".to_owned()),
        ("pods", pods.to_string()),
    ]
    .map(|(name, amount)| (name.to_owned(), Quantity(amount)))
    .into()
}

/// Price per hour on demand.
fn price(processors: u32, gib: u32) -> f64 {
    PRICE_OF_PROCESSOR * f64::from(processors) + PRICE_OF_GIGABYTE * (f64::from(gib) * GIB) / 1e9
}

fn offerings(price: f64) -> Vec<OfferingRow> {
    let in_zone = |zone: &'static str| {
        let spot = offering(zone, labels::CAPACITY_TYPE_SPOT, price * SPOT_SHARE);
        [spot, offering(zone, labels::CAPACITY_TYPE_ON_DEMAND, price)]
    };
    ZONES.into_iter().flat_map(in_zone).collect()
}

fn offering(zone: &str, capacity_type: &str, price: f64) -> OfferingRow {
    let is = |key: &str, value: &str| NodeSelectorRequirementWithMinValues {
        key: key.to_owned(),
        operator: Operator::In,
        values: Some(vec![value.to_owned()]),
        min_values: None,
    };
    OfferingRow {
        price,
        available: true,
        requirements: vec![is(labels::CAPACITY_TYPE, capacity_type), is(labels::ZONE, zone)],
    }
}
