//! Requirements without the algebra: every question is answered by trying texts, integers and the absent label.
//!
//! Slow and simple on purpose; the property tests hold the algebra against it.

use super::{Operator, Requirement};
use crate::model::label_rules::LabelNormalization;
use proptest::prelude::*;

/// Texts a label may be: words, integers and look-alikes. The last four are never listed by a [`Sample`], so they stand
/// for every other text: a word, an integer below, between and above all bounds.
pub(in crate::model) const UNIVERSE: [&str; 18] = [
    "", "A", "B", "x", "-1", "0", "1", "2", "3", "05", "5", "9", "10", "1.5", "other", "-999", "4",
    "999",
];

/// How many texts of the universe may be listed.
const N_LISTED: usize = 14;

/// One requirement as a user writes it.
#[derive(Clone, Debug)]
pub(in crate::model) struct Sample {
    operator: Operator,
    values: Vec<&'static str>,
    bound: i64,
    min_values: Option<u32>,
}

impl Sample {
    /// Any operator with any values.
    pub(in crate::model) fn any() -> impl Strategy<Value = Sample> {
        let operator = prop::sample::select(Operator::ALL.to_vec());
        let values = prop::sample::subsequence(UNIVERSE[..N_LISTED].to_vec(), 0..5);
        let min_values = prop::option::weighted(0.3, 1_u32..5);
        (operator, values, -1_i64..11, min_values).prop_map(
            |(operator, values, bound, min_values)| Sample { operator, values, bound, min_values },
        )
    }

    /// The same for the algebra.
    pub(in crate::model) fn read(&self, key: &str) -> Requirement {
        let texts: Vec<String> = match self.operator.is_bound() {
            true => vec![self.bound.to_string()],
            false => self.values.iter().map(ToString::to_string).collect(),
        };
        Requirement::new(key, self.operator, &texts, &LabelNormalization::default())
            .with_min_values(self.min_values)
    }

    /// Whether exceptions aside the text is allowed.
    fn is_within(&self, text: &str) -> bool {
        let integer = text.parse::<i64>().ok();
        let is = |test: &dyn Fn(i64) -> bool| integer.is_some_and(test);
        match self.operator {
            Operator::In => self.values.contains(&text),
            Operator::DoesNotExist => false,
            Operator::NotIn | Operator::Exists => true,
            Operator::Gt => is(&|n| n > self.bound),
            Operator::Lt => is(&|n| n < self.bound),
            Operator::Gte => is(&|n| n >= self.bound),
            Operator::Lte => is(&|n| n <= self.bound),
        }
    }

    fn excepts(&self, text: &str) -> bool {
        self.operator == Operator::NotIn && self.values.contains(&text)
    }

    /// Lists its members, so that nothing unheard of is allowed.
    fn is_closed(&self) -> bool {
        matches!(self.operator, Operator::In | Operator::DoesNotExist)
    }
}

/// What several samples ask of one label at once.
#[derive(Clone, Debug)]
pub(in crate::model) struct Plain(pub(in crate::model) Vec<Sample>);

impl Plain {
    /// Between one and three samples.
    pub(in crate::model) fn any() -> impl Strategy<Value = Plain> {
        prop::collection::vec(Sample::any(), 1..4).prop_map(Plain)
    }

    /// The same for the algebra: the intersection from left to right.
    pub(in crate::model) fn read(&self, key: &str) -> Requirement {
        let all = self.0.iter().map(|sample| sample.read(key));
        all.reduce(|a, b| a.intersection(&b)).expect("invariant: at least one sample")
    }

    /// What both ask.
    pub(in crate::model) fn and(&self, other: &Plain) -> Plain {
        Plain([&*self.0, &*other.0].concat())
    }

    /// Texts of the universe that all samples allow.
    pub(in crate::model) fn texts(&self) -> Vec<&'static str> {
        let allows = |text: &&str| {
            self.0.iter().all(|sample| sample.is_within(text) && !sample.excepts(text))
        };
        UNIVERSE.into_iter().filter(allows).collect()
    }

    /// Whether texts nobody listed may be allowed: no sample lists its members, and bounds leave an integer.
    pub(in crate::model) fn is_open(&self) -> bool {
        let is_closed = self.0.iter().any(Sample::is_closed);
        let leaves = |n: i64| self.0.iter().all(|sample| sample.is_within(&n.to_string()));
        !is_closed && (-999..=999).any(leaves)
    }

    /// Whether an absent label will do, as pods rely on: when an exception is left within the bounds of an open set,
    /// and when nothing is left of a closed one.
    pub(in crate::model) fn allows_absence(&self) -> bool {
        if !self.is_open() {
            return self.texts().is_empty();
        }
        let is_exception = |text: &&str| {
            self.0.iter().all(|sample| sample.is_within(text))
                && self.0.iter().any(|sample| sample.excepts(text))
        };
        UNIVERSE.iter().any(is_exception)
    }

    /// Whether both leave some text; open sets count as leaving one as long as their bounds leave an integer.
    pub(in crate::model) fn meets(&self, other: &Plain) -> bool {
        let both = self.and(other);
        both.is_open() || !both.texts().is_empty()
    }

    /// The largest minimum of distinct values.
    pub(in crate::model) fn min_values(&self) -> Option<u32> {
        self.0.iter().filter_map(|sample| sample.min_values).max()
    }
}

/// Texts of the universe that the algebra allows.
pub(in crate::model) fn texts(requirement: &Requirement) -> Vec<&'static str> {
    UNIVERSE.into_iter().filter(|text| requirement.contains(text)).collect()
}
