//! What a NodePool can make: the requirements of its claims, the types it may use and what DaemonSets take of them.

use std::borrow::Cow;

use fixedbitset::FixedBitSet;

use super::base::Base;
use super::daemon_overhead::{self, Daemon, NewNode, OverheadGroup};
use super::host_ports;
use super::index::TypeIndex;
use super::input::PoolSupply;
use super::limits::Remaining;
use super::min_values::{self, Shortfall};
use super::report::UnusableReason;
use super::universe::{Amounts, Universe, add};
use super::world::{SetId, World, is_empty_range};
use crate::api::labels;
use crate::api::v1::conditions::{ConditionStatus, HasConditions};
use crate::api::v1::nodepool::NodePool as PoolObject;
use crate::model::label_rules::LabelNormalization;
use crate::model::node_pool::NodePool;
use crate::model::pod::HostPort;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;
use crate::options::MinValuesPolicy;

/// Stands for the host name of a node that does not exist yet.
pub(super) const HOSTNAME_PLACEHOLDER: &str = "hostname-placeholder";

/// Most bytes of a condition's message told to pods, so that their event still has room for the pool's name.
const MESSAGE_LIMIT: usize = 360;

/// Keys that are true of every new node sooner or later; they exist while planning only, so that DaemonSets that
/// wait for them are counted.
pub(super) const PLANNING_ONLY: [&str; 3] =
    [labels::REGISTERED, labels::INITIALIZED, labels::HOSTNAME];

/// A NodePool that can make nodes.
#[derive(Debug)]
pub(super) struct Template<'a> {
    /// The pool with its supply.
    pub(super) supply: &'a PoolSupply,
    /// Which of the solve's indexes holds its instance types.
    pub(super) index: usize,
    /// What every claim of it asks for.
    pub(super) set: SetId,
    /// Types that meet the set and have an offering in stock.
    pub(super) types: FixedBitSet,
    /// The types by DaemonSets; every type is in one group.
    pub(super) groups: Vec<OverheadGroup>,
    /// What its limits leave.
    pub(super) remaining: Remaining,
    /// Types by how well they are worth their price, each set within the next; empty when claims grow as they like.
    pub(super) guard: Vec<FixedBitSet>,
}

/// What pods bring to a new node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load<'l> {
    /// What all pods ask for together.
    pub(super) total: &'l [i128],
    /// Ports the newcomer takes.
    pub(super) ports: &'l [HostPort],
}

