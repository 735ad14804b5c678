//! What one label may be: a set of texts, given by its members or by its exceptions, within integer bounds.
//!
//! The algebra is closed under intersection; a requirement set ([`requirements`](super::requirements)) is a map of
//! these.

mod any;
mod bounds;
mod print;
#[cfg(test)]
mod tests;

pub use crate::api::v1::requirement::Operator;
use crate::model::ids::LabelKey;
use crate::model::label_rules::LabelNormalization;
use bounds::Bounds;
use smallvec::SmallVec;
use std::sync::Arc;

/// Texts sorted and without repetition.
type Values = SmallVec<[Arc<str>; 1]>;

/// What the label `key` may be.
///
/// Either exactly the values (`complement` false), or everything except the values, within optional inclusive integer
/// bounds (`complement` true). With a bound, a text that is not an integer is not allowed. Without values the first
/// form means that the label must be absent, the second that it must be present.
///
/// # Example
/// ```
/// # use karpenter_core::model::requirement::Requirement;
/// let small = Requirement::at_most("cpu", 8).intersection(&Requirement::greater_than("cpu", 1));
/// assert_eq!(small.to_string(), "cpu Exists >=2 <=8");
/// assert!(small.contains("4") && !small.contains("16"));
/// let four = small.intersection(&Requirement::in_values("cpu", ["1", "4"]));
/// assert_eq!(four.to_string(), "cpu In [4]");
/// ```
///
/// Source: Karpenter behaviour, requirement algebra.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirement {
    key: LabelKey,
    complement: bool,
    values: Values,
    bounds: Bounds,
    min_values: Option<u32>,
}

impl Requirement {
    /// Reads one requirement as users write it: key and values in their normal form, bounds from the first value.
    ///
    /// A bound that is not an integer counts as 0, one beyond 64 bits as the nearest 64-bit integer.
    pub fn new<V: AsRef<str>>(
        key: &str,
        operator: Operator,
        values: impl IntoIterator<Item = V>,
        normalization: &LabelNormalization,
    ) -> Self {
        let key = normalization.key(key);
        let values: Vec<Arc<str>> = values
            .into_iter()
            .map(|value| normalization.value(&key, value.as_ref()).into_owned())
            .collect();
        let bound = || bounds::parse_saturating(values.first().map_or("", |value| value));
        match operator {
            Operator::In => Self::in_values(key, values),
            Operator::NotIn => Self::not_in_values(key, values),
            Operator::Exists => Self::exists(key),
            Operator::DoesNotExist => Self::does_not_exist(key),
            Operator::Gt => Self::greater_than(key, bound()),
            Operator::Lt => Self::less_than(key, bound()),
            Operator::Gte => Self::at_least(key, bound()),
            Operator::Lte => Self::at_most(key, bound()),
        }
    }

    /// `key In values`; without values the same as [`does_not_exist`](Self::does_not_exist). `key` is taken as normal.
    pub fn in_values<V: Into<Arc<str>>>(
        key: impl Into<LabelKey>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        Self { values: sorted(values), ..Self::does_not_exist(key) }
    }

    /// `key NotIn values`; without values the same as [`exists`](Self::exists). `key` is taken as normal.
    pub fn not_in_values<V: Into<Arc<str>>>(
        key: impl Into<LabelKey>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        Self { values: sorted(values), ..Self::exists(key) }
    }

    /// `key Exists`.
    pub fn exists(key: impl Into<LabelKey>) -> Self {
        Self { complement: true, ..Self::does_not_exist(key) }
    }

    /// `key DoesNotExist`.
    pub fn does_not_exist(key: impl Into<LabelKey>) -> Self {
        Self {
            key: key.into(),
            complement: false,
            values: Values::new(),
            bounds: Bounds::default(),
            min_values: None,
        }
    }

    /// `key Gt n`. No integer is greater than the largest: that gives [`does_not_exist`](Self::does_not_exist).
    pub fn greater_than(key: impl Into<LabelKey>, n: i64) -> Self {
        match n.checked_add(1) {
            Some(gte) => Self::at_least(key, gte),
            None => Self::does_not_exist(key),
        }
    }

    /// `key Lt n`; saturates at the smallest integer.
    pub fn less_than(key: impl Into<LabelKey>, n: i64) -> Self {
        Self::at_most(key, n.saturating_sub(1))
    }

    /// `key Gte n`.
    pub fn at_least(key: impl Into<LabelKey>, n: i64) -> Self {
        Self { bounds: Bounds { gte: Some(n), lte: None }, ..Self::exists(key) }
    }

    /// `key Lte n`.
    pub fn at_most(key: impl Into<LabelKey>, n: i64) -> Self {
        Self { bounds: Bounds { gte: None, lte: Some(n) }, ..Self::exists(key) }
    }

