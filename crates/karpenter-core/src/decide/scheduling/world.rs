//! The closed world of one solve: every requirement set that arises is a number, and what two sets leave each other
//! is worked out once.
//!
//! Few sets arise, because pods of a workload share theirs and claims are met by the same few. The exact algebra runs
//! once per pair of sets; afterwards a meeting is one table look-up, so its results are the algebra's by construction.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::label_rules::WellKnownLabels;
use crate::model::requirement::Requirement;
use crate::model::requirements::{
    AllowUndefined, Conflict, Incompatible, KeyConflict, Requirements,
};

/// A requirement set of this solve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SetId(u32);

impl SetId {
    /// The set without requirements.
    pub(super) const EMPTY: Self = Self(0);

    /// Position in tables by set.
    pub(super) fn index(self) -> usize {
        usize::try_from(self.0).expect("invariant: ids fit into memory")
    }
}

/// What happens when a bin with one set is asked to take on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meeting {
    /// The bin then has this set.
    Joined(SetId),
    /// Refused as long as the bin's set stays what it is.
    NotNow,
    /// Refused whatever the bin takes on later.
    Never,
}

/// Which keys a bin may leave undefined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A node that exists: none.
    Node,
    /// A claim: the well-known ones, which its instance type will define.
    Claim,
}

/// All sets, and the meetings seen so far. At most one set per meeting is added.
#[derive(Debug)]
pub(super) struct World<'a> {
    well_known: &'a WellKnownLabels,
    sets: Vec<Arc<Requirements>>,
    ids: FxHashMap<Arc<Requirements>, SetId>,
    by_node: FxHashMap<(SetId, SetId), Meeting>,
    by_claim: FxHashMap<(SetId, SetId), Meeting>,
}

impl<'a> World<'a> {
    /// A world that knows the empty set only.
    pub(super) fn new(well_known: &'a WellKnownLabels) -> Self {
        let mut world = Self {
            well_known,
            sets: vec![],
            ids: FxHashMap::default(),
            by_node: FxHashMap::default(),
            by_claim: FxHashMap::default(),
        };
        world.intern(Requirements::new());
        world
    }

    /// The number of `requirements`; equal sets have equal numbers.
    pub(super) fn intern(&mut self, requirements: Requirements) -> SetId {
        if let Some(id) = self.ids.get(&requirements) {
            return *id;
        }
        let id =
            SetId(u32::try_from(self.sets.len()).expect("invariant: fewer sets than meetings"));
        let shared = Arc::new(requirements);
        self.sets.push(shared.clone());
        self.ids.insert(shared, id);
        id
    }

    /// The set with this number.
    pub(super) fn get(&self, id: SetId) -> &Arc<Requirements> {
        &self.sets[id.index()]
    }

    /// The keys a claim may leave undefined.
    pub(super) fn well_known(&self) -> AllowUndefined<'a> {
        AllowUndefined::WellKnown(self.well_known)
    }

    /// What a bin with `have` becomes when it takes on `incoming`.
    pub(super) fn meet(&mut self, have: SetId, incoming: SetId, reading: Reading) -> Meeting {
        if incoming == SetId::EMPTY {
            return Meeting::Joined(have);
        }
        let known = match reading {
            Reading::Node => &self.by_node,
            Reading::Claim => &self.by_claim,
        };
        if let Some(meeting) = known.get(&(have, incoming)) {
            return *meeting;
        }
        let meeting = self.work_out(have, incoming, reading);
        let known = match reading {
            Reading::Node => &mut self.by_node,
            Reading::Claim => &mut self.by_claim,
        };
        known.insert((have, incoming), meeting);
        meeting
    }

    /// Why a claim with `have` cannot take on `incoming`; `None` when it can.
    pub(super) fn refusal(&self, have: SetId, incoming: SetId) -> Option<Incompatible> {
        let (have, incoming) = (self.get(have), self.get(incoming));
        match have.compatible(incoming, self.well_known()) {
            Err(why) => Some(why),
            Ok(()) => empty_ranges(have, incoming).map(Incompatible::Conflict),
        }
    }

    fn work_out(&mut self, have: SetId, incoming: SetId, reading: Reading) -> Meeting {
        let allow = match reading {
            Reading::Node => AllowUndefined::Nothing,
            Reading::Claim => self.well_known(),
        };
        let (have, incoming) = (self.get(have).clone(), self.get(incoming).clone());
        match have.compatible(&incoming, allow) {
            Err(Incompatible::Undefined { .. }) => Meeting::NotNow,
            Err(Incompatible::Conflict(conflict)) if conflict.0.iter().any(is_final) => {
                Meeting::Never
            }
            Err(Incompatible::Conflict(_)) => Meeting::NotNow,
            Ok(()) if empty_ranges(&have, &incoming).is_some() => Meeting::Never,
            Ok(()) => Meeting::Joined(self.intern(have.intersect(&incoming))),
        }
    }
}

/// Whether no further requirement on the bin can resolve the conflict.
///
/// A bin that must have the label may later be told that some values are excepted; from then on a pod that asks for
/// the label's absence is admitted.
fn is_final(conflict: &KeyConflict) -> bool {
    !(conflict.incoming.allows_absence() && conflict.have.complement())
}

/// Keys on which the two sides agree on nothing but integers below zero, which no label can be.
fn empty_ranges(have: &Requirements, incoming: &Requirements) -> Option<Conflict> {
    let conflicts: Vec<KeyConflict> = incoming
        .iter()
        .filter_map(|incoming| {
            let have = have.get(incoming.key().as_str());
            let joined = have.map_or_else(|| incoming.clone(), |have| have.intersection(incoming));
            let have = have.cloned().unwrap_or_else(|| Requirement::exists(incoming.key().clone()));
            is_empty_range(&joined).then(|| KeyConflict { have, incoming: incoming.clone() })
        })
        .collect();
    (!conflicts.is_empty()).then_some(Conflict(conflicts))
}

/// Whether a requirement asks for an integer below zero.
pub(super) fn is_empty_range(requirement: &Requirement) -> bool {
    requirement.complement() && requirement.lte().is_some_and(|lte| lte < 0)
}
