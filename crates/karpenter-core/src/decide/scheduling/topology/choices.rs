//! From the options of each group to the requirement sets a bin may become.

use smallvec::SmallVec;

use super::group::{Domains, Group, GroupId, Kind};
use super::spread::Evenness;
use super::{Bonds, Topology, affinity, anti_affinity, spread};
use crate::decide::scheduling::mask::Mask;
use crate::decide::scheduling::vocabulary::Said;
use crate::decide::scheduling::world::{KeyId, Meeting, Reading, SetId, World};

/// How many combinations of equally good domains are tried at most.
const MAX_COMBINATIONS: usize = 32;

/// What a group is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'s> {
    /// What the pod insists on for the label.
    pub(super) pod: Option<&'s Said>,
    /// What the bin says of the label.
    pub(super) node: Option<&'s Said>,
    /// The pod is counted by the group.
    pub(super) counts_itself: bool,
    /// The bin lacks the label and will never have it.
    pub(super) cannot_have_key: bool,
    /// All domains within the skew are wanted, not the emptiest only.
    pub(super) is_wide: bool,
}

/// What a group makes of a bin.
#[derive(Debug)]
pub(super) enum Options {
    /// The group does not apply.
    Free,
    /// Refused.
    None,
    /// One of these; each set of domains is tried on its own, in order. Never empty.
    Of(SmallVec<[Choice; 3]>),
}

/// A set of domains, or a single one before it becomes a set.
#[derive(Debug)]
pub(super) enum Choice {
    /// One domain.
    One(usize),
    /// Any of several.
    Any(Mask),
}

impl Options {
    /// Any of `domains`, without choosing.
    pub(super) fn any(domains: Mask) -> Self {
        if domains.is_zero() {
            Self::None
        } else {
            Self::Of([Choice::Any(domains)].into_iter().collect())
        }
    }

    /// Each of `domains` by itself.
    pub(super) fn one_of(domains: impl IntoIterator<Item = usize>) -> Self {
        let domains: SmallVec<[Choice; 3]> = domains.into_iter().map(Choice::One).collect();
        if domains.is_empty() { Self::None } else { Self::Of(domains) }
    }
}

/// A pod that asks, and what it asks of labels without preferences.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Asker<'b> {
    /// Its groups.
    pub(in super::super) bonds: &'b Bonds,
    /// What it insists on.
    pub(in super::super) strict: SetId,
    /// Where its volumes can be reached from, in the order of trying; empty when anywhere.
    pub(in super::super) places: &'b [SetId],
}

impl Asker<'_> {
    /// Whether neither other pods nor volumes narrow where it can be.
    pub(in super::super) fn is_indifferent(&self) -> bool {
        self.bonds.is_empty() && self.places.is_empty()
    }
}

/// Why no choice is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum NoChoice {
    /// A group refuses.
    Group(GroupId),
    /// The bin cannot take on the domains of this set.
    Conflict(SetId),
}

impl Topology {
    /// The sets a bin with `base` may become so that every group of the pod by another label than the host name is
    /// content, in the order they are to be tried; never empty.
    ///
    /// # Errors
    /// The first group that refuses, or the first combination that the bin cannot take on.
    pub(in super::super) fn choices(
        &self,
        asker: Asker<'_>,
        (base, reading): (SetId, Reading),
        is_wide: bool,
        world: &mut World<'_>,
    ) -> Result<SmallVec<[SetId; 4]>, NoChoice> {
        let mut lists: SmallVec<[(KeyId, SmallVec<[Choice; 3]>); 2]> = SmallVec::new();
        for bond in &asker.bonds.labels {
            let group = &self.groups[bond.group];
            let Domains::Labels(counts) = &group.domains else { continue };
            let node = world.part(base, counts.key).map(|part| &part.said);
            let scope = Scope {
                pod: world.part(asker.strict, counts.key).map(|part| &part.said),
                node,
                counts_itself: bond.counts_itself,
                cannot_have_key: cannot_have(counts.key, node, reading, world),
                is_wide,
            };
            match group.options(scope) {
                Options::Free => {}
                Options::None => return Err(NoChoice::Group(bond.group)),
                Options::Of(list) => lists.push((counts.key, list)),
            }
        }
        if lists.is_empty() {
            return Ok([base].into_iter().collect());
        }
        combine(&lists, (base, reading), world).map_err(NoChoice::Conflict)
    }
}

