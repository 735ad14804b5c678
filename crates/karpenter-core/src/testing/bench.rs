//! Inputs for measurements: the catalogue and the pod mixes upstream measures itself with, from a seed.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::instance_types::{catalog, instance_type};
use super::node_pools::node_pool;
use super::pods::{PodBuilder, expression, pod};
use super::scenario::cluster;
use crate::api::labels;
use crate::decide::scheduling::input::SchedulingInput;
use crate::model::instance_type::Catalog;

const MILLICPU: [u32; 5] = [100, 250, 500, 1000, 1500];
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
    input.pods = (0..n_pods).map(|i| sized(i, &mut random).build()).collect();
    input
}

/// `n_pods` pods, one fifth each: without constraints; in one of three zones; on spot or on demand; with an alternative
/// nobody offers before one that works; with a preference nobody can meet.
pub fn diverse_input(n_pods: usize, n_types: u32, seed: u64) -> SchedulingInput {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut input = empty(n_types);
    input.pods = (0..n_pods)
        .map(|i| {
            let pod = sized(i, &mut random);
            let zone = ["z1", "z2", "z3"][random.random_range(..3_usize)];
            let capacity_type = ["spot", "on-demand"][random.random_range(..2_usize)];
            let pod = match i % 5 {
                0 => pod,
                1 => pod.zone(zone),
                2 => pod.select(labels::CAPACITY_TYPE, capacity_type),
                3 => pod
                    .require([expression(labels::ZONE, "In", ["nowhere"])])
                    .require([expression(labels::ZONE, "NotIn", [zone])]),
                _ => pod
                    .prefer(50, [expression(labels::ARCH, "In", ["s390x"])])
                    .prefer(10, [expression(labels::CAPACITY_TYPE, "In", [capacity_type])]),
            };
            pod.build()
        })
        .collect();
    input
}

fn empty(n_types: u32) -> SchedulingInput {
    let pool = node_pool("default").limit("cpu", "10000000").limit("memory", "10000000Gi");
    cluster().with_pool(pool, benchmark_catalog(n_types))
}

fn sized(i: usize, random: &mut ChaCha8Rng) -> PodBuilder {
    let cpu = MILLICPU[random.random_range(..MILLICPU.len())];
    let memory = MEBIBYTES[random.random_range(..MEBIBYTES.len())];
    pod(&format!("pod-{i}")).cpu(&format!("{cpu}m")).memory(&format!("{memory}Mi"))
}
