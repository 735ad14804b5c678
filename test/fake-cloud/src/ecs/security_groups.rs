//! DescribeSecurityGroups.

use serde_json::{Value, json};

use super::{
    page::{PageLimits, by_token},
    tag_set, tags,
};
use crate::{SecurityGroup, action::Call, error::ApiError, http::respond::Reply};

/// Security groups that fit every filter, by id.
///
/// Source: Alibaba action DescribeSecurityGroups.
pub(crate) fn describe_security_groups(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    params.required("RegionId")?;
    params.raw("NetworkType");
    let ids = params.json_list("SecurityGroupIds")?;
    if ids.as_ref().is_some_and(|ids| ids.len() > 100) {
        return Err(ApiError::invalid("SecurityGroupIds"));
    }
    let with_counts = params.flag("IsQueryEcsCount")?.unwrap_or(false);
    let filters = params.tag_filters("Tag");
    let same = |name: &str, have: &str| params.text(name).is_none_or(|want| want == have);
    let rows: Vec<&SecurityGroup> = call
        .world
        .security_groups
        .values()
        .filter(|group| ids.as_ref().is_none_or(|ids| ids.contains(&group.id)))
        .filter(|group| same("SecurityGroupId", &group.id) && same("VpcId", &group.vpc_id))
        .filter(|group| same("SecurityGroupName", &group.name))
        .filter(|group| same("SecurityGroupType", kind(group)))
        .filter(|group| tags::tags_fit(&group.tags, &filters))
        .collect();
    let total = rows.len();
    let limits = PageLimits { min: 1, max: 100, default: 10 };
    let (page, next) = by_token(params, limits, rows, |group| group.id.clone())?;
    let rows: Vec<Value> = page.into_iter().map(|g| render(call, g, with_counts)).collect();
    Ok(json!({
        "RegionId": call.world.region, "TotalCount": total, "NextToken": next,
        "SecurityGroups": {"SecurityGroup": rows},
    })
    .into())
}

fn kind(group: &SecurityGroup) -> &'static str {
    if group.enterprise { "enterprise" } else { "normal" }
}

fn render(call: &Call<'_>, group: &SecurityGroup, with_counts: bool) -> Value {
    let mut row = json!({
        "SecurityGroupId": group.id,
        "SecurityGroupName": group.name,
        "VpcId": group.vpc_id,
        "SecurityGroupType": kind(group),
        "ServiceManaged": false,
        "Description": "",
        "Tags": tag_set(&group.tags),
    });
    if with_counts {
        let members = call.world.members(&group.id);
        row["EcsCount"] = members.into();
        row["AvailableInstanceAmount"] = group.instance_limit.saturating_sub(members).into();
    }
    row
}
