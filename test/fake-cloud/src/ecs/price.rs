//! DescribePrice and DescribeSpotPriceHistory.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::{
    Market,
    action::Call,
    error::ApiError,
    http::respond::Reply,
    params::Params,
    time,
    world::price::{hour, rounded},
};

/// Longest period of a price history.
const MAX_PERIOD: TimeDelta = TimeDelta::days(30);
/// Most rows of one page.
const PAGE: usize = 1000;

/// The price per hour of `Amount` instances with their disks, split by resource.
///
/// Source: Alibaba action DescribePrice. Disk prices are ours: per GiB and hour.
pub(crate) fn describe_price(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    const ACCEPTED: [&str; 5] =
        ["PriceUnit", "ImageId", "InstanceNetworkType", "IoOptimized", "SpotDuration"];
    let params = call.params;
    params.required("RegionId")?;
    params.accept("", &ACCEPTED);
    let of = params.required("InstanceType")?;
    if params.text("ResourceType").is_some_and(|kind| kind != "instance") {
        return Err(ApiError::invalid("ResourceType"));
    }
    let amount = params.integer("Amount")?.unwrap_or(1);
    let period = params.integer("Period")?.unwrap_or(1);
    if !(1..=1000).contains(&amount) {
        return Err(ApiError::invalid("Amount"));
    }
    let list = call.world.prices.on_demand(of).ok_or_else(no_price)?;
    let trade = match params.text("SpotStrategy") {
        None | Some("NoSpot") => list,
        Some(_) => spot_price(call, of)?,
    };
    let times = f64::from(amount) * f64::from(period);
    let mut rows = vec![("instanceType", list * times, trade * times)];
    let system = disk_price(params, "SystemDisk.", 40)?;
    rows.push(("systemDisk", system * times, system * times));
    for prefix in params.structs("DataDisk") {
        let price = disk_price(params, &prefix, 20)? * times;
        rows.push(("dataDisk", price, price));
    }
    Ok(render_price(&call.config.currency, &rows).into())
}

/// One row per full hour and zone that sells spot, oldest first.
///
/// Source: Alibaba action DescribeSpotPriceHistory.
pub(crate) fn describe_spot_price_history(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    params.accept("", &["IoOptimized", "OSType", "SpotDuration"]);
    params.required("RegionId")?;
    let of = params.required("InstanceType")?;
    params.required("NetworkType")?;
    let (from, until) = period(params, call.now)?;
    let asked = params.text("ZoneId");
    let zones: Vec<&String> = call
        .world
        .zones
        .iter()
        .filter(|zone| asked.is_none_or(|asked| asked == *zone))
        .filter(|zone| call.world.stock.get(Market::Spot, zone, of).is_some())
        .collect();
    let mut rows = Vec::new();
    let mut at = hour(from);
    while at <= until {
        rows.extend(zones.iter().filter_map(|zone| history_row(call, of, zone, at)));
        at += TimeDelta::hours(1);
    }
    let offset = params.integer("Offset")?.unwrap_or(0) as usize;
    let total = rows.len();
    let page: Vec<Value> = rows.into_iter().skip(offset).take(PAGE).collect();
    let next = offset.saturating_add(page.len());
    let mut answer =
        json!({"Currency": call.config.currency, "SpotPrices": {"SpotPriceType": page}});
    if next < total {
        answer["NextOffset"] = next.into();
    }
    Ok(answer.into())
}

fn period(params: &Params, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), ApiError> {
    let read = |name: &str, default: DateTime<Utc>| match params.text(name) {
        Some(text) => time::parse(text).ok_or_else(|| ApiError::invalid(name)),
        None => Ok(default),
    };
    let until = read("EndTime", now)?.min(now);
    let from = read("StartTime", until - TimeDelta::hours(3))?;
    if from > until || until - from > MAX_PERIOD {
        return Err(ApiError::invalid("StartTime"));
    }
    Ok((from, until))
}

fn history_row(call: &Call<'_>, of: &str, zone: &str, at: DateTime<Utc>) -> Option<Value> {
    Some(json!({
        "InstanceType": of, "ZoneId": zone, "NetworkType": "vpc", "IoOptimized": "optimized",
        "SpotPrice": call.world.prices.spot(of, zone, at)?,
        "OriginPrice": call.world.prices.on_demand(of)?,
        "Timestamp": time::seconds(at),
    }))
}

/// The spot price of the asked zone, or the lowest of the region.
fn spot_price(call: &Call<'_>, of: &str) -> Result<f64, ApiError> {
    let asked = call.params.text("ZoneId");
    call.world
        .zones
        .iter()
        .filter(|zone| asked.is_none_or(|asked| asked == *zone))
        .filter(|zone| call.world.stock.get(Market::Spot, zone, of).is_some())
        .filter_map(|zone| call.world.prices.spot(of, zone, call.now))
        .min_by(f64::total_cmp)
        .ok_or_else(no_price)
}

fn disk_price(params: &Params, prefix: &str, default_gib: u32) -> Result<f64, ApiError> {
    let size = params.integer(&format!("{prefix}Size"))?.unwrap_or(default_gib);
    let level = params.text(&format!("{prefix}PerformanceLevel"));
    let per_gib = match (params.text(&format!("{prefix}Category")), level) {
        (Some("cloud_essd"), Some("PL0")) => 0.00105,
        (Some("cloud_essd"), Some("PL2")) => 0.0042,
        (Some("cloud_essd"), Some("PL3")) => 0.0083,
        (Some("cloud_essd" | "cloud_ssd"), _) => 0.0021,
        (Some("cloud_auto"), _) => 0.0015,
        _ => 0.0007,
    };
    Ok(f64::from(size) * per_gib)
}

fn render_price(currency: &str, rows: &[(&str, f64, f64)]) -> Value {
    let prices = |original: f64, trade: f64| {
        json!({
            "OriginalPrice": rounded(original),
            "DiscountPrice": rounded(original - trade),
            "TradePrice": rounded(trade),
        })
    };
    let details: Vec<Value> = rows
        .iter()
        .map(|(resource, original, trade)| {
            let mut row = prices(*original, *trade);
            row["Resource"] = (*resource).into();
            row
        })
        .collect();
    let sum = |pick: fn(&(&str, f64, f64)) -> f64| rows.iter().map(pick).sum::<f64>();
    let mut price = prices(sum(|row| row.1), sum(|row| row.2));
    price["Currency"] = currency.into();
    price["DetailInfos"] = json!({"DetailInfo": details});
    json!({"PriceInfo": {"Price": price, "Rules": {"Rule": []}}})
}

fn no_price() -> ApiError {
    ApiError::bad("PriceNotFound", "The specified resource has no price.")
}
