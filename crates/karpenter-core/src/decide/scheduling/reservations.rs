//! Capacity that was reserved beforehand: how much of it is left, and which claims may come to use it.
//!
//! Until a claim is launched nobody knows which of its offerings it will get, so it holds one unit of every reservation
//! that any of its instance types could use. What it is narrowed away from it gives back. A claim that could use
//! reserved capacity but can hold none is refused rather than made from something dearer: its pods wait for the next
//! plan, when the claims of this one have been launched and hold one reservation each.
//!
//! Where it is asked for, reservations are matched to claims instead (`matching`): a claim is refused only if what is
//! left cannot be enough for it and all others that count on it, however it is distributed. In the end each of them is
//! bound to a reservation of its own, and to what is then left over.
//!
//! Nothing here costs anything in a cluster where no offering is reserved.
//!
//! Source: Karpenter behaviour, reserved capacity. Differs: claims that are still being launched count.

mod matching;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use super::draft::Draft;
use super::index::TypeIndex;
use super::input::{PoolSupply, ReservedOfferings, SchedulingInput};
use super::open_claim::OpenClaim;
use super::world::{Reading, SetId, World};
use crate::api::labels;
use crate::model::ids::LabelKey;
use crate::model::instance_type::Offering;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;
use matching::Matching;

/// Reservations by number, in the order of their ids; empty and unallocated in a cluster without any.
pub(super) type Held = FixedBitSet;

/// Reserved offerings of one catalogue.
type Shelf = Rc<[Reserved]>;

/// A reserved offering.
#[derive(Debug, Clone, Copy)]
struct Reserved {
    /// Its number in the index.
    offering: usize,
    /// The number of its reservation.
    id: usize,
    /// What it asks of a claim.
    set: SetId,
}

/// Why a claim may not become what it is asked to become although it has room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotReserved {
    /// Others hold all that is left of the reservations it could use.
    #[error(
        "one or more instance types with compatible reserved offerings are available, but could not be reserved"
    )]
    Taken,
    /// It holds reservations and could use none of them any more.
    #[error(
        "satisfying updated nodeclaim constraints would remove all compatible reserved offering options"
    )]
    WouldLoseAll,
}

/// The reservations of one solve.
#[derive(Debug, Default)]
pub(super) struct Reservations {
    /// Label whose value is the id.
    key: Option<LabelKey>,
    /// Sorted.
    ids: Vec<Arc<str>>,
    /// Units nobody holds, by number; all of them where they are matched.
    pub(super) left: Vec<u32>,
    /// Who could get which, where they are matched.
    matching: Option<Matching>,
    mode: ReservedOfferings,
    /// Per catalogue of the solve.
    shelves: Vec<Shelf>,
    /// What requirement sets leave of them.
    compatible: FxHashMap<(usize, SetId), Shelf>,
}

impl Reservations {
    /// All reservations that `supplies` name, less what claims that are being launched may get.
    ///
    /// An id that several catalogues name has the least of the amounts they say are left.
    pub(super) fn of(input: &SchedulingInput, supplies: &[&PoolSupply]) -> Self {
        let is_on = input.options.feature_gates.reserved_capacity;
        let Some(key) = input.well_known.reservation_id().filter(|_| is_on) else {
            return Self::default();
        };
        if !supplies.iter().any(|supply| supply.catalog.types.digest().has_reservations) {
            return Self::default();
        }
        let mut left: BTreeMap<Arc<str>, u32> = BTreeMap::new();
        for offering in offerings(supplies) {
            let Some(id) = reservation(&offering.requirements, key) else { continue };
            let capacity = offering.reservation_capacity;
            left.entry(id).and_modify(|left| *left = capacity.min(*left)).or_insert(capacity);
        }
        let claims = input.nodes.iter().chain(&input.leaving).filter_map(|n| n.claim.as_ref());
        for claim in claims.filter(|claim| claim.provider_id().is_none()) {
            let held = claim.requirements.get(key.as_str()).map_or(&[][..], Requirement::values);
            for id in held {
                left.entry(id.clone()).and_modify(|left| *left = left.saturating_sub(1));
            }
        }
        let (ids, left): (_, Vec<u32>) = left.into_iter().unzip();
        let matching = input.options.reserved_capacity_matching.then(|| Matching::new(&left));
        let (key, mode) = (Some(key.clone()), input.reserved);
        Self { key, ids, left, matching, mode, ..Self::default() }
    }

    /// Tells the world which reservations have to be told apart.
    pub(super) fn announce(&self, draft: &mut Draft<'_>) {
        let Some(key) = &self.key else { return };
        draft.tell_apart(&labels::CAPACITY_TYPE.into(), &labels::CAPACITY_TYPE_RESERVED.into());
        self.ids.iter().for_each(|id| draft.tell_apart(key, id));
    }

