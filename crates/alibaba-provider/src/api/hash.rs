//! The static-drift hash: equal for two classes whose instances are made the same way.
//!
//! The hash is taken of a canonical view that leaves out everything equal to its effective default, so that writing
//! a default down, or a new field, never drifts a node.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::disks::{self, DEFAULT_DATA_DISK_GIB, DEFAULT_SYSTEM_DISK_GIB, DiskCategory};
use super::disks::{DataDisk, PerformanceLevel, SystemDisk};
use super::node_class::{ECSNodeClassSpec, UserDataPolicy};

/// Version of the algorithm and of its input.
pub const VERSION: &str = "v1";

/// The static-drift hash of `spec`: 16 lower-case hexadecimal digits.
///
/// Source: ours. First 8 bytes of SHA-256 over canonical JSON.
pub fn hash(spec: &ECSNodeClassSpec) -> String {
    // serde_json's map is sorted by key, and its text has no white space.
    let digest = Sha256::digest(view(spec).to_string().as_bytes());
    digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the hash is taken of.
pub fn view(spec: &ECSNodeClassSpec) -> Value {
    let replaces = spec.replaces_join_script();
    let disks = spec.data_disks.iter().flatten().map(data_disk).collect::<Vec<_>>();
    let members = [
        ("dataDisks", Value::Array(disks)),
        ("formatDataDisk", json!(spec.format_data_disk.filter(|format| *format))),
        ("keyPairName", json!(spec.key_pair_name)),
        ("kubelet", json!(spec.kubelet)),
        ("metadataOptions", json!(spec.metadata_options)),
        ("passwordInherit", json!(spec.password_inherit.filter(|inherit| *inherit))),
        ("resourceGroupID", json!(spec.resource_group_id)),
        ("role", json!(spec.role)),
        ("systemDisk", spec.system_disk.as_ref().map_or(Value::Null, system_disk)),
        ("userData", json!(spec.user_data)),
        ("userDataPolicy", json!(replaces.then_some(UserDataPolicy::Replace))),
    ];
    object(members)
}

fn system_disk(disk: &SystemDisk) -> Value {
    let listed = disks::categories(disk.category, disk.categories.as_deref());
    let size = disks::size_gib(disk.size, disk.volume_size.as_deref()).ok().flatten();
    object([
        ("categories", categories(&listed)),
        ("sizeGiB", json!(size.filter(|gib| *gib != DEFAULT_SYSTEM_DISK_GIB))),
        ("performanceLevel", level(&listed, disk.performance_level)),
        ("encrypted", json!(disk.encrypted.filter(|encrypted| *encrypted))),
        ("kmsKeyID", json!(disk.kms_key_id)),
    ])
}

fn data_disk(disk: &DataDisk) -> Value {
    let listed = disks::categories(disk.category, disk.categories.as_deref());
    let size = disks::size_gib(disk.size, disk.volume_size.as_deref()).ok().flatten();
    object([
        ("categories", categories(&listed)),
        ("sizeGiB", json!(size.filter(|gib| *gib != DEFAULT_DATA_DISK_GIB))),
        ("performanceLevel", level(&listed, disk.performance_level)),
        ("encrypted", json!(disk.encrypted.filter(|encrypted| *encrypted))),
        ("kmsKeyID", json!(disk.kms_key_id)),
        ("device", json!(disk.device)),
        ("snapshotID", json!(disk.snapshot_id)),
        ("deleteWithInstance", json!(disk.delete_with_instance.filter(|delete| !*delete))),
    ])
}

fn categories(listed: &[DiskCategory]) -> Value {
    if listed == disks::DEFAULT_CATEGORIES { Value::Null } else { json!(listed) }
}

/// The level counts only where it has an effect.
fn level(listed: &[DiskCategory], level: Option<PerformanceLevel>) -> Value {
    let has_effect = listed.contains(&DiskCategory::CloudEssd);
    json!(level.filter(|level| has_effect && *level != PerformanceLevel::Pl0))
}

/// An object without members that are null or empty.
fn object(members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let given = members.into_iter().map(|(key, value)| (key.to_owned(), prune(value)));
    Value::Object(given.filter(|(_, value)| !is_empty(value)).collect::<Map<_, _>>())
}

fn prune(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().map(|(key, value)| (key, prune(value)));
            Value::Object(kept.filter(|(_, value)| !is_empty(value)).collect())
        }
        other => other,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
