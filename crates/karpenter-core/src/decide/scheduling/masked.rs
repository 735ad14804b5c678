//! The masks of a solve by themselves, so that they can be measured apart from it.

use fixedbitset::FixedBitSet;

use super::draft::Draft;
use super::label_rows::{LabelRows, Members, Silence};
use super::rows::Row;
use super::world::{Meeting, Reading, SetId, World};
use crate::model::label_rules::WellKnownLabels;
use crate::model::requirements::Requirements;

/// A closed world over some requirement sets; each is known by its position in the list it was made from.
///
/// # Example
/// ```
/// # use karpenter_core::decide::scheduling::masked::MaskedWorld;
/// # use karpenter_core::model::label_rules::WellKnownLabels;
/// # use karpenter_core::model::requirement::Requirement;
/// # use karpenter_core::model::requirements::Requirements;
/// let set = |values: &[&str]| Requirements::from_iter([Requirement::in_values("zone", values.iter().copied())]);
/// let known = WellKnownLabels::core();
/// let world = MaskedWorld::new(&[set(&["a", "b"]), set(&["b"]), set(&["c"])], 3, &known);
/// let [ab, b, c] = [0, 1, 2].map(|position| world.set(position));
/// assert!(world.is_compatible(ab, b) && !world.is_compatible(ab, c));
/// ```
#[derive(Debug)]
pub struct MaskedWorld<'a> {
    world: World<'a>,
    ids: Vec<SetId>,
}

impl<'a> MaskedWorld<'a> {
    /// The world in which exactly the first `n_asked` of `sets` are asked for; the others are what instance types have.
    ///
    /// # Panics
    /// When there are fewer sets than are asked for.
    pub fn new(sets: &[Requirements], n_asked: usize, well_known: &'a WellKnownLabels) -> Self {
        let (asked, had) = sets.split_at(n_asked);
        let mut draft = Draft::new(well_known);
        let mut ids: Vec<SetId> = asked.iter().map(|set| draft.say(set.clone())).collect();
        let mut world = draft.close();
        ids.extend(had.iter().map(|set| world.read(set)));
        Self { world, ids }
    }

    /// The set at `position`.
    pub fn set(&self, position: usize) -> MaskedSet {
        MaskedSet(self.ids[position])
    }

    /// Whether a planned node with set `have` can take on set `incoming`; well-known keys may be undefined.
    #[inline]
    pub fn is_compatible(&self, have: MaskedSet, incoming: MaskedSet) -> bool {
        self.world.is_compatible(have.0, incoming.0, Reading::Claim)
    }

    /// Whether a planned node with set `have` takes on set `incoming`, and so has what both say; what a meeting comes to
    /// is remembered.
    #[inline]
    pub fn meet(&mut self, have: MaskedSet, incoming: MaskedSet) -> bool {
        matches!(self.world.meet(have.0, incoming.0, Reading::Claim), Meeting::Joined(_))
    }

    /// The same without a memory: worked out, and given a number unless there is an equal set.
    #[inline]
    pub fn first_meeting(&mut self, have: MaskedSet, incoming: MaskedSet) -> bool {
        matches!(self.world.first_meeting(have.0, incoming.0, Reading::Claim), Meeting::Joined(_))
    }

    /// Works out what sets `a` and `b` both say, as a trial does: written into one place, and not kept.
    #[inline]
    pub fn join(&mut self, a: MaskedSet, b: MaskedSet) -> MaskedTrial<'_> {
        MaskedTrial(self.world.join(a.0, b.0))
    }

    /// What sets `a` and `b` both say, given a number and read as requirements.
    pub fn joined(&mut self, a: MaskedSet, b: MaskedSet) -> Requirements {
        self.world.join(a.0, b.0);
        let id = self.world.keep_trial();
        Requirements::clone(self.world.get(id))
    }

    /// Instance types, given by their sets, to be asked all at once.
    pub fn rows(&self, members: &[MaskedSet]) -> MaskedRows {
        let sets = members.iter().map(|member| member.0).collect();
        MaskedRows(LabelRows::new(Members::Sets(sets, Silence::MeetsAll)))
    }
}

/// A set of a closed world.
#[derive(Debug, Clone, Copy)]
pub struct MaskedSet(SetId);

/// What two sets made of each other.
#[derive(Debug)]
pub struct MaskedTrial<'w>(#[expect(dead_code, reason = "measured, not read")] &'w Row);

/// Rows over instance types; those asked for before are remembered.
#[derive(Debug)]
pub struct MaskedRows(LabelRows);

impl MaskedRows {
    /// Members that agree with set `asked` on every key they know.
    pub fn matching(&mut self, asked: MaskedSet, world: &MaskedWorld<'_>) -> FixedBitSet {
        self.0.matching(asked.0, &world.world)
    }
}
