//! What a NodePool's limits leave for new nodes.

use std::cmp::Reverse;
use std::rc::Rc;
use std::sync::Arc;

use fixedbitset::FixedBitSet;

use crate::model::instance_type::InstanceType;
use crate::model::quantity::Quantity;
use crate::model::resources::{ResourceName, Resources};

/// Remaining amounts of one pool; a resource without limit is absent.
#[derive(Debug)]
pub(super) struct Remaining {
    left: Vec<Limit>,
    /// Grows with every change; equal versions leave the same types.
    version: u64,
    allowed: Option<Rc<FixedBitSet>>,
}

#[derive(Debug)]
struct Limit {
    name: ResourceName,
    left: Quantity,
    /// Capacity of every type of the catalogue; `nodes` is no resource of a type and counts as zero.
    capacity: Vec<Quantity>,
    /// The types, those with the most of it first.
    by_size: Vec<usize>,
}

impl Limit {
    fn new(name: &ResourceName, left: Quantity, types: &[Arc<InstanceType>]) -> Self {
        let capacity: Vec<Quantity> =
            types.iter().map(|it| it.capacity.get_or_zero(name.as_str())).collect();
        let mut by_size: Vec<usize> = (0..types.len()).collect();
        by_size.sort_by_key(|at| Reverse(capacity[*at]));
        Self { name: name.clone(), left, capacity, by_size }
    }

    /// The most that any of `types` has; nothing when there is none.
    fn most(&self, types: &FixedBitSet) -> Quantity {
        let first = self.by_size.iter().find(|at| types.contains(**at));
        first.map(|at| self.capacity[*at]).unwrap_or_default()
    }

    /// Whether any type whatever stays within the limit.
    fn is_wide(&self) -> bool {
        self.by_size.first().is_none_or(|at| self.capacity[*at] <= self.left)
    }
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
        let left = left.iter().map(|(name, left)| Limit::new(name, left, types));
        Self { left: left.collect(), version: 0, allowed: None }
    }

    /// Changes whenever what is left changes.
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
            let most = limit.most(types);
            let is_nodes = limit.name == ResourceName::nodes();
            limit.left -= if is_nodes { Quantity::from_units(1) } else { most };
        }
        self.version += 1;
        // What is wide now was wide before, so nothing was left out and nothing is.
        if !self.left.iter().all(Limit::is_wide) {
            self.allowed = None;
        }
    }

    /// A claim that was charged for `before` is charged for `after` instead: gives back what the largest type of the one
    /// has more than that of the other. The same the other way round takes it back.
    pub(super) fn recharge(&mut self, before: &FixedBitSet, after: &FixedBitSet) {
        let mut is_changed = false;
        for limit in &mut self.left {
            let refund = limit.most(before) - limit.most(after);
            is_changed |= !refund.is_zero();
            limit.left += refund;
        }
        if is_changed {
            self.version += 1;
            self.allowed = None;
        }
    }
}
