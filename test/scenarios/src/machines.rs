//! Instances of the cloud boot, read their user data and join the cluster; when they go, their kubelets go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use fake_cloud::{Architecture, FakeCloud, Instance, InstanceType};
use kube_lite::actors::{Kubelets, Machine};
use parking_lot::Mutex;

use crate::join_script::JoinScript;

/// How often the cloud is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What machines do wrong on purpose.
#[derive(Debug, Clone, Default)]
pub struct Mishaps {
    /// Machines that boot but never join, by instance type; all when it contains `*`.
    pub never_join: Vec<String>,
    /// Instances that never join, by id.
    pub lost: Vec<String>,
}

/// How machines behave.
#[derive(Debug, Clone)]
pub struct Boot {
    /// From a running instance to its Node object.
    pub join_after: Duration,
    /// From the Node object to a ready node.
    pub ready_after: Duration,
}

impl Default for Boot {
    fn default() -> Self {
        Self { join_after: Duration::from_secs(20), ready_after: Duration::from_secs(10) }
    }
}

/// Keeps machines in step with instances, for ever.
pub async fn run(
    cloud: FakeCloud,
    region: String,
    kubelets: Kubelets,
    boot: Boot,
    mishaps: Arc<Mutex<Mishaps>>,
) {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    let mut booted: BTreeMap<String, tokio::time::Instant> = BTreeMap::new();
    loop {
        let running = cloud.running();
        for id in &running {
            if joined.contains_key(id) {
                continue;
            }
            let Some(instance) = cloud.instance(id) else { continue };
            if stays_away(&instance, &mishaps.lock()) {
                continue;
            }
            let since = *booted.entry(id.clone()).or_insert_with(moment);
            if since.elapsed() < boot.join_after {
                continue;
            }
            let types = cloud.instance_types();
            let Some(machine) = machine(&instance, &types, &region, &boot) else { continue };
            let name = machine.node_name.clone();
            if kubelets.join(machine).await.is_err() {
                return;
            }
            joined.insert(id.clone(), name);
        }
        let running: BTreeSet<_> = running.into_iter().collect();
        let gone: Vec<_> = joined.keys().filter(|id| !running.contains(*id)).cloned().collect();
        for id in gone {
            booted.remove(&id);
            let left = joined.remove(&id).unwrap_or_default();
            if kubelets.leave(&left).await.is_err() {
                return;
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "virtual time of the world itself")]
fn moment() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

fn stays_away(instance: &Instance, mishaps: &Mishaps) -> bool {
    mishaps.never_join.iter().any(|kind| kind == "*" || *kind == instance.instance_type)
        || mishaps.lost.contains(&instance.id)
}

/// The machine an instance becomes; `None` when its user data does not join it to a cluster.
fn machine(
    instance: &Instance,
    types: &[InstanceType],
    region: &str,
    boot: &Boot,
) -> Option<Machine> {
    let script = JoinScript::read(&instance.user_data)?;
    let of = types.iter().find(|of| of.id == instance.instance_type)?;
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
        ("node.kubernetes.io/instance-type", &instance.instance_type),
        ("topology.kubernetes.io/zone", &instance.zone),
        ("topology.kubernetes.io/region", region),
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
        capacity: quantities(u64::from(of.vcpu) * 1000, memory_mib(of), disk_gib(instance), pods),
        allocatable: quantities(
            u64::from(of.vcpu) * 1000 - reserved_cpu_milli(of.vcpu),
            memory_mib(of) - (11 * pods + 255).min(memory_mib(of) / 4) - 300,
            disk_gib(instance) * 9 / 10 - 1,
            pods,
        ),
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

fn disk_gib(instance: &Instance) -> u64 {
    u64::from(instance.system_disk.size_gib)
}

/// ACK's reservation of processors. Source: ACK documentation, resource reservation policy.
fn reserved_cpu_milli(vcpu: u32) -> u64 {
    let cores = u64::from(vcpu);
    let steps = [(1, 60), (2, 10), (3, 5), (4, 5)];
    let first: u64 = steps.iter().filter(|(from, _)| cores >= *from).map(|(_, add)| add).sum();
    first + cores.saturating_sub(4) * 25 / 10
}
