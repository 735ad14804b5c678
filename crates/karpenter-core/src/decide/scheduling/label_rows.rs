//! Members of an index by what they say of labels: one row of bits per requirement, made on first use.
//!
//! Instance types and existing nodes are both such members.

use std::rc::Rc;

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use super::mask::Mask;
use super::part::{KeyId, agree};
use super::vocabulary::Said;
use super::world::{SetId, World};

/// What a member that says nothing of a key makes of a requirement on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// It may become anything: an instance type.
    MeetsAll,
    /// It lacks the label: a node.
    IsAbsence,
}

/// Rows over members with a fixed requirement set each.
#[derive(Debug)]
pub(super) struct LabelRows {
    sets: Vec<SetId>,
    silence: Silence,
    keys: FxHashMap<KeyId, KeyGroups>,
    rows: FxHashMap<(KeyId, Mask), Rc<FixedBitSet>>,
}

/// Members by what they say of one key.
#[derive(Debug, Default)]
struct KeyGroups {
    groups: Vec<Group>,
    /// Groups that list their values, by value.
    by_value: FxHashMap<usize, Vec<usize>>,
    /// All other groups.
    others: Vec<usize>,
}

#[derive(Debug)]
struct Group {
    said: Option<Said>,
    members: Vec<usize>,
}

impl LabelRows {
    /// Rows over members with these sets, in order.
    pub(super) fn new(sets: Vec<SetId>, silence: Silence) -> Self {
        Self { sets, silence, keys: FxHashMap::default(), rows: FxHashMap::default() }
    }

    /// Members that agree with every part of `set`.
    pub(super) fn matching(&mut self, set: SetId, world: &World<'_>) -> FixedBitSet {
        let mut result = FixedBitSet::with_capacity(self.sets.len());
        result.insert_range(..);
        for part in world.parts_of(set) {
            result.intersect_with(&self.row(part.key, &part.said, world));
        }
        result
    }

    /// Members that agree with `asked` of `key`.
    fn row(&mut self, key: KeyId, asked: &Said, world: &World<'_>) -> Rc<FixedBitSet> {
        // A mask decides everything else that is said, so it alone is the key.
        if let Some(row) = self.rows.get(&(key, asked.mask.clone())) {
            return row.clone();
        }
        let Self { sets, keys, silence, .. } = self;
        let groups = keys.entry(key).or_insert_with(|| KeyGroups::new(sets, key, world));
        let mut row = FixedBitSet::with_capacity(sets.len());
        for group in groups.candidates(asked) {
            let group = &groups.groups[group];
            let is_met = match &group.said {
                Some(said) => agree(said, asked),
                None => *silence == Silence::MeetsAll || asked.allows_absence,
            };
            if is_met {
                row.extend(group.members.iter().copied());
            }
        }
        let row = Rc::new(row);
        self.rows.insert((key, asked.mask.clone()), row.clone());
        row
    }
}

impl KeyGroups {
    fn new(sets: &[SetId], key: KeyId, world: &World<'_>) -> Self {
        let mut result = Self::default();
        let mut number: FxHashMap<Option<&Said>, usize> = FxHashMap::default();
        for (member, set) in sets.iter().enumerate() {
            let said = world.part(*set, key).map(|part| &part.said);
            let group = *number.entry(said).or_insert_with(|| result.add(said));
            result.groups[group].members.push(member);
        }
        result
    }

    fn add(&mut self, said: Option<&Said>) -> usize {
        let group = self.groups.len();
        match said {
            Some(said) if !said.is_open && !said.allows_absence => {
                for value in said.mask.ones() {
                    self.by_value.entry(value).or_default().push(group);
                }
            }
            _ => self.others.push(group),
        }
        self.groups.push(Group { said: said.cloned(), members: vec![] });
        group
    }

    /// Groups that may agree with `asked`, maybe repeated: by value when it lists its values.
    fn candidates(&self, asked: &Said) -> Vec<usize> {
        if asked.is_open || asked.allows_absence {
            return (0..self.groups.len()).collect();
        }
        let listed = asked.mask.ones().filter_map(|value| self.by_value.get(&value)).flatten();
        listed.chain(&self.others).copied().collect()
    }
}
