//! CreateAutoProvisioningGroup: create instances from several pools in one call.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Tag;
use crate::{
    action::{Resend, rpc_action},
    lenient, params,
};

/// Creates instances from up to 20 pools (type and vSwitch). The answer comes with HTTP 200 even when every pool
/// failed. Repeated automatically only with a `client_token`.
///
/// Source: Alibaba action CreateAutoProvisioningGroup.
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateAutoProvisioningGroup {
    /// `instant` for a synchronous answer; always send it, the service's default is `maintain`.
    pub auto_provisioning_group_type: String,
    /// Name of the group.
    pub auto_provisioning_group_name: Option<String>,
    /// Weighted capacity wanted; sent as decimal text.
    pub total_target_capacity: u32,
    /// Part of it that must be spot.
    pub spot_target_capacity: Option<u32>,
    /// Part of it that must be pay-as-you-go.
    pub pay_as_you_go_target_capacity: Option<u32>,
    /// What the rest is: `Spot` (default) or `PayAsYouGo`.
    pub default_target_capacity_type: Option<String>,
    /// Fewest capacity that counts as success; `instant` only.
    pub min_target_capacity: Option<u32>,
    /// `lowest-price` (default), `diversified` or `capacity-optimized`.
    pub spot_allocation_strategy: Option<String>,
    /// `lowest-price` (default) or `prioritized`.
    pub pay_as_you_go_allocation_strategy: Option<String>,
    /// `termination` or `no-termination` (default).
    pub excess_capacity_termination_policy: Option<String>,
    /// Whether instances go with the group; default false.
    pub terminate_instances: Option<bool>,
    /// Highest spot price per hour.
    pub max_spot_price: Option<f64>,
    /// `stop` or `terminate` (default).
    pub spot_instance_interruption_behavior: Option<String>,
    /// 1 to 20 pools.
    pub launch_template_config: Vec<LaunchTemplateConfig>,
    /// System disk categories in order of preference.
    pub system_disk_config: Vec<SystemDiskConfig>,
    /// What all instances have in common.
    pub launch_configuration: Option<LaunchConfiguration>,
    /// Capacity reservations to use; sent as JSON text.
    #[serde(serialize_with = "params::json_struct")]
    pub resource_pool_options: Option<ResourcePoolOptions>,
    /// Tags of the group, not of the instances.
    pub tag: Vec<Tag>,
    /// At most 64 ASCII characters; the same token creates at most once in 24 hours.
    pub client_token: Option<String>,
}

/// One pool.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LaunchTemplateConfig {
    /// Type.
    pub instance_type: Option<String>,
    /// vSwitch; decides the zone.
    pub v_switch_id: String,
    /// Capacity one instance counts as; greater than 0.
    pub weighted_capacity: Option<f64>,
    /// 0 is tried first, with `prioritized`.
    pub priority: Option<u32>,
    /// Highest spot price per hour of this pool.
    pub max_price: Option<f64>,
    /// Image of this pool; `instant` only.
    pub image_id: Option<String>,
}

/// One acceptable system disk category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SystemDiskConfig {
    /// E.g. `cloud_essd`.
    pub disk_category: String,
}

/// What all instances have in common.
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LaunchConfiguration {
    /// Image, unless the pool names one.
    pub image_id: Option<String>,
    /// Groups of the primary interface.
    pub security_group_ids: Vec<String>,
    /// Base64 of at most 32 KiB. May hold secrets; not in `Debug`.
    pub user_data: Option<String>,
    /// 2 to 128 characters.
    pub instance_name: Option<String>,
    /// Key pair for SSH.
    pub key_pair_name: Option<String>,
    /// Whether the image's password stays.
    pub password_inherit: Option<bool>,
    /// Role the instances get credentials for.
    pub ram_role_name: Option<String>,
    /// Resource group.
    pub resource_group_id: Option<String>,
    /// Tags of the instances.
    pub tag: Vec<Tag>,
    /// E.g. `cloud_essd`.
    pub system_disk_category: Option<String>,
    /// GiB, 20 to 500.
    pub system_disk_size: Option<u32>,
    /// `PL0` (default) to `PL3`.
    pub system_disk_performance_level: Option<String>,
    /// Further settings of the system disk.
    pub system_disk: Option<LaunchSystemDisk>,
    /// Up to 16 data disks.
    pub data_disk: Vec<LaunchDataDisk>,
    /// `Standard` or `Unlimited`, for burstable types.
    pub credit_specification: Option<String>,
    /// Deployment set to spread in.
    pub deployment_set_id: Option<String>,
    /// Protected hours of spot instances, 0 or 1.
    pub spot_duration: Option<u32>,
    /// `Terminate` or `Stop`.
    pub spot_interruption_behavior: Option<String>,
    /// `Active` or `Deactive`.
    pub security_enhancement_strategy: Option<String>,
}

