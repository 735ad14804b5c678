//! What one label may be: a set of texts, given by its members or by its exceptions, within integer bounds.
//!
//! The algebra is closed under intersection; a requirement set ([`requirements`](super::requirements)) is a map of
//! these.
//!
//! | written as | stands for | kept as |
//! |---|---|---|
//! | `In v…` | one of the values | members |
//! | `NotIn v…` | anything else, or no label | exceptions |
//! | `Exists` | anything | no exception |
//! | `DoesNotExist` | no label | no member |
//! | `Gt n`, `Gte n` | an integer from `n + 1`, from `n` on | lower bound, no exception |
//! | `Lt n`, `Lte n` | an integer up to `n - 1`, up to `n` | upper bound, no exception |
//!
//! *Laws*, each held by a property test against plain sets: intersection is commutative, associative, idempotent;
//! `Exists` is neutral, `DoesNotExist` absorbs; what it admits is exactly what both sides admit.

mod any;
mod bounds;
#[cfg(test)]
mod laws;
#[cfg(test)]
pub(in crate::model) mod plain;
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
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::{Operator, Requirement};
    /// # use karpenter_core::model::label_rules::LabelNormalization;
    /// let rules = LabelNormalization::core();
    /// let arch = Requirement::new("beta.kubernetes.io/arch", Operator::In, ["amd64"], &rules);
    /// assert_eq!(arch.to_string(), "kubernetes.io/arch In [amd64]");
    /// let many = Requirement::new("cpu", Operator::Gt, ["99999999999999999999"], &rules);
    /// assert_eq!(many, Requirement::does_not_exist("cpu"));
    /// ```
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
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// let team = Requirement::in_values("team", ["b", "a", "b"]);
    /// assert_eq!(team.to_string(), "team In [a b]");
    /// assert_eq!(Requirement::in_values("team", [""; 0]), Requirement::does_not_exist("team"));
    /// ```
    pub fn in_values<V: Into<Arc<str>>>(
        key: impl Into<LabelKey>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        Self { values: sorted(values), ..Self::does_not_exist(key) }
    }

    /// `key NotIn values`; without values the same as [`exists`](Self::exists). `key` is taken as normal.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// let team = Requirement::not_in_values("team", ["a"]);
    /// assert!(team.contains("b") && !team.contains("a") && team.allows_absence());
    /// assert_eq!(Requirement::not_in_values("team", [""; 0]), Requirement::exists("team"));
    /// ```
    pub fn not_in_values<V: Into<Arc<str>>>(
        key: impl Into<LabelKey>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        Self { values: sorted(values), ..Self::exists(key) }
    }

    /// `key Exists`.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// let team = Requirement::exists("team");
    /// assert!(team.contains("anything") && !team.allows_absence());
    /// ```
    pub fn exists(key: impl Into<LabelKey>) -> Self {
        Self { complement: true, ..Self::does_not_exist(key) }
    }

    /// `key DoesNotExist`.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// let team = Requirement::does_not_exist("team");
    /// assert!(!team.contains("anything") && team.allows_absence());
    /// ```
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
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// assert_eq!(Requirement::greater_than("cpu", 4), Requirement::at_least("cpu", 5));
    /// assert_eq!(Requirement::greater_than("cpu", i64::MAX), Requirement::does_not_exist("cpu"));
    /// ```
    pub fn greater_than(key: impl Into<LabelKey>, n: i64) -> Self {
        match n.checked_add(1) {
            Some(gte) => Self::at_least(key, gte),
            None => Self::does_not_exist(key),
        }
    }

    /// `key Lt n`; saturates at the smallest integer.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// assert_eq!(Requirement::less_than("cpu", 4), Requirement::at_most("cpu", 3));
    /// ```
    pub fn less_than(key: impl Into<LabelKey>, n: i64) -> Self {
        Self::at_most(key, n.saturating_sub(1))
    }

    /// `key Gte n`.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// let cpu = Requirement::at_least("cpu", 4);
    /// assert!(cpu.contains("4") && !cpu.contains("3") && !cpu.contains("many"));
    /// ```
    pub fn at_least(key: impl Into<LabelKey>, n: i64) -> Self {
        Self { bounds: Bounds { gte: Some(n), lte: None }, ..Self::exists(key) }
    }

    /// `key Lte n`.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// let cpu = Requirement::at_most("cpu", 4);
    /// assert!(cpu.contains("4") && cpu.contains("-1") && !cpu.contains("5"));
    /// ```
    pub fn at_most(key: impl Into<LabelKey>, n: i64) -> Self {
        Self { bounds: Bounds { gte: None, lte: Some(n) }, ..Self::exists(key) }
    }

    /// The same, asking for at least `min_values` distinct values among the chosen instance types.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// let family = Requirement::exists("family").with_min_values(Some(3));
    /// assert_eq!(family.to_string(), "family Exists minValues 3");
    /// ```
    #[must_use]
    pub fn with_min_values(self, min_values: Option<u32>) -> Self {
        Self { min_values, ..self }
    }

    /// The label.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// assert_eq!(Requirement::exists("team").key().as_str(), "team");
    /// ```
    pub fn key(&self) -> &LabelKey {
        &self.key
    }

    /// Whether [`values`](Self::values) are the exceptions rather than the members.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// assert!(Requirement::not_in_values("team", ["a"]).complement());
    /// assert!(!Requirement::in_values("team", ["a"]).complement());
    /// ```
    pub fn complement(&self) -> bool {
        self.complement
    }

    /// Members or exceptions, sorted, without repetition.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// let values = Requirement::not_in_values("team", ["b", "a"]).values().join(" ");
    /// assert_eq!(values, "a b");
    /// ```
    pub fn values(&self) -> &[Arc<str>] {
        &self.values
    }

    /// Smallest integer allowed, if bounded below.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// assert_eq!(Requirement::greater_than("cpu", 4).gte(), Some(5));
    /// assert_eq!(Requirement::exists("cpu").gte(), None);
    /// ```
    pub fn gte(&self) -> Option<i64> {
        self.bounds.gte
    }

    /// Largest integer allowed, if bounded above.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// assert_eq!(Requirement::less_than("cpu", 4).lte(), Some(3));
    /// assert_eq!(Requirement::exists("cpu").lte(), None);
    /// ```
    pub fn lte(&self) -> Option<i64> {
        self.bounds.lte
    }

    /// How many distinct values the chosen instance types must offer together.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// assert_eq!(Requirement::exists("family").with_min_values(Some(3)).min_values(), Some(3));
    /// ```
    pub fn min_values(&self) -> Option<u32> {
        self.min_values
    }

    /// The simplest operator that describes the requirement. **Bounds do not show**: a bounded requirement without
    /// exceptions reports [`Operator::Exists`].
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::{Operator, Requirement};
    /// assert_eq!(Requirement::in_values("team", ["a"]).operator(), Operator::In);
    /// assert_eq!(Requirement::at_least("cpu", 4).operator(), Operator::Exists);
    /// ```
    pub fn operator(&self) -> Operator {
        match (self.complement, self.values.is_empty()) {
            (true, true) => Operator::Exists,
            (true, false) => Operator::NotIn,
            (false, true) => Operator::DoesNotExist,
            (false, false) => Operator::In,
        }
    }

    /// How many texts are allowed, an open set counting as the largest integer; bounds do not show.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// assert_eq!(Requirement::in_values("team", ["a", "b"]).cardinality(), 2);
    /// assert_eq!(Requirement::not_in_values("team", ["a"]).cardinality(), i64::MAX - 1);
    /// ```
    pub fn cardinality(&self) -> i64 {
        let n_values = i64::try_from(self.values.len()).unwrap_or(i64::MAX);
        if self.complement { i64::MAX - n_values } else { n_values }
    }

    /// Whether the label may be `value`.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// let cpu = Requirement::not_in_values("cpu", ["6"]).intersection(&Requirement::at_least("cpu", 5));
    /// assert!(cpu.contains("5") && !cpu.contains("6") && !cpu.contains("4"));
    /// ```
    pub fn contains(&self, value: &str) -> bool {
        self.lists(value) != self.complement && self.bounds.admit(value)
    }

    /// Whether an absent label satisfies the requirement, judged by [`operator`](Self::operator) alone.
    ///
    /// Exceptions next to a bound satisfy it too, although no absent label is within bounds; pods rely on it.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// assert!(Requirement::not_in_values("team", ["a"]).allows_absence());
    /// assert!(!Requirement::at_least("cpu", 4).allows_absence());
    /// ```
    pub fn allows_absence(&self) -> bool {
        matches!(self.operator(), Operator::NotIn | Operator::DoesNotExist)
    }

    /// What both allow. The larger `min_values` stays, also when nothing is allowed any more.
    ///
    /// Exceptions outside the bounds are dropped. Bounds that leave a range whose every integer is an exception are not
    /// noticed as empty. The key is that of `self`; both sides should have the same. Of two lists of members the shorter
    /// is looked up in the longer one.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// let both = Requirement::in_values("zone", ["a", "b"]).intersection(&Requirement::not_in_values("zone", ["a"]));
    /// assert_eq!(both, Requirement::in_values("zone", ["b"]));
    /// let none = Requirement::at_least("cpu", 5).intersection(&Requirement::at_most("cpu", 3));
    /// assert_eq!(none, Requirement::does_not_exist("cpu"));
    /// ```
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
            (false, false) => {
                let (few, many) = self.by_length(other);
                few.values.iter().filter(|v| many.lists(v)).cloned().collect()
            }
        };
        values.retain(|value| bounds.admit(value));
        let bounds = if complement { bounds } else { Bounds::default() };
        Requirement { key: self.key.clone(), complement, values, bounds, min_values }
    }

    /// Whether some text is allowed by both; does not allocate.
    ///
    /// Two open sets always intersect unless their bounds cross, even if exceptions leave nothing. An absent label
    /// ([`Operator::DoesNotExist`]) is not a text, so it never intersects.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::requirement::Requirement;
    /// let cpu = Requirement::in_values("cpu", ["4", "8"]);
    /// assert!(cpu.has_intersection(&Requirement::at_least("cpu", 8)));
    /// assert!(!cpu.has_intersection(&Requirement::greater_than("cpu", 8)));
    /// ```
    pub fn has_intersection(&self, other: &Requirement) -> bool {
        let bounds = self.bounds.merge(other.bounds);
        if bounds.are_crossed() {
            return false;
        }
        let (members, rest) = match (self.complement, other.complement) {
            (true, true) => return true,
            (true, false) => (other, self),
            (false, true) => (self, other),
            (false, false) => self.by_length(other),
        };
        members.values.iter().any(|v| rest.lists(v) != rest.complement && bounds.admit(v))
    }

    /// The side with fewer values and the side with more.
    fn by_length<'a>(&'a self, other: &'a Requirement) -> (&'a Requirement, &'a Requirement) {
        if self.values.len() <= other.values.len() { (self, other) } else { (other, self) }
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
