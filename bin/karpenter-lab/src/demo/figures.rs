//! Numbers of a story: what ran, what was launched, what it cost, how often the API and the cloud were called.

use std::collections::{BTreeMap, BTreeSet};

use fake_cloud::{FakeCloud, Instance, InstanceStatus, SpotStrategy};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use scenarios::audit::Observation;

/// Collected while the story goes on.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Uids of pods that were seen running.
    ran: BTreeSet<String>,
    /// Names of nodes that were seen.
    nodes: BTreeSet<String>,
    /// Names of claims that were seen.
    claims: BTreeSet<String>,
    /// Price per hour of all instances at once, at its highest.
    pub(crate) cost_per_hour_peak: f64,
    /// Instances by type, zone and capacity type when most were there.
    pub(crate) fleet_at_peak: Fleet,
}

/// Number of instances and their price per hour, by (type, zone, capacity type).
pub(crate) type Fleet = BTreeMap<(String, String, &'static str), (usize, f64)>;

/// What is new since the last look.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Claims that came.
    pub(crate) claims: usize,
    /// Nodes that came.
    pub(crate) nodes: Vec<String>,
    /// Pods that began to run.
    pub(crate) pods: usize,
}

impl Figures {
    /// Takes in what is to be seen now.
    pub(crate) fn look(&mut self, seen: &Observation, cloud: &FakeCloud) -> News {
        let mut news = News::default();
        for pod in seen.pods.iter().filter(|pod| is_running(pod)) {
            news.pods += usize::from(self.ran.insert(pod.uid().unwrap_or_default()));
        }
        for node in &seen.nodes {
            if self.nodes.insert(node.name_any()) {
                news.nodes.push(node.name_any());
            }
        }
        for claim in &seen.claims {
            news.claims += usize::from(self.claims.insert(claim.name_any()));
        }
        let fleet = fleet(&cloud.instances());
        let cost: f64 = fleet.values().map(|(_, price)| price).sum();
        if cost > self.cost_per_hour_peak {
            self.cost_per_hour_peak = cost;
            self.fleet_at_peak = fleet;
        }
        news
    }

    /// Pods that ran at some time.
    pub(crate) fn n_ran(&self) -> usize {
        self.ran.len()
    }

    /// Nodes that were there at some time.
    pub(crate) fn n_nodes(&self) -> usize {
        self.nodes.len()
    }
}

fn fleet(instances: &[Instance]) -> Fleet {
    let mut fleet = Fleet::new();
    for instance in instances.iter().filter(|instance| is_alive(instance)) {
        let capacity_type = match instance.spot_strategy {
            SpotStrategy::NoSpot => "on-demand",
            SpotStrategy::SpotAsPriceGo | SpotStrategy::SpotWithPriceLimit => "spot",
        };
        let key = (instance.instance_type.clone(), instance.zone.clone(), capacity_type);
        let entry = fleet.entry(key).or_default();
        entry.0 += 1;
        entry.1 += instance.price;
    }
    fleet
}

/// Whether an instance exists and is paid for.
pub(crate) fn is_alive(instance: &Instance) -> bool {
    matches!(
        instance.status,
        InstanceStatus::Pending | InstanceStatus::Starting | InstanceStatus::Running
    )
}

fn is_running(pod: &Pod) -> bool {
    pod.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Running")
}
