//! CreateAutoProvisioningGroup, type `instant`: several pools, one answer.
//!
//! Flow: read targets and pools → per market walk the pools in allocation order, delivering what each
//! can → rows. A pool that delivers nothing becomes an error row; error rows stand before the others
//! and in no helpful order, so that nobody relies on the first row.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    disks::{DiskRequest, data_disk, system_disk},
    order, tags,
};
use crate::{
    DiskSpec, SpotStrategy,
    action::Call,
    error::ApiError,
    http::respond::Reply,
    ids::fraction,
    params::Params,
    world::{World, launch::Order},
};

const CONFIG: &str = "LaunchConfiguration.";

/// What all pools share.
struct Shared {
    tags: BTreeMap<String, String>,
    user_data: String,
    ram_role: Option<String>,
    key_pair: Option<String>,
    disk_categories: Vec<Option<String>>,
}

/// One pool of the request.
struct Pool {
    prefix: String,
    instance_type: String,
    zone: String,
    weight: f64,
    priority: f64,
    order: Result<Order, ApiError>,
}

/// One row of the answer.
struct Row {
    instance_type: String,
    zone: String,
    strategy: SpotStrategy,
    result: Result<Vec<String>, ApiError>,
}

/// Source: Alibaba action CreateAutoProvisioningGroup. Differs: groups of type `request` and
/// `maintain`, launch templates and selection by attributes are refused with `InvalidParameter`.
pub(crate) fn create_auto_provisioning_group(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    const ACTION: &str = "CreateAutoProvisioningGroup";
    let params = call.params;
    params.required("RegionId")?;
    if let Some(answer) = call.world.account.recall(ACTION, params, call.now)? {
        return Ok(answer.into());
    }
    if params.text("AutoProvisioningGroupType") != Some("instant") {
        return Err(ApiError::invalid("AutoProvisioningGroupType"));
    }
    let (on_demand, spot) = targets(params)?;
    let minimum = params.float("MinTargetCapacity")?.unwrap_or(0.0);
    let shared = shared(call)?;
    acknowledge(params);
    let stock_before = call.world.stock.clone();
    let mut rows = Vec::new();
    let mut delivered = fill(call, &shared, SpotStrategy::NoSpot, on_demand, &mut rows)?;
    delivered += fill(call, &shared, SpotStrategy::AsPriceGo, spot, &mut rows)?;
    if delivered < minimum {
        undo(call.world, &rows);
        call.world.stock = stock_before;
        return Err(ApiError::forbidden(
            "OperationDenied.NoStock",
            "The minimum target capacity cannot be delivered.",
        ));
    }
    let id = call.world.ids.base36("provisioning-group", 20);
    let answer = json!({
        "AutoProvisioningGroupId": format!("apg-{id}"),
        "LaunchResults": {"LaunchResult": render(call.config.seed, rows)},
    });
    call.world.account.remember(ACTION, params, &answer, call.now);
    Ok(answer.into())
}

/// Target capacity on demand and spot; what is not assigned goes to the default type.
fn targets(params: &Params) -> Result<(f64, f64), ApiError> {
    params.required("TotalTargetCapacity")?;
    let total = params.float("TotalTargetCapacity")?.unwrap_or(0.0);
    let on_demand = params.float("PayAsYouGoTargetCapacity")?.unwrap_or(0.0);
    let spot = params.float("SpotTargetCapacity")?.unwrap_or(0.0);
    let rest = total - on_demand - spot;
    if !(0.0..=1000.0).contains(&total) || on_demand < 0.0 || spot < 0.0 || rest < 0.0 {
        return Err(ApiError::invalid("TotalTargetCapacity"));
    }
    match params.text("DefaultTargetCapacityType") {
        None | Some("Spot") => Ok((on_demand, spot + rest)),
        Some("PayAsYouGo") => Ok((on_demand + rest, spot)),
        Some(_) => Err(ApiError::invalid("DefaultTargetCapacityType")),
    }
}

