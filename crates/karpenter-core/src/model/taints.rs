//! Taints of nodes and tolerations of pods.

mod read;
#[cfg(test)]
mod tests;

use crate::api::labels;
use std::fmt;
use std::sync::Arc;

/// What a taint does to pods that do not tolerate it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaintEffect {
    /// New pods are not placed.
    NoSchedule,
    /// New pods are placed elsewhere if possible.
    PreferNoSchedule,
    /// New pods are not placed, running ones are evicted.
    NoExecute,
    /// Something this version does not know; matches only itself.
    Other(Arc<str>),
}

impl TaintEffect {
    /// The spelling used in objects.
    pub fn as_str(&self) -> &str {
        match self {
            TaintEffect::NoSchedule => "NoSchedule",
            TaintEffect::PreferNoSchedule => "PreferNoSchedule",
            TaintEffect::NoExecute => "NoExecute",
            TaintEffect::Other(text) => text,
        }
    }
}

impl From<&str> for TaintEffect {
    fn from(text: &str) -> Self {
        match text {
            "NoSchedule" => TaintEffect::NoSchedule,
            "PreferNoSchedule" => TaintEffect::PreferNoSchedule,
            "NoExecute" => TaintEffect::NoExecute,
            other => TaintEffect::Other(other.into()),
        }
    }
}

/// A taint; an absent value is the empty text. Prints as `key=value:effect`, without `=` if there is no value.
///
/// Source: Kubernetes API, taints. Differs: `timeAdded` does not enter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Taint {
    /// Qualified key.
    pub key: Arc<str>,
    /// Value, possibly empty.
    pub value: Arc<str>,
    /// What it does.
    pub effect: TaintEffect,
}

impl Taint {
    /// The taint `key=value:effect`.
    pub fn new(key: impl Into<Arc<str>>, value: impl Into<Arc<str>>, effect: TaintEffect) -> Self {
        Self { key: key.into(), value: value.into(), effect }
    }

    /// The taint of a node that is being disrupted.
    pub fn disrupted() -> Self {
        Self::new(labels::DISRUPTED_TAINT, "", TaintEffect::NoSchedule)
    }

    /// The taint of a node that was not matched to its claim yet.
    pub fn unregistered() -> Self {
        Self::new(labels::UNREGISTERED_TAINT, "", TaintEffect::NoExecute)
    }

    /// Whether key and effect are the same, whatever the value.
    pub fn matches(&self, other: &Taint) -> bool {
        self.key == other.key && self.effect == other.effect
    }

    /// Whether the taint goes away by itself while a managed node starts, so that it is disregarded until then.
    ///
    /// Compared by key and effect only.
    ///
    /// Source: Karpenter behaviour, known ephemeral taints.
    pub fn is_known_ephemeral(&self) -> bool {
        let listed =
            |(key, effect): &(&str, TaintEffect)| *key == &*self.key && *effect == self.effect;
        self.key.starts_with(READINESS_PREFIX) || KNOWN_EPHEMERAL.iter().any(listed)
    }
}

impl fmt::Display for Taint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let equals = if self.value.is_empty() { "" } else { "=" };
        write!(f, "{}{equals}{}:{}", self.key, self.value, self.effect.as_str())
    }
}

/// Keys starting so are ephemeral with any effect.
const READINESS_PREFIX: &str = "readiness.k8s.io/";

const KNOWN_EPHEMERAL: [(&str, TaintEffect); 5] = [
    ("node.kubernetes.io/not-ready", TaintEffect::NoSchedule),
    ("node.kubernetes.io/not-ready", TaintEffect::NoExecute),
    ("node.kubernetes.io/unreachable", TaintEffect::NoSchedule),
    ("node.cloudprovider.kubernetes.io/uninitialized", TaintEffect::NoSchedule),
    (labels::UNREGISTERED_TAINT, TaintEffect::NoExecute),
];

/// How a toleration compares the value of a taint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TolerationOperator {
    /// The values are equal; also what an absent operator means.
    Equal,
    /// Any value.
    Exists,
    /// Both are integers and the taint's is less.
    Lt,
    /// Both are integers and the taint's is greater.
    Gt,
    /// Something this version does not know; tolerates nothing.
    Other(Arc<str>),
}

impl From<&str> for TolerationOperator {
    fn from(text: &str) -> Self {
        match text {
            "" | "Equal" => TolerationOperator::Equal,
            "Exists" => TolerationOperator::Exists,
            "Lt" => TolerationOperator::Lt,
            "Gt" => TolerationOperator::Gt,
            other => TolerationOperator::Other(other.into()),
        }
    }
}

/// What a pod puts up with.
///
/// Source: Kubernetes API, tolerations. Differs: `tolerationSeconds` does not enter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Toleration {
    /// The taint's key; empty means every key.
    pub key: Arc<str>,
    /// How values are compared.
    pub operator: TolerationOperator,
    /// What the taint's value is compared with.
    pub value: Arc<str>,
    /// The taint's effect; None means every effect.
    pub effect: Option<TaintEffect>,
}

impl Toleration {
    /// Whether the taint is put up with.
    pub fn tolerates(&self, taint: &Taint) -> bool {
        let effect = self.effect.as_ref().is_none_or(|effect| *effect == taint.effect);
        let key = self.key.is_empty() || self.key == taint.key;
        effect && key && self.tolerates_value(&taint.value)
    }

    fn tolerates_value(&self, value: &str) -> bool {
        let integers = || Some((value.parse::<i64>().ok()?, self.value.parse::<i64>().ok()?));
        match &self.operator {
            TolerationOperator::Equal => value == &*self.value,
            TolerationOperator::Exists => true,
            TolerationOperator::Lt => integers().is_some_and(|(taint, own)| taint < own),
            TolerationOperator::Gt => integers().is_some_and(|(taint, own)| taint > own),
            TolerationOperator::Other(_) => false,
        }
    }
}

/// The taints a pod does not tolerate, in the order of the node; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untolerated(pub Vec<Taint>);

impl fmt::Display for Untolerated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, taint) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            write!(f, "{separator}did not tolerate taint (taint={taint})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Untolerated {}

/// Whether every taint, of whatever effect, is tolerated by at least one toleration.
///
/// # Errors
/// [`Untolerated`] with every taint that is not.
///
/// Source: Karpenter behaviour, taints.
pub fn tolerates(tolerations: &[Toleration], taints: &[Taint]) -> Result<(), Untolerated> {
    let untolerated: Vec<Taint> =
        taints.iter().filter(|taint| !is_tolerated(tolerations, taint)).cloned().collect();
    if untolerated.is_empty() { Ok(()) } else { Err(Untolerated(untolerated)) }
}

/// Whether at least one toleration puts up with `taint`.
pub fn is_tolerated(tolerations: &[Toleration], taint: &Taint) -> bool {
    tolerations.iter().any(|toleration| toleration.tolerates(taint))
}

/// `base`, followed by those of `more` whose key and effect are not in `base`.
pub fn merge(base: &[Taint], more: &[Taint]) -> Vec<Taint> {
    let new = more.iter().filter(|taint| !base.iter().any(|present| present.matches(taint)));
    base.iter().chain(new).cloned().collect()
}
