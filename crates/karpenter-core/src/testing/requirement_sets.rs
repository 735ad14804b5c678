//! Requirement sets as a cluster has them, for measurements of the algebra.

use crate::api::labels;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;

/// Sets by who has them.
#[derive(Debug, Clone)]
pub struct RequirementSets {
    /// Instance types: fifteen labels each, with zones and capacity types.
    pub instance_types: Vec<Requirements>,
    /// Pools: eight to ten labels each.
    pub pools: Vec<Requirements>,
    /// Pods: up to four labels each.
    pub pods: Vec<Requirements>,
}

impl RequirementSets {
    /// The usual mixture over `n_types` instance types. Always the same.
    pub fn new(n_types: usize) -> Self {
        Self {
            instance_types: (0..n_types).map(instance_type).collect(),
            pools: (0..POOL_CATEGORIES.len()).map(pool).collect(),
            pods: pods(),
        }
    }
}

const PREFIX: &str = "example.com/instance";
const ZONES: [&str; 4] = ["z-a", "z-b", "z-c", "z-d"];
const FAMILIES: [&str; 10] = ["c5", "c6", "c7", "c8", "g6", "g7", "g8", "r6", "r7", "r8"];
const SIZES: [i64; 8] = [2, 4, 8, 16, 24, 32, 64, 104];
const POOL_CATEGORIES: [&[&str]; 4] = [&["c", "g", "r"], &["c"], &["g", "r"], &["r"]];

fn key(name: &str) -> String {
    format!("{PREFIX}-{name}")
}

fn one_of(key: impl AsRef<str>, values: &[&str]) -> Requirement {
    Requirement::in_values(key.as_ref(), values.iter().copied())
}

fn instance_type(n: usize) -> Requirements {
    let family = FAMILIES[n % FAMILIES.len()];
    let cpu = SIZES[n / FAMILIES.len() % SIZES.len()];
    let (category, generation) = family.split_at(1);
    let ratio = match category {
        "c" => 2,
        "g" => 4,
        _ => 8,
    };
    let text = |n: i64| n.to_string();
    let numbers = [
        ("cpu", cpu),
        ("memory", cpu * ratio * 1024),
        ("network-bandwidth", cpu * 500),
        ("pods", 3 * cpu + 10),
    ];
    let words = [
        (labels::INSTANCE_TYPE.to_owned(), format!("ecs.{family}.{cpu}-{n}")),
        (labels::ARCH.to_owned(), if n.is_multiple_of(9) { "arm64" } else { "amd64" }.to_owned()),
        (labels::OS.to_owned(), "linux".to_owned()),
        (labels::REGION.to_owned(), "r-1".to_owned()),
        (key("category"), category.to_owned()),
        (key("family"), family.to_owned()),
        (key("generation"), generation.to_owned()),
        (key("cpu-manufacturer"), if n.is_multiple_of(3) { "amd" } else { "intel" }.to_owned()),
        (key("local-disk"), "0".to_owned()),
    ];
    let words = words.into_iter().map(|(key, value)| one_of(key, &[&value]));
    let numbers = numbers.map(|(name, n)| one_of(key(name), &[&text(n)]));
    let sold = [
        one_of(labels::ZONE, &ZONES[n % 3..]),
        one_of(labels::CAPACITY_TYPE, &["on-demand", "spot"]),
    ];
    words.chain(numbers).chain(sold).collect()
}

fn pool(n: usize) -> Requirements {
    let name = format!("pool-{n}");
    let mut set = Requirements::from_iter([
        one_of(labels::NODEPOOL, &[&name]),
        one_of("example.com/nodeclass", &["default"]),
        one_of("team", &["a", "b", "c"]),
        one_of(labels::OS, &["linux"]),
        one_of(labels::ARCH, &["amd64", "arm64"]),
        one_of(
            labels::CAPACITY_TYPE,
            if n.is_multiple_of(2) { &["on-demand", "spot"] } else { &["spot"] },
        ),
        one_of(key("category"), POOL_CATEGORIES[n]),
        Requirement::greater_than(key("generation"), 5),
        Requirement::at_least(key("cpu"), 4).intersection(&Requirement::at_most(key("cpu"), 64)),
    ]);
    if n % 2 == 1 {
        set.add(one_of(labels::ZONE, &ZONES[..3]));
    }
    set
}

fn pods() -> Vec<Requirements> {
    let zone = |zone| one_of(labels::ZONE, &[zone]);
    let mut sets = vec![
        Requirements::new(),
        Requirements::from_iter([Requirement::greater_than(key("cpu"), 8)]),
        Requirements::from_iter([Requirement::not_in_values(key("family"), ["c6", "g6", "r6"])]),
        Requirements::from_iter([Requirement::does_not_exist("example.com/gpu")]),
    ];
    for (n, name) in ZONES.into_iter().enumerate() {
        let team = ["a", "b", "d"][n % 3];
        sets.push(Requirements::from_iter([zone(name), one_of("team", &[team])]));
        sets.push(Requirements::from_iter([
            zone(name),
            one_of(labels::CAPACITY_TYPE, &["spot"]),
            one_of(labels::ARCH, &["amd64"]),
            Requirement::less_than(key("cpu"), 33),
        ]));
        sets.push(Requirements::from_iter([
            one_of(key("family"), &FAMILIES[n..n + 4]),
            Requirement::at_least(key("memory"), 16 * 1024),
            Requirement::exists("team"),
        ]));
    }
    sets
}
