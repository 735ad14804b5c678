//! Behaviour of disruption, one decision at a time.

mod budgets;
mod candidates;
mod commands;
mod costs;
mod empty_nodes;
mod simulations;

use serde_json::{Value, json};

use super::*;
use crate::model::instance_type::{InstanceType, Offering, Overhead, Overlaid};
use crate::model::price::Price;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;
use crate::model::resources::Resources;
use crate::testing::cluster::{World, claim, condition, node, with_conditions};

/// One type sold in zone `z1`, on demand, for 2 an hour.
fn catalog() -> Catalog {
    let mut requirements = Requirements::new();
    requirements.add(Requirement::in_values("topology.kubernetes.io/zone", ["z1"]));
    requirements.add(Requirement::in_values("karpenter.sh/capacity-type", ["on-demand"]));
    let offering = Offering {
        requirements,
        price: Price::per_hour(2.0),
        available: false,
        reservation_capacity: 0,
        capacity_override: None,
        overhead_override: None,
    };
    let instance_type = InstanceType {
        name: "t".into(),
        requirements: Requirements::new(),
        offerings: vec![offering],
        capacity: Resources::default(),
        overhead: Overhead::default(),
        overlaid: Overlaid::default(),
        devices: None,
    };
    Catalog { generation: 1, types: vec![Arc::new(instance_type)].into() }
}

fn input(world: &World, now: Timestamp) -> DisruptionInput {
    let cluster = world.snapshot();
    let names = cluster.pools.values().map(|pool| pool.name.clone());
    let catalogs = names.map(|name| (name, catalog())).collect();
    DisruptionInput { cluster, catalogs, reserved: BTreeSet::new(), now }
}

/// A claim that may be consolidated.
fn quiet_claim(name: &str) -> NodeClaim {
    let quiet = condition("Consolidatable", "True", crate::testing::cluster::at(-60));
    claim(name, with_conditions(&[quiet]))
}

/// A cluster of empty nodes that may be consolidated.
fn with_empty_nodes(world: World, names: &[&str]) -> World {
    names
        .iter()
        .fold(world, |world, name| world.node(node(name, json!({}))).claim(quiet_claim(name)))
}

/// Claims of all commands, in order.
fn taken(commands: &[Command]) -> Vec<String> {
    let candidates = commands.iter().flat_map(|command| &command.candidates);
    candidates.map(|candidate| candidate.claim.name.to_string()).collect()
}

fn annotated(value: &str) -> Value {
    json!({ "metadata": { "annotations": { "karpenter.sh/do-not-disrupt": value } } })
}

fn owned_by(kind: &str) -> Value {
    let version = if kind == "Node" { "v1" } else { "apps/v1" };
    let owner = json!({ "apiVersion": version, "kind": kind, "name": "o", "uid": "u" });
    json!({ "metadata": { "ownerReferences": [owner] } })
}
