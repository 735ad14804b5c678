//! Decisions about claims, one table or sentence per numbered behaviour.

mod ending;
mod launching;
mod publishing;
mod registering;
mod timing;

use std::sync::Arc;

use jiff::Timestamp;

use super::memory::LaunchMemory;
use super::{ClaimWrite, Deletion, LifecycleInput, LifecycleStep, plan};
use crate::api::v1::conditions::{Condition, HasConditions};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::decide::plan::Plan;
use crate::model::node_claim::NodeClaim;
use crate::options::Options;
use crate::testing::objects::World;

fn decide(world: &World, now: Timestamp) -> Plan<LifecycleStep> {
    decide_with(world, &LaunchMemory::default(), now)
}

fn decide_with(world: &World, launches: &LaunchMemory, now: Timestamp) -> Plan<LifecycleStep> {
    let (snapshot, options) = (world.snapshot(), Options::default());
    plan(&LifecycleInput { snapshot: &snapshot, launches, options: &options }, now)
}

/// The only step; panics with the plan if there is another number of them.
fn only(plan: Plan<LifecycleStep>) -> LifecycleStep {
    let [step] = <[LifecycleStep; 1]>::try_from(plan.steps).expect("one step");
    step
}

fn written(plan: Plan<LifecycleStep>) -> ClaimWrite {
    match only(plan) {
        LifecycleStep::Write(write) => *write,
        other => panic!("a write was expected, not {other:?}"),
    }
}

fn deleted(plan: Plan<LifecycleStep>) -> Deletion {
    match only(plan) {
        LifecycleStep::Delete(deletion) => *deletion,
        other => panic!("a deletion was expected, not {other:?}"),
    }
}

fn joining(plan: Plan<LifecycleStep>) -> super::register::Joining {
    match only(plan) {
        LifecycleStep::Register(joining) => *joining,
        other => panic!("a registration was expected, not {other:?}"),
    }
}

fn condition<'a>(object: &'a ClaimObject, r#type: &str) -> &'a Condition {
    object.condition(r#type).expect("the condition is there")
}

/// `status/reason` of a condition.
fn verdict(object: &ClaimObject, r#type: &str) -> String {
    let condition = condition(object, r#type);
    format!("{}/{}", condition.status.as_str(), condition.reason)
}

/// What the claim looks like once `after` is stored.
fn stored(after: ClaimObject) -> Arc<NodeClaim> {
    use crate::wire::Decoded;
    Arc::new(after.decode().expect("valid"))
}
