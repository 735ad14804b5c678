//! The closed world of one solve: every label somebody asks for has a vocabulary, every requirement set is a row of
//! bits over them, and what two sets leave each other is a conjunction of their rows.
//!
//! A [`Draft`](super::draft::Draft) listens to everything that will be asked, then closes. From then on no new word can come up: what nodes
//! and instance types have besides is only known as "something else". The exact algebra is used where requirements
//! are read and where they are printed; a mask says exactly what its requirement does (proved by property tests).

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::fields::Fields;
use super::mask::Mask;
use super::part::{self, Part, find};
use super::remainder::{Remainder, RemainderId};
use super::row::{self, Outcome};
use super::rows::{Row, Rows};
use super::vocabulary::Vocabulary;
use crate::model::ids::LabelKey;
use crate::model::label_rules::WellKnownLabels;
use crate::model::requirement::Requirement;
use crate::model::requirements::{
    AllowUndefined, Conflict, Incompatible, KeyConflict, Requirements,
};

/// A requirement set of this solve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SetId(u32);

impl SetId {
    /// The number of the set at `index`.
    pub(super) fn new(index: usize) -> Self {
        Self(u32::try_from(index).expect("invariant: fewer sets than meetings"))
    }

    /// Where the set is.
    #[inline]
    pub(super) fn index(self) -> usize {
        usize::try_from(self.0).expect("invariant: ids fit into memory")
    }
}

pub(super) use super::part::KeyId;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Reading {
    /// A node that exists: none.
    Node,
    /// A claim: the well-known ones, which its instance type will define.
    Claim,
}

/// All sets met so far. At most one set per meeting is added, and every meeting is worked out once.
#[derive(Debug)]
pub(super) struct World<'a> {
    well_known: &'a WellKnownLabels,
    keys: FxHashMap<LabelKey, KeyId>,
    vocabularies: Vec<Vocabulary>,
    fields: Fields,
    rows: Rows,
    /// Per set.
    views: Vec<View>,
    met: FxHashMap<(SetId, SetId, Reading), Meeting>,
    /// What the last two sets made of each other.
    trial: Row,
}

/// A set as others read it, made when somebody does.
#[derive(Debug, Default)]
struct View {
    /// In key order.
    parts: OnceCell<Rc<[Part]>>,
    exact: OnceCell<Arc<Requirements>>,
}

impl<'a> World<'a> {
    /// The world with a vocabulary per key, in key order, and the sets that were `said`, in the order of their numbers.
    pub(super) fn new(
        well_known: &'a WellKnownLabels,
        vocabularies: Vec<Vocabulary>,
        said: Vec<Arc<Requirements>>,
    ) -> Self {
        let keys = vocabularies.iter().map(Vocabulary::key).cloned();
        let keys: FxHashMap<LabelKey, KeyId> = keys.zip(0..).collect();
        let mut n_said = vec![0; vocabularies.len()];
        for requirement in said.iter().flat_map(|set| set.iter()) {
            n_said[keys[requirement.key()]] += 1;
        }
        let fields = Fields::new(&vocabularies, &n_said);
        let (rows, trial) = (Rows::new(fields.n_cells()), fields.unsaid());
        let trial = Row { cells: trial, remainder: RemainderId::NONE };
        let (views, met) = (vec![], FxHashMap::default());
        let mut world = Self { well_known, keys, vocabularies, fields, rows, views, met, trial };
        for exact in said {
            let parts = world.parts(&exact);
            let row = world.row(&parts);
            world.push(&row, View { parts: parts.into(), exact: exact.into() });
        }
        world
    }
}

