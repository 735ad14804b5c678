//! Devices for pods, node by node.

mod cluster_devices;
mod constraints;
mod expressions;
mod in_use;
mod laws;
mod node_devices;
mod shares;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::allocator::{Allocation, Allocator, DeviceInput, View};
use super::ledger::BinId;
use super::problem::DeviceProblem;
use crate::decide::scheduling::input::SchedulingInput;
use crate::model::device_templates::DeviceTemplates;
use crate::model::ids::{NodeName, ObjectKey, Uid};
use crate::model::requirements::Requirements;

/// A node that is planned.
const PLANNED: BinId = BinId::Claim(0);

/// A loop over the devices of a cluster.
struct Loop<'a> {
    allocator: Allocator<'a>,
    /// Devices of the instance types of planned nodes.
    types: &'a [Arc<DeviceTemplates>],
}

/// Devices of instance types.
fn types(all: impl IntoIterator<Item = DeviceTemplates>) -> Vec<Arc<DeviceTemplates>> {
    all.into_iter().map(Arc::new).collect()
}

impl<'a> Loop<'a> {
    fn new(input: &'a SchedulingInput, types: &'a [Arc<DeviceTemplates>]) -> Self {
        Self::with(input, types, [], [])
    }

    fn with(
        input: &'a SchedulingInput,
        types: &'a [Arc<DeviceTemplates>],
        nodes: impl IntoIterator<Item = &'a NodeName>,
        leaving: impl IntoIterator<Item = &'a Uid>,
    ) -> Self {
        let allocator = Allocator::new(DeviceInput {
            claims: &input.devices.claims,
            slices: &input.devices.slices,
            classes: &input.devices.classes,
            nodes: nodes.into_iter().collect::<BTreeSet<_>>(),
            leaving: leaving.into_iter().collect(),
            normalization: &input.normalization,
            well_known: &input.well_known,
        });
        Self { allocator, types }
    }

    /// What the claims of a pod get on a planned node in any place.
    fn planned(&mut self, bin: BinId, claims: &[&str]) -> Result<Allocation, DeviceProblem> {
        self.at((bin, None), &Requirements::new(), claims)
    }

    /// What the claims of a pod get on a node.
    fn at(
        &mut self,
        (bin, node): (BinId, Option<&NodeName>),
        requirements: &Requirements,
        claims: &[&str],
    ) -> Result<Allocation, DeviceProblem> {
        let keys = claims.iter().map(|name| ObjectKey::new("default", *name));
        let claims = self.allocator.claims(keys)?;
        let types = self.types.iter().enumerate();
        let is_published = node.is_some();
        let types: Vec<_> =
            types.map(|(at, it)| (at, self.allocator.kind(Some(it), is_published))).collect();
        let types = if types.is_empty() { vec![(0, 0)] } else { types };
        self.allocator.allocate(View { bin, node, requirements, types: &types }, &claims)
    }

    /// Promises the claims of a pod devices of a planned node, for all types it may still become.
    fn promise(&mut self, bin: BinId, claims: &[&str]) -> Vec<usize> {
        let allocation = self.planned(bin, claims).expect("there are devices");
        self.allocator.commit(bin, &allocation, |at| allocation.types.contains(&at));
        allocation.types
    }
}

fn text<T>(result: Result<T, DeviceProblem>) -> String {
    result.err().map(|why| why.to_string()).expect("there are no devices")
}
