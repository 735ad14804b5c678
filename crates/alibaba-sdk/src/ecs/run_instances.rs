//! RunInstances: create instances.

use serde::{Deserialize, Serialize};

use super::Tag;
use crate::{
    action::{Resend, rpc_action},
    lenient,
};

/// Creates `amount` instances of one type in one vSwitch. Repeated automatically only with a `client_token`.
///
/// Source: Alibaba action RunInstances.
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RunInstances {
    /// E.g. `ecs.g7.large`.
    pub instance_type: String,
    /// Image to boot; exactly one of this and `image_family`.
    pub image_id: Option<String>,
    /// Family whose newest image boots.
    pub image_family: Option<String>,
    /// Where the primary interface lives; decides the zone.
    pub v_switch_id: Option<String>,
    /// Zone; must match the vSwitch.
    pub zone_id: Option<String>,
    /// Groups of the primary interface, all in the vSwitch's VPC; at least one.
    pub security_group_ids: Vec<String>,
    /// `PostPaid` (default) or `PrePaid`.
    pub instance_charge_type: Option<String>,
    /// `NoSpot` (default), `SpotAsPriceGo` or `SpotWithPriceLimit`.
    pub spot_strategy: Option<String>,
    /// Highest price per hour, at most 3 decimals; with `SpotWithPriceLimit`.
    pub spot_price_limit: Option<f64>,
    /// Protected hours of a spot instance, 0 or 1; the service's default is 1.
    pub spot_duration: Option<u32>,
    /// `Terminate` (default) or `Stop`.
    pub spot_interruption_behavior: Option<String>,
    /// 1 to 100, default 1; all or nothing unless `min_amount` is given.
    pub amount: Option<u32>,
    /// Fewest instances that count as success.
    pub min_amount: Option<u32>,
    /// System disk; the service has defaults for all of it.
    pub system_disk: Option<SystemDisk>,
    /// Up to 16 data disks.
    pub data_disk: Vec<DataDisk>,
    /// 2 to 128 characters.
    pub instance_name: Option<String>,
    /// Host name of the guest.
    pub host_name: Option<String>,
    /// 2 to 256 characters.
    pub description: Option<String>,
    /// Base64 of at most 32 KiB. May hold secrets; not in `Debug`.
    pub user_data: Option<String>,
    /// Key pair for SSH.
    pub key_pair_name: Option<String>,
    /// Password of the administrator, 8 to 30 characters. Not in `Debug`.
    pub password: Option<String>,
    /// Whether the image's password stays.
    pub password_inherit: Option<bool>,
    /// Role the instance gets credentials for.
    pub ram_role_name: Option<String>,
    /// `enabled` or `disabled`: the metadata service.
    pub http_endpoint: Option<String>,
    /// `optional` (default) or `required`: tokens of the metadata service.
    pub http_tokens: Option<String>,
    /// Capacity reservation to use.
    pub private_pool_options: Option<PrivatePoolOptions>,
    /// At most 20; set on the instance, its disks and its primary interface.
    pub tag: Vec<Tag>,
    /// Resource group of instance and disks.
    pub resource_group_id: Option<String>,
    /// Deployment set to spread in.
    pub deployment_set_id: Option<String>,
    /// Group within the deployment set, 1 to 7.
    pub deployment_set_group_no: Option<u32>,
    /// Whether API and console refuse to release the instance.
    pub deletion_protection: Option<bool>,
    /// `Standard` or `Unlimited`, for burstable types.
    pub credit_specification: Option<String>,
    /// `Active` or `Deactive`.
    pub security_enhancement_strategy: Option<String>,
    /// IPv6 addresses of the primary interface, 1 to 10.
    pub ipv6_address_count: Option<u32>,
    /// CPU topology.
    pub cpu_options: Option<CpuOptions>,
    /// Template that brings what is not given here.
    pub launch_template_id: Option<String>,
    /// Version of the template.
    pub launch_template_version: Option<u32>,
    /// At most 64 ASCII characters; the same token creates at most once in 24 hours.
    pub client_token: Option<String>,
    /// Only check: success is the error kind `DryRun`.
    pub dry_run: Option<bool>,
}

