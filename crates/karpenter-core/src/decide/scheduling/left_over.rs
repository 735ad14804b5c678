//! Pods without a place, each with its reason; pods that are equal share one.

use std::collections::BTreeMap;

use super::explain;
use super::refusal_core::cores::Cores;
use super::solve::Solver;
use super::unschedulable::Unschedulable;
use crate::model::ids::PodKey;

/// Pods that were never queued, and the pods `left` over, in no order.
pub(super) fn explained(solver: &mut Solver<'_>, left: &[usize]) -> Vec<(PodKey, Unschedulable)> {
    let mut by_class: BTreeMap<usize, Unschedulable> = BTreeMap::new();
    let mut cores = Cores::default();
    for pod in left {
        let Ok(class) = solver.classes.of_pod[*pod] else { continue };
        by_class.entry(class).or_insert_with(|| reason(solver, class, &mut cores));
    }
    let left = left.iter().filter_map(|pod| {
        let class = solver.classes.of_pod[*pod].as_ref().ok()?;
        Some((solver.pods[*pod].key.clone(), by_class[class].clone()))
    });
    let unplanned = solver.pods.iter().zip(&solver.classes.of_pod).filter_map(|(pod, class)| {
        let why = class.as_ref().err()?;
        Some((pod.key.clone(), why.clone()))
    });
    left.chain(unplanned).collect()
}

/// Why pods of the class were left over, at the last step of their ladder.
fn reason<'a>(solver: &mut Solver<'a>, class: usize, cores: &mut Cores<'a>) -> Unschedulable {
    let n_templates = solver.templates.len();
    if n_templates == 0 {
        return Unschedulable::NoTemplate;
    }
    if let Some(why) = solver.devices.as_ref().and_then(|desk| desk.given_up(class)) {
        return Unschedulable::Devices(Box::new(why.clone()));
    }
    if let Some(deferred) = solver.classes.all[class].deferred {
        return Unschedulable::Refused(explain::deferral(solver, class, deferred));
    }
    let levels = &solver.classes.shapes[solver.classes.all[class].shape].levels;
    let last = levels.iter().rposition(|level| !level.is_impossible).unwrap_or_default();
    let refusals = explain::refusals(solver, (class, last), 0..n_templates);
    Unschedulable::Refused(cores.explain(solver, (class, last), refusals))
}
