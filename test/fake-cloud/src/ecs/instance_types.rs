//! DescribeInstanceTypes.

use serde_json::{Value, json};

use super::page::{PageLimits, by_token};
use crate::{
    Architecture, FamilyLevel, InstanceType, action::Call, error::ApiError, http::respond::Reply,
};

/// The catalogue by type id, at most 100 rows per page as since the notice of 2023.
///
/// Source: Alibaba action DescribeInstanceTypes.
pub(crate) fn describe_instance_types(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    params.raw("RegionId");
    let ids = params.list("InstanceTypes")?;
    let families = params.list("InstanceTypeFamilies")?;
    let architectures = params.list("CpuArchitectures")?;
    if ids.len() > 10 {
        return Err(ApiError::invalid("InstanceTypes"));
    }
    let one_of =
        |wanted: &[String], have: &str| wanted.is_empty() || wanted.iter().any(|w| w == have);
    let rows: Vec<&InstanceType> = call
        .world
        .types
        .values()
        .filter(|t| one_of(&ids, &t.id) && one_of(&families, t.family()))
        .filter(|t| one_of(&architectures, architecture(t.architecture)))
        .collect();
    let limits = PageLimits { min: 1, max: 100, default: 100 };
    let (page, next) = by_token(params, limits, rows, |t| t.id.clone())?;
    let rows: Vec<Value> = page.into_iter().map(render).collect();
    Ok(json!({"InstanceTypes": {"InstanceType": rows}, "NextToken": next}).into())
}

fn architecture(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86 => "X86",
        Architecture::Arm => "ARM",
    }
}

fn level(level: FamilyLevel) -> &'static str {
    match level {
        FamilyLevel::Enterprise => "EnterpriseLevel",
        FamilyLevel::Entry => "EntryLevel",
        FamilyLevel::CreditEntry => "CreditEntryLevel",
    }
}

fn render(t: &InstanceType) -> Value {
    let trunking = t.level == FamilyLevel::Enterprise && t.vcpu >= 4;
    let local_disks = u32::from(t.local_ssd_gib > 0);
    let mut row = json!({
        "InstanceTypeId": t.id,
        "InstanceTypeFamily": t.family(),
        "InstanceFamilyLevel": level(t.level),
        "InstanceCategory": category(t),
        "CpuArchitecture": architecture(t.architecture),
        "CpuCoreCount": t.vcpu,
        "MemorySize": t.memory_gib,
        "PhysicalProcessorModel": processor(t),
        "CpuSpeedFrequency": 2.7,
        "CpuTurboFrequency": 3.5,
        "EniQuantity": t.eni,
        "EniTotalQuantity": if trunking { 4 * t.eni } else { t.eni },
        "EniTrunkSupported": trunking,
        "EniPrivateIpAddressQuantity": t.ipv4_per_eni,
        "EniIpv6AddressQuantity": t.ipv4_per_eni,
        "EriQuantity": 0,
        "GPUAmount": t.gpu.as_ref().map_or(0, |g| g.amount),
        "GPUSpec": t.gpu.as_ref().map_or("", |g| g.spec.as_str()),
        "GPUMemorySize": t.gpu.as_ref().map_or(0.0, |g| g.memory_gib),
        "DiskQuantity": 17,
        "InstanceBandwidthRx": 1_024_000 * t.vcpu.max(2),
        "InstanceBandwidthTx": 1_024_000 * t.vcpu.max(2),
        "InstancePpsRx": 300_000,
        "InstancePpsTx": 300_000,
        "NvmeSupport": if local_disks > 0 { "supported" } else { "unsupported" },
        "SupportedBootModes": {"SupportedBootMode": ["BIOS", "UEFI"]},
    });
    if local_disks > 0 {
        row["LocalStorageAmount"] = local_disks.into();
        row["LocalStorageCapacity"] = t.local_ssd_gib.into();
        row["LocalStorageCategory"] = "local_ssd_pro".into();
    }
    row
}

fn category(t: &InstanceType) -> &'static str {
    match t.family().trim_start_matches("ecs.") {
        f if f.starts_with("ebm") => "ECS Bare Metal",
        f if f.starts_with("gn") => "GPU and Other Accelerated Computing",
        f if f.starts_with('c') => "Compute-optimized",
        f if f.starts_with('r') => "Memory-optimized",
        f if f.starts_with('i') => "Local SSDs",
        f if f.starts_with('t') || f.starts_with('e') => "Shared",
        _ => "General-purpose",
    }
}

fn processor(t: &InstanceType) -> &'static str {
    let family = t.family();
    if t.architecture == Architecture::Arm {
        "Yitian 710"
    } else if family.ends_with("8a") {
        "AMD Genoa 9T24"
    } else if family.ends_with("8i") {
        "Intel Xeon(Sapphire Rapids) Platinum 8475B"
    } else if family.ends_with('7') {
        "Intel Xeon(Ice Lake) Platinum 8369B"
    } else {
        "Intel Xeon(Cascade Lake) Platinum 8269CY"
    }
}