fn shared(call: &Call<'_>) -> Result<Shared, ApiError> {
    let params = call.params;
    let (ram_role, key_pair) = order::identity(call.world, params, CONFIG)?;
    let first = params.text("LaunchConfiguration.SystemDiskCategory").map(String::from);
    let fallback = params
        .structs("SystemDiskConfig")
        .into_iter()
        .map(|prefix| params.text(&format!("{prefix}DiskCategory")).map(String::from));
    Ok(Shared {
        tags: tags::new_tags(params, "LaunchConfiguration.Tag")?,
        user_data: order::user_data(params.text("LaunchConfiguration.UserData"))?,
        ram_role,
        key_pair,
        disk_categories: [first].into_iter().chain(fallback).collect(),
    })
}

/// Delivers up to `target` in one market and returns the capacity delivered.
fn fill(
    call: &mut Call<'_>,
    shared: &Shared,
    strategy: SpotStrategy,
    target: f64,
    rows: &mut Vec<Row>,
) -> Result<f64, ApiError> {
    if target <= 0.0 {
        return Ok(0.0);
    }
    let pools = ranked(call, pools(call, shared, strategy)?, strategy)?;
    let mut delivered = 0.0;
    for pool in pools {
        if delivered >= target {
            break;
        }
        // Truncation is meant: a target is a small whole number, see `targets`.
        let wanted = ((target - delivered) / pool.weight).ceil().clamp(1.0, 1000.0) as u32;
        let result = pool.order.and_then(|order| {
            let n = call.world.deliverable(&order, 1, wanted, call.now)?;
            Ok(call.world.deliver(&order, n, call.now))
        });
        delivered += result.as_ref().map_or(0.0, |ids| ids.len() as f64 * pool.weight);
        let (instance_type, zone) = (pool.instance_type, pool.zone);
        rows.push(Row { instance_type, zone, strategy, result });
    }
    Ok(delivered)
}

fn pools(call: &Call<'_>, shared: &Shared, strategy: SpotStrategy) -> Result<Vec<Pool>, ApiError> {
    let params = call.params;
    let prefixes = params.structs("LaunchTemplateConfig");
    if prefixes.is_empty() {
        return Err(ApiError::missing("LaunchTemplateConfig"));
    }
    if prefixes.len() > 20 {
        return Err(ApiError::invalid("LaunchTemplateConfig"));
    }
    let pool = |prefix: String| {
        let instance_type = params.required(&format!("{prefix}InstanceType"))?.to_owned();
        let vswitch_id = params.required(&format!("{prefix}VSwitchId"))?;
        let weight = params.float(&format!("{prefix}WeightedCapacity"))?.unwrap_or(1.0);
        if weight <= 0.0 {
            return Err(ApiError::invalid("WeightedCapacity"));
        }
        Ok(Pool {
            zone: call.world.vswitches.get(vswitch_id).map_or(String::new(), |v| v.zone.clone()),
            weight,
            priority: params.float(&format!("{prefix}Priority"))?.unwrap_or(f64::MAX),
            order: read_order(call, shared, &prefix, strategy),
            instance_type,
            prefix,
        })
    };
    prefixes.into_iter().map(pool).collect()
}

