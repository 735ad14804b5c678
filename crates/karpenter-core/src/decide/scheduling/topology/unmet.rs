//! A topology constraint that cannot be met, for people.

use std::sync::Arc;

use super::choices::Asker;
use super::group::{Domains, Group, GroupId, Kind};
use super::{HostId, HostVerdict, Topology};
use crate::decide::scheduling::template::HOSTNAME_PLACEHOLDER;
use crate::decide::scheduling::unschedulable::Unmet;
use crate::decide::scheduling::world::{SetId, World};
use crate::model::ids::LabelKey;
use crate::model::requirement::Requirement;

/// How many domains a message lists.
const MAX_LISTED: usize = 25;

impl Kind {
    /// What it is called in a pod's spec.
    fn name(self) -> &'static str {
        match self {
            Self::Spread { .. } => "topology spread",
            Self::Affinity => "pod affinity",
            Self::AntiAffinity | Self::Inverse => "pod anti-affinity",
        }
    }
}

impl Topology {
    /// Why the first of the pod's groups by host name refuses `host`; `None` when none does.
    pub(in super::super) fn unmet_on_host(
        &self,
        asker: Asker<'_>,
        (host, base): (HostId, SetId),
        world: &World<'_>,
    ) -> Option<Unmet> {
        let refuses = |bond: &&super::Bond| {
            self.says_of_host(**bond, asker.strict, host, world) != HostVerdict::Yes
        };
        let bond = asker.bonds.hosts.iter().find(refuses)?;
        Some(self.unmet(bond.group, (asker.strict, base), world))
    }

    /// Why a group leaves a bin with `base` no domain.
    pub(in super::super) fn unmet(
        &self,
        group: GroupId,
        (strict, base): (SetId, SetId),
        world: &World<'_>,
    ) -> Unmet {
        let group = self.group(group);
        let said = |set: SetId| {
            let requirement = world.get(set).get(group.identity.key.as_str()).cloned();
            requirement.unwrap_or_else(|| Requirement::exists(group.identity.key.clone()))
        };
        let all = self.counts_of(group, world);
        Unmet {
            kind: group.identity.kind.name(),
            key: group.identity.key.clone(),
            n_others: all.len().saturating_sub(MAX_LISTED),
            counts: all.into_iter().take(MAX_LISTED).collect(),
            pod_domains: said(strict),
            node_domains: said(base),
        }
    }

    /// What a group does, in the words of the pod's spec, and the node label it counts by.
    pub(in super::super) fn term(&self, group: GroupId) -> (&'static str, &LabelKey) {
        let identity = &self.group(group).identity;
        let kind = match identity.kind {
            Kind::Inverse => "pod anti-affinity of other pods",
            kind => kind.name(),
        };
        (kind, &identity.key)
    }

    /// Pods per domain, by name.
    fn counts_of(&self, group: &Group, world: &World<'_>) -> Vec<(Arc<str>, u32)> {
        match &group.domains {
            Domains::Labels(counts) => {
                let words = world.words(counts.key);
                let named = |domain| (words.value_of(domain).clone(), counts.count(domain));
                counts.known.ones().map(named).collect()
            }
            Domains::Hosts(counts) => {
                let n_hosts = self.hosts.len();
                let name = |host: HostId| match self.hosts.get(host) {
                    Some(name) => name.clone(),
                    None => format!("{}-{:04}", HOSTNAME_PLACEHOLDER, host - n_hosts + 1).into(),
                };
                let mut all: Vec<_> = counts.counted().map(|(host, n)| (name(host), n)).collect();
                all.sort();
                all
            }
        }
    }
}
