//! A process that cannot start, or not yet.

use std::net::{Ipv4Addr, TcpListener};

use crate::http::get;
use crate::process::Launch;
use crate::surroundings::SECRET;

/// A port nobody listens on.
fn dead_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// A process with region and cluster, and no API server.
fn complete(test: &str) -> Launch {
    let launch = Launch::at_api_port(dead_port(), test);
    launch.env("REGION_ID", "cn-hangzhou").env("CLUSTER_ID", "c1")
}

/// Starts a process that must refuse, and answers what it says.
fn refusal(launch: Launch) -> String {
    let mut process = launch.start();
    let (status, _) = process.until_ended();
    assert!(!status.success(), "{}", process.said());
    process.said()
}

// behaviour 04#230
#[test]
fn a_malformed_value_ends_the_start_and_names_flag_or_variable() {
    for (index, (launch, named)) in [
        (complete("malformed-env").env("METRICS_PORT", "abc"), "METRICS_PORT"),
        (complete("malformed-env").env("BATCH_IDLE_DURATION", "soon"), "BATCH_IDLE_DURATION"),
        (complete("malformed-env").arg("--metrics-port=abc"), "--metrics-port"),
        (complete("malformed-env").arg("--no-such-flag"), "--no-such-flag"),
        (complete("malformed-env").env("ECS_ENDPOINT", "not a url"), "--ecs-endpoint"),
        (complete("malformed-env").arg("--alibaba-cloud-network=moon"), "--alibaba-cloud-network"),
    ]
    .into_iter()
    .enumerate()
    {
        let said = refusal(launch);
        assert!(said.contains(named), "{index}: {said}");
        assert!(!said.contains(SECRET) && !said.contains("panicked"), "{index}: {said}");
    }
}

#[test]
fn a_missing_region_or_cluster_ends_the_start_and_names_the_flag() {
    let said = refusal(Launch::at_api_port(dead_port(), "no-region").env("CLUSTER_ID", "c1"));
    assert!(said.contains("--region-id") && said.contains("REGION_ID"), "{said}");
    let said =
        refusal(Launch::at_api_port(dead_port(), "no-cluster").env("REGION_ID", "cn-hangzhou"));
    assert!(said.contains("--cluster-id") && said.contains("CLUSTER_ID"), "{said}");
}

#[test]
fn a_port_that_is_taken_ends_the_start_and_is_named() {
    let taken = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("there is a free port");
    let port = taken.local_addr().expect("a bound socket has an address").port().to_string();
    let said = refusal(complete("port-taken").env("METRICS_PORT", &port));
    assert!(said.contains(&format!("listen on port {port}")), "{said}");
}

#[test]
fn without_an_api_server_the_process_lives_retries_and_says_so() {
    let mut process = complete("no-api").start();
    let line = process.until_logged("watch fails repeatedly and is tried again");
    assert_eq!(line["level"], "WARN");
    assert!(line["error"].as_str().is_some_and(|error| !error.is_empty()), "{line}");
    let health = process.port("health");
    let answer = get(health, "/readyz").expect("readiness answers at once");
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("NodePool") && answer.body.contains("Pod"), "{}", answer.body);
    assert_eq!(get(health, "/healthz").expect("it answers").status, 200);
}

// behaviour 04#231
#[test]
fn gates_keep_their_defaults_unless_named_and_unknown_ones_are_a_warning() {
    let said = refusal(complete("gates").env("FEATURE_GATES", "NodeRepair="));
    assert!(said.contains("FEATURE_GATES"), "{said}");

    let mut process = complete("gates").env("FEATURE_GATES", "NodeRepair=true,Foo=true").start();
    let warning = process.until_logged("unknown feature gate is ignored");
    assert_eq!((&warning["level"], &warning["name"]), (&"WARN".into(), &"Foo".into()));
    let start = process.until_logged("starting");
    let gates = start["feature_gates"].as_str().expect("gates are told");
    assert!(gates.contains("node_repair: true"), "{gates}");
    assert!(gates.contains("reserved_capacity: true"), "{gates}");
    assert!(gates.contains("spot_to_spot_consolidation: false"), "{gates}");
}

#[test]
fn help_and_version_are_no_errors() {
    for flag in ["--help", "--version"] {
        let mut process = complete("help").arg(flag).start();
        let (status, _) = process.until_ended();
        assert!(status.success(), "{flag}: {}", process.said());
    }
}