/// Pools in the order in which they are asked: by price, by priority, or by stock.
fn ranked(
    call: &Call<'_>,
    mut pools: Vec<Pool>,
    strategy: SpotStrategy,
) -> Result<Vec<Pool>, ApiError> {
    let name = match strategy {
        SpotStrategy::NoSpot => "PayAsYouGoAllocationStrategy",
        SpotStrategy::AsPriceGo | SpotStrategy::WithPriceLimit => "SpotAllocationStrategy",
    };
    let price = |pool: &Pool| {
        let price = pool.order.as_ref().ok().and_then(|o| call.world.price(o, call.now));
        price.unwrap_or(0.0) / pool.weight
    };
    let stock = |pool: &Pool| {
        let stock = call.world.stock.get(strategy.market(), &pool.zone, &pool.instance_type);
        -f64::from(stock.map_or(0, crate::Stock::deliverable))
    };
    let rank: &dyn Fn(&Pool) -> f64 = match call.params.text(name) {
        None | Some("lowest-price" | "diversified") => &price,
        Some("prioritized") => &|pool| pool.priority,
        Some("capacity-optimized") => &stock,
        Some(_) => return Err(ApiError::invalid(name)),
    };
    pools.sort_by(|a, b| rank(a).total_cmp(&rank(b)).then_with(|| a.prefix.cmp(&b.prefix)));
    Ok(pools)
}

fn read_order(
    call: &Call<'_>,
    shared: &Shared,
    prefix: &str,
    strategy: SpotStrategy,
) -> Result<Order, ApiError> {
    let (params, world) = (call.params, &*call.world);
    let config = |name: &str| params.text(&format!("{CONFIG}{name}"));
    let of = order::instance_type(world, params.required(&format!("{prefix}InstanceType"))?)?;
    let own_image = params.text(&format!("{prefix}ImageId"));
    let (id, family) = match own_image {
        Some(id) => (Some(id), None),
        None => (config("ImageId"), config("ImageFamily")),
    };
    let image = order::image(world, id, family, of)?;
    let vswitch = order::vswitch(world, params.required(&format!("{prefix}VSwitchId"))?, None)?;
    let groups = params.list("LaunchConfiguration.SecurityGroupIds")?;
    let groups = order::security_groups(world, config("SecurityGroupId"), groups, vswitch)?;
    let (spot_strategy, spot_price_limit) = limit(params, prefix, strategy)?;
    Ok(Order {
        instance_type: of.id.clone(),
        image_id: image.id.clone(),
        vswitch_id: vswitch.id.clone(),
        zone: vswitch.zone.clone(),
        security_group_ids: groups,
        spot_strategy,
        spot_price_limit,
        system_disk: first_fitting_disk(params, shared, of, image.size_gib)?,
        data_disks: data_disks(params)?,
        tags: shared.tags.clone(),
        user_data: shared.user_data.clone(),
        name: config("InstanceName").map(String::from),
        host_name: config("HostName").map(String::from),
        ram_role: shared.ram_role.clone(),
        key_pair: shared.key_pair.clone(),
        resource_group_id: config("ResourceGroupId").map(String::from),
        deletion_protection: false,
        http_tokens: "optional".into(),
        http_endpoint: "enabled".into(),
    })
}

/// The lower of the pool's and the group's price limit, for spot only.
fn limit(
    params: &Params,
    prefix: &str,
    strategy: SpotStrategy,
) -> Result<(SpotStrategy, Option<f64>), ApiError> {
    let own = params.float(&format!("{prefix}MaxPrice"))?;
    let group = params.float("MaxSpotPrice")?;
    let lowest = own.into_iter().chain(group).min_by(f64::total_cmp);
    match (strategy, lowest) {
        (SpotStrategy::NoSpot, _) => Ok((SpotStrategy::NoSpot, None)),
        (_, None) => Ok((SpotStrategy::AsPriceGo, None)),
        (_, Some(limit)) => Ok((SpotStrategy::WithPriceLimit, Some(limit))),
    }
}

