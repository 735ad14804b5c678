//! A row becomes an instance type.

use karpenter_core::api::labels as core;
use karpenter_core::model::instance_type::{InstanceType, Offering, Overhead, Overlaid};
use karpenter_core::model::label_rules::LabelNormalization;
use karpenter_core::model::price::Price;
use karpenter_core::model::quantity::Quantity;
use karpenter_core::model::requirement::Requirement;
use karpenter_core::model::requirements::Requirements;
use karpenter_core::model::resources::{ResourceName, Resources};

use super::CatalogError;
use super::file::{InstanceTypeRow, OfferingRow};
use crate::labels;

/// Pods of a type that does not say.
const DEFAULT_PODS: i64 = 110;
/// What the system keeps of every node.
const RESERVED_MILLICPU: i64 = 100;
const RESERVED_BYTES: i64 = 10 << 20;
/// Sizes in names like `family.size`; `xlarge` may have a number in front.
const SIZES: [&str; 7] = ["nano", "micro", "small", "medium", "large", "xlarge", "metal"];

pub(super) fn instance_type(row: &InstanceTypeRow) -> Result<InstanceType, CatalogError> {
    let wrong = |field: String, message: String| {
        Err(CatalogError::Row { name: row.name.clone(), field, message })
    };
    if row.name.is_empty() {
        return wrong("name".to_owned(), "is empty; every type needs one".to_owned());
    }
    let capacity = match capacity(row) {
        Ok(capacity) => capacity,
        Err((field, message)) => return wrong(field, message),
    };
    let mut offerings = Vec::with_capacity(row.offerings.len());
    for (at, offering) in row.offerings.iter().enumerate() {
        match read_offering(offering) {
            Ok(offering) => offerings.push(offering),
            Err(message) => return wrong(format!("offerings[{at}]"), message),
        }
    }
    Ok(InstanceType {
        name: row.name.as_str().into(),
        requirements: requirements(row, &capacity, &offerings),
        offerings,
        capacity,
        overhead: Overhead {
            kube_reserved: Resources::from_iter([
                (ResourceName::cpu(), Quantity::from_milli(RESERVED_MILLICPU)),
                (ResourceName::memory(), Quantity::from_bytes(RESERVED_BYTES)),
            ]),
            ..Overhead::default()
        },
        overlaid: Overlaid::default(),
        devices: None,
    })
}

/// Full capacity, or the member that is wrong with what is wrong.
fn capacity(row: &InstanceTypeRow) -> Result<Resources, (String, String)> {
    let mut capacity = Resources::from_api(&row.resources)
        .map_err(|error| ("resources".to_owned(), error.to_string()))?;
    for name in ["cpu", "memory"] {
        if capacity.get_or_zero(name) <= Quantity::ZERO {
            let message = "is missing or not positive; every node has some".to_owned();
            return Err((format!("resources.{name}"), message));
        }
    }
    if !capacity.contains("pods") {
        capacity.insert(ResourceName::pods(), Quantity::from_units(DEFAULT_PODS));
    }
    Ok(capacity)
}

fn read_offering(row: &OfferingRow) -> Result<Offering, String> {
    let requirements = Requirements::from_spec(&row.requirements, &LabelNormalization::core());
    for key in [core::CAPACITY_TYPE, core::ZONE] {
        let has = requirements.get(key).is_some_and(|r| !r.complement() && r.values().len() == 1);
        if !has {
            return Err(format!("Requirements lack one with key {key}, operator In and one value"));
        }
    }
    if !row.price.is_finite() || row.price < 0.0 {
        return Err(format!("Price {} is not a price per hour", row.price));
    }
    Ok(Offering {
        requirements,
        price: Price::per_hour(row.price),
        available: true,
        reservation_capacity: 0,
        capacity_override: None,
        overhead_override: None,
    })
}

/// What nodes of the type can be: fixed labels, and every value some offering has of the others.
fn requirements(
    row: &InstanceTypeRow,
    capacity: &Resources,
    offerings: &[Offering],
) -> Requirements {
    let amount = |name: &str| capacity.get_or_zero(name).to_string();
    let mut requirements = Requirements::from_iter([
        Requirement::in_values(core::INSTANCE_TYPE, [row.name.as_str()]),
        Requirement::in_values(core::ARCH, [row.architecture.as_str()]),
        Requirement::in_values(core::OS, row.operating_systems.iter().map(String::as_str)),
        Requirement::in_values(labels::INSTANCE_FAMILY, [family(&row.name)]),
        Requirement::in_values(labels::INSTANCE_SIZE, [size(&row.name, &amount("cpu")).as_str()]),
        Requirement::in_values(labels::INSTANCE_CPU, [amount("cpu").as_str()]),
        Requirement::in_values(labels::INSTANCE_MEMORY, [amount("memory").as_str()]),
        Requirement::does_not_exist(core::ZONE),
        Requirement::does_not_exist(core::CAPACITY_TYPE),
    ]);
    for one in offerings.iter().flat_map(|offering| offering.requirements.iter()) {
        let known = requirements.get(one.key().as_str());
        let values = known.map(|known| known.values().to_vec()).unwrap_or_default();
        let values = values.into_iter().chain(one.values().iter().cloned());
        requirements.replace(Requirement::in_values(one.key().clone(), values));
    }
    requirements
}

/// The part of `name` before the first `.` or `-`, else its first character.
fn family(name: &str) -> &str {
    let end = name.find(['.', '-']);
    let first = || name.chars().next().map_or(0, char::len_utf8);
    &name[..end.unwrap_or_else(first)]
}

/// The size in `family.size`, else `cpu`.
fn size(name: &str, cpu: &str) -> String {
    let named = name.split_once('.').filter(|(family, size)| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let bare = size.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_size = SIZES.contains(size) || bare == "xlarge";
        !family.is_empty() && family.chars().all(is_word) && is_size
    });
    named.map_or(cpu, |(_, size)| size).to_owned()
}