/// Further settings of the system disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LaunchSystemDisk {
    /// Whether the disk is encrypted.
    pub encrypted: Option<bool>,
    /// Key of an encrypted disk.
    #[serde(rename = "KMSKeyId")]
    pub kms_key_id: Option<String>,
    /// IOPS of `cloud_auto` disks.
    pub provisioned_iops: Option<u64>,
    /// Whether `cloud_auto` disks may burst.
    pub bursting_enabled: Option<bool>,
    /// Policy that makes snapshots.
    pub auto_snapshot_policy_id: Option<String>,
}

/// One data disk; its key is spelled `KmsKeyId`, unlike in RunInstances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LaunchDataDisk {
    /// GiB.
    pub size: Option<u32>,
    /// E.g. `cloud_essd`.
    pub category: Option<String>,
    /// Mount point, e.g. `/dev/xvdb`.
    pub device: Option<String>,
    /// `PL0` to `PL3`.
    pub performance_level: Option<String>,
    /// Whether the disk is encrypted.
    pub encrypted: Option<bool>,
    /// Key of an encrypted disk.
    pub kms_key_id: Option<String>,
    /// Snapshot the disk starts from.
    pub snapshot_id: Option<String>,
    /// Whether the disk is released with the instance.
    pub delete_with_instance: Option<bool>,
    /// IOPS of `cloud_auto` disks.
    pub provisioned_iops: Option<u64>,
    /// Whether `cloud_auto` disks may burst.
    pub bursting_enabled: Option<bool>,
}

/// Which capacity reservations pay-as-you-go capacity may use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourcePoolOptions {
    /// `PrivatePoolFirst`, `PrivatePoolOnly` or `PublicPoolOnly` (default).
    pub strategy: String,
    /// At most 20 reservations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub private_pool_ids: Vec<String>,
}

/// What was created, and why the rest was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CreateAutoProvisioningGroupResponse {
    /// Id of the call.
    pub request_id: String,
    /// `apg-…`.
    pub auto_provisioning_group_id: String,
    /// One row per pool that was tried, in no particular order: look at all of them.
    #[serde(deserialize_with = "lenient::list")]
    pub launch_results: Vec<LaunchResult>,
}

/// What became of one pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct LaunchResult {
    /// Type of the pool.
    pub instance_type: String,
    /// Zone of the pool.
    pub zone_id: String,
    /// `NoSpot` for pay-as-you-go.
    pub spot_strategy: String,
    /// Instances that were tried.
    #[serde(deserialize_with = "lenient::number")]
    pub amount: u32,
    /// Ids of the created instances.
    #[serde(deserialize_with = "lenient::list")]
    pub instance_ids: Vec<String>,
    /// Empty on success; see [`crate::error::classify`].
    pub error_code: String,
    /// Text for people.
    pub error_msg: String,
}

rpc_action!(CreateAutoProvisioningGroup => CreateAutoProvisioningGroupResponse, Ecs, "CreateAutoProvisioningGroup", {
    const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

    fn resend(&self) -> Resend {
        Resend::with_token(self.client_token.as_deref())
    }
});

impl std::fmt::Debug for CreateAutoProvisioningGroup {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("CreateAutoProvisioningGroup")
            .field("total_target_capacity", &self.total_target_capacity)
            .field("launch_template_config", &self.launch_template_config)
            .field("launch_configuration", &self.launch_configuration)
            .field("client_token", &self.client_token)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for LaunchConfiguration {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("LaunchConfiguration")
            .field("image_id", &self.image_id)
            .field("security_group_ids", &self.security_group_ids)
            .field("tag", &self.tag)
            .field("user_data_bytes", &self.user_data.as_ref().map(String::len))
            .finish_non_exhaustive()
    }
}
