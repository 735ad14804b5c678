//! Which NodeOverlays take effect on which instance types, and what is said to their authors.
//!
//! Overlays are taken in their order (heaviest first) and each takes effect everywhere or nowhere: one that cannot be
//! read, or that contradicts another of the same weight anywhere, changes nothing.
//!
//! Source: Karpenter behaviour, NodeOverlay evaluation. Differs: all overlays of one weight are remembered when looking
//! for contradictions, and the message names the other one.

mod ledger;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use self::ledger::Ledger;
use super::draft::Draft;
use super::plan::{Plan, Step};
use super::scheduling::input::PoolSupply;
use crate::api::labels;
use crate::api::v1::conditions::{VALIDATION_SUCCEEDED, Verdict};
use crate::api::v1::requirement::{NodeSelectorRequirementWithMinValues, Operator};
use crate::api::v1alpha1::node_overlay::NodeOverlay as Object;
use crate::model::ids::NodeOverlayName;
use crate::model::instance_type::InstanceType;
use crate::model::node_pool::NodePool;
use crate::model::overlay::{NodeOverlay, OverlayEffects};
use crate::model::requirement::Requirement;
use crate::model::requirements::{AllowUndefined, Requirements};
use crate::model::validation::{ValidationRules, requirement_errors};
use crate::state::Collection;

/// Reason of `ValidationSucceeded` when members of the spec are wrong.
const RUNTIME_VALIDATION: &str = "RuntimeValidation";
/// Reason of `ValidationSucceeded` when another overlay says something else.
const CONFLICT: &str = "Conflict";
/// Longest message of a condition, in characters.
const MESSAGE_LIMIT: usize = 32_768;

/// Why an overlay has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// Members of its spec are wrong; the message lists them.
    Invalid(String),
    /// Another overlay of the same weight says something else; the message names it and an instance type.
    Conflict(String),
}

/// What all overlays come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    /// What they change.
    pub effects: OverlayEffects,
    /// Overlays without effect.
    pub rejected: BTreeMap<NodeOverlayName, Rejection>,
}

/// One write of the conditions of an overlay.
#[derive(Debug, Clone)]
pub struct OverlayStep {
    /// The overlay as it is known.
    pub overlay: Arc<NodeOverlay>,
    /// The object as it shall be.
    pub after: Box<Object>,
}

impl Step for OverlayStep {
    fn object(&self) -> String {
        format!("nodeoverlay/{}", self.overlay.name)
    }
}

/// Evaluates all overlays for `supplies`: the pools whose instance types are known.
pub fn evaluate(
    overlays: &Collection<NodeOverlay>,
    supplies: &[PoolSupply],
    rules: &ValidationRules,
) -> Evaluation {
    let mut ordered: Vec<Arc<NodeOverlay>> = overlays.values().cloned().collect();
    NodeOverlay::by_weight(&mut ordered);
    let supplies: Vec<OverlaidPool<'_>> = supplies.iter().map(OverlaidPool::of).collect();
    let mut ledger = Ledger::default();
    let mut rejected = BTreeMap::new();
    for overlay in &ordered {
        let problems = problems(overlay, rules);
        let rejection = if problems.is_empty() {
            let touched = supplies.iter().flat_map(|pool| pool.touched_by(overlay, rules));
            let touched: Vec<Touched<'_>> = touched.collect();
            ledger.enter(overlay, &touched).err().map(Rejection::Conflict)
        } else {
            Some(Rejection::Invalid(problems.join("; ")))
        };
        rejected.extend(rejection.map(|why| (overlay.name.clone(), why)));
    }
    let mut effects = ledger.effects();
    for supply in &supplies {
        effects.evaluated(&supply.pool.name);
    }
    Evaluation { effects, rejected }
}

/// Writes of conditions that do not say what `evaluation` came to, in name order.
pub fn conditions(
    overlays: &Collection<NodeOverlay>,
    evaluation: &Evaluation,
    now: Timestamp,
) -> Plan<OverlayStep> {
    let mut plan = Plan::default();
    for overlay in overlays.values() {
        let mut draft = Draft::of(&*overlay.object, now);
        draft.set(verdict(evaluation.rejected.get(&overlay.name)));
        if draft.is_changed(&overlay.object) {
            let after = Box::new(draft.object);
            plan.steps.push(OverlayStep { overlay: overlay.clone(), after });
        }
    }
    plan
}

fn verdict(rejection: Option<&Rejection>) -> Verdict {
    let (reason, message) = match rejection {
        None => return Verdict::ok(VALIDATION_SUCCEEDED),
        Some(Rejection::Invalid(message)) => (RUNTIME_VALIDATION, message),
        Some(Rejection::Conflict(message)) => (CONFLICT, message),
    };
    let message: String = message.chars().take(MESSAGE_LIMIT).collect();
    Verdict::failed(VALIDATION_SUCCEEDED, reason, message)
}

/// Everything wrong with the spec, in a fixed order.
fn problems(overlay: &NodeOverlay, rules: &ValidationRules) -> Vec<String> {
    let mut problems = overlay.unreadable.clone();
    for (at, requirement) in overlay.object.spec.requirements.iter().enumerate() {
        let entry = NodeSelectorRequirementWithMinValues::from(requirement);
        let mut errors = requirement_errors(&entry, rules);
        if entry.operator == Operator::NotIn && entry.values.iter().flatten().next().is_none() {
            errors.push(format!("key {} with operator NotIn must have a value defined", entry.key));
        }
        problems.extend(errors.iter().map(|e| format!("spec.requirements[{at}]: {e}")));
    }
    let restricted = labels::WELL_KNOWN_RESOURCES.iter();
    let restricted = restricted.filter(|name| overlay.capacity.contains(name));
    problems.extend(restricted.map(|name| format!("spec.capacity: {name} cannot be changed")));
    problems
}

/// One instance type of one pool, and those of its offerings that an overlay is about.
struct Touched<'s> {
    pool: &'s NodePool,
    it: &'s InstanceType,
    offerings: Vec<&'s Requirements>,
}

/// A pool as overlays see it.
struct OverlaidPool<'s> {
    pool: &'s NodePool,
    types: &'s [Arc<InstanceType>],
    /// What every node of the pool is labelled with.
    labels: Requirements,
}

impl<'s> OverlaidPool<'s> {
    fn of(supply: &'s PoolSupply) -> Self {
        let pool = &*supply.pool;
        let template = pool.template.labels.iter().map(|(key, value)| (&**key, &**value));
        let normalization = crate::model::label_rules::LabelNormalization::core();
        let mut labels = Requirements::from_labels(template, &normalization);
        labels.add(Requirement::in_values(labels::NODEPOOL, [pool.name.as_str()]));
        Self { pool, types: &supply.catalog.types, labels }
    }

    /// Types of the pool that `overlay` is about; a type none of whose offerings is meant is not.
    fn touched_by<'a>(
        &'a self,
        overlay: &'a NodeOverlay,
        rules: &'a ValidationRules,
    ) -> impl Iterator<Item = Touched<'s>> + 'a {
        self.types.iter().filter_map(move |it| {
            let node = self.labels.intersect(&it.requirements);
            if !node.is_compatible(&overlay.requirements, AllowUndefined::Nothing) {
                return None;
            }
            let allowed = AllowUndefined::WellKnown(&rules.well_known);
            let all = it.offerings.iter().map(|offering| &offering.requirements);
            let meant = all.filter(|own| overlay.requirements.is_compatible(own, allowed));
            let offerings: Vec<_> = meant.collect();
            (!offerings.is_empty()).then_some(Touched { pool: self.pool, it, offerings })
        })
    }
}
