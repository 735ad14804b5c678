//! Our engine, in process.

use anyhow::{Result, ensure};
use jiff::Timestamp;
use karpenter_core::decide::scheduling::input::SchedulingInput;
use karpenter_core::decide::scheduling::solve::solve;
use karpenter_core::options::Options;
use kubectl_karpenter::simulate::documents::{Document, Origin};
use kubectl_karpenter::simulate::objects::Objects;
use kubectl_karpenter::simulate::outcome::Outcome as Simulated;
use kubectl_karpenter::simulate::world::World;
use kwok_provider::catalog::InstanceTypes;
use serde_json::Value;

use super::outcome::Outcome;

/// Second of the decision, later than every object.
const NOW: i64 = 1_700_000_600;

/// What we decide about `objects`.
///
/// # Errors
/// When an object cannot be read.
pub(super) fn decide(objects: &[Value], types: &InstanceTypes) -> Result<Outcome> {
    let input = input(objects, types)?;
    Ok(read_back(&Simulated::of(&input, &solve(&input)))?)
}

/// What the engine is asked about `objects`.
///
/// # Errors
/// When an object cannot be read.
pub(crate) fn input(objects: &[Value], types: &InstanceTypes) -> Result<SchedulingInput> {
    let mut read = Objects::default();
    for (at, value) in objects.iter().enumerate() {
        let origin = Origin { file: "generated".into(), document: at + 1, item: None };
        read.add(Document { origin, value: value.clone() });
    }
    let world = World::new(read, types, Timestamp::from_second(NOW)?);
    let complaints: Vec<String> = world.complaints.iter().map(ToString::to_string).collect();
    ensure!(complaints.is_empty(), "{}", complaints.join("; "));
    Ok(world.scheduling_input(types, Options::default(), 0))
}

/// The plan as the oracle's is read.
fn read_back(simulated: &Simulated) -> serde_json::Result<Outcome> {
    serde_json::from_value(serde_json::to_value(simulated)?)
}
