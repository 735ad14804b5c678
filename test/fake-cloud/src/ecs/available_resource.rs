//! DescribeAvailableResource.

use serde_json::{Value, json};

use super::disks::size_range;
use crate::{Market, action::Call, error::ApiError, http::respond::Reply, params::Params};

/// Stock per zone: of instance types, or of the disk categories of one type.
///
/// Source: Alibaba action DescribeAvailableResource. Differs: of the destinations only InstanceType,
/// SystemDisk and DataDisk are served.
pub(crate) fn describe_available_resource(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    const ACCEPTED: [&str; 6] = [
        "SpotDuration",
        "IoOptimized",
        "NetworkCategory",
        "ResourceType",
        "Scope",
        "SystemDiskCategory",
    ];
    let params = call.params;
    params.required("RegionId")?;
    params.accept("", &ACCEPTED);
    let destination = params.required("DestinationResource")?;
    let market = market(params)?;
    let of = params.text("InstanceType");
    if let "SystemDisk" | "DataDisk" = destination {
        params.required("InstanceType")?;
    }
    let asked = params.text("ZoneId");
    let mut zones = Vec::new();
    for zone in call.world.zones.iter().filter(|zone| asked.is_none_or(|asked| asked == *zone)) {
        let rows = match destination {
            "InstanceType" => types(call, market, zone, of)?,
            "SystemDisk" | "DataDisk" => disks(call, zone, of.unwrap_or_default()),
            _ => return Err(ApiError::invalid("DestinationResource")),
        };
        if !rows.is_empty() {
            zones.push(render_zone(call, zone, destination, &rows));
        }
    }
    Ok(json!({"AvailableZones": {"AvailableZone": zones}}).into())
}

fn market(params: &Params) -> Result<Market, ApiError> {
    let strategy = params.text("SpotStrategy");
    match params.text("InstanceChargeType") {
        Some("PrePaid") => Ok(Market::Subscription),
        None | Some("PostPaid") => match strategy {
            None | Some("NoSpot") => Ok(Market::OnDemand),
            Some("SpotAsPriceGo" | "SpotWithPriceLimit") => Ok(Market::Spot),
            Some(_) => Err(ApiError::invalid("SpotStrategy")),
        },
        Some(_) => Err(ApiError::invalid("InstanceChargeType")),
    }
}

fn types(
    call: &Call<'_>,
    market: Market,
    zone: &str,
    of: Option<&str>,
) -> Result<Vec<Value>, ApiError> {
    let cores = call.params.integer("Cores")?;
    let memory = call.params.float("Memory")?;
    let fits = |id: &str| {
        let Some(t) = call.world.types.get(id) else { return false };
        of.is_none_or(|of| of == id)
            && cores.is_none_or(|cores| cores == t.vcpu)
            && memory.is_none_or(|memory| (memory - t.memory_gib).abs() < 0.01)
    };
    let rows = call.world.stock.zone(market, zone).into_iter().filter(|(id, _)| fits(id));
    Ok(rows
        .map(|(id, stock)| {
            json!({"Value": id, "Status": stock.status(), "StatusCategory": stock.category()})
        })
        .collect())
}

fn disks(call: &Call<'_>, zone: &str, of: &str) -> Vec<Value> {
    let Some(t) = call.world.types.get(of) else { return Vec::new() };
    if call.world.stock.get(Market::OnDemand, zone, of).is_none() {
        return Vec::new();
    }
    ["cloud_auto", "cloud_efficiency", "cloud_essd", "cloud_essd_entry", "cloud_ssd"]
        .into_iter()
        .filter(|category| *category != "cloud_essd_entry" || t.takes_entry_disks())
        .filter_map(|category| Some((category, size_range(category, None)?)))
        .map(|(category, (min, max))| {
            json!({
                "Value": category, "Status": "Available", "StatusCategory": "WithStock",
                "Min": min, "Max": max, "Unit": "GiB",
            })
        })
        .collect()
}

fn render_zone(call: &Call<'_>, zone: &str, destination: &str, rows: &[Value]) -> Value {
    let category = call.world.stock.zone_category(zone);
    let status = if category.ends_with("WithStock") { "Available" } else { "SoldOut" };
    json!({
        "RegionId": call.world.region, "ZoneId": zone,
        "Status": status, "StatusCategory": category,
        "AvailableResources": {"AvailableResource": [
            {"Type": destination, "SupportedResources": {"SupportedResource": rows}},
        ]},
    })
}
