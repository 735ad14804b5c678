//! A process that is told to stop.

use std::time::Duration;

use crate::http::get;
use crate::process::Launch;
use crate::surroundings::Surroundings;

/// Far below what Kubernetes grants a pod.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_termination_signal_ends_the_process_in_order() {
    for signal in ["TERM", "INT"] {
        let around = Surroundings::start();
        let mut process = Launch::into(&around, "stop").start();
        process.until_ready();
        let health = process.port("health");
        process.signal(signal);
        let (status, took) = process.until_ended();
        assert_eq!(status.code(), Some(0), "{signal}: {}", process.said());
        assert!(took < SOON, "{signal}: took {took:?}");
        let messages: Vec<_> =
            process.logged().into_iter().map(|line| line["message"].clone()).collect();
        let stop = "stopping: no new work, waiting for work under way";
        assert!(messages.iter().any(|message| message == stop), "{signal}: {messages:?}");
        assert_eq!(messages.last().expect("there are lines"), "stopped");
        get(health, "/readyz").expect_err("nobody answers any more");
    }
}

#[test]
fn a_launch_under_way_is_finished_and_remembered_before_the_end() {
    let around = Surroundings::start();
    let launch = Launch::into(&around, "stop-launch").env("BATCH_IDLE_DURATION", "100ms");
    let mut process = launch.start();
    process.until_ready();
    let health = process.port("health");
    around.launches.close(true);
    around.demand_nodes(1);
    process.until("launch", |_| (around.launches.n_waited() > 0).then_some(()));

    process.signal("TERM");
    process.until_logged("stopping: no new work, waiting for work under way");
    let answer = get(health, "/readyz").expect("probes are answered while work is under way");
    assert_eq!((answer.status, &*answer.body), (503, "not ready: stopping"));
    around.launches.close(false);

    let (status, _) = process.until_ended();
    assert_eq!(status.code(), Some(0), "{}", process.said());
    let claims = around.api("/apis/karpenter.sh/v1/nodeclaims");
    let id = claims.pointer("/items/0/status/providerID").and_then(serde_json::Value::as_str);
    let instances = around.cloud.instances();
    let [instance] = &*instances else { panic!("one instance: {instances:?}") };
    assert!(id.is_some_and(|id| id.ends_with(&instance.id)), "{claims}");
}