/// System disk of new instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SystemDisk {
    /// E.g. `cloud_essd`; the service's default is `cloud_efficiency`.
    pub category: Option<String>,
    /// GiB; at least the image's size.
    pub size: Option<u32>,
    /// `PL0` to `PL3`; the service's default is `PL1`.
    pub performance_level: Option<String>,
    /// 2 to 128 characters.
    pub disk_name: Option<String>,
    /// Whether the disk is encrypted.
    pub encrypted: Option<bool>,
    /// Key of an encrypted disk.
    #[serde(rename = "KMSKeyId")]
    pub kms_key_id: Option<String>,
    /// Policy that makes snapshots.
    pub auto_snapshot_policy_id: Option<String>,
    /// IOPS of `cloud_auto` disks.
    pub provisioned_iops: Option<u64>,
    /// Whether `cloud_auto` disks may burst.
    pub bursting_enabled: Option<bool>,
}

/// One data disk of new instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DataDisk {
    /// E.g. `cloud_essd`.
    pub category: Option<String>,
    /// GiB.
    pub size: Option<u32>,
    /// `PL0` to `PL3`.
    pub performance_level: Option<String>,
    /// Mount point, e.g. `/dev/xvdb`.
    pub device: Option<String>,
    /// Name, 2 to 128 characters.
    pub disk_name: Option<String>,
    /// Whether the disk is encrypted.
    pub encrypted: Option<bool>,
    /// Key of an encrypted disk.
    #[serde(rename = "KMSKeyId")]
    pub kms_key_id: Option<String>,
    /// Snapshot the disk starts from.
    pub snapshot_id: Option<String>,
    /// Whether the disk is released with the instance.
    pub delete_with_instance: Option<bool>,
    /// IOPS of `cloud_auto` disks.
    pub provisioned_iops: Option<u64>,
    /// Whether `cloud_auto` disks may burst.
    pub bursting_enabled: Option<bool>,
    /// Policy that makes snapshots.
    pub auto_snapshot_policy_id: Option<String>,
}

/// Which capacity reservation an instance may use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrivatePoolOptions {
    /// `Open`, `Target` or `None` (default); only `None` with spot.
    pub match_criteria: Option<String>,
    /// Reservation; required for `Target`.
    pub id: Option<String>,
}

/// CPU topology of new instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CpuOptions {
    /// Physical cores.
    pub core: Option<u32>,
    /// 1 or 2.
    pub threads_per_core: Option<u32>,
}

/// Ids of the created instances.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RunInstancesResponse {
    /// Id of the call.
    pub request_id: String,
    /// Price per hour of all of them, when the service says.
    #[serde(deserialize_with = "lenient::optional_number")]
    pub trade_price: Option<f64>,
    /// One id per instance.
    #[serde(deserialize_with = "lenient::list")]
    pub instance_id_sets: Vec<String>,
}

rpc_action!(RunInstances => RunInstancesResponse, Ecs, "RunInstances", {
    fn resend(&self) -> Resend {
        Resend::with_token(self.client_token.as_deref())
    }
});

impl std::fmt::Debug for RunInstances {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("RunInstances")
            .field("instance_type", &self.instance_type)
            .field("image_id", &self.image_id)
            .field("v_switch_id", &self.v_switch_id)
            .field("security_group_ids", &self.security_group_ids)
            .field("spot_strategy", &self.spot_strategy)
            .field("amount", &self.amount)
            .field("tag", &self.tag)
            .field("client_token", &self.client_token)
            .field("user_data_bytes", &self.user_data.as_ref().map(String::len))
            .finish_non_exhaustive()
    }
}
