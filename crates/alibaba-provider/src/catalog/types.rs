//! Which rows of the type catalogue are offered, and the labels of an instance type.

use alibaba_sdk::ecs::InstanceType as Row;
use karpenter_core::api::labels as core;
use karpenter_core::model::requirement::Requirement;
use karpenter_core::model::requirements::Requirements;

use crate::api::labels;
use crate::cluster::Network;

/// Families that need more than a kubelet to be of use: GPU slices, FPGA, transcoding.
const EXOTIC_FAMILIES: [&str; 4] = ["ecs.vgn", "ecs.sgn", "ecs.f", "ecs.video"];

/// Fewest pod addresses a type must have for shared interfaces.
const MIN_SHARED_ADDRESSES: u32 = 11;
/// Fewest pod interfaces a type must have for exclusive interfaces.
const MIN_EXCLUSIVE_INTERFACES: u32 = 6;

/// The parts of a type name such as `ecs.gn7i-c8g1.2xlarge`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeName<'a> {
    /// Leading letters of the family token: `gn`.
    pub category: &'a str,
    /// First number after them: `7`.
    pub generation: Option<&'a str>,
    /// What follows the second dot: `2xlarge`.
    pub size: &'a str,
}

impl<'a> TypeName<'a> {
    /// Takes `name` apart; `None` when it has not three parts.
    pub fn parse(name: &'a str) -> Option<Self> {
        let mut parts = name.splitn(3, '.');
        let (_, family, size) = (parts.next()?, parts.next()?, parts.next()?);
        let category_end =
            family.find(|c: char| c.is_ascii_digit() || c == '-').unwrap_or(family.len());
        let (category, rest) = family.split_at(category_end);
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let generation = Some(&rest[..digits]).filter(|digits| !digits.is_empty());
        (!category.is_empty() && !size.is_empty()).then_some(Self { category, generation, size })
    }

    /// Whether the type is a whole server.
    pub fn is_bare_metal(&self) -> bool {
        self.category.starts_with("ebm") || self.category.starts_with("scc")
    }
}

/// Value of `kubernetes.io/arch` for a row; `None` for architectures we do not know.
pub fn arch(row: &Row) -> Option<&'static str> {
    match row.cpu_architecture.as_str() {
        "X86" => Some("amd64"),
        "ARM" => Some("arm64"),
        _ => None,
    }
}

/// Whether nodes can be made of this type on this network.
///
/// Source: Alibaba action DescribeInstanceTypes; ACK, types usable with Terway.
pub fn is_offered(row: &Row, network: Network, exotic: bool) -> bool {
    let is_complete = row.cpu_core_count > 0
        && row.memory_size > 0.0
        && arch(row).is_some()
        && TypeName::parse(&row.instance_type_id).is_some();
    let is_exotic = EXOTIC_FAMILIES.iter().any(|family| is_of(&row.instance_type_family, family));
    is_complete && (exotic || !is_exotic) && suits(row, network)
}

/// Whether `family` is `prefix` followed by a generation or a suffix, so that `ecs.f` is not `ecs.fn…`.
fn is_of(family: &str, prefix: &str) -> bool {
    family.strip_prefix(prefix).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphabetic()))
}

fn suits(row: &Row, network: Network) -> bool {
    let for_pods = row.eni_quantity.saturating_sub(1);
    match network {
        Network::TerwayShared => {
            for_pods * row.eni_private_ip_address_quantity >= MIN_SHARED_ADDRESSES
        }
        Network::TerwayExclusive => for_pods >= MIN_EXCLUSIVE_INTERFACES,
        Network::Flannel { .. } | Network::Unknown => true,
    }
}

/// What the labels of a node of this type are; zone and capacity type come with the offerings.
///
/// Every label of ours has an entry: `DoesNotExist` where the row does not say.
pub fn requirements(row: &Row, region: &str) -> Requirements {
    let mut all: Requirements =
        labels::OF_INSTANCE_TYPES.into_iter().map(Requirement::does_not_exist).collect();
    all.add(Requirement::does_not_exist(core::WINDOWS_BUILD));
    for (key, value) in values(row) {
        all.replace(Requirement::in_values(key, [value]));
    }
    all.replace(Requirement::in_values(core::REGION, [region]));
    all
}

