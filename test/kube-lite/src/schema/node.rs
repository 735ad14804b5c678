//! One node of a structural schema, compiled.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::Value;

use super::rules::NodeRules;
use crate::object::list;

/// What values at one place must look like.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// `object`, `array`, `string`, `integer`, `number` or `boolean`; absent means any.
    pub(super) value_type: Option<String>,
    pub(super) format: Option<String>,
    pub(super) int_or_string: bool,
    pub(super) nullable: bool,
    pub(super) preserve_unknown: bool,
    pub(super) embedded: bool,
    pub(super) properties: BTreeMap<String, Node>,
    pub(super) additional: Option<Box<Node>>,
    pub(super) items: Option<Box<Node>>,
    pub(super) required: Vec<String>,
    pub(super) default: Option<Value>,
    pub(super) choices: Vec<Value>,
    pub(super) pattern: Option<Regex>,
    pub(super) bounds: Bounds,
    pub(super) list: ListType,
    pub(super) rules: Option<NodeRules>,
    /// Whether this node or anything below it has rules.
    pub(super) ruled: bool,
    /// Branches without structure of their own.
    pub(super) all_of: Vec<Node>,
    pub(super) any_of: Vec<Node>,
    pub(super) one_of: Vec<Node>,
    pub(super) not: Option<Box<Node>>,
}

/// Numeric and length bounds; absent ones do not bind.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    pub(super) minimum: Option<f64>,
    pub(super) maximum: Option<f64>,
    pub(super) exclusive_minimum: bool,
    pub(super) exclusive_maximum: bool,
    pub(super) multiple_of: Option<f64>,
    pub(super) min_length: Option<u64>,
    pub(super) max_length: Option<u64>,
    pub(super) min_items: Option<u64>,
    pub(super) max_items: Option<u64>,
    pub(super) min_properties: Option<u64>,
    pub(super) max_properties: Option<u64>,
}

/// How the items of a list relate to each other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum ListType {
    /// The list is one value.
    #[default]
    Atomic,
    /// Items are unique.
    Set,
    /// Items are unique by these members.
    Map(Vec<String>),
}

/// Deepest schema that is compiled; deeper ones are refused.
const MAX_DEPTH: usize = 64;

impl Node {
    /// Compiles the schema found at `path`.
    ///
    /// # Errors
    /// A sentence naming the place of a pattern or rule that does not compile.
    pub(super) fn compile(schema: &Value, path: &str) -> Result<Self, String> {
        Self::at_depth(schema, path, 0)
    }

    fn at_depth(schema: &Value, path: &str, depth: usize) -> Result<Self, String> {
        if depth > MAX_DEPTH {
            return Err(format!("{path}: the schema is nested too deeply"));
        }
        let below = |schema: &Value, name: &str| {
            Self::at_depth(schema, &format!("{path}.{name}"), depth + 1)
        };
        let optional = |name: &str| -> Result<Option<Box<Node>>, String> {
            let child = schema.get(name).filter(|child| child.is_object());
            Ok(child.map(|child| below(child, name)).transpose()?.map(Box::new))
        };
        let branches = |name: &str| -> Result<Vec<Node>, String> {
            list(schema, &format!("/{name}")).iter().map(|branch| below(branch, name)).collect()
        };
        let mut properties = BTreeMap::new();
        for (name, child) in schema["properties"].as_object().into_iter().flatten() {
            properties.insert(name.clone(), below(child, name)?);
        }
        let text = |name: &str| schema[name].as_str().map(str::to_owned);
        let truth = |name: &str| schema[name] == true;
        let mut node = Self {
            value_type: text("type"),
            format: text("format"),
            int_or_string: truth("x-kubernetes-int-or-string"),
            nullable: truth("nullable"),
            preserve_unknown: truth("x-kubernetes-preserve-unknown-fields")
                || schema["additionalProperties"] == true,
            embedded: truth("x-kubernetes-embedded-resource"),
            properties,
            additional: optional("additionalProperties")?,
            items: optional("items")?,
            required: texts(schema, "/required"),
            default: schema.get("default").cloned(),
            choices: list(schema, "/enum").to_vec(),
            pattern: text("pattern").map(|pattern| compile_pattern(&pattern, path)).transpose()?,
            bounds: Bounds::read(schema),
            list: ListType::read(schema),
            rules: NodeRules::compile(schema, path)?,
            ruled: false,
            all_of: branches("allOf")?,
            any_of: branches("anyOf")?,
            one_of: branches("oneOf")?,
            not: optional("not")?,
        };
        node.ruled = node.rules.is_some()
            || node.properties.values().any(|child| child.ruled)
            || node.items.iter().chain(&node.additional).any(|child| child.ruled);
        Ok(node)
    }

