//! Which groups a pod has to do with: those that count it, and those it must please.

use rustc_hash::FxHashMap;

use super::group::{Group, GroupId, Kind};
use super::{Domains, Topology};
use crate::model::ids::Namespace;
use crate::model::label_selector::Labels;

/// Pods that the same groups select, by position among all.
pub(in super::super) type AudienceId = usize;

/// Groups that select a pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(in super::super) struct Audience {
    /// Groups that count it.
    pub(in super::super) counted_by: Vec<GroupId>,
    /// Inverse groups, which keep it away from their owners.
    pub(in super::super) kept_away_by: Vec<GroupId>,
}

/// A group a pod has to please.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Bond {
    /// The group.
    pub(in super::super) group: GroupId,
    /// The pod is counted by the group.
    pub(in super::super) counts_itself: bool,
}

/// All groups a pod has to please at one step of its ladder: spread, affinity and anti-affinity as written, then those
/// of others.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Bonds {
    /// Groups that count by host name.
    pub(in super::super) hosts: Vec<Bond>,
    /// Groups that count by another label.
    pub(in super::super) labels: Vec<Bond>,
    /// Some group in `labels` is a spread.
    pub(in super::super) has_spread: bool,
}

impl Bonds {
    /// All of them.
    pub(in super::super) fn iter(&self) -> impl Iterator<Item = Bond> {
        self.hosts.iter().chain(&self.labels).copied()
    }

    /// Whether the pod has nobody to please.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.labels.is_empty()
    }
}

impl Topology {
    /// Some of the groups a pod has to please, in the order of `bonds`.
    pub(in super::super) fn among(&self, bonds: &[Bond]) -> Bonds {
        let mut among = Bonds::default();
        for bond in bonds {
            self.bind(*bond, &mut among);
        }
        among
    }

    /// Whether some group counts pods of the audience.
    pub(in super::super) fn counts(&self, id: AudienceId) -> bool {
        !self.audiences[id].counted_by.is_empty()
    }

    /// What a pod of the audience has to please when it owns `groups`.
    pub(in super::super) fn bonds(&self, id: AudienceId, groups: &[GroupId]) -> Bonds {
        let audience = &self.audiences[id];
        let mut bonds = Bonds::default();
        for group in groups.iter().chain(&audience.kept_away_by) {
            let kind = self.groups[*group].identity.kind;
            let counts_itself = !matches!(kind, Kind::AntiAffinity | Kind::Inverse)
                && audience.counted_by.contains(group);
            let bond = Bond { group: *group, counts_itself };
            self.bind(bond, &mut bonds);
        }
        bonds
    }

    fn bind(&self, bond: Bond, bonds: &mut Bonds) {
        let group = &self.groups[bond.group];
        match group.domains {
            Domains::Hosts(_) => bonds.hosts.push(bond),
            Domains::Labels(_) => {
                bonds.has_spread |= matches!(group.identity.kind, Kind::Spread { .. });
                bonds.labels.push(bond);
            }
        }
    }
}

/// Sorts pods into audiences.
#[derive(Debug)]
pub(in super::super) struct Audiences<'p> {
    by_labels: FxHashMap<(&'p Namespace, &'p Labels), AudienceId>,
    ids: FxHashMap<Audience, AudienceId>,
    /// Groups that name a label value all their pods have, by one of these.
    by_value: FxHashMap<(Namespace, std::sync::Arc<str>, std::sync::Arc<str>), Vec<GroupId>>,
    /// All other groups.
    others: Vec<GroupId>,
}

impl<'p> Audiences<'p> {
    /// Nobody yet.
    pub(in super::super) fn new(topology: &mut Topology) -> Self {
        let mut by_value: FxHashMap<_, Vec<GroupId>> = FxHashMap::default();
        let mut others = vec![];
        for (id, group) in topology.groups.iter().enumerate() {
            let identity = &group.identity;
            match identity.selector.as_ref().and_then(|own| own.match_labels.first_key_value()) {
                Some((key, value)) => {
                    for namespace in &identity.namespaces {
                        let name = (namespace.clone(), key.clone(), value.clone());
                        by_value.entry(name).or_default().push(id);
                    }
                }
                None => others.push(id),
            }
        }
        Self { by_labels: FxHashMap::default(), ids: FxHashMap::default(), by_value, others }
    }

    /// The audience of pods with these labels.
    pub(in super::super) fn of(
        &mut self,
        namespace: &'p Namespace,
        labels: &'p Labels,
        topology: &mut Topology,
    ) -> AudienceId {
        if topology.groups.is_empty() && !topology.audiences.is_empty() {
            return 0;
        }
        if let Some(known) = self.by_labels.get(&(namespace, labels)) {
            return *known;
        }
        let audience = self.read(namespace, labels, &topology.groups);
        let id = *self.ids.entry(audience).or_insert_with_key(|audience| {
            topology.audiences.push(audience.clone());
            topology.audiences.len() - 1
        });
        self.by_labels.insert((namespace, labels), id);
        id
    }

    fn read(&self, namespace: &Namespace, labels: &Labels, groups: &[Group]) -> Audience {
        let named = labels.iter().filter_map(|(key, value)| {
            self.by_value.get(&(namespace.clone(), key.clone(), value.clone()))
        });
        let mut selected: Vec<GroupId> = named.flatten().chain(&self.others).copied().collect();
        selected.retain(|id| groups[*id].identity.selects(namespace, labels));
        selected.sort_unstable();
        let is_inverse = |id: &GroupId| groups[*id].identity.kind == Kind::Inverse;
        let (kept_away_by, counted_by) = selected.into_iter().partition(is_inverse);
        Audience { counted_by, kept_away_by }
    }
}
