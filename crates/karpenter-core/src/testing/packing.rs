//! Inputs that show how well pods are packed: catalogues with smooth and with wild prices, pods of few and of many
//! shapes.
//!
//! Nodes keep 6 % of their memory and 0.1 processors for themselves; four DaemonSets take 0.3 processors and 600 MiB.

use std::sync::Arc;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::instance_types::{catalog, instance_type};
use super::node_pools::node_pool;
use super::pods::{PodBuilder, pod};
use super::scenario::cluster;
use crate::decide::scheduling::input::SchedulingInput;
use crate::model::instance_type::{Catalog, InstanceType};

/// What can be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supply {
    /// Three families (1:2, 1:4 and 1:8 processors to GiB) up to 16 processors, every resource at one price.
    K16,
    /// The same up to 256 processors.
    K256,
    /// Three families of ten sizes, 2 to 96 processors, linear prices per family.
    OnDemand,
    /// Three generations of these, each type at a price of its own, 20 to 65 % of the list price; the number is a seed.
    Spot(u64),
}

/// What has to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// 500 pods of 900m and 3100Mi, 500 of 3500m and 28Gi.
    Basic,
    /// 1000 pods of thirty shapes.
    Wide,
    /// 2000 pods of the scheduling benchmark: five amounts of processor time, six of memory.
    Bench,
    /// 300 pods of 2 processors and 2Gi, 300 of 1 processor and 14Gi.
    Memcpu,
}

impl Supply {
    /// All of them, three seeds of spot prices included.
    pub const ALL: [Self; 6] =
        [Self::K16, Self::K256, Self::OnDemand, Self::Spot(1), Self::Spot(2), Self::Spot(3)];

    /// A short name.
    pub fn name(self) -> String {
        match self {
            Self::K16 => "K16".to_owned(),
            Self::K256 => "K256".to_owned(),
            Self::OnDemand => "OD".to_owned(),
            Self::Spot(seed) => format!("S{seed}"),
        }
    }

    /// The instance types.
    pub fn catalog(self) -> Catalog {
        match self {
            Self::K16 => generic(16),
            Self::K256 => generic(256),
            Self::OnDemand => catalog(families().map(|(family, size)| sold(family, size, 1, 1.0))),
            Self::Spot(seed) => {
                let mut random = ChaCha8Rng::seed_from_u64(seed);
                let each =
                    (1..=3).flat_map(|generation| families().map(move |it| (it, generation)));
                catalog(each.map(|((family, size), generation)| {
                    sold(family, size, generation, random.random_range(0.2..0.65))
                }))
            }
        }
    }
}

impl Workload {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Basic, Self::Wide, Self::Bench, Self::Memcpu];

    /// A short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Wide => "wide",
            Self::Bench => "bench",
            Self::Memcpu => "memcpu",
        }
    }

    /// The pods.
    pub fn pods(self) -> Vec<PodBuilder> {
        let mut pods = vec![];
        let mut add = |n: usize, (milli, mebi): (u32, u32)| {
            for _ in 0..n {
                let name = format!("pod-{}", pods.len());
                pods.push(pod(&name).cpu(&format!("{milli}m")).memory(&format!("{mebi}Mi")));
            }
        };
        match self {
            Self::Basic => {
                add(500, (900, 3100));
                add(500, (3500, 28 * 1024));
            }
            Self::Wide => (0..1000).for_each(|at| add(1, wide(at % 30))),
            Self::Bench => {
                let mut random = ChaCha8Rng::seed_from_u64(42);
                for _ in 0..2000 {
                    let milli = [100, 250, 500, 1000, 1500][random.random_range(..5_usize)];
                    let mebi = [100, 256, 512, 1024, 2048, 4096][random.random_range(..6_usize)];
                    add(1, (milli, mebi));
                }
            }
            Self::Memcpu => {
                add(300, (2000, 2 * 1024));
                add(300, (1000, 14 * 1024));
            }
        }
        pods
    }
}

/// The pods of `workload` and one pool that can buy `supply`.
pub fn packing_input(workload: Workload, supply: Supply) -> SchedulingInput {
    let input = cluster().with_pool(node_pool("default"), supply.catalog());
    let daemon = |at: usize| pod(&format!("daemon-{at}")).cpu("75m").memory("150Mi");
    (0..4).map(daemon).fold(input.with_pods(workload.pods()), SchedulingInput::with_daemon_set)
}

/// Shape number `at` of thirty: 250m to 3750m, 1 to 8 GiB per processor.
fn wide(at: usize) -> (u32, u32) {
    const MILLI: [u32; 6] = [250, 500, 900, 1500, 2400, 3750];
    const MEBI_PER_PROCESSOR: [u32; 5] = [1024, 2048, 3600, 5500, 8192];
    let milli = MILLI[at % 6];
    (milli, MEBI_PER_PROCESSOR[at / 6] * milli / 1000)
}

/// Generic types up to `largest` processors: 0.025 per processor, 0.001 per GiB, sixteen pods per processor.
fn generic(largest: u32) -> Catalog {
    let sizes = [1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256].into_iter();
    let sizes = sizes.filter(move |size| *size <= largest);
    let all = sizes.flat_map(|size| [("c", 2), ("s", 4), ("m", 8)].map(|family| (size, family)));
    catalog(all.map(|(size, (family, ratio))| {
        let price = 0.025 * f64::from(size) + 0.001 * f64::from(ratio * size);
        machine(&format!("{family}-{size}x"), (size, ratio), (16 * size).min(1024), price)
    }))
}

/// Families with their ratio of GiB to processors and price per processor, in all sizes.
fn families() -> impl Iterator<Item = ((&'static str, u32, f64), u32)> {
    let families = [("c", 2, 0.0425), ("g", 4, 0.048), ("r", 8, 0.063)];
    let sizes = [2, 4, 8, 12, 16, 24, 32, 48, 64, 96];
    families.into_iter().flat_map(move |family| sizes.map(|size| (family, size)))
}

fn sold(
    (family, ratio, price): (&str, u32, f64),
    size: u32,
    generation: u32,
    discount: f64,
) -> Arc<InstanceType> {
    let pods = match size {
        0..=2 => 29,
        3..=12 => 58,
        13..=48 => 234,
        _ => 737,
    };
    let name = format!("{family}{generation}.{size}x");
    machine(&name, (size, ratio), pods, price * f64::from(size) * discount)
}

fn machine(name: &str, (size, ratio): (u32, u32), pods: u32, price: f64) -> Arc<InstanceType> {
    let mebi = size * ratio * 1024;
    instance_type(name)
        .cpu(&size.to_string())
        .memory(&format!("{mebi}Mi"))
        .pods(&pods.to_string())
        .reserved("cpu", "100m")
        .reserved("memory", &format!("{}Mi", mebi * 6 / 100))
        .offering("z1", "on-demand", price)
        .build()
}
