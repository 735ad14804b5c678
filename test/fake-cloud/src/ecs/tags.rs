//! Tags of instances, security groups and images.

use std::collections::BTreeMap;

use serde_json::json;

use super::page::{PageLimits, by_number, by_token};
use crate::{action::Call, error::ApiError, http::respond::Reply, params::Params, world::World};

/// Most tags of one call, and of one resource.
const MAX_TAGS: usize = 20;
const MAX_RESOURCES: usize = 50;

/// A tag set as a request filters by it: a missing value means "the key exists".
pub(crate) fn tags_fit(
    tags: &BTreeMap<String, String>,
    filters: &[(String, Option<String>)],
) -> bool {
    filters.iter().all(|(key, value)| {
        tags.get(key).is_some_and(|have| value.as_ref().is_none_or(|want| want == have))
    })
}

/// The tags under `name` of a request that sets tags.
///
/// # Errors
/// `NumberExceed.Tags`, `InvalidTagKey.Malformed`, `InvalidTagValue.Malformed`, `Duplicate.TagKey`.
pub(crate) fn new_tags(params: &Params, name: &str) -> Result<BTreeMap<String, String>, ApiError> {
    let sent = params.tag_filters(name);
    if sent.len() > MAX_TAGS {
        return Err(ApiError::bad("NumberExceed.Tags", "The maximum number of tags is exceeded."));
    }
    let mut tags = BTreeMap::new();
    for (key, value) in sent {
        let value = value.unwrap_or_default();
        if !is_key(&key) {
            return Err(ApiError::bad(
                "InvalidTagKey.Malformed",
                "The specified Tag.n.Key is invalid.",
            ));
        }
        if !is_value(&value) {
            return Err(ApiError::bad(
                "InvalidTagValue.Malformed",
                "The specified Tag.n.Value is invalid.",
            ));
        }
        if tags.insert(key, value).is_some() {
            return Err(ApiError::bad("Duplicate.TagKey", "The Tag.N.Key contain duplicate key."));
        }
    }
    Ok(tags)
}

/// Source: Alibaba action TagResources.
pub(crate) fn tag_resources(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.params.required("RegionId")?;
    let resources = named_resources(call)?;
    let tags = new_tags(call.params, "Tag")?;
    if tags.is_empty() {
        return Err(ApiError::missing("Tag"));
    }
    for id in &resources {
        let mut all = tags_of(call, id)?.clone();
        all.extend(tags.clone());
        if all.len() > MAX_TAGS {
            return Err(ApiError::forbidden(
                "QuotaExceed.Tags",
                "The quota of tags resource exceeds.",
            ));
        }
    }
    for id in &resources {
        tags_of(call, id)?.extend(tags.clone());
    }
    Ok(json!({}).into())
}

/// Source: Alibaba action UntagResources.
pub(crate) fn untag_resources(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.params.required("RegionId")?;
    let resources = named_resources(call)?;
    let keys = call.params.list("TagKey")?;
    let all = call.params.flag("All")?.unwrap_or(false);
    if keys.is_empty() && !all {
        return Err(ApiError::missing("TagKey"));
    }
    for id in &resources {
        tags_of(call, id)?;
    }
    for id in &resources {
        tags_of(call, id)?.retain(|key, _| !(keys.contains(key) || keys.is_empty()));
    }
    Ok(json!({}).into())
}

/// Source: Alibaba action ListTagResources. One row per tag, 50 rows per page.
pub(crate) fn list_tag_resources(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.params.required("RegionId")?;
    let kind = resource_kind(call.params)?;
    let ids = call.params.list("ResourceId")?;
    let filters = call.params.tag_filters("Tag");
    if ids.is_empty() && filters.is_empty() {
        return Err(ApiError::missing("ResourceId"));
    }
    if ids.len() > MAX_RESOURCES {
        return Err(too_many_resources());
    }
    let rows: Vec<(String, String, String)> = tagged(call.world, kind)
        .into_iter()
        .filter(|(id, tags)| (ids.is_empty() || ids.contains(id)) && tags_fit(tags, &filters))
        .flat_map(|(id, tags)| tags.iter().map(move |(k, v)| (id.clone(), k.clone(), v.clone())))
        .collect();
    let limits = PageLimits { min: 1, max: 50, default: 50 };
    let (page, next) = by_token(call.params, limits, rows, |(id, key, _)| format!("{id}\0{key}"))?;
    let row = |(id, key, value): (String, String, String)| json!({"ResourceId": id, "ResourceType": kind, "TagKey": key, "TagValue": value});
    let rows: Vec<_> = page.into_iter().map(row).collect();
    Ok(json!({"NextToken": next, "TagResources": {"TagResource": rows}}).into())
}

