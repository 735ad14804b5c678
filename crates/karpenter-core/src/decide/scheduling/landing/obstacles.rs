//! What is the matter with one bin: the tests of the search, one after the other.

use super::Obstacle;
use crate::decide::scheduling::existing_node::ExistingNode;
use crate::decide::scheduling::host_ports;
use crate::decide::scheduling::open_claim::{Ask, Refused};
use crate::decide::scheduling::solve::Solver;
use crate::decide::scheduling::topology::{Asker, Bonds, HostId, HostVerdict, Topology};
use crate::decide::scheduling::universe::Universe;
use crate::decide::scheduling::volumes;
use crate::decide::scheduling::world::{Meeting, Reading, SetId, World};
use crate::model::ids::LabelKey;

impl Solver<'_> {
    /// Why the existing node number `at` does not take pods of the class; `None` when it does.
    pub(super) fn node_obstacle(
        &mut self,
        (class, level): (usize, usize),
        at: usize,
    ) -> Option<Obstacle> {
        let Self { nodes, classes, world, universe, topology, .. } = self;
        let class = &classes.all[class];
        let shape = &classes.shapes[class.shape];
        let (node, ask) = (&nodes.all[at], class.ask(shape, level));
        if !shape.levels[level].tolerates(&nodes.taints[node.taints]) {
            return Some(Obstacle::Taint);
        }
        let base = match join((node.set, Reading::Node), ask.set, world) {
            Ok(base) => base,
            Err(obstacle) => return Some(obstacle),
        };
        room(node, ask, universe).or_else(|| {
            let bin = (base, Reading::Node, topology.host_of_node(at));
            others(shape.asker(level), bin, (topology, world))
        })
    }

    /// Why the planned node number `at` does not take pods of the class; `None` when it does.
    pub(super) fn claim_obstacle(
        &mut self,
        (class, level): (usize, usize),
        at: usize,
    ) -> Option<Obstacle> {
        let Self { claims, classes, world, topology, templates, indexes, reservations, .. } = self;
        let class = &classes.all[class];
        let shape = &classes.shapes[class.shape];
        let (claim, ask, asker) = (&claims[at], class.ask(shape, level), shape.asker(level));
        let template = &templates[claim.template];
        if !shape.levels[level].tolerates(&template.supply.pool.template.taints) {
            return Some(Obstacle::Taint);
        }
        let base = match join((claim.set, Reading::Claim), ask.set, world) {
            Ok(base) => base,
            Err(obstacle) => return Some(obstacle),
        };
        if host_ports::conflict(ask.ports, &claim.ports) {
            return Some(Obstacle::HostPort);
        }
        let bin = (base, Reading::Claim, topology.host_of_claim(at));
        if let Some(obstacle) = others(asker, bin, (topology, world)) {
            return Some(obstacle);
        }
        let (sets, _) = topology.reachable(asker, (base, Reading::Claim), false, world);
        let tables = (&mut indexes[template.index], &*world, reservations);
        match claim.try_become(&sets, ask, template, tables) {
            Ok(_) => None,
            Err(Refused::Deferred) => Some(Obstacle::Reserved),
            Err(Refused::ForNow | Refused::ForGood) => Some(Obstacle::InstanceTypes),
        }
    }
}

/// What a bin with `have` becomes with the labels of `asked`.
///
/// # Errors
/// The first label it cannot take on.
fn join(
    (have, reading): (SetId, Reading),
    asked: SetId,
    world: &mut World<'_>,
) -> Result<SetId, Obstacle> {
    if let Meeting::Joined(set) = world.meet(have, asked, reading) {
        return Ok(set);
    }
    let requirements = world.get(asked).clone();
    let mut is_refused = |key: &LabelKey| {
        let one = requirements.get(key.as_str()).into_iter().cloned().collect();
        let one = world.read(&one);
        !matches!(world.meet(have, one, reading), Meeting::Joined(_))
    };
    let mut keys = requirements.keys().cloned();
    let refused = keys.find(&mut is_refused).expect("invariant: sets are refused by some label");
    Err(Obstacle::Label(refused))
}

/// What of `ask` a node has no room for.
fn room(node: &ExistingNode<'_>, ask: Ask<'_>, universe: &Universe) -> Option<Obstacle> {
    let Some(left) = &node.remaining else { return Some(Obstacle::Overfull) };
    let short = left.iter().zip(ask.amounts).position(|(left, wanted)| left < wanted);
    if let Some(resource) = short {
        return Some(Obstacle::Resource(universe.name(resource).clone()));
    }
    if host_ports::conflict(ask.ports, &node.ports) {
        return Some(Obstacle::HostPort);
    }
    let has_room = volumes::has_room(node.volumes.as_deref(), ask.volumes);
    (!has_room).then_some(Obstacle::VolumeLimit)
}

/// Whether volumes or other pods keep the pod off a bin that has become `base`.
fn others(
    asker: Asker<'_>,
    (base, reading, host): (SetId, Reading, HostId),
    (topology, world): (&Topology, &mut World<'_>),
) -> Option<Obstacle> {
    let lonely = Bonds::default();
    let alone = Asker { bonds: &lonely, ..asker };
    if topology.reachable(alone, (base, reading), false, world).0.is_empty() {
        return Some(Obstacle::VolumeZone);
    }
    let is_refused = topology.on_host(asker, host, world) != HostVerdict::Yes
        || topology.reachable(asker, (base, reading), false, world).0.is_empty();
    is_refused.then_some(Obstacle::Topology)
}
