//! Bins for pods that claim devices: the same search, with devices looked for on every bin.
//!
//! # Flow
//!
//! 1. A [`Desk`] is set up when some pod has claims and they are not ignored. Claims that no node could meet refuse their
//!    pods by name (`classify`).
//! 2. An existing node is asked for devices last, with all that other pods made of it. A planned node is asked before
//!    topology chooses a domain, for its devices may bind it to one.
//! 3. Instance types without enough devices are given up; what is left has to do for the rest of the pod's needs too.
//! 4. `journal` promises the devices when the pod is put there. A planned node that gives up types later gives back what
//!    only they would have used.
//!
//! # Guarantees
//!
//! Pods without claims pay one look at their class. Preferences are not given up for the sake of devices that were not
//! found in a bounded search.
//!
//! Source: Karpenter behaviour, dynamic resource allocation. Differs: instance types that the pod cannot use anyway do
//! not bind a node to where their devices are; a search that takes too long refuses its pod, whatever bin it was for.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use super::input::SchedulingInput;
use super::solve::Place;
use super::template::Template;
use crate::api::labels;
use crate::decide::devices::{
    Allocation, Allocator, BinId, ClaimId, DeviceInput, DeviceProblem, KindId, Ledger, View,
};
use crate::model::ids::{NodeName, ObjectKey};
use crate::model::pod::Pod;
use crate::model::requirements::Requirements;
use crate::state::StateNode;

mod bins;
mod refusals;

pub(super) use refusals::refusals;

/// A bin that takes a pod, and the devices it gets there.
pub(super) type Found = (Place, Option<Box<Allocation>>);

/// Devices of one solve.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    allocator: Allocator<'a>,
    input: &'a SchedulingInput,
    /// Kinds of devices of existing nodes, by the number of the node.
    of_nodes: FxHashMap<usize, KindId>,
    /// Kinds of devices of instance types, by the number of the index.
    of_indexes: FxHashMap<usize, Rc<[KindId]>>,
    /// Classes for which looking for devices took too long.
    given_up: BTreeMap<usize, DeviceProblem>,
}

impl<'a> Desk<'a> {
    /// The desk of a solve; `None` when there is nothing to do.
    pub(super) fn open<'p>(
        input: &'a SchedulingInput,
        pods: impl IntoIterator<Item = &'p Pod>,
    ) -> Option<Self> {
        let is_needed = !input.options.ignore_dra_requests
            && pods.into_iter().any(|pod| !pod.resource_claims.is_empty());
        if !is_needed {
            return None;
        }
        let initialized = input.nodes.iter().filter(|node| node.is_initialized());
        let names: BTreeSet<&NodeName> =
            initialized.filter_map(|node| Some(&node.node.as_ref()?.name)).collect();
        let bound = input.leaving.iter().flat_map(|node| node.usage.pods.values());
        let leaving = input.reschedule.iter().chain(&input.displaced).chain(bound);
        let leaving = leaving.map(|pod| &pod.uid);
        let allocator = Allocator::new(DeviceInput {
            claims: &input.devices.claims,
            slices: &input.devices.slices,
            classes: &input.devices.classes,
            nodes: names,
            leaving: leaving.collect(),
            normalization: &input.normalization,
            well_known: &input.well_known,
        });
        let (of_nodes, of_indexes) = (FxHashMap::default(), FxHashMap::default());
        Some(Self { allocator, input, of_nodes, of_indexes, given_up: BTreeMap::new() })
    }

    /// The claims of `pod`; `None` when it has none.
    ///
    /// # Errors
    /// The first that no node could meet.
    pub(super) fn claims(&mut self, pod: &Pod) -> Result<Option<Rc<[ClaimId]>>, DeviceProblem> {
        if pod.resource_claims.is_empty() {
            return Ok(None);
        }
        let key = |name: &Arc<str>| ObjectKey::new(pod.key.namespace.clone(), name.clone());
        let claims = self.allocator.claims(pod.resource_claims.iter().map(key))?;
        Ok(Some(claims.into()))
    }

    /// What devices of the claims named so far may ask of a node.
    pub(super) fn asked(&self) -> Vec<Requirements> {
        self.allocator.asked()
    }

    /// All promises; cheap to keep.
    pub(super) fn ledger(&self) -> &Ledger {
        self.allocator.ledger()
    }

    /// Goes back to the promises of `ledger`.
    pub(super) fn restore(&mut self, ledger: Ledger) {
        self.allocator.restore(ledger);
        self.given_up.clear();
    }

    /// Planned nodes get new numbers: the one that comes first is that called `kept[0]` so far. Others have no devices.
    pub(super) fn renumber(&mut self, kept: &[usize]) {
        let ledger = self.allocator.ledger().renumbered(kept);
        self.allocator.restore(ledger);
    }

    /// Drivers whose devices the planned node number `claim` comes with.
    pub(super) fn drivers(&self, claim: usize) -> BTreeSet<Arc<str>> {
        self.allocator.drivers(BinId::Claim(claim))
    }

    /// Notes that a bin takes a pod, with the devices it gets there.
    pub(super) fn promise(
        &mut self,
        place: &Place,
        n_claims: usize,
        allocation: Option<&Allocation>,
    ) {
        let (bin, types) = match place {
            Place::Node(at, _) => (BinId::Node(*at), None),
            Place::Claim(at, delta) => (BinId::Claim(*at), Some(&delta.types)),
            Place::NewClaim(claim) => (BinId::Claim(n_claims), Some(&claim.types)),
        };
        let is_kept = |at: usize| types.is_none_or(|types| types.contains(at));
        match allocation {
            Some(allocation) => self.allocator.commit(bin, allocation, is_kept),
            None => self.allocator.retain(bin, is_kept),
        }
    }

    /// Why devices for pods of the class are not looked for any more.
    pub(super) fn given_up(&self, class: usize) -> Option<&DeviceProblem> {
        self.given_up.get(&class)
    }

    /// Devices for the claims of a class on one bin; nothing is promised yet. A search that took too long is not begun
    /// again.
    fn look(
        &mut self,
        (class, claims): (usize, &[ClaimId]),
        view: View<'_>,
    ) -> Result<Allocation, DeviceProblem> {
        if let Some(problem) = self.given_up.get(&class) {
            return Err(problem.clone());
        }
        let found = self.allocator.allocate(view, claims);
        if let Err(problem) = &found
            && problem.is_final()
        {
            self.given_up.insert(class, problem.clone());
        }
        found
    }

    /// What devices come with an existing node, or are bound to each other there.
    fn kind_of_node(&mut self, at: usize, node: &'a StateNode) -> KindId {
        let Self { allocator, input, of_nodes, .. } = self;
        *of_nodes.entry(at).or_insert_with(|| {
            let pool = node.pool();
            let supply = input.pools.iter().find(|supply| Some(&supply.pool.name) == pool.as_ref());
            let it = supply.zip(node.label(labels::INSTANCE_TYPE));
            let it = it.and_then(|(supply, name)| supply.catalog.get(name));
            allocator.kind(it.and_then(|it| it.devices.as_ref()), node.is_initialized())
        })
    }

    /// Members of `types` with what devices come with them.
    fn kinds(&mut self, template: &Template<'a>, types: &FixedBitSet) -> Vec<(usize, KindId)> {
        let Self { allocator, of_indexes, .. } = self;
        let kinds = of_indexes.entry(template.index).or_insert_with(|| {
            let types = template.supply.catalog.types.iter();
            types.map(|it| allocator.kind(it.devices.as_ref(), false)).collect()
        });
        types.ones().map(|at| (at, kinds[at])).collect()
    }
}