impl Topology {
    /// Whether some group leaves the pod no domain of any bin that has its label, or may have it.
    pub(in super::super) fn is_hopeless(
        &self,
        asker: Asker<'_>,
        reading: Reading,
        world: &World<'_>,
    ) -> bool {
        asker.bonds.labels.iter().any(|bond| {
            let group = &self.groups[bond.group];
            let Domains::Labels(counts) = &group.domains else { return false };
            let may_be_free = matches!(group.identity.kind, Kind::AntiAffinity | Kind::Inverse)
                && (reading == Reading::Node || !world.words(counts.key).is_well_known);
            let scope = Scope {
                pod: world.part(asker.strict, counts.key).map(|part| &part.said),
                node: None,
                counts_itself: bond.counts_itself,
                cannot_have_key: false,
                is_wide: true,
            };
            !may_be_free && matches!(group.options(scope), Options::None)
        })
    }

    /// Per group by host name the open claims that are full for the pod.
    pub(in super::super) fn full_claims<'t>(
        &'t self,
        asker: Asker<'t>,
    ) -> impl Iterator<Item = &'t fixedbitset::FixedBitSet> {
        asker.bonds.hosts.iter().filter_map(|bond| match &self.groups[bond.group].domains {
            Domains::Hosts(counts) => Some(counts.full(bond.counts_itself)),
            Domains::Labels(_) => None,
        })
    }
}

impl Group {
    /// What the group makes of a bin.
    pub(super) fn options(&self, scope: Scope<'_>) -> Options {
        let Domains::Labels(counts) = &self.domains else { return Options::Free };
        match self.identity.kind {
            Kind::Spread { max_skew, min_domains } => {
                spread::options(counts, Evenness { max_skew, min_domains }, scope)
            }
            Kind::Affinity => affinity::options(counts, scope),
            Kind::AntiAffinity | Kind::Inverse => anti_affinity::options(counts, scope),
        }
    }
}

/// Whether a bin lacks a label for good: a node that pods at most spoke of it, a claim that leaves it undefined.
fn cannot_have(key: KeyId, said: Option<&Said>, reading: Reading, world: &World<'_>) -> bool {
    match (said, reading) {
        (None, Reading::Node) => true,
        (None, Reading::Claim) => !world.words(key).is_well_known,
        (Some(said), Reading::Node) => said.is_open || said.mask.is_zero(),
        (Some(said), Reading::Claim) => said.mask.is_zero(),
    }
}

/// Every combination, the last list fastest, at most [`MAX_COMBINATIONS`]; those the bin cannot take on are left out.
///
/// # Errors
/// The first combination, when the bin can take on none.
fn combine(
    lists: &[(KeyId, SmallVec<[Choice; 3]>)],
    (base, reading): (SetId, Reading),
    world: &mut World<'_>,
) -> Result<SmallVec<[SetId; 4]>, SetId> {
    let n_combinations = lists.iter().fold(1_usize, |n, (_, list)| n.saturating_mul(list.len()));
    let (mut joined, mut first): (SmallVec<[SetId; 4]>, _) = (SmallVec::new(), None);
    for number in 0..n_combinations.min(MAX_COMBINATIONS) {
        let mut rest = number;
        let mut masks: SmallVec<[(KeyId, Mask); 2]> = SmallVec::new();
        for (key, list) in lists.iter().rev() {
            let chosen = match &list[rest % list.len()] {
                Choice::One(domain) => world.words(*key).only(*domain),
                Choice::Any(domains) => domains.clone(),
            };
            rest /= list.len();
            match masks.iter_mut().find(|(own, _)| own == key) {
                Some((_, mask)) => *mask = mask.and(&chosen),
                None => masks.push((*key, chosen)),
            }
        }
        masks.sort_by_key(|(key, _)| *key);
        let is_empty = masks.iter().any(|(_, mask)| mask.is_zero());
        let asked = world.choose(masks);
        first.get_or_insert(asked);
        match world.meet(base, asked, reading) {
            Meeting::Joined(set) if !is_empty => {
                if !joined.contains(&set) {
                    joined.push(set);
                }
            }
            Meeting::Joined(_) | Meeting::NotNow | Meeting::Never => {}
        }
    }
    match first {
        Some(first) if joined.is_empty() => Err(first),
        Some(_) | None => Ok(joined),
    }
}
