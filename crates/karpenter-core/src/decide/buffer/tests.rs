//! How many chunks of what, and what is said about it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::chunks::Wanted;
use super::status::status;
use super::virtual_pods::virtual_pods;
use super::{Target, Unresolved, resolve, target};
use crate::api::v1beta1::capacity_buffer::{CapacityBuffer, CapacityBufferSpec};
use crate::model::capacity_buffer::Round;
use crate::model::chunk_source::ChunkSourceKind;
use crate::model::chunk_template::ChunkTemplate;
use crate::model::ids::ObjectKey;
use crate::model::resources::Resources;
use crate::wire::Decoded;
use crate::wire::chunk_template::{SlimDeployment, SlimPodTemplate};

fn spec(spec: Value) -> CapacityBufferSpec {
    serde_json::from_value(spec).expect("a spec")
}

fn amounts(amounts: Value) -> Resources {
    let amounts = serde_json::from_value(amounts).expect("quantities");
    Resources::from_api(&amounts).expect("quantities")
}

/// A chunk of one processor that nothing else is known of.
fn chunk(replicas: Option<i32>) -> ChunkTemplate {
    let requests = amounts(json!({ "cpu": "1" })).into();
    ChunkTemplate { generation: 4, requests, replicas, ..ChunkTemplate::default() }
}

fn of_deployment(members: &Value) -> CapacityBufferSpec {
    let mut own =
        json!({ "scalableRef": { "apiGroup": "apps", "kind": "Deployment", "name": "d" } });
    own.as_object_mut().expect("an object").extend(members.as_object().expect("members").clone());
    spec(own)
}

// behaviour 01#72
#[test]
fn a_percentage_is_rounded_up_and_nothing_of_nothing() {
    let chunks = |replicas, percentage| {
        let found = chunk(Some(replicas));
        resolve(&of_deployment(&json!({ "percentage": percentage })), Some(&found))
            .expect("resolved")
            .chunks
    };
    assert_eq!([chunks(10, 15), chunks(10, 1), chunks(10, 0)], [2, 1, 0]);
    assert_eq!(chunks(i32::MAX, i32::MAX), i32::MAX);
    let of_none = Wanted { percentage: Some(50), workload_replicas: Some(0), ..Wanted::default() };
    assert_eq!(of_none.chunks(&Resources::new()), 0);
    // Without candidate the limits alone count.
    let limits = amounts(json!({ "cpu": "3" }));
    let limited = Wanted { limits: Some(&limits), ..of_none };
    assert_eq!(limited.chunks(&amounts(json!({ "cpu": "1" }))), 3);
}

// behaviour 01#73
#[test]
fn the_larger_number_counts_and_limits_cut_it() {
    let both = json!({ "replicas": 3, "percentage": 50 });
    let chunks = |members: &Value| {
        let buffer = of_deployment(members);
        resolve(&buffer, Some(&chunk(Some(10)))).expect("resolved").chunks
    };
    assert_eq!(chunks(&both), 5);
    let with = |limits: Value| {
        let mut members = both.clone();
        members["limits"] = limits;
        chunks(&members)
    };
    assert_eq!(with(json!({ "cpu": "4500m" })), 4);
    assert_eq!(with(json!({ "example.com/gpu": "1" })), 5);
    assert_eq!(with(json!({ "cpu": "-1" })), 0);
    assert_eq!(chunks(&json!({ "limits": { "cpu": "7" } })), 7);
    assert_eq!(chunks(&json!({ "limits": { "example.com/gpu": "7" } })), 0);
}

// behaviour 01#74
#[test]
fn a_workload_that_does_not_say_has_one_replica() {
    let buffer = of_deployment(&json!({ "percentage": 300 }));
    assert_eq!(resolve(&buffer, Some(&chunk(None))).expect("resolved").chunks, 3);
}

// behaviour 01#75
#[test]
fn what_cannot_be_followed_is_tried_again_and_what_is_missing_is_waited_for() {
    let scalable = |group: &str, kind: &str| {
        spec(json!({ "scalableRef": { "apiGroup": group, "kind": kind, "name": "n" } }))
    };
    for wrong in [scalable("", "DaemonSet"), scalable("batch", "Deployment")] {
        let why = resolve(&wrong, Some(&chunk(None))).expect_err("not supported");
        assert_eq!((why.reason(), why.is_retried()), ("ResolutionFailed", true), "{why}");
    }
    for kind in ChunkSourceKind::WORKLOADS {
        let found = target(&scalable("", kind.as_str()));
        assert_eq!(found, Ok(Target { kind, name: "n".to_owned() }));
        let why = resolve(&scalable("apps", kind.as_str()), None).expect_err("missing");
        assert_eq!((why.reason(), why.is_retried()), ("ScalableRefNotFound", false));
    }
    let template = spec(json!({ "podTemplateRef": { "name": "t" }, "replicas": 1 }));
    let why = resolve(&template, None).expect_err("missing");
    assert_eq!((why.reason(), why.is_retried()), ("PodTemplateNotFound", false));
}

