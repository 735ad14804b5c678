//! The masks of a solve by themselves, so that they can be measured apart from it.

use fixedbitset::FixedBitSet;

use super::draft::Draft;
use super::label_rows::{LabelRows, Silence};
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
/// assert!(world.is_compatible(0, 1) && !world.is_compatible(0, 2));
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

    /// Whether a planned node with set `have` can take on set `incoming`; well-known keys may be undefined.
    pub fn is_compatible(&self, have: usize, incoming: usize) -> bool {
        self.world.is_compatible(self.ids[have], self.ids[incoming], Reading::Claim)
    }

    /// Whether a planned node with set `have` takes on set `incoming`, and so has what both say; what a meeting comes to
    /// is remembered.
    pub fn meet(&mut self, have: usize, incoming: usize) -> bool {
        let met = self.world.meet(self.ids[have], self.ids[incoming], Reading::Claim);
        matches!(met, Meeting::Joined(_))
    }

    /// The same without a memory: worked out, and given a number unless there is an equal set.
    pub fn first_meeting(&mut self, have: usize, incoming: usize) -> bool {
        let (have, incoming) = (self.ids[have], self.ids[incoming]);
        matches!(self.world.first_meeting(have, incoming, Reading::Claim), Meeting::Joined(_))
    }

    /// Works out what sets `a` and `b` both say, as a trial does: written into one place, and not kept.
    pub fn join(&mut self, a: usize, b: usize) -> MaskedTrial<'_> {
        MaskedTrial(self.world.join(self.ids[a], self.ids[b]))
    }

    /// What sets `a` and `b` both say, given a number and read as requirements.
    pub fn joined(&mut self, a: usize, b: usize) -> Requirements {
        self.world.join(self.ids[a], self.ids[b]);
        let id = self.world.keep_trial();
        Requirements::clone(self.world.get(id))
    }

    /// Instance types, given by the positions of their sets, to be asked all at once.
    pub fn rows(&self, members: &[usize]) -> MaskedRows {
        let sets = members.iter().map(|member| self.ids[*member]).collect();
        MaskedRows(LabelRows::new(sets, Silence::MeetsAll))
    }
}

/// What two sets made of each other.
#[derive(Debug)]
pub struct MaskedTrial<'w>(#[expect(dead_code, reason = "measured, not read")] &'w Row);

/// Rows over instance types; those asked for before are remembered.
#[derive(Debug)]
pub struct MaskedRows(LabelRows);

impl MaskedRows {
    /// Members that agree with set `asked` on every key they know.
    pub fn matching(&mut self, asked: usize, world: &MaskedWorld<'_>) -> FixedBitSet {
        self.0.matching(world.ids[asked], &world.world)
    }
}
