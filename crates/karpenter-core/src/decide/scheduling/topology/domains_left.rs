//! Which domains a pod's own groups leave it, whatever bin it goes to.

use super::choices::{Choice, Options, Scope};
use super::group::Domains;
use super::{Bonds, Topology};
use crate::decide::scheduling::class::Level;
use crate::decide::scheduling::mask::Mask;
use crate::decide::scheduling::world::{KeyId, World};

impl Topology {
    /// Values of `key` that all groups the pod owns at `level` agree on, none when they agree on nothing; `None` when
    /// no group of it counts by `key`.
    ///
    /// A spread leaves every domain within its skew.
    pub(in super::super) fn domains_left(
        &self,
        (bonds, level): (&Bonds, &Level),
        key: KeyId,
        world: &World<'_>,
    ) -> Option<Mask> {
        let mut left: Option<Mask> = None;
        for bond in bonds.labels.iter().filter(|bond| level.groups.contains(&bond.group)) {
            let group = &self.groups[bond.group];
            let Domains::Labels(counts) = &group.domains else { continue };
            if counts.key != key {
                continue;
            }
            let scope = Scope {
                pod: world.part(level.set, key).map(|part| &part.said),
                node: None,
                counts_itself: bond.counts_itself,
                cannot_have_key: false,
                is_wide: true,
            };
            let mut own = world.words(key).nothing();
            match group.options(scope) {
                Options::Free => continue,
                Options::None => {}
                Options::Of(choices) => choices.iter().for_each(|choice| match choice {
                    Choice::One(domain) => own.insert(*domain),
                    Choice::Any(domains) => domains.ones().for_each(|domain| own.insert(domain)),
                }),
            }
            left = Some(left.map_or_else(|| own.clone(), |left| left.and(&own)));
        }
        left
    }
}
