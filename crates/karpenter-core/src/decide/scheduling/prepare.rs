//! What a solve has to know before the first pod is tried: domains of topology groups and who runs in them.

use std::collections::BTreeMap;

use super::base::Base;
use super::draft::Draft;
use super::existing_node::NodeReader;
use super::input::{PoolSupply, SchedulingInput};
use super::label_sets::LabelSets;
use super::solve::Solver;
use super::topology::{CountedNodes, Registry, Topology, offered};
use rustc_hash::FxHashSet;

use crate::model::ids::{NodeName, Uid};
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;

/// Notes required anti-affinity of pods that run on a node that is known.
pub(super) fn add_owners(registry: &mut Registry<'_>, input: &SchedulingInput) {
    let mut running = input.bound.repelling().peekable();
    if running.peek().is_none() {
        return;
    }
    let nodes: FxHashSet<&NodeName> = CountedNodes::objects(input).map(|node| &node.name).collect();
    let planned = input.pods.iter().chain(&input.reschedule).chain(&input.displaced);
    let planned: FxHashSet<&Uid> = planned.map(|pod| &pod.uid).collect();
    for pod in running {
        let is_known = pod.node_name.as_ref().is_some_and(|node| nodes.contains(node));
        if is_known && !planned.contains(&pod.uid) {
            registry.add_owner(pod);
        }
    }
}

/// Tells the world which values of which labels topology has to tell apart.
pub(super) fn announce(
    registry: &Registry<'_>,
    base: &Base,
    templates: &[(&PoolSupply, Requirements)],
    draft: &mut Draft<'_>,
) {
    for key in registry.keys() {
        draft.look_at(&key);
        for (supply, requirements) in templates {
            let listed = supply.catalog.types.digest().statements(&key).iter();
            for value in offered(&key, requirements, listed.map(|said| &said.requirement)) {
                draft.tell_apart(&key, &value);
            }
        }
        for value in base.said_of(&key).into_iter().flat_map(Requirement::values) {
            draft.tell_apart(&key, value);
        }
    }
}

impl Solver<'_> {
    /// The groups of `registry`, with the pods that run and stay.
    pub(super) fn census(
        &mut self,
        registry: &mut Registry<'_>,
        supplies: &[&PoolSupply],
        reader: &NodeReader<'_, '_>,
    ) -> Topology {
        if registry.is_empty() {
            return Topology::default();
        }
        let mut domains = BTreeMap::new();
        for key in registry.keys() {
            let of_supply = |supply: &&PoolSupply| {
                let template = self.templates.iter().find(|t| std::ptr::eq(t.supply, *supply));
                template.map_or_else(Default::default, |template| {
                    let index = &self.indexes[template.index];
                    let is_used = |at: &usize| template.types.contains(*at);
                    let listed = index.types().digest().statements(&key).iter();
                    let listed = listed.filter(|said| said.members.iter().any(is_used));
                    let listed = listed.map(|said| &said.requirement);
                    offered(&key, self.world.get(template.set), listed)
                })
            };
            let of_supplies = supplies.iter().map(of_supply).collect();
            domains.insert(key, of_supplies);
        }
        let base = reader.base;
        let mut sets = LabelSets::new(base, reader.keys);
        let sets = base.objects().map(|object| sets.of_object(object, &mut self.world)).collect();
        let counted = CountedNodes { base, input: self.input, sets, offered: domains };
        Topology::count(registry, &counted, &self.nodes, &self.world)
    }
}
