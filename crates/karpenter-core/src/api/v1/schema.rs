//! Schemas shared by fields of both kinds, where the derived one says too little.

use super::rules;
use crate::api::patterns;
use crate::api::v1::requirement::NodeSelectorRequirementWithMinValues;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// Gives an enum of plain texts its schema: the derived one would describe every variant, which is not structural.
macro_rules! string_enum {
    ($type:ident: $($variant:ident)*) => {
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": [$(stringify!($variant)),*] })
            }
        }
    };
}
pub(in crate::api) use string_enum;

/// Most requirements of an object.
const MAX_REQUIREMENTS: u32 = 100;

/// Amounts by resource name.
pub(in crate::api) fn resources(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": {
            "pattern": patterns::QUANTITY,
            "x-kubernetes-int-or-string": true,
        },
    })
}

/// Requirements of a NodeClaim.
pub(in crate::api) fn requirements(generator: &mut SchemaGenerator) -> Schema {
    let items = generator.subschema_for::<NodeSelectorRequirementWithMinValues>();
    requirement_list(items, &rules::requirement_key(), &rules::requirements())
}

/// Requirements of a NodePool's template.
pub(in crate::api) fn node_pool_requirements(generator: &mut SchemaGenerator) -> Schema {
    let items = generator.subschema_for::<NodeSelectorRequirementWithMinValues>();
    requirement_list(items, &rules::node_pool_requirement_key(), &rules::requirements())
}

/// A list of requirements of the schema `items`, with rules for their keys and for the whole list.
pub(in crate::api) fn requirement_list(
    items: Schema,
    of_keys: &[Value],
    of_list: &[Value],
) -> Schema {
    let mut items = items.to_value();
    let key = &mut items["properties"]["key"];
    key["maxLength"] = 316.into();
    key["pattern"] = patterns::QUALIFIED_KEY.into();
    key["x-kubernetes-validations"] = of_keys.into();
    json_schema!({
        "type": "array",
        "maxItems": MAX_REQUIREMENTS,
        "items": items,
        "x-kubernetes-list-type": "atomic",
        "x-kubernetes-validations": of_list,
    })
}

/// Conditions as the API conventions want them.
pub(in crate::api) fn conditions(_: &mut SchemaGenerator) -> Schema {
    let reason =
        json!({ "type": "string", "minLength": 1, "maxLength": 1024, "pattern": patterns::REASON });
    condition_list(reason, &["lastTransitionTime", "message", "reason", "status", "type"])
}

/// Conditions whose reason and message may be missing or empty.
pub(in crate::api) fn relaxed_conditions(_: &mut SchemaGenerator) -> Schema {
    let reason =
        json!({ "type": "string", "maxLength": 1024, "pattern": patterns::REASON_OR_EMPTY });
    condition_list(reason, &["lastTransitionTime", "status", "type"])
}

fn condition_list(mut reason: Value, required: &[&str]) -> Schema {
    reason["description"] = "Programmatic identifier of why the condition last changed.".into();
    json_schema!({
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
        "items": {
            "type": "object",
            "description": "One aspect of the current state of this object.",
            "required": required,
            "properties": {
                "lastTransitionTime": {
                    "type": "string",
                    "format": "date-time",
                    "description": "Last time the condition changed from one status to another.",
                },
                "message": {
                    "type": "string",
                    "maxLength": 32768,
                    "description": "Human readable details about the last change.",
                },
                "observedGeneration": {
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                    "description": "The metadata.generation the condition was set upon.",
                },
                "reason": reason,
                "status": {
                    "type": "string",
                    "enum": ["True", "False", "Unknown"],
                    "description": "One of True, False, Unknown.",
                },
                "type": {
                    "type": "string",
                    "maxLength": 316,
                    "pattern": patterns::CONDITION_TYPE,
                    "description": "Type of condition in CamelCase or in foo.example.com/CamelCase.",
                },
            },
        },
    })
}
