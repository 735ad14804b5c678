//! Which offerings a launch tries, in which order, and where.

use std::collections::BTreeMap;
use std::sync::Arc;

use karpenter_core::api::labels as core;
use karpenter_core::cloud_provider::CloudProviderError;
use karpenter_core::model::ids::Zone;
use karpenter_core::model::instance_type::{InstanceType, Offering};
use karpenter_core::model::label_rules::WellKnownLabels;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::price::Price;
use sha2::{Digest, Sha256};

use super::filter;
use crate::api::labels;
use crate::api::node_class::ECSNodeClass;
use crate::api::placement::VSwitchSelectionPolicy;
use crate::api::status::ImageStatus;
use crate::catalog::CapacityType;
use crate::catalog::assemble::v_switches_by_zone;
use crate::images;
use crate::instance;
use crate::network::addresses::Addresses;
use crate::reservations::ledger::Slot;

/// Most types a launch considers.
const MAX_TYPES: usize = 60;

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct LaunchInput<'a> {
    /// Claim to launch for.
    pub claim: &'a NodeClaim,
    /// Its class.
    pub class: &'a ECSNodeClass,
    /// Catalogue of the class.
    pub types: &'a [Arc<InstanceType>],
    /// Keys a claim may ask for although no type mentions them.
    pub well_known: &'a WellKnownLabels,
    /// Free addresses.
    pub addresses: &'a Addresses,
}

/// One thing to try.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Type.
    pub instance_type: Arc<InstanceType>,
    /// Zone.
    pub zone: Zone,
    /// vSwitch of the zone.
    pub v_switch: String,
    /// Capacity type.
    pub capacity_type: CapacityType,
    /// Reservation it is launched in, if it is reserved.
    pub reservation: Option<Slot>,
    /// Image.
    pub image: ImageStatus,
    /// Price per hour.
    pub price: Price,
}

/// Attempts in the order they are made; never empty.
#[derive(Debug, Clone)]
pub struct LaunchPlan {
    /// What to try.
    pub attempts: Vec<Attempt>,
}

/// Preference among attempts, field by field; the last makes the order total and differs between claims, so that
/// equals are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    capacity_type: u8,
    first: Measure,
    second: Measure,
    /// Less room in the reservation is worse: what is missing to the largest number.
    fullness: u32,
    spread: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Measure {
    Price(Price),
    Crowding(u64),
}

/// Plans the launch of one claim.
///
/// Reserved offerings come first, then spot, then on-demand ones. Where the class says `cheapest`, price decides, then
/// most free addresses; where it says `balanced`, the other way round. Of equal reservations that with most room wins.
///
/// # Errors
/// [`CloudProviderError::InsufficientCapacity`] when nothing is left to try.
///
/// Source: Karpenter behaviour, launch filters. Differs: when spot fails, on-demand is tried in the same launch.
pub fn plan(input: LaunchInput<'_>) -> Result<LaunchPlan, CloudProviderError> {
    let choices = filter::compatible(input.claim, input.types, input.well_known);
    let has_min_values = input.claim.requirements.has_min_values();
    let choices = match has_min_values {
        true => choices,
        false => filter::sensible_spot(filter::generic(choices)),
    };
    let choices = filter::truncate(choices, MAX_TYPES);
    if choices.is_empty() {
        return Err(exhausted("all requested instance types were unavailable during launch"));
    }
    if let Some((key, wanted, found)) = filter::unmet_min_values(input.claim, &choices) {
        let text = format!("minValues of {key} asks for {wanted} values, {found} are available");
        return Err(exhausted(&text));
    }
    let attempts = ordered(input, &choices);
    if attempts.is_empty() {
        return Err(exhausted(
            "no vSwitch with a free address in any zone of the offerings; select a larger or another vSwitch",
        ));
    }
    Ok(LaunchPlan { attempts })
}

fn exhausted(text: &str) -> CloudProviderError {
    CloudProviderError::InsufficientCapacity(text.to_owned())
}

fn ordered(input: LaunchInput<'_>, choices: &[filter::Choice]) -> Vec<Attempt> {
    let v_switches = v_switches_by_zone(input.class);
    let mut ranked: Vec<(Rank, Attempt)> = choices
        .iter()
        .flat_map(|choice| choice.offerings.iter().map(move |offering| (choice, offering)))
        .filter_map(|(choice, offering)| {
            let zone = offering.requirements.get(core::ZONE)?.any()?;
            let instance_type = choice.instance_type.clone();
            let attempt = Attempt {
                v_switch: input.addresses.roomiest(v_switches.get(&*zone)?)?.to_owned(),
                reservation: slot(offering, &instance_type, &zone),
                zone: zone.into(),
                capacity_type: filter::capacity_type(offering)?,
                image: image(input.class, &instance_type)?.clone(),
                price: offering.price,
                instance_type,
            };
            Some((rank(input, &attempt, offering.reservation_capacity), attempt))
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, attempt)| attempt).collect()
}

/// The reservation `offering` of a type in `zone` takes its capacity from.
fn slot(offering: &Offering, instance_type: &InstanceType, zone: &str) -> Option<Slot> {
    let id = offering.requirements.get(labels::CAPACITY_RESERVATION_ID)?.any()?;
    Some(Slot {
        reservation: id.to_string(),
        zone: zone.into(),
        instance_type: instance_type.name.clone(),
    })
}

fn image<'a>(class: &'a ECSNodeClass, instance_type: &InstanceType) -> Option<&'a ImageStatus> {
    let arch = instance_type.requirements.get(core::ARCH)?.any()?;
    images::select::for_arch(&class.status.as_ref()?.images, &arch)
}

fn rank(input: LaunchInput<'_>, attempt: &Attempt, left: u32) -> Rank {
    let price = Measure::Price(attempt.price);
    // Fewer free addresses are worse, so the measure counts what is missing to the maximum.
    let crowding = Measure::Crowding(u64::MAX - input.addresses.free(&attempt.v_switch));
    let policy = input.class.spec.v_switch_selection_policy;
    let (first, second) = match policy.unwrap_or(VSwitchSelectionPolicy::Cheapest) {
        VSwitchSelectionPolicy::Cheapest => (price, crowding),
        VSwitchSelectionPolicy::Balanced => (crowding, price),
    };
    let capacity_type = match attempt.capacity_type {
        CapacityType::Reserved => 0,
        CapacityType::Spot => 1,
        CapacityType::OnDemand => 2,
    };
    let fullness = u32::MAX - left;
    Rank { capacity_type, first, second, fullness, spread: spread(input.claim, attempt) }
}

fn spread(claim: &NodeClaim, attempt: &Attempt) -> u64 {
    let mut digest = Sha256::new();
    for text in [claim.uid.as_str(), attempt.instance_type.name.as_str(), attempt.zone.as_str()] {
        digest.update(text.as_bytes());
        digest.update([0]);
    }
    let bytes = digest.finalize();
    bytes[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl Attempt {
    /// Labels this attempt decides on: what the type is, where it runs and how it is paid.
    pub fn labels(&self) -> BTreeMap<String, String> {
        let mut labels = instance::type_labels(&self.instance_type);
        labels.insert(core::ZONE.to_owned(), self.zone.to_string());
        labels.insert(core::CAPACITY_TYPE.to_owned(), self.capacity_type.as_str().to_owned());
        labels.extend(self.reservation.iter().flat_map(instance::reservation_labels));
        labels
    }
}
