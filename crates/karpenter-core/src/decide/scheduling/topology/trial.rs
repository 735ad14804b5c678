//! Asking groups about a bin, and remembering what they said for as long as it holds.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::choices::Asker;
use super::group::{Domains, Group, Kind};
use super::{Bond, HostId, Topology};
use crate::api::labels;
use crate::decide::scheduling::template::HOSTNAME_PLACEHOLDER;
use crate::decide::scheduling::world::{Meeting, Reading, SetId, World};

/// A list of sets to try, by position among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct TrialId(u32);

/// What a bin with certain labels may become with a pod.
#[derive(Debug)]
pub(in super::super) struct Trial {
    /// The sets to try, in order; empty when the pod is refused.
    pub(in super::super) sets: SmallVec<[SetId; 4]>,
    /// The same list has the same number.
    pub(in super::super) id: TrialId,
    /// Refused whatever happens to other pods.
    pub(in super::super) is_never: bool,
}

/// What is known at one step of a shape's ladder, as long as no group it looks at has moved.
#[derive(Debug, Default)]
pub(in super::super) struct Trials {
    stamp: u64,
    known: FxHashMap<(SetId, Reading, bool), Rc<Trial>>,
}

/// What groups by host name say of a bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum HostVerdict {
    /// They take the pod.
    Yes,
    /// They refuse it until some count has moved.
    NotNow,
    /// They refuse it for the rest of the solve: counts only grow.
    Never,
}

impl Topology {
    /// What a bin with `have` may become with a pod that asks for `asked`.
    pub(in super::super) fn trial(
        &mut self,
        (asker, asked): (Asker<'_>, SetId),
        (have, reading): (SetId, Reading),
        is_wide: bool,
        (trials, world): (&mut Trials, &mut World<'_>),
    ) -> Rc<Trial> {
        let stamp = self.stamp(asker.bonds);
        if trials.stamp != stamp {
            trials.stamp = stamp;
            trials.known.clear();
        }
        if let Some(known) = trials.known.get(&(have, reading, is_wide)) {
            return known.clone();
        }
        let (sets, is_never) = match world.meet(have, asked, reading) {
            Meeting::Never => (SmallVec::new(), true),
            Meeting::NotNow => (SmallVec::new(), false),
            Meeting::Joined(base) => self.reachable(asker, (base, reading), is_wide, world),
        };
        let next = TrialId(u32::try_from(self.lists.len()).unwrap_or(u32::MAX));
        let id = *self.lists.entry(sets.clone()).or_insert(next);
        let trial = Rc::new(Trial { sets, id, is_never });
        trials.known.insert((have, reading, is_wide), trial.clone());
        trial
    }

    /// What a bin with `base` may become so that the volumes of the pod can be reached and its groups are content, and
    /// whether its volumes can never be reached from it.
    pub(in super::super) fn reachable(
        &self,
        asker: Asker<'_>,
        (base, reading): (SetId, Reading),
        is_wide: bool,
        world: &mut World<'_>,
    ) -> (SmallVec<[SetId; 4]>, bool) {
        if asker.places.is_empty() {
            let sets = self.choices(asker, (base, reading), is_wide, world);
            return (sets.unwrap_or_default(), false);
        }
        let (mut sets, mut is_never) = (SmallVec::new(), true);
        for place in asker.places {
            match world.meet(base, *place, reading) {
                Meeting::Joined(set) => {
                    is_never = false;
                    let choices = self.choices(asker, (set, reading), is_wide, world);
                    sets.extend(choices.unwrap_or_default());
                }
                Meeting::NotNow => is_never = false,
                Meeting::Never => {}
            }
        }
        (sets, is_never)
    }

    /// What the pod's groups by host name say of `host`.
    pub(in super::super) fn on_host(
        &self,
        asker: Asker<'_>,
        host: HostId,
        world: &World<'_>,
    ) -> HostVerdict {
        let mut verdict = HostVerdict::Yes;
        for bond in &asker.bonds.hosts {
            match self.says_of_host(*bond, asker.strict, host, world) {
                HostVerdict::Yes => {}
                HostVerdict::NotNow => verdict = HostVerdict::NotNow,
                HostVerdict::Never => return HostVerdict::Never,
            }
        }
        verdict
    }

    /// The name of a host; that of an open claim is not known yet.
    pub(super) fn host_name(&self, host: HostId) -> &str {
        self.hosts.get(host).map_or(HOSTNAME_PLACEHOLDER, AsRef::as_ref)
    }

    /// What one group says of `host`.
    pub(super) fn says_of_host(
        &self,
        bond: Bond,
        strict: SetId,
        host: HostId,
        world: &World<'_>,
    ) -> HostVerdict {
        let group = &self.groups[bond.group];
        let Domains::Hosts(counts) = &group.domains else { return HostVerdict::Yes };
        if group.identity.kind != Kind::Affinity {
            return match counts.is_full(host, bond.counts_itself) {
                true => HostVerdict::Never,
                false => HostVerdict::Yes,
            };
        }
        let asked = world.get(strict).get(labels::HOSTNAME);
        let allows = |host: HostId| asked.is_none_or(|asked| asked.contains(self.host_name(host)));
        if !allows(host) {
            return HostVerdict::Never;
        }
        let starts_new = || {
            let is_free = counts.is_empty() || (asked.is_some() && !counts.used().any(allows));
            bond.counts_itself && is_free
        };
        if counts.count(host) > 0 || starts_new() { HostVerdict::Yes } else { HostVerdict::NotNow }
    }

    /// The group with this number.
    pub(super) fn group(&self, id: super::GroupId) -> &Group {
        &self.groups[id]
    }
}
