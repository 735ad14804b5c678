//! The request of one attempt.

use alibaba_sdk::ecs::{PrivatePoolOptions, RunInstances, Tag};
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::price::Price;

use super::disks::{data_disk, system_disk};
use super::filter;
use super::plan::Attempt;
use crate::api::disks::DiskCategory;
use crate::api::labels;
use crate::api::node_class::{ECSNodeClass, ECSNodeClassSpec};
use crate::api::passwords::Password;
use crate::api::reservations::CapacityReservationPreference;
use crate::api::spot::SpotStrategy;
use crate::catalog::CapacityType;

/// What a request is made from besides the attempt.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// Claim.
    pub claim: &'a NodeClaim,
    /// Class.
    pub class: &'a ECSNodeClass,
    /// Role where the class names none; empty for none.
    pub default_role: &'a str,
    /// Password; `None` when the image decides.
    pub password: Option<&'a Password>,
    /// Tags.
    pub tags: &'a [Tag],
}

/// The request of `attempt` with a system disk of `category`; without a client token.
///
/// Source: Alibaba action RunInstances.
pub fn run_instances(
    order: Order<'_>,
    attempt: &Attempt,
    category: DiskCategory,
    user_data: &str,
) -> RunInstances {
    let spec = &order.class.spec;
    let status = order.class.status.as_ref();
    let groups = status.into_iter().flat_map(|status| &status.security_groups);
    let family = family(attempt);
    let disks = spec.data_disks.iter().flatten().map(|disk| data_disk(spec, disk, &family));
    let request = RunInstances {
        instance_type: attempt.instance_type.name.to_string(),
        image_id: Some(attempt.image.id.clone()),
        v_switch_id: Some(attempt.v_switch.clone()),
        security_group_ids: groups.map(|group| group.id.clone()).collect(),
        instance_charge_type: Some("PostPaid".to_owned()),
        amount: Some(1),
        system_disk: Some(system_disk(spec, category)),
        data_disk: disks.collect(),
        instance_name: Some(order.claim.name.as_str().chars().take(128).collect()),
        user_data: Some(user_data.to_owned()).filter(|data| !data.is_empty()),
        tag: order.tags.to_vec(),
        private_pool_options: Some(private_pool(spec, attempt)),
        ..RunInstances::default()
    };
    let request = with_access(order, with_platform(spec, &family, request));
    match attempt.capacity_type {
        CapacityType::OnDemand | CapacityType::Reserved => request,
        CapacityType::Spot => as_spot(spec, attempt, request),
    }
}

/// Who may use the instance, and as whom it acts.
fn with_access(order: Order<'_>, request: RunInstances) -> RunInstances {
    let spec = &order.class.spec;
    let metadata = spec.metadata_options.as_ref();
    let role = spec.role.as_deref().unwrap_or(order.default_role);
    RunInstances {
        key_pair_name: spec.key_pair_name.clone(),
        password: order.password.map(|password| password.expose().to_owned()),
        password_inherit: spec.password_inherit.filter(|inherit| *inherit),
        ram_role_name: Some(role.to_owned()).filter(|role| !role.is_empty()),
        http_endpoint: metadata.and_then(|m| m.http_endpoint).map(|e| e.as_str().to_owned()),
        http_tokens: metadata.and_then(|m| m.http_tokens).map(|t| t.as_str().to_owned()),
        ..request
    }
}

/// Where the instance is put and what the platform adds to it; credits only where `family` has them.
fn with_platform(spec: &ECSNodeClassSpec, family: &str, request: RunInstances) -> RunInstances {
    let credits = spec.credit_specification.filter(|_| family.starts_with("ecs.t"));
    let strategy = spec.security_enhancement_strategy;
    let version = spec.launch_template_version.and_then(|version| u32::try_from(version).ok());
    let addresses = spec.ipv6_address_count.and_then(|count| u32::try_from(count).ok());
    RunInstances {
        resource_group_id: spec.resource_group_id.clone(),
        deployment_set_id: spec.deployment_set_id.clone(),
        credit_specification: credits.map(|credits| credits.as_str().to_owned()),
        security_enhancement_strategy: strategy.map(|strategy| strategy.as_str().to_owned()),
        launch_template_id: spec.launch_template_id.clone(),
        launch_template_version: version,
        ipv6_address_count: addresses.filter(|count| *count > 0),
        ..request
    }
}

/// Reserved instances name their pool; spot instances may use none; on-demand ones every open pool where the class
/// says so.
fn private_pool(spec: &ECSNodeClassSpec, attempt: &Attempt) -> PrivatePoolOptions {
    if let Some(slot) = &attempt.reservation {
        let id = Some(slot.reservation.clone());
        return PrivatePoolOptions { match_criteria: Some("Target".to_owned()), id };
    }
    let preference = spec.effective_capacity_reservation_preference();
    let is_open = attempt.capacity_type == CapacityType::OnDemand
        && preference == CapacityReservationPreference::Open;
    let criteria = if is_open { "Open" } else { "None" };
    PrivatePoolOptions { match_criteria: Some(criteria.to_owned()), id: None }
}

/// A duration that is not given is sent as none: the service's default is one hour.
fn as_spot(spec: &ECSNodeClassSpec, attempt: &Attempt, request: RunInstances) -> RunInstances {
    let limit = spec.effective_spot_price_limit(on_demand_price(attempt));
    let strategy = match limit {
        Some(_) => SpotStrategy::SpotWithPriceLimit,
        None => SpotStrategy::SpotAsPriceGo,
    };
    RunInstances {
        spot_strategy: Some(strategy.as_str().to_owned()),
        spot_price_limit: limit.map(|limit| (limit * 1000.0).round() / 1000.0),
        spot_duration: Some(u32::from(spec.spot_duration == Some(1))),
        spot_interruption_behavior: Some("Terminate".to_owned()),
        ..request
    }
}

/// The least the type of `attempt` costs by use.
fn on_demand_price(attempt: &Attempt) -> Price {
    let offerings = attempt.instance_type.offerings.iter();
    let by_use = offerings.filter(|o| filter::capacity_type(o) == Some(CapacityType::OnDemand));
    by_use.map(|offering| offering.price).min().unwrap_or(Price::UNKNOWN)
}

/// Family of the type of `attempt`; empty when the type does not say.
pub(super) fn family(attempt: &Attempt) -> String {
    let requirement = attempt.instance_type.requirements.get(labels::INSTANCE_FAMILY);
    requirement.and_then(|r| r.any()).map(|family| family.to_string()).unwrap_or_default()
}
