//! ECS actions, one file per group.
//!
//! Source: Alibaba ECS API reference, version 2014-05-26.

pub(crate) mod available_resource;
pub(crate) mod capacity_reservations;
pub(crate) mod delete_instances;
pub(crate) mod describe_instances;
mod disks;
pub(crate) mod images;
pub(crate) mod instance_types;
pub(crate) mod modify_instance;
mod order;
pub(crate) mod page;
pub(crate) mod price;
pub(crate) mod provisioning_group;
mod provisioning_request;
pub(crate) mod run_instances;
pub(crate) mod security_groups;
pub(crate) mod tags;
pub(crate) mod zones;

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The tags of a resource in ECS spelling.
fn tag_set(tags: &BTreeMap<String, String>) -> Value {
    let row = |(key, value): (&String, &String)| json!({"TagKey": key, "TagValue": value});
    json!({"Tag": tags.iter().map(row).collect::<Vec<_>>()})
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|tail| {
            let starts = tail.char_indices().map(|(at, _)| at).chain([tail.len()]);
            starts.into_iter().any(|at| fits(rest, &tail[at..]))
        }),
    }
}
