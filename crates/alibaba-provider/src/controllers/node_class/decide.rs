//! What to do about each class now.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use karpenter_core::decide::plan::Plan;
use karpenter_core::model::ids::ResourceVersion;
use karpenter_core::model::node_class::NodeClass;

use super::memory::Memory;
use super::{ClassStep, Input, adoption};
use crate::api::node_class::ECSNodeClass;
use crate::api::{self, hash, labels};

/// How often it is said again that claims keep a class.
pub(super) const REPORT: Duration = Duration::from_secs(10 * 60);

/// One step per class that needs one, by name.
pub(super) fn plan(input: &Input, now: Timestamp) -> Plan<ClassStep> {
    let mut plan = Plan::default();
    for seen in input.snapshot.node_classes.values().filter(|class| is_ours(class)) {
        let name = seen.key.name.to_string();
        match input.classes.get(&name).filter(|read| is_current(seen, read)) {
            None => plan.steps.push(ClassStep::Read(name)),
            Some(class) if class.metadata.deletion_timestamp.is_some() => {
                end(&mut plan, input, name, class, now);
            }
            Some(class) if !is_adopted(class) => plan.steps.push(ClassStep::Adopt(name)),
            Some(class) => {
                if adoption::is_valid(class) {
                    adopt_claims(&mut plan, input, &name, class);
                }
                resolve(&mut plan, input, name, class, now);
            }
        }
    }
    plan
}

fn is_ours(class: &NodeClass) -> bool {
    *class.key.group == *api::GROUP && *class.key.kind == *api::KIND
}

/// Whether what we have read is not older than what the watch shows.
fn is_current(seen: &NodeClass, read: &ECSNodeClass) -> bool {
    let version = ResourceVersion::from(read.metadata.resource_version.clone().unwrap_or_default());
    read.metadata.uid.as_deref() == Some(seen.uid.as_str())
        && !version.is_older_than(&seen.resource_version)
}

/// Whether finalizer and hash are in place.
fn is_adopted(class: &ECSNodeClass) -> bool {
    let annotation = |key: &str| class.metadata.annotations.as_ref()?.get(key).map(String::as_str);
    has_finalizer(class)
        && annotation(labels::HASH_VERSION) == Some(hash::VERSION)
        && annotation(labels::HASH) == Some(hash::hash(&class.spec).as_str())
}

fn has_finalizer(class: &ECSNodeClass) -> bool {
    let finalizers = class.metadata.finalizers.iter().flatten();
    finalizers.into_iter().any(|finalizer| finalizer == labels::FINALIZER)
}

fn end(
    plan: &mut Plan<ClassStep>,
    input: &Input,
    name: String,
    class: &ECSNodeClass,
    now: Timestamp,
) {
    let claims = adoption::claims_of(input, &name).map(|claim| claim.name.to_string());
    let claims: Vec<String> = claims.collect();
    if !claims.is_empty() {
        plan.steps.push(ClassStep::Report(name, claims));
        plan.wake(now + REPORT);
    } else if has_finalizer(class) {
        plan.steps.push(ClassStep::Release(name));
    }
}

/// Marks claims without our hash; once all have it, what the earlier provider wrote onto the class goes.
fn adopt_claims(plan: &mut Plan<ClassStep>, input: &Input, name: &str, class: &ECSNodeClass) {
    let unmarked = adoption::claims_of(input, name).filter(|claim| adoption::is_unmarked(claim));
    let marks: Vec<ClassStep> = unmarked
        .map(|claim| ClassStep::Mark {
            claim: claim.name.to_string(),
            version: claim.resource_version.clone(),
            marks: adoption::marks(claim, class),
        })
        .collect();
    if marks.is_empty() && adoption::has_old_hash(class) {
        plan.steps.push(ClassStep::Forget(name.to_owned()));
    }
    plan.steps.extend(marks);
}

fn resolve(
    plan: &mut Plan<ClassStep>,
    input: &Input,
    name: String,
    class: &Arc<ECSNodeClass>,
    now: Timestamp,
) {
    if !input.is_region_known {
        plan.wake(now + Duration::from_secs(1));
        return;
    }
    let unknown = Memory::default();
    let memory = input.memories.get(&name).unwrap_or(&unknown);
    let generation = class.metadata.generation.unwrap_or_default();
    if memory.due(generation, now).is_empty() {
        if let Some(at) = memory.next_due() {
            plan.wake(at);
        }
    } else {
        plan.steps.push(ClassStep::Resolve(name));
    }
}
