//! An instance of the cloud as the engine sees it.

use std::collections::BTreeMap;
use std::sync::Arc;

use alibaba_sdk::ecs::Instance as Row;
use jiff::Timestamp;
use karpenter_core::api::labels as core;
use karpenter_core::cloud_provider::Instance;
use karpenter_core::model::ids::ProviderId;
use karpenter_core::model::instance_type::InstanceType;
use karpenter_core::model::label_selector::Labels;
use karpenter_core::model::resources::Resources;

use crate::api::labels;
use crate::api::reservations::ReservationKind;
use crate::catalog::CapacityType;
use crate::legacy;
use crate::reservations::ledger::Slot;
use crate::time::to_jiff;

/// A text is not the id of an instance of this cloud.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("provider id {0:?} is not <region>.<instance id>")]
pub struct NotOurId(String);

/// `<region>.<instance id>`, as the cloud's controller writes it into nodes.
pub fn provider_id(region: &str, instance_id: &str) -> ProviderId {
    format!("{region}.{instance_id}").into()
}

/// The instance id in `id`; a scheme in front is passed over.
///
/// # Errors
/// [`NotOurId`] when the last part does not look like an instance id.
pub fn instance_id(id: &ProviderId) -> Result<&str, NotOurId> {
    let text = id.as_str();
    let bare = text.strip_prefix("alicloud://").unwrap_or(text).trim_start_matches('/');
    let wrong = || NotOurId(text.to_owned());
    let (region, instance) = bare.rsplit_once('.').ok_or_else(wrong)?;
    let digits = instance.strip_prefix("i-").unwrap_or_default();
    let is_id =
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    if region.is_empty() || !is_id { Err(wrong()) } else { Ok(instance) }
}

/// Whether the service says that the instance exists.
pub fn exists(row: &Row) -> bool {
    !row.status.is_empty()
}

/// How the instance is paid for.
pub fn capacity_type(row: &Row) -> CapacityType {
    match row.spot_strategy.as_str() {
        "SpotAsPriceGo" | "SpotWithPriceLimit" => CapacityType::Spot,
        _ if slot(row).is_some() => CapacityType::Reserved,
        _ => CapacityType::OnDemand,
    }
}

/// The reservation the instance was launched in by name; one that it came to match while open does not count, since
/// nobody asked for it.
///
/// Source: Alibaba action DescribeInstances (EcsCapacityReservationAttr).
pub fn slot(row: &Row) -> Option<Slot> {
    let attributes = &row.ecs_capacity_reservation_attr;
    let id = &attributes.capacity_reservation_id;
    let is_named = !id.is_empty() && attributes.capacity_reservation_preference != "Open";
    is_named.then(|| Slot {
        reservation: id.clone(),
        zone: row.zone_id.as_str().into(),
        instance_type: row.instance_type.as_str().into(),
    })
}

/// Labels of nodes that run in the reservation of `slot`.
pub fn reservation_labels(slot: &Slot) -> [(String, String); 2] {
    let kind = ReservationKind::of(&slot.reservation).as_str();
    [
        (labels::CAPACITY_RESERVATION_ID.to_owned(), slot.reservation.clone()),
        (labels::CAPACITY_RESERVATION_TYPE.to_owned(), kind.to_owned()),
    ]
}

/// Labels that say what the type is: its requirements of one value, but for those about reservations.
pub fn type_labels(instance_type: &InstanceType) -> BTreeMap<String, String> {
    let of_type = instance_type.requirements.iter().filter(|requirement| {
        !requirement.complement() && !labels::OF_RESERVATIONS.contains(&requirement.key().as_str())
    });
    let single = of_type.filter_map(|requirement| match requirement.values() {
        [only] => Some((requirement.key().to_string(), only.to_string())),
        _ => None,
    });
    single.collect()
}

/// A listed instance: labels are those its type, place and tags tell; its size is left open.
pub fn from_row(row: &Row, region: &str) -> Instance {
    let mut all = BTreeMap::from([
        (core::INSTANCE_TYPE.to_owned(), row.instance_type.clone()),
        (core::ZONE.to_owned(), row.zone_id.clone()),
        (core::REGION.to_owned(), region.to_owned()),
        (core::CAPACITY_TYPE.to_owned(), capacity_type(row).as_str().to_owned()),
    ]);
    all.extend(slot(row).iter().flat_map(reservation_labels));
    for (tag, key) in [
        (labels::TAG_NODE_POOL, core::NODEPOOL),
        (labels::NODE_CLASS, labels::NODE_CLASS),
        (legacy::NODE_CLASS, legacy::NODE_CLASS),
    ] {
        let value = row.tags.get(tag).filter(|value| !value.is_empty());
        all.extend(value.map(|value| (key.to_owned(), value.clone())));
    }
    let tag = |key: &str| row.tags.get(key).map(String::as_str).filter(|value| !value.is_empty());
    Instance {
        provider_id: provider_id(region, &row.instance_id),
        claim: tag(labels::TAG_NODE_CLAIM).map(Into::into),
        claim_uid: tag(labels::TAG_NODE_CLAIM_UID).map(Into::into),
        image_id: Some(row.image_id.clone()).filter(|id| !id.is_empty()),
        created: row.creation_time.map_or(Timestamp::UNIX_EPOCH, to_jiff),
        terminating: false,
        labels: shared(all),
        annotations: Labels::default(),
        capacity: Resources::new(),
        allocatable: Resources::new(),
    }
}

/// `instance` with everything its class and type say about it; `marks` are the annotations of the class.
pub fn complete(
    instance: Instance,
    marks: [(&'static str, String); 2],
    instance_type: &InstanceType,
    chosen: &BTreeMap<String, String>,
) -> Instance {
    let mut all: BTreeMap<String, String> =
        instance.labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    all.extend(chosen.iter().map(|(key, value)| (key.clone(), value.clone())));
    let annotations = marks.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Instance {
        labels: shared(all),
        annotations: shared(annotations),
        capacity: without_zeros(&instance_type.capacity),
        allocatable: without_zeros(&instance_type.allocatable()),
        ..instance
    }
}

fn without_zeros(resources: &Resources) -> Resources {
    resources.iter().filter(|(_, q)| !q.is_zero()).map(|(name, q)| (name.clone(), q)).collect()
}

fn shared(map: BTreeMap<String, String>) -> Labels {
    Arc::new(map.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
}

#[cfg(test)]
mod tests;