impl World<'_> {
    /// The number of `requirements`, with values nobody asks for merged.
    pub(super) fn read(&mut self, requirements: &Requirements) -> SetId {
        let parts = self.parts(requirements);
        self.number(parts)
    }

    /// The set with this number as requirements.
    pub(super) fn get(&self, id: SetId) -> &Arc<Requirements> {
        let print = || Arc::new(self.parts_of(id).iter().map(|part| self.print(part)).collect());
        self.views[id.index()].exact.get_or_init(print)
    }

    /// The number of `key`; `None` when nobody speaks of it.
    pub(super) fn key(&self, key: &LabelKey) -> Option<KeyId> {
        self.keys.get(key).copied()
    }

    /// The words of a key.
    pub(super) fn words(&self, key: KeyId) -> &Vocabulary {
        &self.vocabularies[key]
    }

    /// The set that asks for one of some values of each key; in key order.
    pub(super) fn choose(&mut self, masks: impl IntoIterator<Item = (KeyId, Mask)>) -> SetId {
        let part = |(key, mask)| Part { key, min_values: None, said: Vocabulary::one_of(mask) };
        let parts = masks.into_iter().map(part).collect();
        self.number(parts)
    }

    /// What a set says, in key order.
    pub(super) fn parts_of(&self, id: SetId) -> &[Part] {
        self.views[id.index()].parts.get_or_init(|| {
            let remainder = self.rows.remainder(id);
            let part = |(key, said)| Part { key, min_values: remainder.minimum(key), said };
            let fields = self.fields.read(self.rows.cells(id)).map(part);
            let mut parts: Vec<Part> = fields.chain(remainder.listed.iter().cloned()).collect();
            parts.sort_by_key(|part| part.key);
            parts.into()
        })
    }

    /// What a set says of one key.
    pub(super) fn part(&self, id: SetId, key: KeyId) -> Option<&Part> {
        find(self.parts_of(id), key)
    }

    /// Whether a set asks for a minimum of distinct values of anything.
    pub(super) fn has_min_values(&self, id: SetId) -> bool {
        let remainder = self.rows.remainder(id);
        !remainder.minima.is_empty() || remainder.listed.iter().any(|p| p.min_values.is_some())
    }

    /// The keys a claim may leave undefined.
    pub(super) fn well_known(&self) -> AllowUndefined<'_> {
        AllowUndefined::WellKnown(self.well_known)
    }

    /// Whether something with `have` can take on `incoming`.
    #[inline]
    pub(super) fn is_compatible(&self, have: SetId, incoming: SetId, reading: Reading) -> bool {
        let [own, asked] = [have, incoming].map(|set| self.rows.cells(set));
        let is_claim = reading == Reading::Claim;
        let is_met = row::is_compatible(own, asked, self.fields.meanings(), is_claim);
        // Asked whatever the rows say: almost nothing is listed, but the rows' answer is anybody's guess.
        is_met & !self.meet_listed(have, incoming, is_claim).is_incompatible
    }

    /// What a bin with `have` becomes when it takes on `incoming`.
    #[inline]
    pub(super) fn meet(&mut self, have: SetId, incoming: SetId, reading: Reading) -> Meeting {
        if let Some(known) = self.met.get(&(have, incoming, reading)) {
            return *known;
        }
        let meeting = self.first_meeting(have, incoming, reading);
        self.met.insert((have, incoming, reading), meeting);
        meeting
    }

    /// [`meet`](Self::meet) without a memory.
    #[inline]
    pub(super) fn first_meeting(
        &mut self,
        have: SetId,
        incoming: SetId,
        reading: Reading,
    ) -> Meeting {
        let [own, asked] = [have, incoming].map(|set| self.rows.cells(set));
        let (is_claim, meanings) = (reading == Reading::Claim, self.fields.meanings());
        let outcome = row::meet(own, asked, meanings, is_claim, &mut self.trial.cells);
        let listed = self.meet_listed(have, incoming, is_claim);
        if outcome.is_for_good || listed.is_for_good {
            return Meeting::Never;
        }
        if outcome.is_refused() || listed.is_refused() {
            return Meeting::NotNow;
        }
        self.trial.remainder = self.join_remainders(have, incoming);
        if !outcome.is_changed && self.trial.remainder == self.rows.remainder_id(have) {
            return Meeting::Joined(have);
        }
        Meeting::Joined(self.keep_trial())
    }

    /// What both sets say, where the next two will be written: nothing is added to the world.
    #[cfg(any(test, feature = "testing"))]
    #[inline]
    pub(super) fn join(&mut self, have: SetId, incoming: SetId) -> &Row {
        let [own, asked] = [have, incoming].map(|set| self.rows.cells(set));
        row::join(own, asked, self.fields.meanings(), &mut self.trial.cells);
        self.trial.remainder = self.join_remainders(have, incoming);
        &self.trial
    }

    /// The number of what the last two sets made of each other.
    #[inline]
    pub(super) fn keep_trial(&mut self) -> SetId {
        match self.rows.find(&self.trial) {
            Some(id) => id,
            None => {
                self.views.push(View::default());
                self.rows.push(&self.trial)
            }
        }
    }

    /// Why a claim with `have` cannot take on `incoming`; `None` when it can.
    pub(super) fn refusal(&self, have: SetId, incoming: SetId) -> Option<Incompatible> {
        let (have, incoming) = (self.get(have), self.get(incoming));
        match have.compatible(incoming, self.well_known()) {
            Err(why) => Some(why),
            Ok(()) => empty_ranges(have, incoming).map(Incompatible::Conflict),
        }
    }

    /// How it ends for keys that have no field.
    #[inline]
    fn meet_listed(&self, have: SetId, incoming: SetId, is_claim: bool) -> Outcome {
        if self.rows.remainder_id(incoming) == RemainderId::NONE {
            return Outcome::default();
        }
        let [own, asked] = [have, incoming].map(|set| &*self.rows.remainder(set).listed);
        part::meet(own, asked, &self.vocabularies, is_claim)
    }

    #[inline]
    fn join_remainders(&mut self, have: SetId, incoming: SetId) -> RemainderId {
        let [own, asked] = [have, incoming].map(|set| self.rows.remainder_id(set));
        match (own, asked) {
            (id, RemainderId::NONE) | (RemainderId::NONE, id) => id,
            _ if own == asked => own,
            _ => {
                let [own, asked] = [have, incoming].map(|set| self.rows.remainder(set));
                let joined = own.join(asked, |own, asked| Part {
                    key: own.key,
                    min_values: own.min_values.max(asked.min_values),
                    said: self.vocabularies[own.key].both(&own.said, &asked.said),
                });
                self.rows.number(joined)
            }
        }
    }

    fn number(&mut self, parts: Rc<[Part]>) -> SetId {
        let row = self.row(&parts);
        match self.rows.find(&row) {
            Some(id) => id,
            None => self.push(&row, View { parts: parts.into(), exact: OnceCell::new() }),
        }
    }

    fn push(&mut self, row: &Row, view: View) -> SetId {
        self.views.push(view);
        self.rows.push(row)
    }

    fn row(&mut self, parts: &[Part]) -> Row {
        let mut cells = self.fields.unsaid();
        let mut remainder = Remainder::default();
        for part in parts {
            self.fields.write(part, &self.vocabularies[part.key], &mut cells);
            if !self.fields.contains(part.key) {
                remainder.listed.push(part.clone());
            } else if let Some(minimum) = part.min_values {
                remainder.minima.push((part.key, minimum));
            }
        }
        Row { cells, remainder: self.rows.number(remainder) }
    }

    fn parts(&self, requirements: &Requirements) -> Rc<[Part]> {
        let part = |requirement: &Requirement| {
            let key = *self.keys.get(requirement.key())?;
            let said = self.vocabularies[key].read(requirement);
            Some(Part { key, min_values: requirement.min_values(), said })
        };
        requirements.iter().filter_map(part).collect()
    }

    fn print(&self, part: &Part) -> Requirement {
        self.vocabularies[part.key].print(&part.said).with_min_values(part.min_values)
    }
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
