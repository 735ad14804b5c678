//! What anybody can say of one label within a solve, as bits.
//!
//! A label may be one of the texts somebody asks for (a bit each), an integer nobody asks for by name (a bit for each
//! interval between the bounds somebody asks for) or any other text (one bit). The bits of the last two kinds are
//! **homes**; a requirement that allows everything but some values has at least one home, one that lists its values
//! has none. A value that nobody asks for, but that a node or an instance type has, is a **stranger** of its home: all
//! strangers of a home are alike, because only requirements that are asked for ever meet them.
//!
//! Two homes hold no text: they stand for "no lower bound" and "no upper bound", so that a mask and a requirement say
//! exactly the same, down to how it is printed.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::mask::Mask;
use crate::model::ids::LabelKey;
use crate::model::requirement::Requirement;

/// Texts that are no integers.
const TEXT: usize = 0;
/// No lower bound.
const BELOW: usize = 1;
/// No upper bound.
const ABOVE: usize = 2;
/// The first interval of integers.
const INTERVALS: usize = 3;

/// Values and bounds that were mentioned of one key.
#[derive(Debug, Default)]
pub(super) struct Mentioned {
    values: BTreeSet<Arc<str>>,
    /// Where intervals begin, apart from the first.
    starts: BTreeSet<i64>,
}

impl Mentioned {
    /// Notes a value that has to be told from all others.
    pub(super) fn note_value(&mut self, value: Arc<str>) {
        self.values.insert(value);
    }

    /// Notes values and bounds of `requirement`.
    pub(super) fn note(&mut self, requirement: &Requirement) {
        self.values.extend(requirement.values().iter().cloned());
        self.starts.extend(requirement.gte().filter(|gte| *gte > i64::MIN));
        self.starts.extend(requirement.lte().and_then(|lte| lte.checked_add(1)));
    }
}

/// The bits of one key.
#[derive(Debug)]
pub(super) struct Vocabulary {
    key: LabelKey,
    /// The key may be left undefined by a claim.
    pub(super) is_well_known: bool,
    values: Vec<Arc<str>>,
    /// Per value its home.
    home_of: Vec<usize>,
    starts: Vec<i64>,
    /// All homes.
    homes: Mask,
    /// Homes of texts that a label can be: all but integers below zero.
    possible: Mask,
    /// Per home the values that live there.
    residents: Vec<Mask>,
}

/// What a requirement says of its key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Said {
    /// Allowed words.
    pub(super) mask: Mask,
    /// Everything except some values is allowed, within bounds.
    pub(super) is_open: bool,
    /// An absent label will do.
    pub(super) allows_absence: bool,
}

impl Vocabulary {
    /// The vocabulary of `key`.
    pub(super) fn new(key: LabelKey, is_well_known: bool, mut mentioned: Mentioned) -> Self {
        mentioned.starts.insert(0);
        let values: Vec<Arc<str>> = mentioned.values.into_iter().collect();
        let starts: Vec<i64> = mentioned.starts.into_iter().collect();
        let n_homes = INTERVALS + starts.len() + 1;
        let n_bits = 2 * n_homes + values.len();
        let none = Mask::none(n_bits);
        let mut vocabulary = Self {
            key,
            is_well_known,
            values,
            home_of: vec![],
            starts,
            homes: none.clone(),
            possible: none.clone(),
            residents: vec![none; n_homes],
        };
        for home in 0..n_homes {
            vocabulary.homes.insert(home);
            let is_negative = home == BELOW
                || home >= INTERVALS && vocabulary.last_of(home).is_some_and(|last| last < 0);
            if !is_negative {
                vocabulary.possible.insert(home);
            }
        }
        vocabulary.home_of = vocabulary.values.iter().map(|value| vocabulary.home(value)).collect();
        for (at, home) in vocabulary.home_of.iter().enumerate() {
            vocabulary.residents[*home].insert(2 * n_homes + at);
        }
        vocabulary
    }

    /// What `requirement` says.
    pub(super) fn read(&self, requirement: &Requirement) -> Said {
        let mut mask = Mask::none(self.n_bits());
        if requirement.complement() {
            self.read_open(requirement, &mut mask);
        } else {
            for value in requirement.values() {
                mask.insert(match self.values.binary_search(value) {
                    Ok(at) => 2 * self.n_homes() + at,
                    Err(_) => self.n_homes() + self.home(value),
                });
            }
        }
        self.said(mask)
    }

    /// What allows exactly the words in `mask`, all of them values.
    pub(super) fn one_of(mask: Mask) -> Said {
        Said { allows_absence: mask.is_zero(), is_open: false, mask }
    }

    /// No word at all.
    pub(super) fn nothing(&self) -> Mask {
        Mask::none(self.n_bits())
    }

    /// One word.
    pub(super) fn only(&self, bit: usize) -> Mask {
        let mut mask = self.nothing();
        mask.insert(bit);
        mask
    }

    /// The bit of `value`; `None` for one that nobody mentioned.
    pub(super) fn bit_of(&self, value: &str) -> Option<usize> {
        let at = self.values.binary_search_by(|own| (**own).cmp(value)).ok()?;
        Some(2 * self.n_homes() + at)
    }

