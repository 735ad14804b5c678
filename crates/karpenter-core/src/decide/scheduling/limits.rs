//! What a NodePool's limits leave for new nodes.

use std::rc::Rc;

use fixedbitset::FixedBitSet;

use crate::model::instance_type::InstanceType;
use crate::model::quantity::Quantity;
use crate::model::resources::{ResourceName, Resources};
use std::sync::Arc;

/// Remaining amounts of one pool; a resource without limit is absent.
#[derive(Debug)]
pub(super) struct Remaining {
    left: Vec<Limit>,
    /// Grows with every debit; equal versions leave the same types.
    version: u64,
    allowed: Option<Rc<FixedBitSet>>,
}

#[derive(Debug)]
struct Limit {
    name: ResourceName,
    left: Quantity,
    /// Capacity of every type of the catalogue; `nodes` is no resource of a type and counts as zero.
    capacity: Vec<Quantity>,
}

/// Why limits leave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exhausted {
    /// The limit on the number of nodes is used up exactly.
    Nodes,
    /// Every instance type exceeds some limit.
    AllTypes,
}

impl Remaining {
    /// `limits` less the capacity of the pool's nodes.
    pub(super) fn new<'a>(
        limits: Option<&Resources>,
        used: impl Iterator<Item = &'a Resources>,
        types: &[Arc<InstanceType>],
    ) -> Self {
        let mut left = limits.cloned().unwrap_or_default();
        for capacity in used {
            left = left.subtract(capacity);
        }
        let limit = |(name, left): (&ResourceName, Quantity)| Limit {
            name: name.clone(),
            left,
            capacity: types.iter().map(|it| it.capacity.get_or_zero(name.as_str())).collect(),
        };
        Self { left: left.iter().map(limit).collect(), version: 0, allowed: None }
    }

    /// Changes whenever less is left.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// The members of `types` whose capacity exceeds no limit.
    ///
    /// # Errors
    /// [`Exhausted`] when there is none.
    pub(super) fn allowed(&mut self, types: &FixedBitSet) -> Result<Rc<FixedBitSet>, Exhausted> {
        let no_node = |limit: &Limit| limit.name == ResourceName::nodes() && limit.left.is_zero();
        if self.left.iter().any(no_node) {
            return Err(Exhausted::Nodes);
        }
        let allowed = match &self.allowed {
            Some(allowed) => allowed.clone(),
            None => {
                let fits =
                    |at: usize| self.left.iter().all(|limit| limit.capacity[at] <= limit.left);
                let mut allowed = FixedBitSet::with_capacity(types.len());
                allowed.extend(types.ones().filter(|at| fits(*at)));
                self.allowed.insert(Rc::new(allowed)).clone()
            }
        };
        if allowed.is_clear() { Err(Exhausted::AllTypes) } else { Ok(allowed) }
    }

    /// What is left now, to be given back by [`restore`](Self::restore).
    pub(super) fn amounts(&self) -> Vec<Quantity> {
        self.left.iter().map(|limit| limit.left).collect()
    }

    /// Makes `amounts` what is left. The version grows, for what was learned since may not hold any more.
    pub(super) fn restore(&mut self, amounts: &[Quantity]) {
        for (limit, amount) in self.left.iter_mut().zip(amounts) {
            limit.left = *amount;
        }
        self.version += 1;
        self.allowed = None;
    }

    /// Takes off one node and, of every other limited resource, the most any of `types` has.
    ///
    /// Source: Karpenter behaviour, limits. Differs: nodes are counted too.
    pub(super) fn debit(&mut self, types: &FixedBitSet) {
        if self.left.is_empty() {
            return;
        }
        for limit in &mut self.left {
            let most = types.ones().map(|at| limit.capacity[at]).max().unwrap_or_default();
            let is_nodes = limit.name == ResourceName::nodes();
            limit.left -= if is_nodes { Quantity::from_units(1) } else { most };
        }
        self.version += 1;
        self.allowed = None;
    }
}
