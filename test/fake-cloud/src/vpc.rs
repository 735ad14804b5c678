//! VPC actions.
//!
//! Source: Alibaba VPC API reference, version 2016-04-28.

use serde_json::{Value, json};

use crate::{
    VSwitch,
    action::Call,
    ecs::{
        page::{PageLimits, by_number},
        tags::tags_fit,
    },
    error::ApiError,
    http::respond::Reply,
};

/// vSwitches that fit every filter, by id, with the addresses left.
///
/// Source: VPC action DescribeVSwitches.
pub(crate) fn describe_vswitches(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    if params.text("RegionId").is_none() {
        params.required("VpcId")?;
    }
    params.accept("", &["ResourceGroupId", "VSwitchOwnerId", "IsDefault", "EnableIpv6"]);
    let filters = params.tag_filters("Tag");
    let same = |name: &str, have: &str| params.text(name).is_none_or(|want| want == have);
    let rows: Vec<&VSwitch> = call
        .world
        .vswitches
        .values()
        .filter(|vswitch| same("VSwitchId", &vswitch.id) && same("VpcId", &vswitch.vpc_id))
        .filter(|vswitch| same("ZoneId", &vswitch.zone) && same("VSwitchName", &vswitch.name))
        .filter(|vswitch| tags_fit(&vswitch.tags, &filters))
        .collect();
    let limits = PageLimits { min: 1, max: 50, default: 10 };
    let (page, mut answer) = by_number(params, limits, rows)?;
    answer["VSwitches"] = json!({"VSwitch": page.into_iter().map(render).collect::<Vec<_>>()});
    Ok(answer.into())
}

fn render(vswitch: &VSwitch) -> Value {
    let tags: Vec<Value> =
        vswitch.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    json!({
        "VSwitchId": vswitch.id,
        "VSwitchName": vswitch.name,
        "VpcId": vswitch.vpc_id,
        "ZoneId": vswitch.zone,
        "CidrBlock": format!("{}/{}", vswitch.network, vswitch.prefix),
        "Ipv6CidrBlock": "",
        "AvailableIpAddressCount": vswitch.available_ips,
        "Status": "Available",
        "IsDefault": false,
        "ShareType": "",
        "CreationTime": "2025-01-01T00:00:00Z",
        "ResourceGroupId": "",
        "Tags": {"Tag": tags},
    })
}