    /// The value of a bit that [`bit_of`](Self::bit_of) gave.
    pub(super) fn value_of(&self, bit: usize) -> &Arc<str> {
        &self.values[bit - 2 * self.n_homes()]
    }

    /// The key.
    pub(super) fn key(&self) -> &LabelKey {
        &self.key
    }

    /// How many bits its masks have.
    pub(super) fn n_bits(&self) -> usize {
        2 * self.n_homes() + self.values.len()
    }

    /// All homes.
    pub(super) fn homes(&self) -> &Mask {
        &self.homes
    }

    /// Homes of texts that a label can be: all but integers below zero.
    pub(super) fn possible(&self) -> &Mask {
        &self.possible
    }

    /// The values that live in the homes of `mask`.
    pub(super) fn residents_of(&self, mask: &Mask) -> Mask {
        let mut result = self.nothing();
        for (home, residents) in self.residents.iter().enumerate() {
            if mask.contains(home) {
                result.extend(residents);
            }
        }
        result
    }

    /// What both say.
    pub(super) fn both(&self, a: &Said, b: &Said) -> Said {
        self.said(a.mask.and(&b.mask))
    }

    /// Whether both leave nothing but integers below zero, which no label can be.
    pub(super) fn is_below_zero(&self, a: &Said, b: Option<&Said>) -> bool {
        match b {
            None => a.is_open && !a.mask.meets(&self.possible),
            Some(b) => {
                a.is_open && b.is_open && {
                    let both = a.mask.and(&b.mask);
                    both.meets(&self.homes) && !both.meets(&self.possible)
                }
            }
        }
    }

    /// The requirement that says this; strangers are left out.
    pub(super) fn print(&self, said: &Said) -> Requirement {
        let values = self.values.iter().enumerate();
        let is_set = |at: usize| said.mask.contains(2 * self.n_homes() + at);
        if !said.is_open {
            let members = values.filter(|(at, _)| is_set(*at)).map(|(_, value)| value.clone());
            return Requirement::in_values(self.key.clone(), members);
        }
        let lives = |at: usize| said.mask.contains(self.home_of[at]);
        let exceptions = values.filter(|(at, _)| lives(*at) && !is_set(*at));
        let exceptions = exceptions.map(|(_, value)| value.clone());
        let mut result = Requirement::not_in_values(self.key.clone(), exceptions);
        let mut intervals = (INTERVALS..self.n_homes()).filter(|home| said.mask.contains(*home));
        let first = intervals.next();
        let last = intervals.next_back().or(first);
        if let (false, Some(first)) = (said.mask.contains(BELOW), first) {
            let gte = self.first_of(first);
            result = result.intersection(&Requirement::at_least(self.key.clone(), gte));
        }
        if let (false, Some(last)) = (said.mask.contains(ABOVE), last) {
            let lte = self.last_of(last).unwrap_or(i64::MAX);
            result = result.intersection(&Requirement::at_most(self.key.clone(), lte));
        }
        result
    }

    fn read_open(&self, requirement: &Requirement, mask: &mut Mask) {
        let (gte, lte) = (requirement.gte(), requirement.lte());
        let is_allowed = |home: usize| match home {
            TEXT => gte.is_none() && lte.is_none(),
            BELOW => gte.is_none(),
            ABOVE => lte.is_none(),
            _ => {
                gte.is_none_or(|gte| gte <= self.first_of(home))
                    && lte.is_none_or(|lte| self.last_of(home).unwrap_or(i64::MAX) <= lte)
            }
        };
        for home in (0..self.n_homes()).filter(|home| is_allowed(*home)) {
            mask.insert(home);
            mask.insert(self.n_homes() + home);
        }
        for (at, value) in self.values.iter().enumerate() {
            let is_exception = requirement.values().binary_search(value).is_ok();
            if mask.contains(self.home_of[at]) && !is_exception {
                mask.insert(2 * self.n_homes() + at);
            }
        }
    }

    fn said(&self, mask: Mask) -> Said {
        let is_open = mask.meets(&self.homes);
        let has_exceptions = || !self.residents_of(&mask).is_within(&mask);
        let allows_absence = if is_open { has_exceptions() } else { mask.is_zero() };
        Said { mask, is_open, allows_absence }
    }

    fn home(&self, value: &str) -> usize {
        match value.parse::<i64>() {
            Ok(n) => INTERVALS + self.starts.partition_point(|start| *start <= n),
            Err(_) => TEXT,
        }
    }

    fn first_of(&self, home: usize) -> i64 {
        let before = (home - INTERVALS).checked_sub(1);
        before.map_or(i64::MIN, |before| self.starts[before])
    }

    /// The last integer of an interval; `None` for the last interval.
    fn last_of(&self, home: usize) -> Option<i64> {
        self.starts.get(home - INTERVALS).map(|next| next - 1)
    }

    fn n_homes(&self) -> usize {
        INTERVALS + self.starts.len() + 1
    }
}
