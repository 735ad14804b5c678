//! Columns of pods: readiness, the reason people look for, restarts.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Sheet, age, name, text, wide};
use crate::object::{condition, is_terminating, list, str_at};
use crate::table::text as cell;

pub(super) const POD: Sheet = Sheet {
    columns: &[
        text("Name"),
        text("Ready"),
        text("Status"),
        text("Restarts"),
        text("Age"),
        wide("IP"),
        wide("Node"),
        wide("Nominated Node"),
        wide("Readiness Gates"),
    ],
    cells: |pod, now| {
        let (ready, total) = ready(pod);
        vec![
            name(pod),
            json!(format!("{ready}/{total}")),
            json!(status(pod)),
            json!(restarts(pod, now)),
            cell::age(pod, now),
            cell::or(pod, "/status/podIP", "<none>"),
            cell::or(pod, "/spec/nodeName", "<none>"),
            cell::or(pod, "/status/nominatedNodeName", "<none>"),
            json!(gates(pod)),
        ]
    },
};

/// Ready and all containers; sidecars count with both.
fn ready(pod: &Value) -> (usize, usize) {
    let sidecars: Vec<&str> = list(pod, "/spec/initContainers")
        .iter()
        .filter(|container| container["restartPolicy"] == "Always")
        .filter_map(|container| container["name"].as_str())
        .collect();
    let counts = |status: &&Value| status["ready"] == true;
    let main = list(pod, "/status/containerStatuses").iter().filter(counts).count();
    let side = list(pod, "/status/initContainerStatuses")
        .iter()
        .filter(counts)
        .filter(|status| status["name"].as_str().is_some_and(|name| sidecars.contains(&name)))
        .count();
    (main + side, list(pod, "/spec/containers").len() + sidecars.len())
}

/// The phase, or a reason that says more.
fn status(pod: &Value) -> String {
    let text = |pointer| str_at(pod, pointer).filter(|text| !text.is_empty());
    let mut shown = text("/status/reason").or(text("/status/phase")).unwrap_or("").to_owned();
    let gated = list(pod, "/status/conditions")
        .iter()
        .any(|c| c["type"] == "PodScheduled" && c["reason"] == "SchedulingGated");
    if gated {
        shown = "SchedulingGated".to_owned();
    }
    let initializing = init_reason(pod);
    if let Some(reason) = &initializing {
        shown.clone_from(reason);
    } else if let Some(reason) = container_reason(pod) {
        shown = reason;
    }
    if !is_terminating(pod) {
        return shown;
    }
    match text("/status/reason") {
        Some("NodeLost") => "Unknown".to_owned(),
        _ if matches!(text("/status/phase"), Some("Succeeded" | "Failed")) => shown,
        _ => "Terminating".to_owned(),
    }
}

/// Why the first unfinished init container holds the pod up.
fn init_reason(pod: &Value) -> Option<String> {
    let statuses = list(pod, "/status/initContainerStatuses");
    let specs = list(pod, "/spec/initContainers");
    for (number, status) in statuses.iter().enumerate() {
        let sidecar = specs
            .iter()
            .any(|spec| spec["name"] == status["name"] && spec["restartPolicy"] == "Always");
        if status.pointer("/state/terminated/exitCode") == Some(&json!(0))
            || (sidecar && status["started"] == true)
        {
            continue;
        }
        let why = ended(status).or_else(|| {
            let waiting = str_at(status, "/state/waiting/reason")?;
            (waiting != "PodInitializing" && !waiting.is_empty()).then(|| waiting.to_owned())
        });
        let progress = || format!("{number}/{}", specs.len());
        return Some(format!("Init:{}", why.unwrap_or_else(progress)));
    }
    None
}

/// The reason of the first container that waits or has ended.
fn container_reason(pod: &Value) -> Option<String> {
    let statuses = list(pod, "/status/containerStatuses");
    let waiting = |status: &Value| str_at(status, "/state/waiting/reason").map(str::to_owned);
    let reason = statuses
        .iter()
        .find_map(|status| waiting(status).filter(|w| !w.is_empty()).or_else(|| ended(status)))?;
    let running = statuses.iter().any(|s| s["ready"] == true && s["state"]["running"].is_object());
    if reason == "Completed" && running {
        let ready = condition(pod, "Ready") == Some("True");
        return Some(if ready { "Running" } else { "NotReady" }.to_owned());
    }
    Some(reason)
}

/// Why a container ended: its reason, its signal or its exit code.
fn ended(status: &Value) -> Option<String> {
    let end = status.pointer("/state/terminated")?;
    if let Some(reason) = str_at(end, "/reason").filter(|reason| !reason.is_empty()) {
        return Some(reason.to_owned());
    }
    let number = |pointer| cell::count(end, pointer);
    Some(match number("/signal") {
        0 => format!("ExitCode:{}", number("/exitCode")),
        signal => format!("Signal:{signal}"),
    })
}

/// Number of restarts and the time since the last one.
fn restarts(pod: &Value, now: Timestamp) -> String {
    let statuses = list(pod, "/status/containerStatuses");
    let total: i64 = statuses.iter().map(|status| cell::count(status, "/restartCount")).sum();
    let last = statuses
        .iter()
        .filter_map(|status| str_at(status, "/lastState/terminated/finishedAt"))
        .max();
    match last {
        Some(last) if total > 0 => format!("{total} ({} ago)", age::since(Some(last), now)),
        _ => total.to_string(),
    }
}

fn gates(pod: &Value) -> String {
    let gates = list(pod, "/spec/readinessGates");
    if gates.is_empty() {
        return "<none>".to_owned();
    }
    let open = |gate: &&Value| {
        gate["conditionType"].as_str().and_then(|kind| condition(pod, kind)) == Some("True")
    };
    format!("{}/{}", gates.iter().filter(open).count(), gates.len())
}
