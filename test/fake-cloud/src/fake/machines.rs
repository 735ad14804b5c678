//! Instances as the machines they are, for a process that boots them: state, user data, address,
//! capacity, and a version that changes with them.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    response::Response,
};
use chrono::TimeDelta;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::reply::{Refusal, body, json_response, query};
use crate::{FakeCloud, Instance, InstanceStatus, InstanceType, data::duration, time};

/// How long a reader waits for news unless it says otherwise.
const WAIT: TimeDelta = TimeDelta::seconds(20);
/// Longest wait that may be asked for.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(60);
/// Shortest pause between two looks, should the clock of the cloud run slower than the timer.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

/// Parameters of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// The version the reader has; empty for none.
    version: String,
    /// How long to wait for another version, as `20s`; empty for the default.
    wait: String,
}

/// All machines and the version of this list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MachineList {
    version: String,
    region: String,
    machines: Vec<Machine>,
}

/// One machine. An instance that is gone has none.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Machine {
    /// Instance id.
    id: String,
    /// `<region>.<id>`, the provider id of its node.
    provider_id: String,
    /// Only a `Running` machine runs anything.
    state: InstanceStatus,
    host_name: String,
    zone: String,
    private_ip: std::net::Ipv4Addr,
    instance_type: String,
    /// What the type offers: cores, memory, architecture, accelerators; `null` for a type that was
    /// taken from the catalogue.
    capacity: Option<InstanceType>,
    image_id: String,
    /// As sent at launch, base64.
    user_data: String,
    tags: std::collections::BTreeMap<String, String>,
    created: String,
    /// When a spot machine will be taken back, once announced.
    terminates: Option<String>,
}

/// What a machine tells of itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    state: ReportedState,
}

/// The states a machine can bring about itself.
#[derive(Debug, Deserialize)]
enum ReportedState {
    /// It is up, perhaps after having been switched off.
    Running,
    /// It has switched itself off; the instance stays and is still paid for.
    Stopped,
}

/// `GET /__fake/machines?version=…&wait=20s`: answers when the list differs from `version`, or after
/// the wait; without `version` at once.
pub(crate) async fn list(
    State(cloud): State<FakeCloud>,
    text: RawQuery,
) -> Result<Response, Refusal> {
    let asked: ListQuery = query(text)?;
    let wait = match asked.wait.as_str() {
        "" => WAIT,
        text => duration::parse(text).map_err(|problem| Refusal::bad("wait", problem))?,
    };
    if wait > LONGEST_WAIT {
        return Err(Refusal::bad("wait", "at most 60s; ask again for longer"));
    }
    let wait = wait.to_std().unwrap_or_default();
    let news = tokio::time::timeout(wait, other_than(&cloud, &asked.version)).await;
    let list = news.unwrap_or_else(|_| current(&cloud));
    Ok(json_response(StatusCode::OK, &list))
}

/// `POST /__fake/machines/{id}` with `{"state": "Running" | "Stopped"}`.
pub(crate) async fn report(
    State(cloud): State<FakeCloud>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let report: Report = body(&bytes)?;
    let found = match report.state {
        ReportedState::Running => cloud.start(&id),
        ReportedState::Stopped => cloud.stop(&id),
    };
    if !found {
        return Err(Refusal::missing("id", &id, "GET /__fake/machines lists them"));
    }
    cloud.saved()?;
    let state = cloud.instance(&id).map(|instance| instance.status);
    Ok(json_response(StatusCode::OK, &serde_json::json!({"id": id, "state": state})))
}

/// The first list whose version is not `version`.
async fn other_than(cloud: &FakeCloud, version: &str) -> MachineList {
    let mut changes = cloud.shared.changes.subscribe();
    loop {
        changes.borrow_and_update();
        let list = current(cloud);
        if list.version != version {
            return list;
        }
        let due = cloud.look(|state, now| state.next_change().map(|at| at - now));
        let pause = due.and_then(|d| d.to_std().ok()).unwrap_or(Duration::MAX).max(SHORTEST_PAUSE);
        let _ = tokio::time::timeout(pause, changes.changed()).await;
    }
}

fn current(cloud: &FakeCloud) -> MachineList {
    cloud.look(|state, _| {
        let world = &state.world;
        let machine = |instance: &Instance| {
            machine(instance, &world.region, world.types.get(&instance.instance_type))
        };
        let machines: Vec<Machine> = world.instances_by_age().into_iter().map(machine).collect();
        MachineList { version: version(&machines), region: world.region.clone(), machines }
    })
}

fn machine(instance: &Instance, region: &str, of: Option<&InstanceType>) -> Machine {
    let i = instance.clone();
    Machine {
        provider_id: format!("{region}.{}", i.id),
        id: i.id,
        state: i.status,
        host_name: i.host_name,
        zone: i.zone,
        private_ip: i.private_ip,
        instance_type: i.instance_type,
        capacity: of.cloned(),
        image_id: i.image_id,
        user_data: i.user_data,
        tags: i.tags,
        created: time::seconds(i.created),
        terminates: i.interrupted_at.and(i.gone_at).map(time::seconds),
    }
}

/// A digest of the content: equal lists have equal versions, also over a restart.
fn version(machines: &[Machine]) -> String {
    let text = serde_json::to_vec(machines).unwrap_or_default();
    hex::encode(&Sha256::digest(text)[..8])
}

impl FakeCloud {
    /// Refuses when the last change is not in the data file.
    pub(crate) fn saved(&self) -> Result<(), Refusal> {
        let unsaved = self.look(|state, _| state.unsaved.clone());
        unsaved.map_or(Ok(()), |problem| Err(Refusal::unsaved(&problem)))
    }
}