    /// The same, asking for at least `min_values` distinct values among the chosen instance types.
    #[must_use]
    pub fn with_min_values(self, min_values: Option<u32>) -> Self {
        Self { min_values, ..self }
    }

    /// The label.
    pub fn key(&self) -> &LabelKey {
        &self.key
    }

    /// Whether [`values`](Self::values) are the exceptions rather than the members.
    pub fn complement(&self) -> bool {
        self.complement
    }

    /// Members or exceptions, sorted, without repetition.
    pub fn values(&self) -> &[Arc<str>] {
        &self.values
    }

    /// Smallest integer allowed, if bounded below.
    pub fn gte(&self) -> Option<i64> {
        self.bounds.gte
    }

    /// Largest integer allowed, if bounded above.
    pub fn lte(&self) -> Option<i64> {
        self.bounds.lte
    }

    /// How many distinct values the chosen instance types must offer together.
    pub fn min_values(&self) -> Option<u32> {
        self.min_values
    }

    /// The simplest operator that describes the requirement. **Bounds do not show**: a bounded requirement without
    /// exceptions reports [`Operator::Exists`].
    pub fn operator(&self) -> Operator {
        match (self.complement, self.values.is_empty()) {
            (true, true) => Operator::Exists,
            (true, false) => Operator::NotIn,
            (false, true) => Operator::DoesNotExist,
            (false, false) => Operator::In,
        }
    }

    /// How many texts are allowed, an open set counting as the largest integer; bounds do not show.
    pub fn cardinality(&self) -> i64 {
        let n_values = i64::try_from(self.values.len()).unwrap_or(i64::MAX);
        if self.complement { i64::MAX - n_values } else { n_values }
    }

    /// Whether the label may be `value`.
    pub fn contains(&self, value: &str) -> bool {
        self.lists(value) != self.complement && self.bounds.admit(value)
    }

    /// Whether an absent label satisfies the requirement, judged by [`operator`](Self::operator) alone.
    ///
    /// Exceptions next to a bound satisfy it too, although no absent label is within bounds; pods rely on it.
    pub fn allows_absence(&self) -> bool {
        matches!(self.operator(), Operator::NotIn | Operator::DoesNotExist)
    }

    /// What both allow. The larger `min_values` stays, also when nothing is allowed any more.
    ///
    /// Exceptions outside the bounds are dropped. Bounds that leave a range whose every integer is an exception are not
    /// noticed as empty. The key is that of `self`; both sides should have the same. Linear in the number of values.
    #[must_use]
    pub fn intersection(&self, other: &Requirement) -> Requirement {
        let bounds = self.bounds.merge(other.bounds);
        let min_values = self.min_values.max(other.min_values);
        if bounds.are_crossed() {
            return Self::does_not_exist(self.key.clone()).with_min_values(min_values);
        }
        let complement = self.complement && other.complement;
        let mut values = match (self.complement, other.complement) {
            (true, true) => sorted(self.values.iter().chain(&other.values).cloned()),
            (true, false) => without(&other.values, self),
            (false, true) => without(&self.values, other),
            (false, false) => self.values.iter().filter(|v| other.lists(v)).cloned().collect(),
        };
        values.retain(|value| bounds.admit(value));
        let bounds = if complement { bounds } else { Bounds::default() };
        Requirement { key: self.key.clone(), complement, values, bounds, min_values }
    }

    /// Whether some text is allowed by both; does not allocate.
    ///
    /// Two open sets always intersect unless their bounds cross, even if exceptions leave nothing. An absent label
    /// ([`Operator::DoesNotExist`]) is not a text, so it never intersects.
    pub fn has_intersection(&self, other: &Requirement) -> bool {
        let bounds = self.bounds.merge(other.bounds);
        if bounds.are_crossed() {
            return false;
        }
        let (members, rest) = match (self.complement, other.complement) {
            (true, true) => return true,
            (true, false) => (other, self),
            (false, true) | (false, false) => (self, other),
        };
        members.values.iter().any(|v| rest.lists(v) != rest.complement && bounds.admit(v))
    }

    fn lists(&self, value: &str) -> bool {
        self.values.binary_search_by(|other| (**other).cmp(value)).is_ok()
    }
}

fn sorted<V: Into<Arc<str>>>(values: impl IntoIterator<Item = V>) -> Values {
    let mut values: Values = values.into_iter().map(Into::into).collect();
    values.sort_unstable();
    values.dedup();
    values
}

fn without(values: &Values, exceptions: &Requirement) -> Values {
    values.iter().filter(|value| !exceptions.lists(value)).cloned().collect()
}
