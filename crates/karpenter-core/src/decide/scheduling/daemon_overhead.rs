//! What DaemonSets will take of every node: of new ones by instance type, of existing ones by labels and taints.

use fixedbitset::FixedBitSet;

use super::draft::Draft;
use super::index::TypeIndex;
use super::preferences::{Reader, prefer_no_schedule};
use super::universe::{Amounts, Universe};
use super::world::{Reading, SetId, World};
use crate::model::daemon_set::DaemonSet;
use crate::model::pod::{HostPort, UnsupportedConstraint};
use crate::model::resources::Resources;
use crate::model::taints::{Taint, Toleration, is_tolerated};

/// A DaemonSet with its constraints read.
#[derive(Debug)]
pub(super) struct Daemon<'a> {
    model: &'a DaemonSet,
    /// Alternatives of what it asks of labels.
    pub(super) alternatives: Vec<SetId>,
    tolerations: Vec<Toleration>,
}

/// Instance types on which the same DaemonSets run.
#[derive(Debug)]
pub(super) struct OverheadGroup {
    /// The types.
    pub(super) types: FixedBitSet,
    /// What their pods ask for, with their number; `None` without DaemonSets.
    pub(super) overhead: Option<Resources>,
    /// The same as amounts.
    pub(super) amounts: Amounts,
    /// Ports their pods take.
    pub(super) ports: Vec<HostPort>,
}

impl<'a> Daemon<'a> {
    /// Reads `model`; `None` for one that needs devices, which is not planned for.
    pub(super) fn read(
        model: &'a DaemonSet,
        reader: &Reader<'_>,
        draft: &mut Draft<'_>,
    ) -> Option<Self> {
        if model.shape.unsupported.contains(&UnsupportedConstraint::ResourceClaim) {
            return None;
        }
        let mut tolerations = model.shape.tolerations.clone();
        tolerations.push(prefer_no_schedule());
        let alternatives = reader.alternatives(&model.shape);
        let alternatives = alternatives.into_iter().map(|set| draft.say(set)).collect();
        Some(Self { model, alternatives, tolerations })
    }

    /// Whether it runs on a node with these labels and taints.
    pub(super) fn runs_on(&self, labels: SetId, taints: &[Taint], world: &World<'_>) -> bool {
        let mut alternatives = self.alternatives.iter();
        self.tolerates(taints)
            && alternatives.any(|set| world.is_compatible(labels, *set, Reading::Node))
    }

    /// Instance types on which it runs when they are launched as `node`.
    fn types(&self, index: &mut TypeIndex, node: NewNode<'_>) -> FixedBitSet {
        let mut types = FixedBitSet::with_capacity(index.types().len());
        if self.tolerates(node.taints) {
            let suits = |set: &&SetId| node.world.is_compatible(node.labels, **set, Reading::Claim);
            for set in self.alternatives.iter().filter(suits) {
                types.union_with(&index.matching(*set, node.world));
            }
        }
        types
    }

    fn tolerates(&self, taints: &[Taint]) -> bool {
        taints.iter().all(|taint| is_tolerated(&self.tolerations, taint))
    }
}

/// What all `daemons` together ask for, with their number as `pods`; nothing for none.
pub(super) fn requests<'d, 'a: 'd>(
    daemons: impl Iterator<Item = &'d Daemon<'a>>,
) -> Option<Resources> {
    let (mut sum, mut count) = (Resources::new(), 0);
    for daemon in daemons {
        sum.add_in_place(&daemon.model.requests);
        count += 1;
    }
    (count > 0).then(|| sum.with_pods(count))
}

/// The node a template makes, as DaemonSets see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewNode<'a> {
    /// Its labels as far as the template says.
    pub(super) labels: SetId,
    /// Its taints; startup taints do not count.
    pub(super) taints: &'a [Taint],
    /// Where sets are compared.
    pub(super) world: &'a World<'a>,
}

/// Groups the members of `types` by the DaemonSets that run on them, in the order of each group's first type.
///
/// Every type is in exactly one group.
///
/// Source: Karpenter behaviour, daemon overhead. Differs: every alternative of a required affinity counts.
pub(super) fn groups(
    daemons: &[Daemon<'_>],
    node: NewNode<'_>,
    (index, types): (&mut TypeIndex, &FixedBitSet),
    universe: &Universe,
) -> Vec<OverheadGroup> {
    let runs: Vec<FixedBitSet> = daemons.iter().map(|daemon| daemon.types(index, node)).collect();
    let mut found = vec![(vec![], types.clone())];
    for (daemon, runs) in runs.iter().enumerate() {
        found = found.into_iter().flat_map(|group| split(group, daemon, runs)).collect();
        found.retain(|(_, types)| !types.is_clear());
    }
    found.sort_by_key(|(_, types)| types.minimum());
    let group = |(here, types): (Vec<usize>, FixedBitSet)| {
        let overhead = requests(here.iter().map(|daemon| &daemons[*daemon]));
        let amounts =
            overhead.as_ref().map_or_else(|| universe.zero(), |sum| universe.amounts(sum));
        let ports = here.iter().flat_map(|daemon| daemons[*daemon].model.shape.host_ports.clone());
        OverheadGroup { types, overhead, amounts, ports: ports.collect() }
    };
    found.into_iter().map(group).collect()
}

/// The members of a group that one more DaemonSet runs on, and the others.
fn split(
    (here, types): (Vec<usize>, FixedBitSet),
    daemon: usize,
    runs: &FixedBitSet,
) -> [(Vec<usize>, FixedBitSet); 2] {
    let (mut with, mut without) = (types.clone(), types);
    with.intersect_with(runs);
    without.difference_with(runs);
    let and_it = here.iter().copied().chain([daemon]).collect();
    [(and_it, with), (here, without)]
}
