//! The static-drift hash: equal for two classes whose instances are made the same way.
//!
//! The hash is taken of a canonical view that leaves out everything equal to its effective default, so that writing
//! a default down, or a new field, never drifts a node.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::bootstrap::{BootstrapMode, UserDataPolicy};
use super::disk_sizes::size_gib;
use super::disks::{
    DEFAULT_CATEGORIES, DEFAULT_DATA_DISK_GIB, DEFAULT_SYSTEM_DISK_GIB, DataDisk, DiskCategory,
    PerformanceLevel, SystemDisk,
};
use super::metadata::{DEFAULT_HOP_LIMIT, HttpEndpoint, HttpTokens, MetadataOptions};
use super::node_class::ECSNodeClassSpec;

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
    let has_data = spec.user_data.as_ref().is_some_and(|data| !data.is_empty());
    let policy = spec.user_data_policy.filter(|p| has_data && *p == UserDataPolicy::Replace);
    let shared = spec.data_disk_categories.as_deref();
    let disks = spec.data_disks.iter().flatten().map(|disk| data_disk(disk, shared)).collect();
    let mode = spec.bootstrap_mode.filter(|mode| *mode != BootstrapMode::Auto);
    object([
        ("bootstrapMode", json!(mode)),
        ("creditSpecification", json!(spec.credit_specification)),
        ("dataDisks", Value::Array(disks)),
        ("deletionProtection", if_set(spec.deletion_protection)),
        ("deploymentSetID", json!(spec.deployment_set_id)),
        ("formatDataDisk", if_set(spec.format_data_disk)),
        ("instanceStorePolicy", json!(spec.instance_store_policy)),
        // What is meant by none depends on the cluster, so a given number always counts.
        ("ipv6AddressCount", json!(spec.ipv6_address_count)),
        ("keyPairName", json!(spec.key_pair_name)),
        ("kubelet", json!(spec.kubelet)),
        ("launchTemplateID", json!(spec.launch_template_id)),
        ("launchTemplateVersion", json!(spec.launch_template_version)),
        ("metadataOptions", spec.metadata_options.as_ref().map_or(Value::Null, metadata)),
        ("passwordInherit", if_set(spec.password_inherit)),
        ("passwordSecretRef", json!(spec.password_secret_ref)),
        ("resourceGroupID", json!(spec.resource_group_id)),
        ("role", json!(spec.role)),
        ("securityEnhancementStrategy", json!(spec.security_enhancement_strategy)),
        ("systemDisk", spec.system_disk.as_ref().map_or(Value::Null, system_disk)),
        ("userData", json!(spec.user_data)),
        ("userDataPolicy", json!(policy)),
    ])
}

fn metadata(options: &MetadataOptions) -> Value {
    let tokens = options.http_tokens.filter(|tokens| *tokens != HttpTokens::Optional);
    let endpoint = options.http_endpoint.filter(|endpoint| *endpoint != HttpEndpoint::Enabled);
    let hops = options.http_put_response_hop_limit.filter(|hops| *hops != DEFAULT_HOP_LIMIT);
    object([
        ("httpEndpoint", json!(endpoint)),
        ("httpPutResponseHopLimit", json!(hops)),
        ("httpTokens", json!(tokens)),
    ])
}

fn system_disk(disk: &SystemDisk) -> Value {
    let listed = disk.effective_categories();
    let size = size_gib(disk.size, disk.volume_size.as_deref()).ok().flatten();
    object([
        ("burstingEnabled", if_set(disk.bursting_enabled)),
        ("categories", categories(&listed)),
        ("encrypted", if_set(disk.encrypted)),
        ("kmsKeyID", json!(disk.kms_key_id)),
        ("performanceLevel", level(&listed, disk.performance_level)),
        ("provisionedIOPS", json!(disk.provisioned_iops.filter(|iops| *iops > 0))),
        ("sizeGiB", json!(size.filter(|gib| *gib != DEFAULT_SYSTEM_DISK_GIB))),
    ])
}

fn data_disk(disk: &DataDisk, shared: Option<&[DiskCategory]>) -> Value {
    let listed = disk.effective_categories(shared);
    let size = size_gib(disk.size, disk.volume_size.as_deref()).ok().flatten();
    object([
        ("burstingEnabled", if_set(disk.bursting_enabled)),
        ("categories", categories(&listed)),
        ("deleteWithInstance", json!(disk.delete_with_instance.filter(|delete| !*delete))),
        ("device", json!(disk.device)),
        ("encrypted", if_set(disk.encrypted)),
        ("kmsKeyID", json!(disk.kms_key_id)),
        ("name", json!(disk.name)),
        ("performanceLevel", level(&listed, disk.performance_level)),
        ("provisionedIOPS", json!(disk.provisioned_iops.filter(|iops| *iops > 0))),
        ("sizeGiB", json!(size.filter(|gib| *gib != DEFAULT_DATA_DISK_GIB))),
        ("snapshotID", json!(disk.snapshot_id)),
    ])
}

/// A switch that is off unless it is set.
fn if_set(switch: Option<bool>) -> Value {
    json!(switch.filter(|on| *on))
}

fn categories(listed: &[DiskCategory]) -> Value {
    if listed == DEFAULT_CATEGORIES { Value::Null } else { json!(listed) }
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

#[cfg(test)]
mod tests;