// behaviour 01#71
#[test]
fn a_buffer_that_names_nothing_or_another_strategy_is_told() {
    let nothing = resolve(&spec(json!({})), None).expect_err("nothing to resolve");
    assert_eq!(nothing, Unresolved::NothingReferred);
    assert_eq!(nothing.reason(), "ResolutionFailed");
    let other = json!({ "provisioningStrategy": "example.com/passive", "podTemplateRef": { "name": "t" }, "replicas": 1 });
    let why = resolve(&spec(other), Some(&chunk(None))).expect_err("not ours");
    assert_eq!((why.reason(), why.is_retried()), ("ResolutionFailed", false));
}

// behaviour 02#243
// behaviour 04#200
#[test]
fn numbers_shares_and_limits_come_together() {
    let chunks = |replicas: Option<i32>, members: Value| {
        let found = chunk(replicas);
        resolve(&of_deployment(&members), Some(&found)).expect("resolved").chunks
    };
    let ten = Some(10);
    let cases = [
        (chunks(ten, json!({ "replicas": 7 })), 7),
        (chunks(ten, json!({ "replicas": 10, "limits": { "cpu": "3" } })), 3),
        (chunks(ten, json!({ "replicas": 3, "limits": { "cpu": "10" } })), 3),
        (chunks(ten, json!({ "limits": { "cpu": "5" } })), 5),
        (chunks(ten, json!({ "percentage": 20 })), 2),
        (chunks(ten, json!({ "replicas": 5, "percentage": 20 })), 5),
        (chunks(ten, json!({ "replicas": 5, "percentage": 80 })), 8),
        (chunks(ten, json!({ "replicas": 5, "percentage": 80, "limits": { "cpu": "4" } })), 4),
        (chunks(Some(1), json!({ "percentage": 10 })), 1),
        (chunks(None, json!({ "percentage": 100 })), 1),
    ];
    for (at, (got, wanted)) in cases.into_iter().enumerate() {
        assert_eq!(got, wanted, "case {at}");
    }
    let limits = amounts(json!({ "cpu": "2" }));
    let half = amounts(json!({ "cpu": "500m" }));
    let limited = Wanted { limits: Some(&limits), ..Wanted::default() };
    assert_eq!(Wanted { replicas: Some(10), ..limited }.chunks(&half), 4);
    assert_eq!(limited.chunks(&half), 4);
    let memory = amounts(json!({ "memory": "1Gi" }));
    assert_eq!(Wanted { replicas: Some(10), ..limited }.chunks(&memory), 10);
}

#[test]
fn limits_that_cannot_be_read_are_named() {
    let wrong = of_deployment(&json!({ "limits": { "cpu": "plenty" } }));
    let why = resolve(&wrong, Some(&chunk(None))).expect_err("no quantity");
    assert!(why.to_string().contains("spec.limits"), "{why}");
}

