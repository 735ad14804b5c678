//! The relaxation ladder: what a pod asks for at first, and what it gives up one by one when it finds no place.

use crate::model::ids::LabelKey;
use crate::model::label_rules::LabelNormalization;
use crate::model::pod::{NodeSelectorTerm, PodShape, PreferredTerm};
use crate::model::pod_topology::{
    PodAffinityTerm, PodTopology, SpreadConstraint, WeightedPodAffinityTerm, WhenUnsatisfiable,
};
use crate::model::requirement::{Operator, Requirement};
use crate::model::requirements::{Requirements, UnsupportedOperator};
use crate::model::taints::{TaintEffect, Toleration, TolerationOperator};
use crate::options::PreferencePolicy;

use super::ladder::Wishes;
use super::report::Relaxation;
use super::unschedulable::Unreadable;

/// What a pod asks of a node at one step of the ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rung<'p> {
    /// Node selector, first required term left and heaviest preferred term left, all at once; or the first key on
    /// which they exclude each other although none of them asks for its absence.
    pub(super) requirements: Result<Requirements, LabelKey>,
    /// The same without the preferred term: what topology lets it choose domains by.
    pub(super) strict: Requirements,
    /// Node selector with each required term left, as far as they agree: nodes that count for its spread.
    pub(super) alternatives: Vec<Requirements>,
    /// What it asks of other pods' places.
    pub(super) topology: RungTopology<'p>,
    /// Taints it puts up with.
    pub(super) tolerations: Vec<Toleration>,
    /// What was given up on the step to this rung; `None` on the first.
    pub(super) given_up: Option<Relaxation>,
}

/// What a pod asks of other pods' places at one step of the ladder, preferences included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RungTopology<'p> {
    /// Spread constraints; the order is that of the list after those given up were replaced by the last.
    pub(super) spread: Vec<&'p SpreadConstraint>,
    /// Required affinity terms, then preferred ones, heaviest first.
    pub(super) affinity: Vec<&'p PodAffinityTerm>,
    /// Required anti-affinity terms, then preferred ones, heaviest first.
    pub(super) anti_affinity: Vec<&'p PodAffinityTerm>,
}

/// How pods are read in this solve.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    /// Spellings of labels.
    pub(super) normalization: &'a LabelNormalization,
    /// Whether preferences count at all.
    pub(super) policy: PreferencePolicy,
    /// Whether some pool or node has a taint that is only a preference.
    pub(super) tolerate_prefer_no_schedule: bool,
}