    /// Finds the reserved offerings of each of `indexes`.
    pub(super) fn find(&mut self, indexes: &[TypeIndex], world: &World<'_>) {
        let Some(key) = &self.key else { return };
        let of_index = |index: &TypeIndex| {
            let sets = index.offering_sets().enumerate();
            let reserved = sets.filter_map(|(offering, set)| {
                let id = reservation(world.get(set), key)?;
                Some(Reserved { offering, id: self.ids.binary_search(&id).ok()?, set })
            });
            reserved.collect()
        };
        self.shelves = indexes.iter().map(of_index).collect();
    }

    /// What a claim that holds `held` holds, or could use where reservations are matched, once it can be `types` of catalogue number `at` with `set`.
    ///
    /// # Errors
    /// [`NotReserved`], unless the solve may fall back to other capacity.
    pub(super) fn hold(
        &mut self,
        held: &Held,
        (set, types): (SetId, &FixedBitSet),
        at: usize,
        (index, world): (&TypeIndex, &World<'_>),
    ) -> Result<Held, NotReserved> {
        if self.key.is_none() {
            return Ok(Held::new());
        }
        let compatible = self.compatible(at, set, world);
        let mut sold = compatible.iter().filter(|one| index.sells(one.offering, types)).peekable();
        let is_compatible = sold.peek().is_some();
        let mut now = Held::with_capacity(self.ids.len());
        now.extend(sold.map(|one| one.id).filter(|id| held.contains(*id) || self.left[*id] > 0));
        if self.matching.as_ref().is_some_and(|matching| !matching.covers(held, &now)) {
            now.clear();
        }
        match self.mode {
            ReservedOfferings::Strict if now.is_clear() && is_compatible => Err(NotReserved::Taken),
            ReservedOfferings::Strict if now.is_clear() && !held.is_clear() => {
                Err(NotReserved::WouldLoseAll)
            }
            ReservedOfferings::Strict | ReservedOfferings::Fallback => Ok(now),
        }
    }

    /// A claim that held `before` holds `after` from now on.
    ///
    /// What is in both stays as it is, however often it is said. Taking more than is left is refused by
    /// [`hold`](Self::hold) and leaves nothing here.
    pub(super) fn exchange(&mut self, before: &Held, after: &Held) {
        if let Some(matching) = &mut self.matching {
            return matching.exchange(before, after);
        }
        for id in after.difference(before) {
            self.left[id] = self.left[id].saturating_sub(1);
        }
        for id in before.difference(after) {
            self.left[id] += 1;
        }
    }

    /// Binds `claims`, all there are, to the reservations they were matched to: in their order, each to the first that
    /// leaves enough for those behind it; then what is left over goes to those that could use it too, the first claims
    /// first. Nothing can be taken back afterwards.
    pub(super) fn bind(&mut self, claims: &mut [OpenClaim]) {
        let Some(matching) = &mut self.matching else { return };
        let own: Vec<Option<usize>> =
            claims.iter().map(|claim| matching.settle(&claim.held)).collect();
        for (claim, own) in claims.iter_mut().zip(own) {
            let Some(own) = own else { continue };
            claim.held.remove(own);
            claim.held = matching.take_spare(&claim.held);
            claim.held.insert(own);
        }
    }

    /// `set` of a claim that holds `held`, with nothing but these reservations left to buy it from.
    pub(super) fn narrowed(&self, set: SetId, held: &Held, world: &mut World<'_>) -> SetId {
        let Some(key) = self.key.as_ref().filter(|_| !held.is_clear()) else { return set };
        let mut narrowed = (**world.get(set)).clone();
        let reserved = [labels::CAPACITY_TYPE_RESERVED];
        narrowed.replace(Requirement::in_values(labels::CAPACITY_TYPE, reserved));
        let ids = held.ones().map(|id| self.ids[id].clone());
        narrowed.add(Requirement::in_values(key.clone(), ids));
        world.read(&narrowed)
    }

    fn compatible(&mut self, at: usize, set: SetId, world: &World<'_>) -> Shelf {
        let Self { shelves, compatible, .. } = self;
        let suits = |one: &&Reserved| world.is_compatible(set, one.set, Reading::Claim);
        let of_set = || shelves[at].iter().filter(suits).copied().collect();
        compatible.entry((at, set)).or_insert_with(of_set).clone()
    }
}

/// Offerings of every catalogue, each catalogue once.
fn offerings<'s>(supplies: &'s [&'s PoolSupply]) -> impl Iterator<Item = &'s Offering> {
    let is_first = |(at, supply): &(usize, &&PoolSupply)| {
        let types = &supply.catalog.types;
        !supplies[..*at].iter().any(|earlier| earlier.catalog.types.is_same(types))
    };
    let catalogs = supplies.iter().enumerate().filter(is_first);
    catalogs.flat_map(|(_, supply)| supply.catalog.types.iter()).flat_map(|it| &it.offerings)
}

/// The id of the reservation that an offering with `requirements` takes its capacity from.
fn reservation(requirements: &Requirements, key: &LabelKey) -> Option<Arc<str>> {
    let kind = requirements.get(labels::CAPACITY_TYPE).and_then(Requirement::any)?;
    if &*kind != labels::CAPACITY_TYPE_RESERVED {
        return None;
    }
    requirements.get(key.as_str()).and_then(Requirement::any)
}
