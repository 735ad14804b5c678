//! Inputs for measurements: the catalogue and the pod mixes upstream measures itself with, from a seed.

use std::sync::Arc;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::instance_types::{catalog, instance_type};
use super::node_pools::node_pool;
use super::nodes::state_node;
use super::pod_topology::{near, spread};
use super::pods::{PodBuilder, expression, pod};
use super::scenario::cluster;
use crate::api::labels;
use crate::decide::scheduling::input::SchedulingInput;
use crate::model::instance_type::Catalog;
use crate::model::pod::Pod;
use crate::options::PreferencePolicy;
use crate::state::{Change, SharedParts};

const MILLICPU: [u32; 5] = [100, 250, 500, 1000, 1500];
const VALUES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
const MEBIBYTES: [u32; 6] = [100, 256, 512, 1024, 2048, 4096];

/// `n` instance types: `fake-it-i` has i+1 processors, 2(i+1) Gi and 10(i+1) pods, keeps 100m and 10Mi for itself and
/// costs 0.1 per processor and per GB in five offerings.
///
/// Source: Karpenter behaviour, scheduling benchmark.
pub fn benchmark_catalog(n: u32) -> Catalog {
    catalog((0..n).map(|i| {
        let size = i + 1;
        let price = 0.1 * f64::from(size) + 0.1 * f64::from(size) * 2.0 * 1.073_741_824;
        let it = instance_type(&format!("fake-it-{i}"))
            .cpu(&size.to_string())
            .memory(&format!("{}Gi", 2 * size))
            .pods(&(10 * size).to_string())
            .reserved("cpu", "100m")
            .reserved("memory", "10Mi");
        let it = ["z1", "z2"].iter().fold(it, |it, zone| it.offering(zone, "spot", price));
        let it =
            ["z1", "z2", "z3"].iter().fold(it, |it, zone| it.offering(zone, "on-demand", price));
        it.build()
    }))
}

/// `n_pods` pods without constraints over `n_types` types.
pub fn generic_input(n_pods: usize, n_types: u32, seed: u64) -> SchedulingInput {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut input = empty(n_types);
    input.pods = shared((0..n_pods).map(|i| sized(i, &mut random).build()));
    input
}

/// The pods as the cluster state hands them out: equal parts are one.
fn shared(pods: impl Iterator<Item = Arc<Pod>>) -> Vec<Arc<Pod>> {
    let mut change = Change::Reset(pods.collect());
    SharedParts::default().share(&mut change);
    match change {
        Change::Reset(pods) => pods,
        other => unreachable!("sharing keeps the kind of a change: {other:?}"),
    }
}

/// `n_pods` pods, one fifth each: without constraints; spread over zones; spread over nodes; with pods of their own
/// kind in one zone; away from pods of their own kind.
///
/// Source: Karpenter behaviour, scheduling benchmark.
pub fn diverse_input(n_pods: usize, n_types: u32, seed: u64) -> SchedulingInput {
    let mut input = empty(n_types);
    input.pods = diverse_pods(n_pods, seed);
    input
}

fn diverse_pods(n_pods: usize, seed: u64) -> Vec<Arc<Pod>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut value = || VALUES[random.random_range(..VALUES.len())];
    let kinds: Vec<(&str, &str)> = (0..n_pods).map(|_| (value(), value())).collect();
    let pods = kinds.into_iter().enumerate().map(|(i, (own, other))| {
        let pod = sized(i, &mut random);
        let pod = match i * 5 / n_pods {
            0 => pod.label("my-label", own),
            1 => pod.label("my-label", own).spread(spread(labels::ZONE, 1, &[("my-label", other)])),
            2 => {
                let constraint = spread(labels::HOSTNAME, 1, &[("my-label", other)]);
                pod.label("my-label", own).spread(constraint)
            }
            3 => {
                let affinity = [("my-affinity", own)];
                pod.label("my-affinity", own).near(near(labels::ZONE, &affinity))
            }
            _ => apart(pod),
        };
        pod.build()
    });
    shared(pods)
}

