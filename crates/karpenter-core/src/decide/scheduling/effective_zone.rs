//! The zone a pending pod is bound to get, as far as that is known before anything is placed.
//!
//! Source: Karpenter behaviour, effective zone of pending pods. Differs: groups that leave no common zone leave none,
//! not all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::class::Shape;
use super::solve::Solver;
use crate::api::labels;
use crate::model::ids::LabelKey;
use crate::model::pod::PodPhase;
use crate::model::requirement::{Operator, Requirement};

/// Where a pod can go.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EffectiveZone {
    /// To this zone only.
    Zone(Arc<str>),
    /// To several, or nothing is known.
    Flexible,
    /// Nowhere.
    None,
}

impl fmt::Display for EffectiveZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zone(zone) => zone,
            Self::Flexible => "flexible",
            Self::None => "none",
        })
    }
}

/// How many pods of phase `Pending` can go where; virtual ones and those that are not planned for are
/// left out.
///
/// Linear in pods; groups are asked once per shape. Must be asked before the first placement.
pub(super) fn count(solver: &Solver<'_>) -> BTreeMap<EffectiveZone, usize> {
    let mut n_of_shape = vec![0_usize; solver.classes.shapes.len()];
    for (at, (pod, class)) in solver.pods.iter().zip(&solver.classes.of_pod).enumerate() {
        if let Ok(class) = class
            && pod.phase == PodPhase::Pending
            && !solver.input.is_virtual(at)
        {
            n_of_shape[solver.classes.all[*class].shape] += 1;
        }
    }
    let mut counts = BTreeMap::new();
    for (shape, n_pods) in n_of_shape.into_iter().enumerate().filter(|(_, n_pods)| *n_pods > 0) {
        *counts.entry(of_shape(solver, shape)).or_default() += n_pods;
    }
    counts
}

/// The zone of pods of one shape, at the first step of its ladder.
fn of_shape(solver: &Solver<'_>, shape: usize) -> EffectiveZone {
    let shape = &solver.classes.shapes[shape];
    let level = &shape.levels[0];
    let asked = solver.world.get(level.strict).get(labels::ZONE);
    let left = solver.world.key(&LabelKey::from(labels::ZONE)).and_then(|key| {
        let bonds = &shape.bonds[0];
        let mask = solver.topology.domains_left((bonds, level), key, &solver.world)?;
        let words = solver.world.words(key);
        Some(mask.ones().map(|bit| words.value_of(bit).clone()).collect::<Vec<_>>())
    });
    verdict(asked, zones_of_volumes(solver, shape).as_deref(), left.as_deref())
}

/// Zones from which volumes can be reached; `None` when some place does not list any.
fn zones_of_volumes(solver: &Solver<'_>, shape: &Shape<'_>) -> Option<Vec<Arc<str>>> {
    let mut zones: BTreeSet<Arc<str>> = BTreeSet::new();
    for place in shape.places.iter() {
        let asked = solver.world.get(*place).get(labels::ZONE)?;
        if asked.operator() != Operator::In {
            return None;
        }
        zones.extend(asked.values().iter().cloned());
    }
    (!shape.places.is_empty()).then(|| zones.into_iter().collect())
}

/// The zone that what the pod asks of it, its `volumes`, and what groups leave allow.
fn verdict(
    asked: Option<&Requirement>,
    volumes: Option<&[Arc<str>]>,
    left: Option<&[Arc<str>]>,
) -> EffectiveZone {
    let named = asked.filter(|asked| asked.operator() == Operator::In).map(Requirement::values);
    let Some(candidates) = named.or(volumes).or(left) else { return EffectiveZone::Flexible };
    let is_allowed = |zone: &&Arc<str>| {
        asked.is_none_or(|asked| asked.contains(zone))
            && volumes.is_none_or(|volumes| volumes.contains(zone))
            && left.is_none_or(|left| left.contains(zone))
    };
    let mut allowed = candidates.iter().filter(is_allowed);
    match (allowed.next(), allowed.next()) {
        (Some(only), None) => EffectiveZone::Zone(only.clone()),
        (Some(_), Some(_)) => EffectiveZone::Flexible,
        (None, _) => EffectiveZone::None,
    }
}
