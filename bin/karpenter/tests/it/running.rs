//! A process that has work to do.

use crate::exposition::Exposition;
use crate::http::{get, send};
use crate::process::{Launch, Process};
use crate::surroundings::{SECRET, Surroundings};

/// A ready process beside the servers it talks to.
fn ready(test: &str) -> (Surroundings, Process) {
    let around = Surroundings::start();
    let mut process = Launch::into(&around, test).env("BATCH_IDLE_DURATION", "100ms").start();
    process.until_ready();
    (around, process)
}

fn metrics(process: &mut Process) -> Exposition {
    let answer = get(process.port("metrics"), "/metrics").expect("the metrics server answers");
    assert_eq!(answer.status, 200, "{}", answer.body);
    Exposition::parse(&answer.body)
}

fn assert_close(is: f64, wanted: f64) {
    assert!((is - wanted).abs() < f64::EPSILON, "{is} instead of {wanted}");
}

#[test]
fn pending_pods_lead_to_instances_and_metrics_tell_it() {
    let (around, mut process) = ready("instances");
    around.demand_nodes(3);
    process.until("instance", |_| (around.cloud.count("RunInstances") > 0).then_some(()));
    process.until("provider id on a claim", |_| {
        let claims = around.api("/apis/karpenter.sh/v1/nodeclaims");
        claims.pointer("/items/0/status/providerID").map(drop)
    });

    let seen = metrics(&mut process);
    let created = ["reason=\"provisioned\"", "nodepool=\"default\""];
    assert!(seen.sum("karpenter_nodeclaims_created_total", &created) >= 1.0, "{seen:?}");
    assert_eq!(seen.kind("karpenter_nodeclaims_created"), Some("counter"));
    let steps = ["controller=\"nodeclaim.lifecycle\"", "result=\"success\""];
    assert!(seen.sum("controller_runtime_reconcile_total", &steps) >= 1.0, "{seen:?}");

    let launches = ["controller=\"nodeclaim.lifecycle\"", "method=\"Create\""];
    let calls = seen.sum("karpenter_cloudprovider_duration_seconds_count", &launches);
    assert!(calls >= 1.0, "{seen:?}");
    let cpu = ["resource_type=\"cpu\"", "nodepool=\"default\""];
    assert_close(seen.sum("karpenter_nodepools_limit", &cpu), 100.0);
    assert_close(seen.sum("karpenter_cluster_state_synced", &[]), 1.0);
    assert_close(seen.sum("karpenter_build_info", &["runtime=\"rust\""]), 1.0);
    assert!(seen.sum("karpenter_nodeclaims_phase_count", &[]) >= 1.0, "{seen:?}");

    let said = process.said();
    assert!(!said.contains(SECRET), "the secret of the access key is in the output");
}

#[test]
fn probes_answer_and_debug_shows_what_is_known() {
    let (around, mut process) = ready("probes");
    around.demand_nodes(1);
    let health = process.port("health");
    assert_eq!(get(health, "/healthz").expect("it answers").status, 200);
    let metrics = process.port("metrics");
    let state = process.until("claim in /debug/state", |_| {
        let answer = get(metrics, "/debug/state").ok()?;
        let state: serde_json::Value = serde_json::from_str(&answer.body).ok()?;
        (state["nodeClaims"].as_array()?.len() == 1).then_some(state)
    });
    assert_eq!(state["nodePools"], serde_json::json!(["default"]));
    assert_eq!(state["unsynced"], serde_json::json!([]));
}

#[test]
fn lines_of_logs_are_objects_with_the_keys_of_upstream() {
    let (_around, mut process) = ready("logs");
    let start = process.until_logged("starting");
    assert_eq!(start["region"], "cn-hangzhou");
    for line in process.logged() {
        for key in ["level", "time", "logger", "message"] {
            assert!(line[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {line}");
        }
        let level = line["level"].as_str().expect("a level is a text");
        assert!(["INFO", "WARN", "ERROR"].contains(&level), "{line}");
    }
}

#[test]
fn the_log_level_changes_while_the_process_runs() {
    let (around, mut process) = ready("level");
    let port = process.port("metrics");
    let put = |filter| send(port, "PUT", "/debug/log-level", filter).expect("it answers");
    assert_eq!(put("info,=").status, 400);
    assert!(process.logged().iter().all(|line| line["level"] != "DEBUG"));
    assert_eq!(put("debug").status, 200);
    around.demand_nodes(1);
    process.until("line of level DEBUG", |process| {
        process.logged().into_iter().find(|line| line["level"] == "DEBUG")
    });
    assert!(!process.said().contains(SECRET), "the secret of the access key is in the output");
}