// behaviour 01#76
#[test]
fn virtual_pods_are_numbered_annotated_and_without_claimed_volumes() {
    let template = json!({
        "metadata": { "name": "t", "namespace": "n", "generation": 3 },
        "template": {
            "metadata": { "labels": { "app": "a" }, "annotations": { "own": "lost" } },
            "spec": {
                "nodeName": "stale",
                "priority": 1000,
                "containers": [{ "name": "c", "resources": { "limits": { "cpu": "2" } } }],
                "volumes": [
                    { "name": "data", "persistentVolumeClaim": { "claimName": "data" } },
                    { "name": "scratch", "ephemeral": { "volumeClaimTemplate": {} } },
                ],
            },
        },
    });
    let template: SlimPodTemplate = serde_json::from_value(template).expect("a template");
    let template = template.decode().and_then(|source| source.chunk).expect("a chunk");
    let buffer = spec(json!({ "podTemplateRef": { "name": "t" }, "replicas": 2 }));
    let resolved = resolve(&buffer, Some(&template)).expect("resolved");
    let key = ObjectKey::new("n", "b");
    let pods = virtual_pods(&key, &"u".into(), &resolved, Timestamp::UNIX_EPOCH);
    let names: Vec<String> = pods.iter().map(|v| format!("{}={}", v.pod.key, v.pod.uid)).collect();
    assert_eq!(names, ["n/capacity-buffer-b-1=u-1", "n/capacity-buffer-b-2=u-2"]);
    let annotations: Vec<String> =
        pods[0].annotations.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(
        annotations,
        [
            "karpenter.sh/capacity-buffer-fake-pod=true",
            "karpenter.sh/capacity-buffer-name=b",
            "karpenter.sh/capacity-buffer-namespace=n",
        ]
    );
    let pod = &pods[0].pod;
    assert!(pod.is_provisionable() && pod.volume_claims.is_empty() && pod.node_name.is_none());
    assert!(pod.shape.unsupported.is_empty(), "{:?}", pod.shape.unsupported);
    assert_eq!(pod.shape.priority, i32::MIN);
    assert_eq!(pod.shape.labels.get("app").map(|value| &**value), Some("a"));
    assert_eq!(pod.requests.to_string(), r#"{"cpu":"2"}"#);
}

#[test]
fn a_chunk_of_a_workload_is_read_with_its_replicas() {
    let workload = json!({
        "metadata": { "name": "d", "namespace": "n" },
        "spec": { "replicas": 4, "template": { "spec": { "containers": [{ "name": "c",
            "resources": { "requests": { "memory": "1Gi" } } }] } } },
    });
    let workload: SlimDeployment = serde_json::from_value(workload).expect("a workload");
    let chunk = workload.decode().and_then(|source| source.chunk).expect("a chunk");
    assert_eq!(
        (chunk.replicas, chunk.requests.to_string().as_str()),
        (Some(4), r#"{"memory":"1Gi"}"#)
    );
}

fn said(status: &crate::api::v1beta1::capacity_buffer::CapacityBufferStatus) -> Vec<String> {
    let conditions = status.conditions.iter();
    conditions
        .map(|c| format!("{}={} {}: {}", c.r#type, c.status.as_str(), c.reason, c.message))
        .collect()
}

#[test]
fn the_status_says_what_the_buffer_comes_to_and_keeps_times() {
    let own = spec(json!({ "podTemplateRef": { "name": "t" }, "replicas": 2 }));
    let mut buffer = CapacityBuffer::new("b", own.clone());
    buffer.metadata.generation = Some(7);
    let resolved = resolve(&own, Some(&chunk(None)));
    let now = Timestamp::from_second(1_700_000_000).expect("in range");
    let first = status(&buffer, &resolved, None, now);
    assert_eq!((first.replicas, first.pod_template_generation), (Some(2), Some(4)));
    assert_eq!(
        said(&first),
        ["ReadyForProvisioning=True Resolved: Pod template resolved successfully"]
    );
    let later = now + jiff::SignedDuration::from_secs(60);
    buffer.status = Some(first.clone());
    assert_eq!(status(&buffer, &resolved, None, later), first, "nothing new, no change");
    let round = |on_new_nodes, failed| Some(Round { pods: 2, on_new_nodes, failed });
    let lacking = status(&buffer, &resolved, round(1, 0), later);
    assert_eq!(
        said(&lacking)[1],
        "Provisioning=False RequiresNewCapacity: 1/2 virtual pods required new capacity, 0 failed"
    );
    let fitting = status(&buffer, &resolved, round(0, 0), later);
    assert_eq!(
        said(&fitting)[1],
        "Provisioning=True FitsExistingCapacity: All 2 virtual pods fit on existing capacity"
    );
    let missing = status(&buffer, &resolve(&own, None), None, later);
    assert_eq!(
        said(&missing),
        [
            "ReadyForProvisioning=False PodTemplateNotFound: PodTemplate t not found",
            "Provisioning=False NotReadyForProvisioning: Buffer is not ReadyForProvisioning",
        ]
    );
    let none = spec(json!({ "podTemplateRef": { "name": "t" }, "replicas": 0 }));
    let empty = resolve(&none, Some(&chunk(None)));
    assert_eq!(
        said(&status(&CapacityBuffer::new("b", none), &empty, None, now))[1],
        "Provisioning=False BufferEmpty: Buffer has zero desired replicas"
    );
}
