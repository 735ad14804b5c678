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
use crate::model::instance_type_list::InstanceTypeList;

/// Who says something of labels.
#[derive(Debug)]
pub(super) enum Members {
    /// Instance types; one that says nothing of a label may become anything.
    Types(InstanceTypeList),
    /// Whoever has these requirement sets.
    Sets(Vec<SetId>, Silence),
}

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
    members: Members,
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
    /// Rows over `members`, in their order.
    pub(super) fn new(members: Members) -> Self {
        Self { members, keys: FxHashMap::default(), rows: FxHashMap::default() }
    }

    /// Members that agree with every part of `set`.
    pub(super) fn matching(&mut self, set: SetId, world: &World<'_>) -> FixedBitSet {
        let mut result = FixedBitSet::with_capacity(self.members.len());
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
        let Self { members, keys, .. } = self;
        let groups = keys.entry(key).or_insert_with(|| members.by_what_they_say(key, world));
        let mut row = FixedBitSet::with_capacity(members.len());
        for group in groups.candidates(asked) {
            let group = &groups.groups[group];
            let is_met = match &group.said {
                Some(said) => agree(said, asked),
                None => members.silence() == Silence::MeetsAll || asked.allows_absence,
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

impl Members {
    fn len(&self) -> usize {
        match self {
            Self::Types(types) => types.len(),
            Self::Sets(sets, _) => sets.len(),
        }
    }

    fn silence(&self) -> Silence {
        match self {
            Self::Types(_) => Silence::MeetsAll,
            Self::Sets(_, silence) => *silence,
        }
    }

    fn by_what_they_say(&self, key: KeyId, world: &World<'_>) -> KeyGroups {
        match self {
            Self::Types(types) => KeyGroups::of_types(types, key, world),
            Self::Sets(sets, _) => KeyGroups::of_sets(sets, key, world),
        }
    }
}

impl KeyGroups {
    fn of_types(types: &InstanceTypeList, key: KeyId, world: &World<'_>) -> Self {
        let mut result = Self::default();
        let mut number: FxHashMap<Said, usize> = FxHashMap::default();
        let mut silent = FixedBitSet::with_capacity(types.len());
        silent.insert_range(..);
        let words = world.words(key);
        for statement in types.digest().statements(words.key()) {
            let said = words.read(&statement.requirement);
            let group = match number.get(&said) {
                Some(known) => *known,
                None => *number.entry(said.clone()).or_insert(result.add(Some(&said))),
            };
            result.groups[group].members.extend(&statement.members);
            statement.members.iter().for_each(|member| silent.remove(*member));
        }
        let silence = result.add(None);
        result.groups[silence].members.extend(silent.ones());
        result
    }

    fn of_sets(sets: &[SetId], key: KeyId, world: &World<'_>) -> Self {
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
