//! The fake cloud.

use fake_cloud::{Config, FakeCloud};
use karpenter_core::clock::Clock;
use scenarios::clocks;

use crate::speed::Speed;

/// The key pair every fake cloud knows; no secret, for it opens nothing else.
pub(crate) const KEY: (&str, &str) = ("testid", "testsecret");

/// A fresh cloud on the wall clock, whose machines take their time divided by `speed`.
pub(crate) fn cloud(seed: u64, speed: Speed) -> FakeCloud {
    let mut config = Config::new(clocks::for_cloud(&Clock::system()), seed);
    config.timing = speed.timing();
    let cloud = FakeCloud::new(config);
    // With Flannel small machines hold enough pods to be worth offering.
    cloud.edit_cluster(|cluster| cluster.network = "Flannel".to_owned());
    cloud
}
