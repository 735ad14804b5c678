//! DescribeZones and DescribeRegions.

use serde_json::{Value, json};

use crate::{Market, action::Call, error::ApiError, http::respond::Reply};

/// Zones with the types they have in stock.
///
/// Source: Alibaba action DescribeZones.
pub(crate) fn describe_zones(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    params.required("RegionId")?;
    params.accept("", &["InstanceChargeType", "Verbose", "AcceptLanguage"]);
    let market = match params.text("SpotStrategy") {
        None | Some("NoSpot") => Market::OnDemand,
        Some(_) => Market::Spot,
    };
    let zone = |zone: &String| -> Value {
        let types: Vec<&str> = call
            .world
            .stock
            .zone(market, zone)
            .into_iter()
            .filter(|(_, stock)| stock.deliverable() > 0)
            .map(|(id, _)| id)
            .collect();
        json!({
            "ZoneId": zone,
            "LocalName": zone,
            "ZoneType": "AvailabilityZone",
            "AvailableInstanceTypes": {"InstanceTypes": types},
            "AvailableDiskCategories": {"DiskCategories":
                ["cloud_auto", "cloud_efficiency", "cloud_essd", "cloud_essd_entry", "cloud_ssd"]},
            "AvailableResourceCreation": {"ResourceTypes": ["VSwitch", "IoOptimized", "Instance", "Disk"]},
        })
    };
    let zones: Vec<Value> = call.world.zones.iter().map(zone).collect();
    Ok(json!({"Zones": {"Zone": zones}}).into())
}

/// The one region there is.
///
/// Source: Alibaba action DescribeRegions.
pub(crate) fn describe_regions(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.params.accept("", &["InstanceChargeType", "ResourceType", "AcceptLanguage"]);
    let region = &call.world.region;
    Ok(json!({"Regions": {"Region": [{
        "RegionId": region, "LocalName": region, "Status": "available",
        "RegionEndpoint": format!("ecs.{region}.aliyuncs.com"),
    }]}})
    .into())
}
