//! TagResources, UntagResources and ListTagResources.

use serde::{Deserialize, Serialize};

use super::{Done, Tag, TagFilter};
use crate::{action::rpc_action, lenient};

/// Sets tags on resources of one kind; existing keys are overwritten.
///
/// Source: Alibaba action TagResources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagResources {
    /// `instance`, `disk`, `eni`, ….
    pub resource_type: String,
    /// 1 to 50 ids.
    pub resource_id: Vec<String>,
    /// 1 to 20 tags.
    pub tag: Vec<Tag>,
}

/// Removes tags from resources of one kind.
///
/// Source: Alibaba action UntagResources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UntagResources {
    /// `instance`, `disk`, `eni`, ….
    pub resource_type: String,
    /// 1 to 50 ids.
    pub resource_id: Vec<String>,
    /// Keys to remove.
    pub tag_key: Vec<String>,
    /// Whether every tag is removed; only without `tag_key`.
    pub all: Option<bool>,
}

/// Lists tags; at least one of `resource_id` and `tag` is needed. Has no limit of 1000 resources.
///
/// Source: Alibaba action ListTagResources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListTagResources {
    /// `instance`, `disk`, `eni`, ….
    pub resource_type: String,
    /// At most 50 ids.
    pub resource_id: Vec<String>,
    /// Tags to match.
    pub tag: Vec<TagFilter>,
    /// Token of the page; none for the first.
    pub next_token: Option<String>,
}

/// One page of tags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ListTagResourcesResponse {
    /// Id of the call.
    pub request_id: String,
    /// One row per tag and resource.
    #[serde(deserialize_with = "lenient::list")]
    pub tag_resources: Vec<TagResource>,
    /// Token of the next page; empty at the end.
    pub next_token: String,
}

/// One tag of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct TagResource {
    /// Id of the resource.
    pub resource_id: String,
    /// Kind of the resource.
    pub resource_type: String,
    /// Key.
    pub tag_key: String,
    /// Value; may be empty.
    pub tag_value: String,
}

rpc_action!(TagResources => Done, Ecs, "TagResources");
rpc_action!(UntagResources => Done, Ecs, "UntagResources");
rpc_action!(ListTagResources => ListTagResourcesResponse, Ecs, "ListTagResources");
