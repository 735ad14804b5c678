//! Which machines have joined the cluster, and which are due.

use std::collections::{BTreeMap, BTreeSet};

use kube_lite::actors::{Kubelets, Stopped};
use tokio::time::Instant;

use super::Boot;
use super::hardware::{Booted, machine};

/// The machines of a cluster, seen from the side of the cloud.
#[derive(Debug)]
pub struct Fleet {
    region: String,
    boot: Boot,
    kubelets: Kubelets,
    /// Names of nodes by instance.
    joined: BTreeMap<String, String>,
    /// Since when instances run.
    booted: BTreeMap<String, Instant>,
    /// Instances whose nodes exist already; they do not boot again.
    known: BTreeSet<String>,
}

impl Fleet {
    /// A fleet without machines.
    pub fn new(region: String, boot: Boot, kubelets: Kubelets) -> Self {
        let (joined, booted, known) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { region, boot, kubelets, joined, booted, known }
    }

    /// Names instances whose nodes exist already: their machines join as soon as they are seen, for they
    /// have only lost the process that simulates them.
    pub fn knows(&mut self, ids: impl IntoIterator<Item = String>) {
        self.known.extend(ids);
    }

    /// Whether a machine of this instance has joined.
    pub fn has_joined(&self, id: &str) -> bool {
        self.joined.contains_key(id)
    }

    /// Number of machines that have joined.
    pub fn n_joined(&self) -> usize {
        self.joined.len()
    }

    /// Takes note of the instances that run: those that are due join, those that are gone leave. An instance
    /// that `describe` does not know, or whose user data does not join it to a cluster, stays away.
    ///
    /// # Errors
    /// [`Stopped`] when there are no kubelets any more.
    pub async fn follow(
        &mut self,
        running: &[String],
        describe: impl Fn(&str) -> Option<Booted>,
    ) -> Result<(), Stopped> {
        // Before somebody else joins under the same address and name.
        let still: BTreeSet<_> = running.iter().collect();
        let gone: Vec<_> = self.booted.keys().filter(|id| !still.contains(id)).cloned().collect();
        for id in gone {
            self.booted.remove(&id);
            self.known.remove(&id);
            if let Some(left) = self.joined.remove(&id) {
                self.kubelets.leave(&left).await?;
            }
        }
        for id in running {
            if self.joined.contains_key(id) || !self.is_due(id) {
                continue;
            }
            let Some(booted) = describe(id) else { continue };
            let Some(machine) = machine(&booted, &self.region, &self.boot) else { continue };
            let name = machine.node_name.clone();
            self.kubelets.join(machine).await?;
            self.joined.insert(id.clone(), name);
        }
        Ok(())
    }

    /// Whether an instance has run long enough to join.
    fn is_due(&mut self, id: &str) -> bool {
        let since = *self.booted.entry(id.to_owned()).or_insert_with(moment);
        self.known.contains(id) || since.elapsed() >= self.boot.join_after
    }
}

#[expect(clippy::disallowed_methods, reason = "time of the machines themselves")]
fn moment() -> Instant {
    Instant::now()
}
