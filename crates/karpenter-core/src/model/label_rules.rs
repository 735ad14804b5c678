//! What label keys mean: normal forms, and which keys are well known. Both are values a provider extends.

use crate::api::labels;
use crate::model::ids::LabelKey;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Deprecated keys with the key they mean, and per normal key a map of values.
///
/// Applied when a requirement is built, never to stored objects. An alias of an alias is not followed.
///
/// Source: Karpenter behaviour, label normalisation. Differs: values are mapped into a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelNormalization {
    keys: BTreeMap<LabelKey, LabelKey>,
    values: BTreeMap<LabelKey, BTreeMap<Arc<str>, Arc<str>>>,
}

impl LabelNormalization {
    /// The deprecated Kubernetes keys and no value map.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::label_rules::LabelNormalization;
    /// let zone = LabelNormalization::core().key("failure-domain.beta.kubernetes.io/zone");
    /// assert_eq!(zone.as_str(), "topology.kubernetes.io/zone");
    /// ```
    pub fn core() -> Self {
        labels::NORMALIZED
            .iter()
            .fold(Self::default(), |table, (from, to)| table.with_key(*from, *to))
    }

    /// Also reads key `from` as `to`.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::label_rules::LabelNormalization;
    /// let rules = LabelNormalization::core().with_key("old.example.com/team", "example.com/team");
    /// assert_eq!(rules.key("old.example.com/team").as_str(), "example.com/team");
    /// ```
    #[must_use]
    pub fn with_key(mut self, from: impl Into<LabelKey>, to: impl Into<LabelKey>) -> Self {
        self.keys.insert(from.into(), to.into());
        self
    }

    /// Also reads value `from` of the normal `key` as `to`.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::label_rules::LabelNormalization;
    /// let rules = LabelNormalization::core().with_value("kubernetes.io/arch", "x86_64", "amd64");
    /// assert_eq!(&**rules.value(&"kubernetes.io/arch".into(), "x86_64"), "amd64");
    /// ```
    #[must_use]
    pub fn with_value(
        mut self,
        key: impl Into<LabelKey>,
        from: impl Into<Arc<str>>,
        to: impl Into<Arc<str>>,
    ) -> Self {
        self.values.entry(key.into()).or_default().insert(from.into(), to.into());
        self
    }

    /// The normal form of `key`.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::label_rules::LabelNormalization;
    /// assert_eq!(LabelNormalization::core().key("team").as_str(), "team");
    /// ```
    pub fn key(&self, key: &str) -> LabelKey {
        self.keys.get(key).cloned().unwrap_or_else(|| key.into())
    }

    /// The normal form of `value` under the normal `key`.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::label_rules::LabelNormalization;
    /// assert_eq!(&**LabelNormalization::core().value(&"team".into(), "a"), "a");
    /// ```
    pub fn value<'a>(&'a self, key: &LabelKey, value: &'a str) -> Cow<'a, Arc<str>> {
        match self.values.get(key).and_then(|values| values.get(value)) {
            Some(mapped) => Cow::Borrowed(mapped),
            None => Cow::Owned(value.into()),
        }
    }
}

/// The keys whose values instance types and offerings define, so that a pool need not.
///
/// Source: Karpenter behaviour, well-known labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WellKnownLabels {
    keys: BTreeSet<LabelKey>,
    reservation_id: Option<LabelKey>,
}

impl WellKnownLabels {
    /// The keys of the core.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::label_rules::WellKnownLabels;
    /// assert!(WellKnownLabels::core().contains("topology.kubernetes.io/zone"));
    /// ```
    pub fn core() -> Self {
        let keys = labels::WELL_KNOWN.iter().map(|key| LabelKey::from(*key)).collect();
        Self { keys, reservation_id: None }
    }

    /// Also knows `keys`.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::label_rules::WellKnownLabels;
    /// assert!(WellKnownLabels::core().with(["example.com/gpu"]).contains("example.com/gpu"));
    /// ```
    #[must_use]
    pub fn with<K: Into<LabelKey>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.keys.extend(keys.into_iter().map(Into::into));
        self
    }

    /// Also knows `key`, by whose values capacity reservations are told apart.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::label_rules::WellKnownLabels;
    /// let labels = WellKnownLabels::core().with_reservation_id("example.com/reservation");
    /// assert!(labels.contains("example.com/reservation"));
    /// ```
    #[must_use]
    pub fn with_reservation_id(mut self, key: impl Into<LabelKey>) -> Self {
        let key = key.into();
        self.reservation_id = Some(key.clone());
        self.with([key])
    }

    /// The label by whose values capacity reservations are told apart; `None` where nothing is ever reserved.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::label_rules::WellKnownLabels;
    /// assert_eq!(WellKnownLabels::core().reservation_id(), None);
    /// ```
    pub fn reservation_id(&self) -> Option<&LabelKey> {
        self.reservation_id.as_ref()
    }

    /// Whether `key` is well known.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::label_rules::WellKnownLabels;
    /// assert!(!WellKnownLabels::core().contains("team"));
    /// ```
    pub fn contains(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// All keys, sorted.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::label_rules::WellKnownLabels;
    /// let keys: Vec<String> = WellKnownLabels::core().iter().map(ToString::to_string).collect();
    /// assert!(keys.is_sorted() && keys.contains(&"kubernetes.io/os".to_owned()));
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &LabelKey> {
        self.keys.iter()
    }
}
