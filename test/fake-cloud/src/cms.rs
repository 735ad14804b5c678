//! CloudMonitor actions.
//!
//! Source: Alibaba CloudMonitor API reference, version 2019-01-01.

use chrono::DateTime;
use serde_json::{Value, json};

use crate::{
    action::Call,
    ecs::page::{PageLimits, by_number},
    error::ApiError,
    http::respond::Reply,
    world::Interruption,
};

const INTERRUPTION: &str = "Instance:PreemptibleInstanceInterruption";

/// Announced interruptions of spot instances, oldest first.
///
/// Source: CloudMonitor action DescribeSystemEventAttribute.
pub(crate) fn describe_system_event_attribute(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    params.accept("", &["EventType", "Level", "Status", "SearchKeywords"]);
    let instant = |name: &str| match params.text(name) {
        Some(text) => text
            .parse()
            .ok()
            .and_then(DateTime::from_timestamp_millis)
            .map(Some)
            .ok_or_else(|| ApiError::invalid(name)),
        None => Ok(None),
    };
    let (from, until) = (instant("StartTime")?, instant("EndTime")?);
    let wanted = params.text("Product").is_none_or(|product| product == "ECS")
        && params.text("Name").is_none_or(|name| name == INTERRUPTION);
    let rows: Vec<Value> = call
        .world
        .interruptions
        .iter()
        .filter(|i| wanted && from.is_none_or(|t| i.at >= t) && until.is_none_or(|t| i.at <= t))
        .map(|i| render(call, i))
        .collect();
    let limits = PageLimits { min: 1, max: 100, default: 10 };
    let (page, mut answer) = by_number(params, limits, rows)?;
    answer["SystemEvents"] = json!({"SystemEvent": page});
    answer["Code"] = "200".into();
    answer["Success"] = "true".into();
    Ok(answer.into())
}

fn render(call: &Call<'_>, i: &Interruption) -> Value {
    let (region, account) = (&call.world.region, &call.world.account.id);
    json!({
        "Product": "ECS",
        "Name": INTERRUPTION,
        "Level": "WARN",
        "Status": "Normal",
        "Time": i.at.timestamp_millis(),
        "RegionId": region,
        "ResourceId": format!("acs:ecs:{region}:{account}:instance/{}", i.instance_id),
        "InstanceName": i.instance_name,
        "Content": json!({"instanceId": i.instance_id, "action": "delete"}).to_string(),
        "GroupId": "0",
    })
}
