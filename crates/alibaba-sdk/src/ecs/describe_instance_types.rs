//! DescribeInstanceTypes: one page of the type catalogue.

use serde::{Deserialize, Serialize};

use crate::{action::rpc_action, lenient};

/// Selects types; the endpoint's region decides which exist, so no `RegionId` is sent.
///
/// Source: Alibaba action DescribeInstanceTypes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeInstanceTypes {
    /// At most 10 type names; all types when empty.
    pub instance_types: Vec<String>,
    /// At most 10 families.
    pub instance_type_families: Vec<String>,
    /// `X86`, `ARM`.
    pub cpu_architectures: Vec<String>,
    /// Ask for 100: the service's own default has changed over time.
    pub max_results: Option<u32>,
    /// Token of the page; none for the first.
    pub next_token: Option<String>,
}

/// One page of types.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeInstanceTypesResponse {
    /// Id of the call.
    pub request_id: String,
    /// Types in service order.
    #[serde(deserialize_with = "lenient::list")]
    pub instance_types: Vec<InstanceType>,
    /// Token of the next page; empty at the end.
    pub next_token: String,
}

/// One instance type.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct InstanceType {
    /// E.g. `ecs.g7.large`.
    pub instance_type_id: String,
    /// E.g. `ecs.g7`.
    pub instance_type_family: String,
    /// `EntryLevel`, `EnterpriseLevel` or `CreditEntryLevel`.
    pub instance_family_level: String,
    /// E.g. `General-purpose`.
    pub instance_category: String,
    /// `X86` or `ARM`.
    pub cpu_architecture: String,
    /// vCPUs.
    #[serde(deserialize_with = "lenient::number")]
    pub cpu_core_count: u32,
    /// GiB.
    #[serde(deserialize_with = "lenient::number")]
    pub memory_size: f64,
    /// E.g. `Intel Xeon(Ice Lake) Platinum 8369B`.
    pub physical_processor_model: String,
    /// Base clock, GHz.
    #[serde(deserialize_with = "lenient::number")]
    pub cpu_speed_frequency: f64,
    /// Turbo clock, GHz; 0 when unknown.
    #[serde(deserialize_with = "lenient::number")]
    pub cpu_turbo_frequency: f64,
    /// Network interfaces, the primary included.
    #[serde(deserialize_with = "lenient::number")]
    pub eni_quantity: u32,
    /// Network interfaces including trunked members.
    #[serde(deserialize_with = "lenient::number")]
    pub eni_total_quantity: u32,
    /// Whether interfaces can be trunked.
    #[serde(deserialize_with = "lenient::boolean")]
    pub eni_trunk_supported: bool,
    /// Private IPv4 addresses per interface.
    #[serde(deserialize_with = "lenient::number")]
    pub eni_private_ip_address_quantity: u32,
    /// IPv6 addresses per interface.
    #[serde(deserialize_with = "lenient::number")]
    pub eni_ipv6_address_quantity: u32,
    /// RDMA interfaces.
    #[serde(deserialize_with = "lenient::number")]
    pub eri_quantity: u32,
    /// GPUs.
    #[serde(rename = "GPUAmount", deserialize_with = "lenient::number")]
    pub gpu_amount: u32,
    /// E.g. `NVIDIA T4`.
    #[serde(rename = "GPUSpec")]
    pub gpu_spec: String,
    /// GiB.
    #[serde(rename = "GPUMemorySize", deserialize_with = "lenient::number")]
    pub gpu_memory_size: f64,
    /// Local disks.
    #[serde(deserialize_with = "lenient::number")]
    pub local_storage_amount: u32,
    /// GiB per local disk.
    #[serde(deserialize_with = "lenient::number")]
    pub local_storage_capacity: u64,
    /// `local_ssd_pro` or `local_hdd_pro`; empty without local disks.
    pub local_storage_category: String,
    /// Cloud disks that can be attached, the system disk included.
    #[serde(deserialize_with = "lenient::number")]
    pub disk_quantity: u32,
    /// Kbit/s.
    #[serde(deserialize_with = "lenient::number")]
    pub instance_bandwidth_rx: u64,
    /// Kbit/s.
    #[serde(deserialize_with = "lenient::number")]
    pub instance_bandwidth_tx: u64,
    /// `required`, `supported` or `unsupported`.
    pub nvme_support: String,
    /// CPU credits per hour of burstable types; 0 for others.
    #[serde(deserialize_with = "lenient::number")]
    pub baseline_credit: u32,
    /// Network cards.
    #[serde(deserialize_with = "lenient::number")]
    pub network_card_quantity: u32,
}

rpc_action!(DescribeInstanceTypes => DescribeInstanceTypesResponse, Ecs, "DescribeInstanceTypes", {
    const REGIONAL: bool = false;
});