/// Source: Alibaba action DescribeTags. One row per key and value in use.
pub(crate) fn describe_tags(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.params.required("RegionId")?;
    let kind = match call.params.text("ResourceType") {
        Some(_) => resource_kind(call.params)?,
        None => "instance",
    };
    let id = call.params.text("ResourceId");
    let filters = call.params.tag_filters("Tag");
    let mut counts: BTreeMap<(&String, &String), u32> = BTreeMap::new();
    for (owner, tags) in tagged(call.world, kind) {
        if id.is_none_or(|id| id == owner) {
            for (key, value) in tags {
                *counts.entry((key, value)).or_default() += 1;
            }
        }
    }
    let wanted = |(key, value): &(&String, &String)| {
        filters.is_empty()
            || filters.iter().any(|(k, v)| k == *key && v.as_ref().is_none_or(|v| v == *value))
    };
    let rows: Vec<_> = counts
        .into_iter()
        .filter(|(pair, _)| wanted(pair))
        .map(|((key, value), n)| {
            json!({"TagKey": key, "TagValue": value, "ResourceTypeCount": {kind: n}})
        })
        .collect();
    let limits = PageLimits { min: 1, max: 100, default: 50 };
    let (page, mut answer) = by_number(call.params, limits, rows)?;
    answer["Tags"] = json!({"Tag": page});
    Ok(answer.into())
}

fn is_key(key: &str) -> bool {
    let reserved = key.starts_with("aliyun") || key.starts_with("acs:");
    !key.is_empty() && key.chars().count() <= 128 && !reserved && !is_url(key)
}

fn is_value(value: &str) -> bool {
    value.chars().count() <= 128 && !is_url(value)
}

fn is_url(text: &str) -> bool {
    text.contains("http://") || text.contains("https://")
}

fn resource_kind(params: &Params) -> Result<&'static str, ApiError> {
    match params.required("ResourceType")? {
        "instance" => Ok("instance"),
        "securitygroup" => Ok("securitygroup"),
        "image" => Ok("image"),
        _ => Err(ApiError::not_found(
            "InvalidResourceType.NotFound",
            "The ResourceType provided does not exist in our records.",
        )),
    }
}

fn named_resources(call: &Call<'_>) -> Result<Vec<String>, ApiError> {
    resource_kind(call.params)?;
    let ids = call.params.list("ResourceId")?;
    match ids.len() {
        0 => Err(ApiError::missing("ResourceId")),
        n if n > MAX_RESOURCES => Err(too_many_resources()),
        _ => Ok(ids),
    }
}

fn too_many_resources() -> ApiError {
    ApiError::bad("NumberExceed.ResourceIds", "The maximum number of ResourceIds is exceeded.")
}

fn tags_of<'a>(
    call: &'a mut Call<'_>,
    id: &str,
) -> Result<&'a mut BTreeMap<String, String>, ApiError> {
    let tags = match resource_kind(call.params)? {
        "instance" => call.world.instances.get_mut(id).map(|i| &mut i.tags),
        "securitygroup" => call.world.security_groups.get_mut(id).map(|g| &mut g.tags),
        _ => call.world.images.get_mut(id).map(|i| &mut i.tags),
    };
    tags.ok_or_else(|| {
        ApiError::not_found(
            "InvalidResourceId.NotFound",
            "The specified ResourceIds are not found.",
        )
    })
}

fn tagged<'a>(world: &'a World, kind: &str) -> Vec<(String, &'a BTreeMap<String, String>)> {
    match kind {
        "instance" => world.instances.values().map(|i| (i.id.clone(), &i.tags)).collect(),
        "securitygroup" => {
            world.security_groups.values().map(|g| (g.id.clone(), &g.tags)).collect()
        }
        _ => world.images.values().map(|i| (i.id.clone(), &i.tags)).collect(),
    }
}