impl<'a> Template<'a> {
    /// The template of a pool without daemon overhead.
    ///
    /// # Errors
    /// Why no instance type can be used.
    pub(super) fn new(
        supply: &'a PoolSupply,
        (at, index): (usize, &mut TypeIndex),
        (set, world): (SetId, &World<'_>),
        rules: Rules<'_>,
    ) -> Result<Self, UnusableReason> {
        if index.types().is_empty() {
            return Err(UnusableReason::NoInstanceTypes);
        }
        if world.get(set).iter().any(is_empty_range) {
            return Err(UnusableReason::FilteredOut);
        }
        let row = index.row(set, world);
        let mut types = FixedBitSet::with_capacity(index.types().len());
        let all = index.all();
        index.keep(&row, &rules.universe.zero(), [&all, &all], &mut types);
        if types.is_clear() {
            return Err(UnusableReason::FilteredOut);
        }
        let is_strict = rules.min_values == MinValuesPolicy::Strict;
        let members = types.ones().map(|at| &*index.types()[at]);
        if is_strict && !min_values::shortfalls(members, world.get(set)).is_empty() {
            return Err(UnusableReason::MinValues);
        }
        let limits = supply.pool.limits.as_ref();
        let used = limits.map(|_| rules.base.capacity_of(&supply.pool.name));
        let remaining = Remaining::new(limits, used.iter(), index.types());
        Ok(Self { supply, index: at, set, types, groups: vec![], remaining, guard: vec![] })
    }

    /// Works out what DaemonSets take.
    pub(super) fn count_daemons(
        &mut self,
        daemons: &[Daemon<'_>],
        index: &mut TypeIndex,
        world: &World<'_>,
        universe: &Universe,
    ) {
        let node = NewNode { labels: self.set, taints: &self.supply.pool.template.taints, world };
        self.groups = daemon_overhead::groups(daemons, node, (index, &self.types), universe);
    }

    /// The members of `among` that meet `set` and have room for `load` besides their DaemonSets; maybe none.
    pub(super) fn keep(
        &self,
        set: SetId,
        load: Load<'_>,
        among: &FixedBitSet,
        (index, world): (&mut TypeIndex, &World<'_>),
    ) -> FixedBitSet {
        let row = index.row(set, world);
        let mut kept = FixedBitSet::with_capacity(among.len());
        for group in &self.groups {
            if host_ports::conflict(load.ports, &group.ports) {
                continue;
            }
            if group.overhead.is_none() {
                index.keep(&row, load.total, [among, &group.types], &mut kept);
            } else {
                let total = group.with_overhead(load.total);
                index.keep(&row, &total, [among, &group.types], &mut kept);
            }
        }
        kept
    }

    /// Whether some member of `among` has room for `load` besides its DaemonSets, requirements apart.
    pub(super) fn has_room(&self, load: Load<'_>, among: &FixedBitSet, index: &TypeIndex) -> bool {
        self.groups.iter().any(|group| {
            let mut members = group.types.clone();
            members.intersect_with(among);
            !host_ports::conflict(load.ports, &group.ports)
                && index.has_room(&group.with_overhead(load.total), &members)
        })
    }

    /// Whether the guard lets a claim go from one set of types to the next: it keeps one of the best it had.
    pub(super) fn lets_grow(&self, before: &FixedBitSet, after: &FixedBitSet) -> bool {
        let best = self.guard.iter().find(|types| !types.is_disjoint(before));
        best.is_none_or(|types| !types.is_disjoint(after))
    }

    /// Keys of `set` whose minimum of values `types` do not reach.
    pub(super) fn shortfalls(
        types: &FixedBitSet,
        set: SetId,
        (index, world): (&TypeIndex, &World<'_>),
    ) -> Vec<Shortfall> {
        if !world.has_min_values(set) {
            return vec![];
        }
        min_values::shortfalls(types.ones().map(|at| &*index.types()[at]), world.get(set))
    }
}

impl OverheadGroup {
    /// `total` and the overhead of the group.
    pub(super) fn with_overhead(&self, total: &[i128]) -> Amounts {
        let mut sum = total.to_vec();
        add(&mut sum, &self.amounts);
        sum
    }
}

/// What making a template depends on besides its pool.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'r> {
    /// What becomes of unmet minimums.
    pub(super) min_values: MinValuesPolicy,
    /// Nodes, which count against limits.
    pub(super) base: &'r Base,
    /// Resources of the solve.
    pub(super) universe: &'r Universe,
}

/// What every claim of `pool` asks for: its requirements, its labels, and what holds of every new node.
pub(super) fn requirements(pool: &NodePool, normalization: &LabelNormalization) -> Requirements {
    let template = &pool.template;
    let class = &template.node_class;
    let class_label = labels::node_class_label(&class.group, &class.kind);
    let own = [
        (labels::NODEPOOL, pool.name.as_str()),
        (class_label.as_str(), &*class.name),
        (labels::REGISTERED, "true"),
        (labels::INITIALIZED, "true"),
    ];
    // The pool's name and class win over labels of the same key that a user wrote.
    let written = template.labels.iter().map(|(key, value)| (&**key, &**value));
    let written = written.filter(|(key, _)| own.iter().all(|(own, _)| own != key));
    let mut result = template.requirements.clone();
    result.extend(Requirements::from_labels(written.chain(own), normalization).iter().cloned());
    result.add(Requirement::in_values(labels::HOSTNAME, [HOSTNAME_PLACEHOLDER]));
    result
}

/// Whether pods can be placed by `pool` at all.
pub(super) fn is_usable(supply: &PoolSupply) -> bool {
    supply.pool.is_dynamic_and_usable()
}

/// Why a pool that is not usable is not.
pub(super) fn why_unusable(pool: &NodePool) -> UnusableReason {
    if pool.deleted_at.is_some() {
        return UnusableReason::Deleting;
    }
    if pool.replicas.is_some() {
        return UnusableReason::Static;
    }
    let broken = pool.object.conditions().iter().filter(|condition| {
        let is_part = PoolObject::TYPES.dependents.contains(&&*condition.r#type);
        is_part && condition.status != ConditionStatus::True
    });
    let texts: Vec<String> = broken
        .map(|c| {
            let message = shortened(&c.message);
            format!("{}={} ({}: {message})", c.r#type, c.status.as_str(), c.reason)
        })
        .collect();
    UnusableReason::NotReady(if texts.is_empty() {
        "it has not been evaluated yet".to_owned()
    } else {
        texts.join(", ")
    })
}

/// The first [`MESSAGE_LIMIT`] bytes of `message`.
fn shortened(message: &str) -> Cow<'_, str> {
    if message.len() <= MESSAGE_LIMIT {
        return Cow::Borrowed(message);
    }
    let end = (0..=MESSAGE_LIMIT).rev().find(|end| message.is_char_boundary(*end));
    Cow::Owned(format!("{}...", &message[..end.unwrap_or_default()]))
}

/// Pools in the order they are tried: heaviest first, then by name, last first.
pub(super) fn by_weight(supplies: &[PoolSupply]) -> Vec<&PoolSupply> {
    let mut sorted: Vec<&PoolSupply> = supplies.iter().collect();
    sorted.sort_by(|a, b| {
        let (a, b) = (&a.pool, &b.pool);
        b.weight.cmp(&a.weight).then_with(|| b.name.cmp(&a.name))
    });
    sorted
}

/// Indexes of the catalogues of `supplies`, one per distinct catalogue, and which one each pool uses.
pub(super) fn indexes(
    supplies: &[&PoolSupply],
    universe: &Universe,
    world: &mut World<'_>,
) -> (Vec<TypeIndex>, Vec<usize>) {
    let mut indexes: Vec<TypeIndex> = vec![];
    let mut used = vec![];
    for supply in supplies {
        let types = &supply.catalog.types;
        let known = indexes.iter().position(|index| index.types().is_same(types));
        used.push(known.unwrap_or_else(|| {
            indexes.push(TypeIndex::new(types.clone(), universe, world));
            indexes.len() - 1
        }));
    }
    (indexes, used)
}
