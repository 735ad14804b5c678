//! What a machine of an instance type tells the cluster of itself.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use fake_cloud::{Architecture, InstanceType};
use kube_lite::actors::Machine;

use super::Boot;
use crate::join_script::JoinScript;
use crate::manifests::{DISK_DRIVER, DISK_ZONE};

/// How many cloud disks a machine can have.
const MAX_DISKS: u32 = 15;

/// An instance that has booted.
#[derive(Debug, Clone)]
pub struct Booted {
    /// Instance id.
    pub id: String,
    /// Its type.
    pub of: InstanceType,
    /// Zone.
    pub zone: String,
    /// Primary private address, which names the node.
    pub private_ip: Ipv4Addr,
    /// User data, base64.
    pub user_data: String,
    /// Size of the system disk, GiB.
    pub disk_gib: u64,
}

/// The machine an instance becomes; `None` when its user data does not join it to a cluster.
pub(super) fn machine(instance: &Booted, region: &str, boot: &Boot) -> Option<Machine> {
    let script = JoinScript::read(&instance.user_data)?;
    let of = &instance.of;
    let name = format!("{region}.{}", instance.private_ip);
    let pods = script.max_pods.unwrap_or(110);
    let mut labels = script.labels;
    let arch = match of.architecture {
        Architecture::X86 => "amd64",
        Architecture::Arm => "arm64",
    };
    for (key, value) in [
        ("kubernetes.io/hostname", name.as_str()),
        ("kubernetes.io/arch", arch),
        ("kubernetes.io/os", "linux"),
        ("node.kubernetes.io/instance-type", &of.id),
        ("topology.kubernetes.io/zone", &instance.zone),
        ("topology.kubernetes.io/region", region),
        (DISK_ZONE, &instance.zone),
    ] {
        labels.insert(key.to_owned(), value.to_owned());
    }
    let not_ready = ("node.kubernetes.io/not-ready".into(), "".into(), "NoSchedule".into());
    let mut taints = script.taints;
    taints.push(not_ready);
    Some(Machine {
        node_name: name,
        provider_id: format!("{region}.{}", instance.id),
        labels,
        taints,
        capacity: quantities(u64::from(of.vcpu) * 1000, memory_mib(of), instance.disk_gib, pods),
        allocatable: quantities(
            u64::from(of.vcpu) * 1000 - reserved_cpu_milli(of.vcpu),
            memory_mib(of) - (11 * pods + 255).min(memory_mib(of) / 4) - 300,
            instance.disk_gib * 9 / 10 - 1,
            pods,
        ),
        csi_drivers: BTreeMap::from([(DISK_DRIVER.to_owned(), MAX_DISKS)]),
        ready_after: boot.ready_after,
        ..Machine::default()
    })
}

fn quantities(
    cpu_milli: u64,
    memory_mib: u64,
    disk_gib: u64,
    pods: u64,
) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("cpu".to_owned(), format!("{cpu_milli}m")),
        ("memory".to_owned(), format!("{memory_mib}Mi")),
        ("ephemeral-storage".to_owned(), format!("{disk_gib}Gi")),
        ("pods".to_owned(), pods.to_string()),
    ])
}

/// What the kernel sees: the hypervisor keeps about five per cent.
fn memory_mib(of: &InstanceType) -> u64 {
    let nominal = of.memory_gib * 1024.0 * 0.95;
    // Catalogue sizes are far below 2^52 MiB.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
    let whole = nominal as u64;
    whole
}

/// ACK's reservation of processors. Source: ACK documentation, resource reservation policy.
fn reserved_cpu_milli(vcpu: u32) -> u64 {
    let cores = u64::from(vcpu);
    let steps = [(1, 60), (2, 10), (3, 5), (4, 5)];
    let first: u64 = steps.iter().filter(|(from, _)| cores >= *from).map(|(_, add)| add).sum();
    first + cores.saturating_sub(4) * 25 / 10
}
