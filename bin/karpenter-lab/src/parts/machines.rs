//! Machines as a cloud of another process tells of them.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Context;
use fake_cloud::{InstanceStatus, InstanceType};
use scenarios::machines::Booted;
use serde::Deserialize;

/// How long the cloud holds an answer back while nothing changes.
const WAIT_SECONDS: u64 = 5;

/// Size of a system disk the cloud does not tell of, GiB.
const DISK_GIB: u64 = 40;

/// All machines at one moment.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct MachineList {
    /// Changes with the list.
    pub(crate) version: String,
    pub(crate) region: String,
    machines: Vec<Machine>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Machine {
    id: String,
    state: InstanceStatus,
    zone: String,
    private_ip: Ipv4Addr,
    capacity: Option<InstanceType>,
    user_data: String,
}

/// A client of the machines endpoint of a cloud.
#[derive(Debug)]
pub(crate) struct Machines {
    url: String,
    http: reqwest::Client,
}

impl Machines {
    /// Machines of the cloud at `url`.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub(crate) fn new(url: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(WAIT_SECONDS + 10))
            .build()?;
        Ok(Self { url: format!("{}/__fake/machines", url.trim_end_matches('/')), http })
    }

    /// The next list whose version is not `version`, or the same one after some seconds.
    ///
    /// # Errors
    /// When the cloud does not answer.
    pub(crate) async fn after(&self, version: &str) -> anyhow::Result<MachineList> {
        let url = format!("{}?version={version}&wait={WAIT_SECONDS}s", self.url);
        let answer = self.http.get(&url).send().await.context("ask the cloud for its machines")?;
        Ok(answer.error_for_status()?.json().await?)
    }
}

impl MachineList {
    /// Ids of machines that run.
    pub(crate) fn running(&self) -> Vec<String> {
        let running = self.machines.iter().filter(|m| m.state == InstanceStatus::Running);
        running.map(|machine| machine.id.clone()).collect()
    }

    /// A machine as it boots; `None` for one whose type the cloud no longer knows.
    pub(crate) fn describe(&self, id: &str) -> Option<Booted> {
        let machine = self.machines.iter().find(|machine| machine.id == id)?;
        Some(Booted {
            id: machine.id.clone(),
            of: machine.capacity.clone()?,
            zone: machine.zone.clone(),
            private_ip: machine.private_ip,
            user_data: machine.user_data.clone(),
            disk_gib: DISK_GIB,
        })
    }
}
