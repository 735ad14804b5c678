//! Selector terms of an ECSNodeClass: terms of a list are alternatives, members of a term must all hold.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::rules;
use super::string_enum::string_enum;

/// Tags by key; the value `*` matches any value, the empty value only the empty one.
pub type TagSelector = BTreeMap<String, String>;

/// Selects vSwitches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::v_switch_term()))]
pub struct VSwitchSelectorTerm {
    /// Id of one vSwitch; excludes the other fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^vsw-[0-9A-Za-z*_-]+$"), length(max = 128))]
    pub id: Option<String>,
    /// Tags the vSwitch must have; the value * matches any value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "selector_tags")]
    pub tags: Option<TagSelector>,
    /// Zone the vSwitch must be in.
    #[serde(rename = "zoneID", default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub zone_id: Option<String>,
}

/// Selects security groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::security_group_term()))]
pub struct SecurityGroupSelectorTerm {
    /// Id of one security group; excludes the other fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^sg-[0-9A-Za-z*_-]+$"), length(max = 128))]
    pub id: Option<String>,
    /// Tags the group must have; the value * matches any value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "selector_tags")]
    pub tags: Option<TagSelector>,
    /// Name the group must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub name: Option<String>,
}

/// Selects images; the order of terms is a preference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::image_term()))]
pub struct ImageSelectorTerm {
    /// Family, or family@version, of images made for clusters: AlibabaCloudLinux3 or ContainerOS; excludes the other
    /// fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(pattern = r"^[A-Za-z0-9]+(@[A-Za-z0-9._-]+)?$"),
        length(max = 64),
        extend("x-kubernetes-validations" = rules::image_alias())
    )]
    pub alias: Option<String>,
    /// Id of one image; excludes the other fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._*-]*$"), length(max = 256))]
    pub id: Option<String>,
    /// ECS image family, of which the latest image is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 128))]
    pub image_family: Option<String>,
    /// Name of the image; * is a wildcard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub name: Option<String>,
    /// Who owns the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_owner_alias: Option<ImageOwnerAlias>,
    /// Account that owns the image.
    #[serde(rename = "imageOwnerID", default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub image_owner_id: Option<String>,
    /// Tags the image must have; the value * matches any value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "selector_tags")]
    pub tags: Option<TagSelector>,
}

string_enum! {
    /// Who owns an image.
    ImageOwnerAlias {
        /// The cloud.
        System = "system",
        /// This account.
        Own = "self",
        /// Other accounts that share it.
        Others = "others",
        /// The marketplace.
        Marketplace = "marketplace",
    }
}

/// Whether an id is a placeholder from documentation, which no API call could find.
pub fn is_placeholder(id: &str) -> bool {
    id.contains('*')
}

/// Schema of the tags of a selector.
pub(super) fn selector_tags(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 20,
        "additionalProperties": { "type": "string", "maxLength": 128 },
        "x-kubernetes-validations": rules::selector_tags(),
    })
}
