//! What a kubelet writes about the pods on its node.
//!
//! Source: Kubernetes API (PodStatus).

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::actors::pods;
use crate::actors::world::PODS;
use crate::actors::write::Write;
use crate::object::{Key, list, set_condition, str_at};
use crate::time::text;

/// Annotation: seconds a pod's containers run before they end by themselves.
pub(super) const RUN_SECONDS: &str = "kube-lite/run-seconds";

/// Annotation: code with which they end then; 0 when absent.
pub(super) const EXIT_CODE: &str = "kube-lite/exit-code";

/// How long the containers run once started; `None` for pods that run until they are deleted.
///
/// A pod of a Job runs for `job`, unless its annotation says otherwise.
pub(super) fn run_time(pod: &Value, job: Duration) -> Option<Duration> {
    let own = annotation(pod, RUN_SECONDS).and_then(|seconds| seconds.parse().ok());
    let of_job = || pods::controller(pod).filter(|o| o["kind"] == "Job").map(|_| job);
    own.map(Duration::from_secs).or_else(of_job)
}

fn annotation<'a>(pod: &'a Value, key: &str) -> Option<&'a str> {
    pod.get("metadata")?.get("annotations")?.get(key)?.as_str()
}

/// Status of a pod whose containers have come up.
pub(super) fn started(key: &Key, pod: &Value, address: u32, now: Timestamp) -> Write {
    let mut edited = pod.clone();
    for condition in ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"] {
        set_condition(&mut edited, json!({"type": condition, "status": "True"}), &text(now));
    }
    let [_, high, middle, low] = address.to_be_bytes();
    let ip = format!("10.{high}.{middle}.{low}");
    let running = json!({"running": {"startedAt": text(now)}});
    let body = json!({"status": {
        "phase": "Running", "startTime": text(now), "podIP": ip, "podIPs": [{"ip": ip}],
        "conditions": edited["status"]["conditions"],
        "containerStatuses": containers(pod, true, &running),
    }});
    Write::Patch { kind: PODS, key: key.clone(), status: true, body }
}

/// Status of a pod whose containers have ended by themselves.
pub(super) fn ended(key: &Key, pod: &Value, now: Timestamp) -> Write {
    let code: i64 = annotation(pod, EXIT_CODE).and_then(|code| code.parse().ok()).unwrap_or(0);
    let (phase, reason) = if code == 0 { ("Succeeded", "Completed") } else { ("Failed", "Error") };
    let mut edited = pod.clone();
    for condition in ["Ready", "ContainersReady"] {
        let gone = json!({"type": condition, "status": "False", "reason": "PodCompleted"});
        set_condition(&mut edited, gone, &text(now));
    }
    let started = str_at(pod, "/status/startTime");
    let terminated = json!({"terminated": {
        "exitCode": code, "reason": reason, "startedAt": started, "finishedAt": text(now)}});
    let body = json!({"status": {
        "phase": phase, "conditions": edited["status"]["conditions"],
        "containerStatuses": containers(pod, false, &terminated),
    }});
    Write::Patch { kind: PODS, key: key.clone(), status: true, body }
}

fn containers(pod: &Value, up: bool, state: &Value) -> Vec<Value> {
    let containers = list(pod, "/spec/containers").iter();
    containers
        .map(|container| {
            json!({
                "name": container["name"], "image": container["image"], "imageID": "",
                "ready": up, "started": up, "restartCount": 0, "state": state,
            })
        })
        .collect()
}
