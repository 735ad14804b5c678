//! The closed world of one solve: every label somebody asks for has a vocabulary, every requirement set is a short list
//! of masks over it, and what two sets leave each other is a conjunction.
//!
//! A [`Draft`] listens to everything that will be asked, then closes. From then on no new word can come up: what nodes
//! and instance types have besides is only known as "something else". The exact algebra is used where requirements
//! are read and where they are printed; a mask says exactly what its requirement does (proved by property tests).

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::mask::Mask;
use super::vocabulary::{Mentioned, Said, Vocabulary};
use crate::model::ids::LabelKey;
use crate::model::instance_type::InstanceType;
use crate::model::label_rules::WellKnownLabels;
use crate::model::requirement::Requirement;
use crate::model::requirements::{
    AllowUndefined, Conflict, Incompatible, KeyConflict, Requirements,
};

/// A requirement set of this solve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SetId(u32);

impl SetId {
    fn index(self) -> usize {
        usize::try_from(self.0).expect("invariant: ids fit into memory")
    }
}

/// A label key of this solve; numbers are in the order of keys.
pub(super) type KeyId = usize;

/// What a set says of one key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Part {
    /// The key.
    pub(super) key: KeyId,
    /// Distinct values asked for.
    pub(super) min_values: Option<u32>,
    /// What it may be.
    pub(super) said: Said,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Reading {
    /// A node that exists: none.
    Node,
    /// A claim: the well-known ones, which its instance type will define.
    Claim,
}

/// A world that is still listening.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    well_known: &'a WellKnownLabels,
    said: Vec<Arc<Requirements>>,
    ids: FxHashMap<Arc<Requirements>, SetId>,
    mentioned: BTreeMap<LabelKey, Mentioned>,
}

impl<'a> Draft<'a> {
    /// Nothing was said yet.
    pub(super) fn new(well_known: &'a WellKnownLabels) -> Self {
        Self { well_known, said: vec![], ids: FxHashMap::default(), mentioned: BTreeMap::new() }
    }

    /// The number of `requirements` that somebody asks for; equal ones have equal numbers.
    pub(super) fn say(&mut self, requirements: Requirements) -> SetId {
        if let Some(id) = self.ids.get(&requirements) {
            return *id;
        }
        for requirement in requirements.iter() {
            self.mention(requirement.key()).note(requirement);
        }
        let id = SetId(u32::try_from(self.said.len()).expect("invariant: fewer sets than bytes"));
        let shared = Arc::new(requirements);
        self.said.push(shared.clone());
        self.ids.insert(shared, id);
        id
    }

    /// Listens to what instance types and their offerings say; values they merely list need no bit of their own.
    pub(super) fn overhear(&mut self, types: &[Arc<InstanceType>]) {
        for it in types {
            for requirement in it.requirements.iter().filter(|r| r.complement()) {
                self.mention(requirement.key()).note(requirement);
            }
            for requirement in it.offerings.iter().flat_map(|o| o.requirements.iter()) {
                let mentioned = self.mention(requirement.key());
                if requirement.complement() {
                    mentioned.note(requirement);
                }
            }
        }
    }

    /// Notes that `value` of `key` has to be told from all others.
    pub(super) fn tell_apart(&mut self, key: &LabelKey, value: &Arc<str>) {
        self.mention(key).note_value(value.clone());
    }

    /// Notes that somebody looks at `key`.
    pub(super) fn look_at(&mut self, key: &LabelKey) {
        self.mention(key);
    }

    /// The world in which nothing else is asked for.
    pub(super) fn close(self) -> World<'a> {
        let mut world = World {
            well_known: self.well_known,
            keys: FxHashMap::default(),
            vocabularies: vec![],
            sets: vec![],
            ids: FxHashMap::default(),
            met: FxHashMap::default(),
        };
        for (key, mentioned) in self.mentioned {
            let is_well_known = self.well_known.contains(key.as_str());
            world.keys.insert(key.clone(), world.vocabularies.len());
            world.vocabularies.push(Vocabulary::new(key, is_well_known, mentioned));
        }
        for (at, exact) in self.said.into_iter().enumerate() {
            let parts = world.parts(&exact);
            let id = SetId(u32::try_from(at).expect("invariant: as many as were said"));
            world.sets.push(Known { parts: parts.clone(), exact: OnceCell::from(exact) });
            world.ids.entry(parts).or_insert(id);
        }
        world
    }

    fn mention(&mut self, key: &LabelKey) -> &mut Mentioned {
        if !self.mentioned.contains_key(key) {
            self.mentioned.insert(key.clone(), Mentioned::default());
        }
        self.mentioned.get_mut(key).expect("invariant: it was just put there")
    }
}

/// All sets met so far. At most one set per meeting is added, and every meeting is worked out once.
#[derive(Debug)]
pub(super) struct World<'a> {
    well_known: &'a WellKnownLabels,
    keys: FxHashMap<LabelKey, KeyId>,
    vocabularies: Vec<Vocabulary>,
    sets: Vec<Known>,
    ids: FxHashMap<Rc<[Part]>, SetId>,
    met: FxHashMap<(SetId, SetId, Reading), Meeting>,
}

#[derive(Debug)]
struct Known {
    /// In key order.
    parts: Rc<[Part]>,
    exact: OnceCell<Arc<Requirements>>,
}

