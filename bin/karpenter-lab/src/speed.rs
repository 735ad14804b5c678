//! How long machines and pods take, as in the cloud, divided by a factor.

use std::time::Duration;

use fake_cloud::Timing;
use kube_lite::actors;
use scenarios::machines::Boot;

/// Factor by which machines and pods are faster than usual; at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Speed(u32);

impl Speed {
    /// Largest factor; beyond it delays are nothing but noise.
    const MAX: u32 = 1000;

    /// Reads a factor from the command line.
    ///
    /// # Errors
    /// When the text is no whole number from 1 to 1000.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(factor @ 1..=Self::MAX) => Ok(Self(factor)),
            _ => Err(format!("{text:?} is no whole number from 1 to {}", Self::MAX)),
        }
    }

    /// Life cycle of instances; the notice before a spot instance is taken back stays as it is.
    pub(crate) fn timing(self) -> Timing {
        let usual = Timing::default();
        let factor = i32::try_from(self.0).unwrap_or(i32::MAX);
        Timing {
            pending: usual.pending / factor,
            starting: usual.starting / factor,
            release: usual.release / factor,
            ..usual
        }
    }

    /// From a running instance to a ready node.
    pub(crate) fn boot(self) -> Boot {
        let usual = Boot::default();
        Boot { join_after: self.of(usual.join_after), ready_after: self.of(usual.ready_after) }
    }

    /// Start and end of pods; heartbeats and graces stay as they are.
    pub(crate) fn actors(self, clock: kube_lite::Clock) -> actors::Config {
        let mut config = actors::Config::new(clock);
        config.pod_start = self.of(config.pod_start);
        config.pod_stop = self.of(config.pod_stop);
        config
    }

    fn of(self, usual: Duration) -> Duration {
        usual / self.0
    }
}
