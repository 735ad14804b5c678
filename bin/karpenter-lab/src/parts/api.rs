//! The embedded API server.

use karpenter_core::clock::Clock;
use kube_lite::{Config, KubeLite};
use scenarios::clocks;

/// A fresh server on the wall clock.
pub(crate) fn server(seed: u64) -> KubeLite {
    KubeLite::new(Config::new(clocks::for_api(&Clock::system()), seed))
}
