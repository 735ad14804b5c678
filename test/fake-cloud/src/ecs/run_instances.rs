//! RunInstances.

use serde_json::json;

use super::{
    capacity_reservations,
    disks::{DiskRequest, data_disk, system_disk},
    order, tags,
};
use crate::{
    action::Call,
    error::ApiError,
    http::respond::Reply,
    params::Params,
    world::{launch::Order, price::rounded},
};

/// Parameters that are accepted and change nothing here.
const ACCEPTED: [&str; 21] = [
    "RegionId",
    "SpotDuration",
    "SpotInterruptionBehavior",
    "SystemDisk.DiskName",
    "SystemDisk.Description",
    "SystemDisk.AutoSnapshotPolicyId",
    "SystemDisk.ProvisionedIops",
    "SystemDisk.BurstingEnabled",
    "Description",
    "UniqueSuffix",
    "Password",
    "PasswordInherit",
    "HttpPutResponseHopLimit",
    "DeploymentSetId",
    "DeploymentSetGroupNo",
    "CreditSpecification",
    "SecurityEnhancementStrategy",
    "Ipv6AddressCount",
    "InternetMaxBandwidthOut",
    "InternetChargeType",
    "Tenancy",
];

/// Creates instances: all of `Amount`, or at least `MinAmount` of them, or none.
///
/// Source: Alibaba action RunInstances.
pub(crate) fn run_instances(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    params.required("RegionId")?;
    params.accept("", &ACCEPTED);
    let dry_run = params.flag("DryRun")?.unwrap_or(false);
    if !dry_run && let Some(answer) = call.world.account.recall("RunInstances", params, call.now)? {
        return Ok(answer.into());
    }
    let (min, max) = amounts(params)?;
    let order = read_order(call)?;
    let n = call.world.deliverable(&order, min, max, call.now)?;
    if dry_run {
        return Err(ApiError::bad(
            "DryRunOperation",
            "Request validation has been passed with DryRun flag set.",
        ));
    }
    let price = call.world.price(&order, call.now).unwrap_or_default() * f64::from(n);
    let ids = call.world.deliver(&order, n, call.now);
    let order_id = call.world.ids.base36("order", 15);
    let answer = json!({
        "InstanceIdSets": {"InstanceIdSet": ids},
        "OrderId": order_id,
        "TradePrice": rounded(price),
    });
    call.world.account.remember("RunInstances", params, &answer, call.now);
    Ok(answer.into())
}

/// `MinAmount` (by default `Amount`) and `Amount`, both 1 to 100.
fn amounts(params: &Params) -> Result<(u32, u32), ApiError> {
    let max = params.integer("Amount")?.unwrap_or(1);
    let min = params.integer("MinAmount")?.unwrap_or(max);
    if !(1..=100).contains(&max) {
        return Err(ApiError::invalid("Amount"));
    }
    if !(1..=max).contains(&min) {
        return Err(ApiError::invalid("MinAmount"));
    }
    Ok((min, max))
}

fn read_order(call: &Call<'_>) -> Result<Order, ApiError> {
    let (params, world) = (call.params, &*call.world);
    if params.text("LaunchTemplateId").or(params.text("LaunchTemplateName")).is_some() {
        return Err(order::no_template());
    }
    let of = order::instance_type(world, params.required("InstanceType")?)?;
    let image = order::image(world, params.text("ImageId"), params.text("ImageFamily"), of)?;
    let vswitch = order::vswitch(world, params.required("VSwitchId")?, params.text("ZoneId"))?;
    let groups = params.list("SecurityGroupIds")?;
    let groups = order::security_groups(world, params.text("SecurityGroupId"), groups, vswitch)?;
    let (spot_strategy, spot_price_limit) =
        order::spot(params.text("SpotStrategy"), params.float("SpotPriceLimit")?)?;
    charge_type(params, spot_strategy != crate::SpotStrategy::NoSpot)?;
    let wanted = (spot_strategy, amounts(params)?.1);
    let reservation_id = capacity_reservations::taken(call, &of.id, &vswitch.zone, wanted)?;
    let (ram_role, key_pair) = order::identity(world, params, "")?;
    Ok(Order {
        instance_type: of.id.clone(),
        image_id: image.id.clone(),
        vswitch_id: vswitch.id.clone(),
        zone: vswitch.zone.clone(),
        security_group_ids: groups,
        spot_strategy,
        spot_price_limit,
        system_disk: system_disk(disk_request(params, "SystemDisk.")?, of, image.size_gib)?,
        data_disks: data_disks(params)?,
        tags: tags::new_tags(params, "Tag")?,
        user_data: order::user_data(params.text("UserData"))?,
        name: named(params, "InstanceName")?,
        host_name: params.text("HostName").map(String::from),
        ram_role,
        key_pair,
        resource_group_id: params.text("ResourceGroupId").map(String::from),
        reservation_id,
        reservation_named: params.text("PrivatePoolOptions.MatchCriteria") == Some("Target"),
        deletion_protection: params.flag("DeletionProtection")?.unwrap_or(false),
        http_tokens: one_of(params, "HttpTokens", &["optional", "required"])?,
        http_endpoint: one_of(params, "HttpEndpoint", &["enabled", "disabled"])?,
    })
}

fn charge_type(params: &Params, spot: bool) -> Result<(), ApiError> {
    match params.text("InstanceChargeType") {
        None | Some("PostPaid") => Ok(()),
        Some("PrePaid") if !spot => Ok(()),
        Some(_) => Err(ApiError::invalid("InstanceChargeType")),
    }
}

fn disk_request(params: &Params, prefix: &str) -> Result<DiskRequest, ApiError> {
    let text = |field: &str| params.text(&format!("{prefix}{field}")).map(String::from);
    Ok(DiskRequest {
        category: text("Category"),
        size_gib: params.integer(&format!("{prefix}Size"))?,
        performance_level: text("PerformanceLevel"),
        encrypted: params.flag(&format!("{prefix}Encrypted"))?.unwrap_or(false),
        kms_key_id: text("KMSKeyId"),
    })
}

fn data_disks(params: &Params) -> Result<Vec<crate::DiskSpec>, ApiError> {
    let prefixes = params.structs("DataDisk");
    if prefixes.len() > 16 {
        return Err(ApiError::invalid("DataDisk"));
    }
    let read = |prefix: &String| {
        params.accept(
            prefix,
            &["Device", "DiskName", "Description", "SnapshotId", "DeleteWithInstance"],
        );
        data_disk(disk_request(params, prefix)?)
    };
    prefixes.iter().map(read).collect()
}

fn named(params: &Params, name: &str) -> Result<Option<String>, ApiError> {
    match params.text(name) {
        Some(text) if !(2..=128).contains(&text.chars().count()) => Err(ApiError::invalid(name)),
        text => Ok(text.map(String::from)),
    }
}

/// One of the allowed words; the first one is the default.
fn one_of(params: &Params, name: &str, words: &[&str]) -> Result<String, ApiError> {
    let word = params.text(name).unwrap_or(words[0]);
    words.contains(&word).then(|| word.to_owned()).ok_or_else(|| ApiError::invalid(name))
}
