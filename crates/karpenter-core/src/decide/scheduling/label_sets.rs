//! The labels of nodes as requirement sets of a solve, as far as anybody speaks of them.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::base::label_table::{Columns, Signature};
use super::base::{Base, ObjectFacts, Slot};
use super::world::{SetId, World};
use crate::api::labels;
use crate::model::requirement::Requirement;

/// Reads labels; nodes that say the same of what is spoken of are read once.
pub(super) struct LabelSets<'b> {
    base: &'b Base,
    columns: Columns<'b>,
    /// Somebody speaks of host names.
    has_hosts: bool,
    known: FxHashMap<(Signature, Option<usize>), SetId>,
}

impl<'b> LabelSets<'b> {
    /// The labels of `base` as far as they are among `keys`.
    pub(super) fn new(base: &'b Base, keys: &BTreeSet<String>) -> Self {
        Self {
            base,
            columns: base.labels.columns(keys.iter().map(String::as_str)),
            has_hosts: keys.contains(labels::HOSTNAME),
            known: FxHashMap::default(),
        }
    }

    /// The labels of a node; the host name is that of the label, else the name.
    pub(super) fn of_node(&mut self, node: &Slot, world: &mut World<'_>) -> SetId {
        self.read(node.row, self.has_hosts.then_some(node.host), world)
    }

    /// The labels of a Node object.
    pub(super) fn of_object(&mut self, object: ObjectFacts, world: &mut World<'_>) -> SetId {
        self.read(object.row, None, world)
    }

    fn read(&mut self, row: usize, host: Option<usize>, world: &mut World<'_>) -> SetId {
        let Self { base, columns, known, .. } = self;
        *known.entry((columns.signature(row), host)).or_insert_with(|| {
            let mut labels = columns.requirements(row);
            if let Some(host) = host {
                let name = base.hosts.get(host).clone();
                labels.add(Requirement::in_values(labels::HOSTNAME, [name]));
            }
            world.read(&labels)
        })
    }
}
