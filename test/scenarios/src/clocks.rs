//! One clock, as each fake wants to read it.

use std::sync::Arc;

use karpenter_core::clock::Clock;

/// The clock of the embedded API server and of the actors.
pub fn for_api(clock: &Clock) -> kube_lite::Clock {
    let clock = clock.clone();
    Arc::new(move || clock.now())
}

/// The clock of the fake cloud, which counts in chrono.
pub fn for_cloud(clock: &Clock) -> fake_cloud::Clock {
    let clock = clock.clone();
    Arc::new(move || alibaba_provider::time::to_chrono(clock.now()))
}