fn values(row: &Row) -> Vec<(&'static str, String)> {
    let mut values = vec![
        (core::INSTANCE_TYPE, row.instance_type_id.clone()),
        (core::OS, "linux".to_owned()),
        (labels::INSTANCE_CPU, row.cpu_core_count.to_string()),
        (labels::INSTANCE_MEMORY, mib(row.memory_size).to_string()),
    ];
    let texts = [
        (core::ARCH, arch(row).map(str::to_owned)),
        (labels::INSTANCE_FAMILY, non_empty(&row.instance_type_family)),
        (labels::INSTANCE_FAMILY_LEVEL, non_empty(&row.instance_family_level)),
        (labels::INSTANCE_CPU_MANUFACTURER, cpu_manufacturer(row).map(str::to_owned)),
    ];
    let numbers = [
        (labels::INSTANCE_ENI_COUNT, u64::from(row.eni_quantity)),
        (labels::INSTANCE_NETWORK_BANDWIDTH, row.instance_bandwidth_rx / 1000),
        (
            labels::INSTANCE_LOCAL_DISK,
            row.local_storage_capacity * u64::from(row.local_storage_amount),
        ),
    ];
    values.extend(texts.into_iter().filter_map(|(key, value)| Some((key, value?))));
    values.extend(numbers.into_iter().filter(|(_, n)| *n > 0).map(|(k, n)| (k, n.to_string())));
    values.extend(of_name(row));
    values.extend(of_gpu(row));
    values
}

fn of_name(row: &Row) -> Vec<(&'static str, String)> {
    let Some(name) = TypeName::parse(&row.instance_type_id) else { return vec![] };
    let parts = [
        (labels::INSTANCE_CATEGORY, Some(name.category)),
        (labels::INSTANCE_GENERATION, name.generation),
        (labels::INSTANCE_SIZE, Some(name.size)),
        (labels::INSTANCE_HYPERVISOR, name.is_bare_metal().then_some("baremetal")),
    ];
    parts.into_iter().filter_map(|(key, value)| Some((key, value?.to_owned()))).collect()
}

fn of_gpu(row: &Row) -> Vec<(&'static str, String)> {
    if row.gpu_amount == 0 || row.gpu_spec.is_empty() {
        return vec![];
    }
    let spec = row.gpu_spec.to_lowercase();
    let name = spec.replace([' ', '/', '*'], "-");
    let mut values = vec![
        (labels::INSTANCE_GPU_COUNT, row.gpu_amount.to_string()),
        (labels::INSTANCE_GPU_NAME, name),
    ];
    values.extend(gpu_manufacturer(row).map(|maker| (labels::INSTANCE_GPU_MANUFACTURER, maker)));
    if row.gpu_memory_size > 0.0 {
        values.push((labels::INSTANCE_GPU_MEMORY, mib(row.gpu_memory_size).to_string()));
    }
    values
}

/// First word of the GPU's name, lower case; `None` without GPU.
pub fn gpu_manufacturer(row: &Row) -> Option<String> {
    let word = row.gpu_spec.split_whitespace().next()?;
    (row.gpu_amount > 0).then(|| word.to_lowercase())
}

fn cpu_manufacturer(row: &Row) -> Option<&'static str> {
    let model = row.physical_processor_model.as_str();
    match row.cpu_architecture.as_str() {
        "ARM" => Some("arm"),
        _ if model.contains("Hygon") => Some("hygon"),
        _ if model.contains("AMD") => Some("amd"),
        _ if model.contains("Intel") => Some("intel"),
        _ => None,
    }
}

/// Whole MiB of an amount in GiB; amounts beyond all machines saturate.
#[expect(clippy::cast_possible_truncation, reason = "float to integer saturates")]
pub fn mib(gib: f64) -> i64 {
    (gib * 1024.0).round() as i64
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