impl Reader<'_> {
    /// All rungs of `shape`, the most demanding first; never empty.
    ///
    /// Alternatives of the required affinity go first, in the order written; then preferred terms, heaviest first;
    /// last the pod puts up with taints that are only preferences.
    ///
    /// # Errors
    /// [`Unreadable`] for an operator nobody knows, for `matchFields` in a required term, or when no alternative of the
    /// required affinity has an expression.
    ///
    /// Source: Karpenter behaviour, relaxation. Differs: an alternative without expressions is left out; constraints of
    /// the pod that exclude each other make a rung impossible instead of asking for the label's absence.
    pub(super) fn rungs<'p>(&self, shape: &'p PodShape) -> Result<Vec<Rung<'p>>, Unreadable> {
        if shape.required_node_affinity.iter().any(|term| term.has_match_fields) {
            return Err(Unreadable::MatchFields);
        }
        let terms = shape.required_node_affinity.iter();
        let mut required: Vec<_> = terms.filter(|term| !term.expressions.is_empty()).collect();
        if required.is_empty() && !shape.required_node_affinity.is_empty() {
            return Err(Unreadable::NoExpression);
        }
        let mut preferred = self.preferred(shape);
        let mut topology = self.topology(&shape.topology);
        let mut tolerations = shape.tolerations.clone();
        let wishes = self.wishes(shape, &required, &preferred);
        let n_required = (shape.topology.affinity.len(), shape.topology.anti_affinity.len());
        let mut rungs = vec![self.rung(shape, (&required, &preferred), &topology, &tolerations)?];
        for step in wishes.relaxations() {
            match step {
                Relaxation::RequiredAlternative => drop(required.remove(0)),
                Relaxation::PodAffinity { .. } => {
                    topology.affinity.remove(n_required.0);
                }
                Relaxation::PodAntiAffinity { .. } => {
                    topology.anti_affinity.remove(n_required.1);
                }
                Relaxation::PreferredTerm { .. } => drop(preferred.remove(0)),
                Relaxation::Spread { .. } => give_up_spread(&mut topology.spread),
                Relaxation::PreferNoSchedule => tolerations.push(prefer_no_schedule()),
            }
            let rung = self.rung(shape, (&required, &preferred), &topology, &tolerations)?;
            rungs.push(Rung { given_up: Some(step), ..rung });
        }
        Ok(rungs)
    }

    /// What the pod could give up.
    fn wishes(
        &self,
        shape: &PodShape,
        required: &[&NodeSelectorTerm],
        preferred: &[&PreferredTerm],
    ) -> Wishes {
        let weights = |terms: &[WeightedPodAffinityTerm]| match self.policy {
            PreferencePolicy::Ignore => vec![],
            PreferencePolicy::Respect => terms.iter().map(|term| term.weight).collect(),
        };
        let spread = self.topology(&shape.topology).spread;
        Wishes {
            alternatives: required.len(),
            pod_affinity: weights(&shape.topology.preferred_affinity),
            pod_anti_affinity: weights(&shape.topology.preferred_anti_affinity),
            node_affinity: preferred.iter().map(|preferred| preferred.weight).collect(),
            spread: spread.iter().map(|constraint| constraint.when_unsatisfiable).collect(),
            avoids_soft_taints: self.tolerate_prefer_no_schedule
                && !shape.tolerations.contains(&prefer_no_schedule()),
        }
    }

    /// What the pod asks of other pods' places at first.
    fn topology<'p>(&self, topology: &'p PodTopology) -> RungTopology<'p> {
        let is_respected = self.policy == PreferencePolicy::Respect;
        let is_hard = |constraint: &&SpreadConstraint| {
            is_respected || constraint.when_unsatisfiable == WhenUnsatisfiable::DoNotSchedule
        };
        let heaviest_first = |terms: &'p [WeightedPodAffinityTerm]| {
            let mut terms: Vec<_> = terms.iter().filter(|_| is_respected).collect();
            terms.sort_by_key(|term| std::cmp::Reverse(term.weight));
            terms.into_iter().map(|weighted| &weighted.term)
        };
        let affinity = topology.affinity.iter();
        let anti_affinity = topology.anti_affinity.iter();
        RungTopology {
            spread: topology.spread.iter().filter(is_hard).collect(),
            affinity: affinity.chain(heaviest_first(&topology.preferred_affinity)).collect(),
            anti_affinity: anti_affinity
                .chain(heaviest_first(&topology.preferred_anti_affinity))
                .collect(),
        }
    }

    /// The rung with the first of the required and of the preferred terms.
    fn rung<'p>(
        &self,
        shape: &PodShape,
        (required, preferred): (&[&NodeSelectorTerm], &[&PreferredTerm]),
        topology: &RungTopology<'p>,
        tolerations: &[Toleration],
    ) -> Result<Rung<'p>, UnsupportedOperator> {
        let first = || required.first().copied().into_iter();
        let terms = first().chain(preferred.first().map(|preferred| &preferred.term));
        let requirements = self.requirements(shape, terms)?;
        let strict = self.requirements(shape, first())?.unwrap_or_default();
        let alternatives = if topology.spread.is_empty() {
            vec![]
        } else if required.is_empty() {
            vec![strict.clone()]
        } else {
            let one = |term| self.requirements(shape, std::iter::once(term));
            let terms = required.iter().map(|term| one(*term));
            let read: Vec<_> = terms.collect::<Result<_, _>>()?;
            read.into_iter().flatten().collect()
        };
        let (topology, tolerations) = (topology.clone(), tolerations.to_vec());
        Ok(Rung { requirements, strict, alternatives, topology, tolerations, given_up: None })
    }

    /// What a DaemonSet's pods may ask of a node: one set per alternative of the required affinity.
    ///
    /// Preferences do not count; alternatives that cannot be read or contradict themselves are left out.
    pub(super) fn alternatives(&self, shape: &PodShape) -> Vec<Requirements> {
        if shape.required_node_affinity.is_empty() {
            return self.requirements(shape, std::iter::empty()).into_iter().flatten().collect();
        }
        let terms = shape.required_node_affinity.iter();
        terms
            .filter_map(|term| self.requirements(shape, std::iter::once(term)).ok()?.ok())
            .collect()
    }

    fn preferred<'p>(&self, shape: &'p PodShape) -> Vec<&'p PreferredTerm> {
        match self.policy {
            PreferencePolicy::Ignore => vec![],
            PreferencePolicy::Respect => {
                let mut preferred: Vec<_> = shape.preferred_node_affinity.iter().collect();
                preferred.sort_by_key(|preferred| std::cmp::Reverse(preferred.weight));
                preferred
            }
        }
    }

    fn requirements<'t>(
        &self,
        shape: &PodShape,
        terms: impl Iterator<Item = &'t NodeSelectorTerm>,
    ) -> Result<Result<Requirements, LabelKey>, UnsupportedOperator> {
        let selector = shape.node_selector.iter();
        let selector = selector
            .map(|(key, value)| Requirement::new(key, Operator::In, [value], self.normalization));
        let mut all: Vec<Requirement> = selector.collect();
        for expression in terms.flat_map(|term| &term.expressions) {
            let operator =
                Operator::parse(&expression.operator).ok_or_else(|| UnsupportedOperator {
                    key: expression.key.to_string(),
                    operator: expression.operator.to_string(),
                })?;
            let values = &expression.values;
            all.push(Requirement::new(&expression.key, operator, values, self.normalization));
        }
        Ok(match contradiction(&all) {
            Some(key) => Err(key),
            None => Ok(all.into_iter().collect()),
        })
    }
}

/// The first key on which `asked` exclude each other although none of them asks for its absence.
pub(super) fn contradiction(asked: &[Requirement]) -> Option<LabelKey> {
    let joined: Requirements = asked.iter().cloned().collect();
    let asks_for_absence = |key: &LabelKey| {
        asked.iter().any(|one| one.key() == key && one.operator() == Operator::DoesNotExist)
    };
    let is_contradiction = |one: &&Requirement| {
        one.operator() == Operator::DoesNotExist && !asks_for_absence(one.key())
    };
    joined.iter().find(is_contradiction).map(|one| one.key().clone())
}

/// Overwrites the first constraint that a scheduler may ignore with the last.
fn give_up_spread(spread: &mut Vec<&SpreadConstraint>) {
    let is_soft =
        |one: &&SpreadConstraint| one.when_unsatisfiable == WhenUnsatisfiable::ScheduleAnyway;
    if let Some(first) = spread.iter().position(is_soft) {
        spread.swap_remove(first);
    }
}

/// Puts up with every taint that is only a preference.
pub(super) fn prefer_no_schedule() -> Toleration {
    Toleration {
        key: "".into(),
        operator: TolerationOperator::Exists,
        value: "".into(),
        effect: Some(TaintEffect::PreferNoSchedule),
    }
}
