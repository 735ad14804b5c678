//! A cloud that refuses, throttles, breaks or cannot be reached: cause and fix are told, calls stay few, and
//! everything recovers by itself.

mod account;
mod launches;
mod outages;

use scenarios::world::World;

use crate::support::{HOUR, create, n_calls, node_class, pass, pod_for, wide_pool};

/// Most calls an hour of trouble may cost: every table and class asked about once a minute by every row.
const CALLS_PER_HOUR: u64 = 1500;
/// Most writes an hour of trouble may cost; a claim that cannot launch is given up and made anew.
const WRITES_PER_HOUR: usize = 700;

/// A world with one pool and one pod for it; the controller does not run yet.
async fn one_pod(seed: u64) -> World {
    let world = World::new(seed);
    create(&world, &[node_class("default"), wide_pool("general"), pod_for("general", "p")]).await;
    world
}

/// Lets an hour pass and checks that nothing spins meanwhile.
async fn hour_is_quiet(world: &World) {
    let (calls, writes) = (n_calls(world), world.controller_writes());
    let events = world.events().await.expect("events").len();
    pass(HOUR).await;
    let counts = world.cloud.counts();
    assert!(n_calls(world) - calls <= CALLS_PER_HOUR, "{counts:?}");
    let written = world.controller_writes() - writes;
    assert!(written <= WRITES_PER_HOUR, "{written} writes in an hour");
    let told = world.events().await.expect("events").len() - events;
    assert!(told <= 300, "{told} events in an hour");
}