fn first_fitting_disk(
    params: &Params,
    shared: &Shared,
    of: &crate::InstanceType,
    image_gib: u32,
) -> Result<DiskSpec, ApiError> {
    let level = params.text("LaunchConfiguration.SystemDiskPerformanceLevel").unwrap_or("PL0");
    let size_gib = params.integer("LaunchConfiguration.SystemDiskSize")?;
    let encrypted = params.flag("LaunchConfiguration.SystemDisk.Encrypted")?.unwrap_or(false);
    let key = params.text("LaunchConfiguration.SystemDisk.KMSKeyId").map(String::from);
    let try_category = |category: &Option<String>| {
        let request = DiskRequest {
            category: category.clone(),
            size_gib,
            performance_level: Some(level.into()),
            encrypted,
            kms_key_id: key.clone(),
        };
        system_disk(request, of, image_gib)
    };
    let mut tried = shared.disk_categories.iter().map(try_category);
    let first = tried.next().unwrap_or_else(|| try_category(&None));
    match first {
        Ok(disk) => Ok(disk),
        Err(error) => tried.find_map(Result::ok).ok_or(error),
    }
}

fn data_disks(params: &Params) -> Result<Vec<DiskSpec>, ApiError> {
    let read = |prefix: String| {
        params.accept(
            &prefix,
            &["Device", "DiskName", "Description", "SnapshotId", "DeleteWithInstance"],
        );
        let text = |field: &str| params.text(&format!("{prefix}{field}")).map(String::from);
        data_disk(DiskRequest {
            category: text("Category"),
            size_gib: params.integer(&format!("{prefix}Size"))?,
            performance_level: text("PerformanceLevel"),
            encrypted: params.flag(&format!("{prefix}Encrypted"))?.unwrap_or(false),
            kms_key_id: text("KmsKeyId"),
        })
    };
    params.structs("LaunchConfiguration.DataDisk").into_iter().map(read).collect()
}

/// Parameters that are accepted and change nothing here.
fn acknowledge(params: &Params) {
    const OF_GROUP: [&str; 9] = [
        "ExcessCapacityTerminationPolicy",
        "TerminateInstances",
        "TerminateInstancesWithExpiration",
        "SpotInstancePoolsToUseCount",
        "SpotInstanceInterruptionBehavior",
        "ResourcePoolOptions",
        "Description",
        "AutoProvisioningGroupName",
        "MaxSpotPrice",
    ];
    const OF_CONFIG: [&str; 12] = [
        "Password",
        "PasswordInherit",
        "SystemDiskName",
        "SystemDiskDescription",
        "SystemDisk.ProvisionedIops",
        "SystemDisk.BurstingEnabled",
        "SystemDisk.AutoSnapshotPolicyId",
        "CreditSpecification",
        "DeploymentSetId",
        "SpotDuration",
        "SpotInterruptionBehavior",
        "SecurityEnhancementStrategy",
    ];
    params.accept("", &OF_GROUP);
    params.accept(CONFIG, &OF_CONFIG);
    params.tag_filters("Tag");
}

fn undo(world: &mut World, rows: &[Row]) {
    for id in rows.iter().filter_map(|row| row.result.as_ref().ok()).flatten() {
        world.remove(id);
    }
}

fn render(seed: u64, mut rows: Vec<Row>) -> Vec<Value> {
    let scrambled = |row: &Row| fraction(seed, &format!("row/{}/{}", row.instance_type, row.zone));
    rows.sort_by(|a, b| {
        (a.result.is_ok().cmp(&b.result.is_ok())).then(scrambled(a).total_cmp(&scrambled(b)))
    });
    rows.into_iter().map(|row| render_row(&row)).collect()
}

fn render_row(row: &Row) -> Value {
    let (ids, code, message) = match &row.result {
        Ok(ids) => (ids.as_slice(), "", ""),
        Err(error) if error.code == "OperationDenied.NoStock" => {
            (&[][..], "NoInstanceStock", error.message.as_str())
        }
        Err(error) => (&[][..], error.code.as_str(), error.message.as_str()),
    };
    json!({
        "InstanceType": row.instance_type, "ZoneId": row.zone,
        "SpotStrategy": row.strategy.as_str(), "Amount": ids.len().max(1),
        "InstanceIds": {"InstanceId": ids}, "ErrorCode": code, "ErrorMsg": message,
    })
}
