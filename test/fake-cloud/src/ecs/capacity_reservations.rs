//! DescribeCapacityReservations, DescribeElasticityAssurances, and which of both a launch takes.

use serde_json::{Value, json};

use super::{
    page::{PageLimits, by_token},
    tag_set, tags,
};
use crate::{
    CapacityReservation, SpotStrategy, action::Call, error::ApiError, http::respond::Reply, time,
};

/// What ids of elasticity assurances begin with.
const ASSURANCE: &str = "eap-";

/// Source: Alibaba action DescribeCapacityReservations.
pub(crate) fn describe_capacity_reservations(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (rows, total, next) = describe(call, |id| !id.starts_with(ASSURANCE))?;
    Ok(json!({
        "TotalCount": total, "NextToken": next,
        "CapacityReservationSet": {"CapacityReservationItem": rows},
    })
    .into())
}

/// Source: Alibaba action DescribeElasticityAssurances.
pub(crate) fn describe_elasticity_assurances(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (rows, total, next) = describe(call, |id| id.starts_with(ASSURANCE))?;
    Ok(json!({
        "TotalCount": total, "NextToken": next,
        "ElasticityAssuranceSet": {"ElasticityAssuranceItem": rows},
    })
    .into())
}

/// A page of the reservations that fit every filter, by id, with their number and the next token; released ones only
/// when asked for.
fn describe(
    call: &mut Call<'_>,
    is_of_kind: impl Fn(&str) -> bool,
) -> Result<(Vec<Value>, usize, String), ApiError> {
    let params = call.params;
    params.required("RegionId")?;
    params.accept("", &["Platform", "InstanceChargeType"]);
    let ids = params.json_list("PrivatePoolOptions.Ids")?;
    if ids.as_ref().is_some_and(|ids| ids.len() > 100) {
        return Err(ApiError::invalid("PrivatePoolOptions.Ids"));
    }
    let filters = params.tag_filters("Tag");
    let status = params.text("Status");
    let same = |name: &str, have: &str| params.text(name).is_none_or(|want| want == have);
    let wanted = |have: &str| match status {
        None => have != "Released",
        Some("All") => true,
        Some(want) => want == have,
    };
    let rows: Vec<&CapacityReservation> = call
        .world
        .reservations
        .values()
        .filter(|r| is_of_kind(&r.id))
        .filter(|r| ids.as_ref().is_none_or(|ids| ids.contains(&r.id)))
        .filter(|r| same("InstanceType", &r.instance_type) && same("ZoneId", &r.zone))
        .filter(|r| wanted(r.status(call.now)) && tags::tags_fit(&r.tags, &filters))
        .collect();
    let total = rows.len();
    let limits = PageLimits { min: 1, max: 100, default: 10 };
    let (page, next) = by_token(params, limits, rows, |r| r.id.clone())?;
    Ok((page.into_iter().map(|r| render(call, r)).collect(), total, next))
}

fn render(call: &Call<'_>, r: &CapacityReservation) -> Value {
    json!({
        "PrivatePoolOptionsId": r.id,
        "PrivatePoolOptionsName": r.id,
        "PrivatePoolOptionsMatchCriteria": if r.open { "Open" } else { "Target" },
        "Status": r.status(call.now),
        "StartTime": "2025-01-01T00:00:00Z",
        "EndTime": r.ends.map_or_else(String::new, time::seconds),
        "EndTimeType": if r.ends.is_some() { "Limited" } else { "Unlimited" },
        "InstanceChargeType": "PostPaid",
        "Platform": "linux",
        "CapacityReservationOwnerId": call.world.account.id,
        // The service writes this one member with a small z.
        "AllocatedResources": {"AllocatedResource": [{
            "zoneId": r.zone, "InstanceType": r.instance_type, "TotalAmount": r.total,
            "UsedAmount": call.world.reserved(&r.id), "AvailableAmount": call.world.room(&r.id),
        }]},
        "Tags": tag_set(&r.tags),
    })
}

/// The reservation that a launch of `n` instances takes: the one it names, an open one that matches, or none.
///
/// # Errors
/// `MissingParameter.PrivatePoolOptionsId`, or `Invalid.PrivatePoolOptionsId` for one that is not there, has
/// ended, or keeps room for another type or zone.
pub(super) fn taken(
    call: &Call<'_>,
    of: &str,
    zone: &str,
    (spot, n): (SpotStrategy, u32),
) -> Result<Option<String>, ApiError> {
    let id = call.params.text("PrivatePoolOptions.Id");
    let criteria = call.params.text("PrivatePoolOptions.MatchCriteria");
    let fits = |r: &&CapacityReservation| {
        r.instance_type == of && r.zone == zone && r.status(call.now) == "Active"
    };
    match (criteria, id) {
        (Some("Target"), None) => Err(ApiError::bad(
            "MissingParameter.PrivatePoolOptionsId",
            "The parameter PrivatePoolOptions.Id is required for the match criteria Target.",
        )),
        (Some("Target"), Some(id)) => {
            let found = call.world.reservations.get(id).filter(fits);
            found.map(|r| Some(r.id.clone())).ok_or_else(invalid_id)
        }
        (_, Some(_)) => Err(invalid_id()),
        (Some("Open"), None) if spot == SpotStrategy::NoSpot => {
            let open = call.world.open_reservation(of, zone, n, call.now);
            Ok(open.map(|r| r.id.clone()))
        }
        (None | Some("Open" | "None"), None) => Ok(None),
        (Some(_), None) => Err(ApiError::invalid("PrivatePoolOptions.MatchCriteria")),
    }
}

fn invalid_id() -> ApiError {
    ApiError::bad("Invalid.PrivatePoolOptionsId", "The specified PrivatePoolOptions.Id is invalid.")
}