    /// The schema of a member of an object.
    pub(super) fn member(&self, name: &str) -> Option<&Node> {
        self.properties.get(name).or(self.additional.as_deref())
    }

    /// The old item that a list item continues: the one with the same keys.
    pub(super) fn correlated<'a>(&self, item: &Value, old: &'a Value) -> Option<&'a Value> {
        let ListType::Map(keys) = &self.list else { return None };
        let old = old.as_array()?;
        old.iter().find(|old| keys.iter().all(|key| old.get(key) == item.get(key)))
    }
}

impl Bounds {
    fn read(schema: &Value) -> Self {
        let number = |name: &str| schema[name].as_f64();
        let count = |name: &str| schema[name].as_u64();
        Self {
            minimum: number("minimum"),
            maximum: number("maximum"),
            exclusive_minimum: schema["exclusiveMinimum"] == true,
            exclusive_maximum: schema["exclusiveMaximum"] == true,
            multiple_of: number("multipleOf"),
            min_length: count("minLength"),
            max_length: count("maxLength"),
            min_items: count("minItems"),
            max_items: count("maxItems"),
            min_properties: count("minProperties"),
            max_properties: count("maxProperties"),
        }
    }
}

impl ListType {
    fn read(schema: &Value) -> Self {
        match schema["x-kubernetes-list-type"].as_str() {
            Some("set") => Self::Set,
            Some("map") => Self::Map(texts(schema, "/x-kubernetes-list-map-keys")),
            _ => Self::Atomic,
        }
    }

    /// What makes an item unique: itself or its keys; `None` when items may repeat.
    pub(super) fn identity(&self, item: &Value) -> Option<String> {
        match self {
            Self::Atomic => None,
            Self::Set => Some(item.to_string()),
            Self::Map(keys) => {
                let values: BTreeSet<String> = keys
                    .iter()
                    .filter_map(|key| Some(format!("\"{key}\":{}", item.get(key)?)))
                    .collect();
                Some(format!("{{{}}}", values.into_iter().collect::<Vec<_>>().join(",")))
            }
        }
    }
}

fn texts(schema: &Value, pointer: &str) -> Vec<String> {
    list(schema, pointer).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Compiles a pattern with the meaning it has in Go: `\d`, `\s` and `\w` are ASCII.
fn compile_pattern(pattern: &str, path: &str) -> Result<Regex, String> {
    let mut ascii = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some(class @ ('d' | 's' | 'w' | 'D' | 'S' | 'W')) => {
                    ascii.push_str(ascii_class(class));
                }
                Some(other) => ascii.extend(['\\', other]),
                None => ascii.push('\\'),
            },
            (c, false) => ascii.push(c),
        }
    }
    Regex::new(&ascii).map_err(|error| format!("{path}: invalid pattern: {error}"))
}

/// Bracket class of an escape; nested brackets are legal inside bracket classes too.
fn ascii_class(class: char) -> &'static str {
    match class {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        's' => r"[\t\n\x0c\r ]",
        'S' => r"[^\t\n\x0c\r ]",
        'w' => "[0-9A-Za-z_]",
        _ => "[^0-9A-Za-z_]",
    }
}