impl World<'_> {
    /// The number of `requirements`, with values nobody asks for merged.
    pub(super) fn read(&mut self, requirements: &Requirements) -> SetId {
        let parts = self.parts(requirements);
        self.intern(parts)
    }

    /// The set with this number as requirements.
    pub(super) fn get(&self, id: SetId) -> &Arc<Requirements> {
        let known = &self.sets[id.index()];
        known.exact.get_or_init(|| Arc::new(known.parts.iter().map(|p| self.print(p)).collect()))
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
        self.intern(parts)
    }

    /// What a set says, in key order.
    pub(super) fn parts_of(&self, id: SetId) -> &[Part] {
        &self.sets[id.index()].parts
    }

    /// What a set says of one key.
    pub(super) fn part(&self, id: SetId, key: KeyId) -> Option<&Part> {
        find(self.parts_of(id), key)
    }

    /// Whether a set asks for a minimum of distinct values of anything.
    pub(super) fn has_min_values(&self, id: SetId) -> bool {
        self.parts_of(id).iter().any(|part| part.min_values.is_some())
    }

    /// The keys a claim may leave undefined.
    pub(super) fn well_known(&self) -> AllowUndefined<'_> {
        AllowUndefined::WellKnown(self.well_known)
    }

    /// Whether something with `have` can take on `incoming`.
    pub(super) fn is_compatible(&self, have: SetId, incoming: SetId, reading: Reading) -> bool {
        let mut own = self.parts_of(have);
        self.parts_of(incoming).iter().all(|asked| {
            while let Some((first, rest)) = own.split_first()
                && first.key < asked.key
            {
                own = rest;
            }
            match own.first().filter(|own| own.key == asked.key) {
                Some(own) => agree(&own.said, &asked.said),
                None => self.may_lack(asked, reading),
            }
        })
    }

    /// What a bin with `have` becomes when it takes on `incoming`.
    pub(super) fn meet(&mut self, have: SetId, incoming: SetId, reading: Reading) -> Meeting {
        if let Some(known) = self.met.get(&(have, incoming, reading)) {
            return *known;
        }
        let meeting = self.first_meeting(have, incoming, reading);
        self.met.insert((have, incoming, reading), meeting);
        meeting
    }

    fn first_meeting(&mut self, have: SetId, incoming: SetId, reading: Reading) -> Meeting {
        let own = &self.sets[have.index()].parts;
        let mut is_open = true;
        let mut changes = false;
        for asked in self.sets[incoming.index()].parts.iter() {
            let words = &self.vocabularies[asked.key];
            match find(own, asked.key) {
                Some(own) if !agree(&own.said, &asked.said) => {
                    // A bin that must have the label may later be told that some values are excepted; from then on
                    // a pod that asks for the label's absence is admitted.
                    if !(asked.said.allows_absence && own.said.is_open) {
                        return Meeting::Never;
                    }
                    is_open = false;
                }
                // A bin that is told to have one particular value below zero later would be admitted.
                Some(own) if words.is_below_zero(&own.said, Some(&asked.said)) => is_open = false,
                Some(own) => {
                    changes |= !own.said.mask.is_within(&asked.said.mask)
                        || own.min_values < asked.min_values;
                }
                None if words.is_below_zero(&asked.said, None) => is_open = false,
                None => {
                    is_open &= self.may_lack(asked, reading);
                    changes = true;
                }
            }
        }
        match (is_open, changes) {
            (false, _) => Meeting::NotNow,
            (true, false) => Meeting::Joined(have),
            (true, true) => {
                let joined = self.join(own, self.parts_of(incoming));
                Meeting::Joined(self.intern(joined))
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

    fn may_lack(&self, asked: &Part, reading: Reading) -> bool {
        asked.said.allows_absence
            || (reading == Reading::Claim && self.vocabularies[asked.key].is_well_known)
    }

    /// Both in key order, with the keys of both.
    pub(super) fn join(&self, have: &[Part], incoming: &[Part]) -> Rc<[Part]> {
        let mut joined = have.to_vec();
        for asked in incoming {
            match joined.binary_search_by_key(&asked.key, |part| part.key) {
                Ok(at) => {
                    let own = &mut joined[at];
                    own.said = self.vocabularies[asked.key].both(&own.said, &asked.said);
                    own.min_values = own.min_values.max(asked.min_values);
                }
                Err(at) => joined.insert(at, asked.clone()),
            }
        }
        joined.into()
    }

    fn intern(&mut self, parts: Rc<[Part]>) -> SetId {
        if let Some(id) = self.ids.get(&parts) {
            return *id;
        }
        let id =
            SetId(u32::try_from(self.sets.len()).expect("invariant: fewer sets than meetings"));
        self.sets.push(Known { parts: parts.clone(), exact: OnceCell::new() });
        self.ids.insert(parts, id);
        id
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

/// Whether both leave something, or both do without the label.
pub(super) fn agree(have: &Said, incoming: &Said) -> bool {
    (have.allows_absence && incoming.allows_absence) || have.mask.meets(&incoming.mask)
}

fn find(parts: &[Part], key: KeyId) -> Option<&Part> {
    let at = parts.binary_search_by_key(&key, |part| part.key).ok()?;
    Some(&parts[at])
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
