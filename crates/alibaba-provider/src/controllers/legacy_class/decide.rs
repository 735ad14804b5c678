//! What to do about each class of the older group now.

use std::time::Duration;

use jiff::Timestamp;
use karpenter_core::decide::plan::Plan;
use karpenter_core::model::ids::NodeClassKey;

use super::{Input, LegacyStep};
use crate::legacy::object::LegacyClass;
use crate::legacy::{self, hash};

/// How soon the region's tables are looked for again.
const REGION_CHECK: Duration = Duration::from_secs(1);

/// The list when it is due, and one step per class that needs one, by name.
pub(super) fn plan(input: &Input, now: Timestamp) -> Plan<LegacyStep> {
    let mut plan = Plan::default();
    match input.list_due.filter(|due| *due > now) {
        Some(due) => plan.wake(due),
        None => plan.steps.push(LegacyStep::List),
    }
    for (name, class) in &input.classes {
        let key = NodeClassKey::new(legacy::GROUP, legacy::KIND, name.as_str());
        if input.snapshot.node_classes.get(&key).is_none() {
            plan.steps.push(LegacyStep::Show(name.clone()));
        }
        step(&mut plan, input, name, class, now);
    }
    plan
}

fn step(
    plan: &mut Plan<LegacyStep>,
    input: &Input,
    name: &str,
    class: &LegacyClass,
    now: Timestamp,
) {
    if class.class.metadata.deletion_timestamp.is_some() {
        if has_finalizer(class) && !is_used(input, name) {
            plan.steps.push(LegacyStep::Release(name.to_owned()));
        }
    } else if !is_adopted(class) {
        plan.steps.push(LegacyStep::Adopt(name.to_owned()));
    } else if !input.is_region_known {
        plan.wake(now + REGION_CHECK);
    } else {
        let memory = input.memories.get(name).cloned().unwrap_or_default();
        let generation = class.class.metadata.generation.unwrap_or_default();
        match memory.due(generation, now).is_empty() {
            true => memory.next_due().into_iter().for_each(|at| plan.wake(at)),
            false => plan.steps.push(LegacyStep::Resolve(name.to_owned())),
        }
    }
}

/// Whether a claim refers to the class of this group; one of the same name in another group does not count.
fn is_used(input: &Input, name: &str) -> bool {
    input.snapshot.claims.values().any(|claim| {
        let class = &claim.node_class;
        *class.group == *legacy::GROUP && *class.kind == *legacy::KIND && *class.name == *name
    })
}

fn has_finalizer(class: &LegacyClass) -> bool {
    class.class.metadata.finalizers.iter().flatten().any(|f| f == legacy::FINALIZER)
}

/// Whether finalizer and hash are in place.
fn is_adopted(class: &LegacyClass) -> bool {
    let annotations = class.class.metadata.annotations.as_ref();
    let annotation = |key: &str| annotations?.get(key).map(String::as_str);
    has_finalizer(class)
        && annotation(legacy::HASH) == Some(&class.hash)
        && annotation(legacy::HASH_VERSION) == Some(hash::VERSION)
}
