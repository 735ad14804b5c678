//! What a pod asks for in total: phases, sidecars, the pod level and resizes in place.

use serde_json::{Value, json};

use super::pod;
use crate::model::resources::{ResourceName, Resources};
use crate::testing::quantity;

/// A container with these requests; the first entry names it.
fn container(name: &str, requests: &[(&str, &str)]) -> Value {
    let requests: Value = requests.iter().map(|(key, amount)| (*key, *amount)).collect();
    json!({ "name": name, "resources": { "requests": requests } })
}

fn sized(name: &str, cpu: &str, memory: &str) -> Value {
    container(name, &[("cpu", cpu), ("memory", memory)])
}

fn sidecar(mut container: Value) -> Value {
    container["restartPolicy"] = json!("Always");
    container
}

fn amounts(entries: &[(&str, &str)]) -> Resources {
    entries.iter().map(|(name, amount)| (ResourceName::from(*name), quantity(amount))).collect()
}

fn check(spec: &Value, expected: &[(&str, &str)]) {
    assert_eq!(*pod(spec, &json!({})).requests, amounts(expected), "{spec}");
}

#[test]
fn sidecar_counts_beside_containers_and_beside_init_containers_that_start_after_it() {
    let aside = || sidecar(sized("s", "4.9", "2.9Gi"));
    let table = [
        // behaviour 02#60
        (("6", "2Gi"), [sized("i", "10", "4Gi"), aside()]),
        // behaviour 02#61
        (("6", "2Gi"), [aside(), sized("i", "5", "1Gi")]),
        // behaviour 02#62
        (("5", "1Gi"), [aside(), sized("i", "6", "2Gi")]),
    ];
    for ((cpu, memory), initial) in table {
        let spec = json!({ "containers": [sized("c", cpu, memory)], "initContainers": initial });
        check(&spec, &[("cpu", "10.9"), ("memory", "4.9Gi")]);
    }
}

// behaviour 02#63
#[test]
fn init_container_adds_only_the_sidecars_before_it_and_each_resource_has_its_own_maximum() {
    let initial = [
        sidecar(sized("a", "1", "1Gi")),
        sized("first", "5", "1Gi"),
        sidecar(sized("b", "2", "1Gi")),
        sized("second", "4", "1Gi"),
    ];
    // The first reaches 5 + 1, the second 4 + 1 + 2; what runs afterwards 1 + 1 + 2 with 9 + 1 + 1 of memory.
    let spec = json!({ "containers": [sized("c", "1", "9Gi")], "initContainers": initial });
    check(&spec, &[("cpu", "7"), ("memory", "11Gi")]);
    let alone = json!({ "containers": [], "initContainers": [
        sidecar(sized("a", "1", "1Gi")), sized("first", "5", "1Gi"), sidecar(sized("b", "3", "1Gi")),
    ] });
    check(&alone, &[("cpu", "6"), ("memory", "2Gi")]);
}

// behaviour 02#64
#[test]
fn requests_of_the_pod_replace_the_sum_for_the_resources_a_pod_can_ask_for() {
    let with = |requests: Value| json!({ "containers": [sized("c", "5", "1Gi")], "resources": { "requests": requests } });
    check(
        &with(json!({ "cpu": "9.9", "memory": "3.9Gi" })),
        &[("cpu", "9.9"), ("memory", "3.9Gi")],
    );
    check(&with(json!({ "cpu": "2" })), &[("cpu", "2"), ("memory", "1Gi")]);
    check(&with(json!({ "cpu": "2", "nvidia.com/gpu": "1" })), &[("cpu", "2"), ("memory", "1Gi")]);
    check(&with(json!({ "nvidia.com/gpu": "1" })), &[("cpu", "5"), ("memory", "1Gi")]);
}

/// Processors a pod counts with while it is resized: of the spec, running and allocated, perhaps refused.
fn resized(spec: &str, running: Option<&str>, allocated: &str, is_infeasible: bool) -> Resources {
    let mut status = json!({ "name": "c", "allocatedResources": { "cpu": allocated } });
    if let Some(running) = running {
        status["resources"] = json!({ "requests": { "cpu": running } });
    }
    let reason = if is_infeasible { "Infeasible" } else { "Deferred" };
    let status = json!({
        "conditions": [{ "type": "PodResizePending", "status": "True", "reason": reason }],
        "containerStatuses": [status],
    });
    let spec = json!({ "containers": [container("c", &[("cpu", spec)])] });
    (*pod(&spec, &status).requests).clone()
}

// behaviour 02#66
#[test]
fn resized_container_counts_with_the_largest_of_what_it_wants_and_has() {
    assert_eq!(resized("1", Some("1"), "2", false), amounts(&[("cpu", "2")]));
    assert_eq!(resized("3", Some("1"), "1", false), amounts(&[("cpu", "3")]));
    assert_eq!(resized("3", Some("1"), "1", true), amounts(&[("cpu", "1")]));
}

// behaviour 02#287
#[test]
fn refused_resize_counts_with_what_is_allocated_and_a_silent_status_does_not_count() {
    assert_eq!(resized("3", Some("1"), "2", true), amounts(&[("cpu", "2")]));
    assert_eq!(resized("1", None, "2", false), amounts(&[("cpu", "1")]));
}
