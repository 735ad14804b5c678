//! Instances and their life cycle.

use std::{collections::BTreeMap, net::Ipv4Addr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::stock::Market;
use crate::Timing;

/// Where an instance is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InstanceStatus {
    /// Accepted, nothing boots yet.
    Pending,
    /// Booting.
    Starting,
    /// Up.
    Running,
    /// Being stopped or released.
    Stopping,
    /// Stopped by its owner.
    Stopped,
}

impl InstanceStatus {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            InstanceStatus::Pending => "Pending",
            InstanceStatus::Starting => "Starting",
            InstanceStatus::Running => "Running",
            InstanceStatus::Stopping => "Stopping",
            InstanceStatus::Stopped => "Stopped",
        }
    }
}

/// How an instance is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpotStrategy {
    /// Pay-as-you-go.
    NoSpot,
    /// Spot at the market price.
    #[serde(rename = "SpotAsPriceGo")]
    AsPriceGo,
    /// Spot up to a price.
    #[serde(rename = "SpotWithPriceLimit")]
    WithPriceLimit,
}

impl SpotStrategy {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            SpotStrategy::NoSpot => "NoSpot",
            SpotStrategy::AsPriceGo => "SpotAsPriceGo",
            SpotStrategy::WithPriceLimit => "SpotWithPriceLimit",
        }
    }

    /// The market it buys in.
    pub(crate) fn market(self) -> Market {
        match self {
            SpotStrategy::NoSpot => Market::OnDemand,
            SpotStrategy::AsPriceGo | SpotStrategy::WithPriceLimit => Market::Spot,
        }
    }
}

/// A disk as it was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DiskSpec {
    /// Category such as `cloud_essd`.
    pub category: String,
    /// Size, GiB.
    pub size_gib: u32,
    /// `PL0` to `PL3` for `cloud_essd`, else `None`.
    pub performance_level: Option<String>,
    /// Encrypted at rest.
    pub encrypted: bool,
    /// Key of the encryption, if a certain one was asked for.
    pub kms_key_id: Option<String>,
}

/// One instance, as a snapshot: changing it changes nothing in the cloud.
///
/// Source: Alibaba action DescribeInstances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Instance {
    /// `i-…`.
    pub id: String,
    /// Position in the order of creation, from 1.
    pub sequence: u64,
    /// Name.
    pub name: String,
    /// Host name.
    pub host_name: String,
    /// Status at the time of the snapshot.
    pub status: InstanceStatus,
    /// Instance type.
    pub instance_type: String,
    /// Zone.
    pub zone: String,
    /// vSwitch.
    pub vswitch_id: String,
    /// Security groups.
    pub security_group_ids: Vec<String>,
    /// Primary private address.
    pub private_ip: Ipv4Addr,
    /// Image.
    pub image_id: String,
    /// User data as sent, base64.
    pub user_data: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// How it is bought.
    pub spot_strategy: SpotStrategy,
    /// Highest price per hour, for [`SpotStrategy::WithPriceLimit`].
    pub spot_price_limit: Option<f64>,
    /// Price per hour at launch.
    pub price: f64,
    /// System disk.
    pub system_disk: DiskSpec,
    /// Data disks in order.
    pub data_disks: Vec<DiskSpec>,
    /// Role of the instance, if any.
    pub ram_role: Option<String>,
    /// Key pair, if any.
    pub key_pair: Option<String>,
    /// Resource group, if any.
    pub resource_group_id: Option<String>,
    /// Capacity reservation it sits in, if any.
    pub reservation_id: Option<String>,
    /// Its launch named the reservation.
    #[serde(default)]
    pub reservation_named: bool,
    /// Guarded against release.
    pub deletion_protection: bool,
    /// `optional` or `required` metadata tokens.
    pub http_tokens: String,
    /// `enabled` or `disabled` metadata service.
    pub http_endpoint: String,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// When the recycling of a spot instance was announced.
    pub interrupted_at: Option<DateTime<Utc>>,
    /// When it will be gone, once released or interrupted.
    pub gone_at: Option<DateTime<Utc>>,
    pub(crate) releasing: bool,
    pub(crate) stopped: bool,
}

impl Instance {
    /// Status at `now`.
    pub(crate) fn status_at(&self, now: DateTime<Utc>, timing: &Timing) -> InstanceStatus {
        if self.releasing {
            InstanceStatus::Stopping
        } else if self.stopped {
            InstanceStatus::Stopped
        } else if now < self.created + timing.pending {
            InstanceStatus::Pending
        } else if now < self.created + timing.pending + timing.starting {
            InstanceStatus::Starting
        } else {
            InstanceStatus::Running
        }
    }

    /// The next time after `now` at which status or existence changes by itself.
    pub(crate) fn next_change(&self, now: DateTime<Utc>, timing: &Timing) -> Option<DateTime<Utc>> {
        let started = self.created + timing.pending;
        [Some(started), Some(started + timing.starting), self.gone_at]
            .into_iter()
            .flatten()
            .filter(|at| *at > now)
            .min()
    }
}
