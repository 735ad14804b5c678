//! CreateAutoProvisioningGroup, type `instant`: several pools, one answer.
//!
//! Flow: read targets and pools → per market walk the pools in allocation order, delivering what each
//! can → rows. A pool that delivers nothing becomes an error row; error rows stand before the others
//! and in no helpful order, so that nobody relies on the first row.

use serde_json::{Value, json};

use super::{
    order,
    provisioning_request::{Shared, acknowledge, read_order, shared, targets},
};
use crate::{
    SpotStrategy,
    action::Call,
    error::ApiError,
    http::respond::Reply,
    ids::fraction,
    world::{World, launch::Order},
};

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
/// `maintain` and selection by attributes are refused, and there are no launch templates.
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
    if params.text("LaunchTemplateId").or(params.text("LaunchTemplateName")).is_some() {
        return Err(order::no_template());
    }
    let (on_demand, spot) = targets(params)?;
    let minimum = params.float("MinTargetCapacity")?.unwrap_or(0.0);
    let shared = shared(call)?;
    acknowledge(params);
    let stock_before = call.world.stock.clone();
    let mut rows = Vec::new();
    let delivered = fill_both(call, &shared, on_demand, spot, &mut rows);
    if let Err(error) = delivered.and_then(|delivered| reached(delivered, minimum)) {
        undo(call.world, &rows);
        call.world.stock = stock_before;
        return Err(error);
    }
    let id = call.world.ids.base36("provisioning-group", 20);
    let answer = json!({
        "AutoProvisioningGroupId": format!("apg-{id}"),
        "LaunchResults": {"LaunchResult": render(call.config.seed, rows)},
    });
    call.world.account.remember(ACTION, params, &answer, call.now);
    Ok(answer.into())
}

/// Delivers in both markets and returns the capacity delivered; an error leaves `rows` delivered so far.
fn fill_both(
    call: &mut Call<'_>,
    shared: &Shared,
    on_demand: f64,
    spot: f64,
    rows: &mut Vec<Row>,
) -> Result<f64, ApiError> {
    let delivered = fill(call, shared, SpotStrategy::NoSpot, on_demand, rows)?;
    Ok(delivered + fill(call, shared, SpotStrategy::AsPriceGo, spot, rows)?)
}

fn reached(delivered: f64, minimum: f64) -> Result<(), ApiError> {
    if delivered >= minimum {
        return Ok(());
    }
    let message = "The minimum target capacity cannot be delivered.";
    Err(ApiError::forbidden("OperationDenied.NoStock", message))
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