/// `n_pods` pods of the diverse mix over `n_pools` pools of different weight, each of which sells all `n_types` types.
pub fn pools_input(n_pools: u32, n_pods: usize, n_types: u32, seed: u64) -> SchedulingInput {
    let types = benchmark_catalog(n_types);
    let pools = (0..n_pools).map(|i| {
        let weight = i32::try_from(i % 100).unwrap_or_default();
        node_pool(&format!("pool-{i}")).weight(weight).label("team", &format!("team-{}", i % 5))
    });
    let mut input = pools.fold(cluster(), |input, pool| input.with_pool(pool, types.clone()));
    input.pods = diverse_pods(n_pods, seed);
    input
}

/// `n_pods` pods of thirty sizes that no pool can take, for they want a zone that is nowhere.
pub fn hopeless_input(n_pods: usize, n_types: u32, seed: u64) -> SchedulingInput {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut input = empty(n_types);
    let pods = (0..n_pods).map(|i| sized(i, &mut random).select(labels::ZONE, "nowhere").build());
    input.pods = shared(pods);
    input
}

/// `n_pods` pods of the diverse mix next to `n_nodes` nodes of 16 processors in three zones, with fifteen pods on each
/// that leave most of them little room.
pub fn large_cluster_input(
    n_pods: usize,
    n_nodes: usize,
    n_types: u32,
    seed: u64,
) -> SchedulingInput {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut input = empty(n_types);
    for i in 0..n_nodes {
        let zone = ["z1", "z2", "z3"][i % 3];
        let node = state_node(&format!("node-{i}")).managed("default").label(labels::ZONE, zone);
        let node = node.capacity("cpu", "16").capacity("memory", "32Gi");
        let node = (0..15).fold(node, |node, at| {
            let cpu = 1000 + 10 * random.random_range(..8_u32);
            let bound = pod(&format!("bound-{i}-{at}")).cpu(&format!("{cpu}m")).memory("1Gi");
            node.bind(bound.label("my-label", VALUES[at % VALUES.len()]).build())
        });
        input = input.with_node(node);
    }
    input.pods = diverse_pods(n_pods, seed);
    input
}

/// `n_pods` pods that keep away from each other by host name: each needs a node of its own.
pub fn anti_affinity_input(n_pods: usize, n_types: u32, seed: u64) -> SchedulingInput {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut input = empty(n_types);
    input.pods = shared((0..n_pods).map(|i| apart(sized(i, &mut random)).build()));
    input
}

/// `n_pods` equal pods that prefer a zone, to be alone in their zone, which is impossible, and alone on their node.
///
/// Source: Karpenter behaviour, scheduling benchmark.
pub fn preferences_input(n_pods: usize, n_types: u32, policy: PreferencePolicy) -> SchedulingInput {
    let mut input = empty(n_types);
    input.options.preference_policy = policy;
    let own = [("app", "nginx")];
    let pods = (0..n_pods).map(|i| {
        let pod = pod(&format!("pod-{i}")).cpu("1").memory("512Mi").label("app", "nginx");
        let pod = pod.prefer(1, [expression(labels::ZONE, "In", ["z1"])]);
        let pod = pod.rather_apart(10, near(labels::ZONE, &own));
        pod.rather_apart(1, near(labels::HOSTNAME, &own)).build()
    });
    input.pods = shared(pods);
    input
}

fn apart(pod: PodBuilder) -> PodBuilder {
    let own = [("app", "nginx")];
    pod.label("app", "nginx").apart(near(labels::HOSTNAME, &own))
}

fn empty(n_types: u32) -> SchedulingInput {
    let pool = node_pool("default").limit("cpu", "100000000").limit("memory", "100000000Gi");
    cluster().with_pool(pool, benchmark_catalog(n_types))
}

fn sized(i: usize, random: &mut ChaCha8Rng) -> PodBuilder {
    let cpu = MILLICPU[random.random_range(..MILLICPU.len())];
    let memory = MEBIBYTES[random.random_range(..MEBIBYTES.len())];
    pod(&format!("pod-{i}")).cpu(&format!("{cpu}m")).memory(&format!("{memory}Mi"))
}
