use std::time::Duration;

use serde_json::{Value, json};

use super::Decoded;
use super::daemon_set::SlimDaemonSet;
use super::disruption_budget::SlimDisruptionBudget;
use super::node::SlimNode;
use super::pod::SlimPod;
use crate::model::node::ReadyState;
use crate::model::pod::{DoNotDisrupt, Pod, PodPhase, UnsupportedConstraint};
use crate::model::pod_topology::{NodeInclusion, WhenUnsatisfiable};
use crate::testing::cluster::{self, pod_budget};

mod devices;
mod provisionable;
mod requests;
mod storage;

fn pod(spec: &Value, status: &Value) -> Pod {
    let object = json!({
        "metadata": { "name": "a", "namespace": "default", "uid": "u", "resourceVersion": "7" },
        "spec": spec,
        "status": status,
    });
    let slim: SlimPod = serde_json::from_value(object).expect("the slim type reads it");
    slim.decode().expect("the pod is valid")
}

fn requests(spec: &Value) -> String {
    pod(spec, &json!({})).requests.to_string()
}

#[test]
fn requests_are_the_maximum_of_running_and_initial_phase_plus_overhead() {
    let container = |cpu: &str| json!({ "name": cpu, "resources": { "requests": { "cpu": cpu } } });
    let mut sidecar = container("300m");
    sidecar["restartPolicy"] = json!("Always");
    // containers alone
    assert_eq!(
        requests(&json!({ "containers": [container("1"), container("500m")] })),
        r#"{"cpu":"1500m"}"#
    );
    // an init container that needs more than the containers
    let spec = json!({ "containers": [container("1")], "initContainers": [container("2")] });
    assert_eq!(requests(&spec), r#"{"cpu":"2"}"#);
    // a sidecar counts for both phases
    let spec =
        json!({ "containers": [container("1")], "initContainers": [sidecar, container("2")] });
    assert_eq!(requests(&spec), r#"{"cpu":"2300m"}"#);
    // overhead comes on top, pod-level requests replace
    let spec = json!({
        "containers": [container("1")],
        "resources": { "requests": { "cpu": "4", "example.com/gpu": "1" } },
        "overhead": { "cpu": "250m" },
    });
    assert_eq!(requests(&spec), r#"{"cpu":"4250m"}"#);
}

#[test]
fn running_containers_count_with_what_they_were_given() {
    let spec =
        json!({ "containers": [{ "name": "c", "resources": { "requests": { "cpu": "1" } } }] });
    let status = |condition: Value| {
        json!({
            "conditions": [condition],
            "containerStatuses": [{
                "name": "c",
                "resources": { "requests": { "cpu": "500m" } },
                "allocatedResources": { "cpu": "700m" },
            }],
        })
    };
    let pending = status(json!({ "type": "Ready", "status": "True" }));
    assert_eq!(pod(&spec, &pending).requests.to_string(), r#"{"cpu":"1"}"#);
    let refused = json!({ "type": "PodResizePending", "status": "True", "reason": "Infeasible" });
    assert_eq!(pod(&spec, &status(refused)).requests.to_string(), r#"{"cpu":"700m"}"#);
}

#[test]
fn only_pods_a_scheduler_has_refused_are_provisionable() {
    let refused = json!({ "conditions": [
        { "type": "PodScheduled", "status": "False", "reason": "Unschedulable" },
    ] });
    let free = json!({ "containers": [] });
    assert!(pod(&free, &refused).is_provisionable());
    assert!(!pod(&free, &json!({})).is_provisionable());
    assert!(!pod(&json!({ "nodeName": "n" }), &refused).is_provisionable());
    let mut preempting = refused.clone();
    preempting["nominatedNodeName"] = json!("n");
    assert!(!pod(&free, &preempting).is_provisionable());
    let mut failed = refused;
    failed["phase"] = json!("Failed");
    let failed = pod(&free, &failed);
    assert_eq!(failed.phase, PodPhase::Failed);
    assert!(!failed.is_provisionable());
}

#[test]
fn constraints_the_planner_cannot_honour_are_named() {
    let spec = json!({
        "resourceClaims": [{ "name": "gpu" }],
    });
    assert_eq!(pod(&spec, &json!({})).shape.unsupported, [UnsupportedConstraint::ResourceClaim]);
}

#[test]
fn do_not_disrupt_takes_true_or_a_positive_duration() {
    let with = |value: &str| {
        let object = json!({ "metadata": {
            "name": "a", "namespace": "d", "annotations": { "karpenter.sh/do-not-disrupt": value },
        } });
        let slim: SlimPod = serde_json::from_value(object).expect("the slim type reads it");
        slim.decode().expect("the pod is valid").do_not_disrupt
    };
    assert_eq!(with("true"), DoNotDisrupt::Always);
    assert_eq!(with("1h30m"), DoNotDisrupt::For(Duration::from_secs(5400)));
    for nonsense in ["false", "-1h", "0s", "soon"] {
        assert_eq!(with(nonsense), DoNotDisrupt::Invalid(nonsense.into()), "{nonsense}");
    }
}

#[test]
fn an_unreadable_quantity_names_object_and_field() {
    let object = json!({
        "metadata": { "name": "a", "namespace": "d" },
        "spec": { "containers": [{ "name": "c", "resources": { "requests": { "cpu": "1x" } } }] },
    });
    let slim: SlimPod = serde_json::from_value(object).expect("the slim type reads it");
    let problem = slim.decode().expect_err("1x is no quantity").to_string();
    assert!(problem.starts_with("Pod d/a: spec.containers.resources.requests: "), "{problem}");
}

// behaviour 02#112
#[test]
fn a_daemon_sets_limits_count_as_requests() {
    let object = json!({
        "metadata": { "name": "agent", "namespace": "kube-system" },
        "spec": { "template": { "spec": { "containers": [
            { "name": "c", "resources": { "limits": { "cpu": "1", "memory": "1Gi" }, "requests": { "cpu": "100m" } } },
        ], "initContainers": [
            { "name": "i", "resources": { "limits": { "memory": "2Gi" } } },
        ] } } },
    });
    let slim: SlimDaemonSet = serde_json::from_value(object).expect("the slim type reads it");
    let set = slim.decode().expect("the daemon set is valid");
    assert_eq!(set.requests.to_string(), r#"{"cpu":"100m","memory":"2Gi"}"#);
}

#[test]
fn a_node_without_ready_condition_is_unknown() {
    let node = |conditions: Value| {
        let object = json!({
            "metadata": { "name": "n" },
            "spec": { "providerID": "" },
            "status": { "conditions": conditions },
        });
        let slim: SlimNode = serde_json::from_value(object).expect("the slim type reads it");
        slim.decode().expect("the node is valid")
    };
    assert_eq!(node(json!([])).ready, ReadyState::Unknown);
    assert_eq!(node(json!([{ "type": "Ready", "status": "False" }])).ready, ReadyState::False);
    assert_eq!(node(json!([{ "type": "Ready", "status": "True" }])).ready, ReadyState::True);
    assert_eq!(node(json!([])).provider_id, None);
}

#[test]
fn a_budget_that_allows_nothing_by_its_spec_is_recognised() {
    let budget = |spec: Value| {
        let object = json!({ "metadata": { "name": "b", "namespace": "d" }, "spec": spec });
        let slim: SlimDisruptionBudget = serde_json::from_value(object).expect("it reads");
        slim.decode().expect("the budget is valid")
    };
    assert!(budget(json!({ "maxUnavailable": 0 })).blocks_everything);
    assert!(budget(json!({ "maxUnavailable": "0%" })).blocks_everything);
    assert!(budget(json!({ "minAvailable": "100%" })).blocks_everything);
    assert!(!budget(json!({ "minAvailable": 3 })).blocks_everything);
    assert!(budget(json!({})).selector.is_none());
}
#[test]
fn claims_of_a_pod_are_those_of_its_volumes_and_ephemeral_ones_are_named_after_the_pod() {
    let volumes = json!({ "spec": { "volumes": [
        { "name": "data", "persistentVolumeClaim": { "claimName": "data-a" } },
        { "name": "tmp", "emptyDir": {} },
        { "name": "scratch", "ephemeral": { "volumeClaimTemplate": {} } },
    ] } });
    let claims = cluster::pod("a", "n", volumes).volume_claims;
    let claims: Vec<_> = claims.iter().map(|claim| (&*claim.name, claim.is_ephemeral)).collect();
    assert_eq!(claims, [("data-a", false), ("a-scratch", true)]);
}

#[test]
fn a_deletion_cost_that_is_no_integer_of_32_bits_counts_as_absent() {
    let cost = |text: &str| {
        let key = "controller.kubernetes.io/pod-deletion-cost";
        cluster::pod("a", "n", json!({ "metadata": { "annotations": { key: text } } }))
            .deletion_cost
    };
    assert_eq!(cost("-7"), -7);
    assert_eq!(cost("abc"), 0);
    assert_eq!(cost("NaN"), 0);
    assert_eq!(cost("2147483648"), 0);
}

#[test]
fn health_of_a_budget_is_read_from_its_status() {
    let status = json!({ "status": { "currentHealthy": 3, "desiredHealthy": 2 } });
    let budget = pod_budget("b", 1, status);
    assert_eq!((budget.current_healthy, budget.desired_healthy), (3, 2));
    assert_eq!(budget.disruptions_allowed, 1);
}

#[test]
fn topology_constraints_are_read_with_their_defaults() {
    let term = json!({
        "topologyKey": "zone", "labelSelector": { "matchLabels": { "app": "x" } },
        "namespaces": ["a"], "namespaceSelector": {},
        "matchLabelKeys": ["version"], "mismatchLabelKeys": ["tenant"],
    });
    let spec = json!({
        "topologySpreadConstraints": [
            { "maxSkew": 2, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule" },
            {
                "maxSkew": 1, "topologyKey": "rack", "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {}, "minDomains": 3, "matchLabelKeys": ["version"],
                "nodeAffinityPolicy": "Ignore", "nodeTaintsPolicy": "Honor",
            },
        ],
        "affinity": {
            "podAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [term] },
            "podAntiAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": [
                { "weight": 7, "podAffinityTerm": { "topologyKey": "zone" } },
            ] },
        },
    });
    let shape = pod(&spec, &json!({})).shape;
    let topology = &shape.topology;
    assert!(shape.unsupported.is_empty());
    let [hard, soft] = &topology.spread[..] else { panic!("{topology:?}") };
    assert_eq!((hard.max_skew, hard.min_domains, &hard.selector), (2, None, &None));
    assert_eq!(hard.when_unsatisfiable, WhenUnsatisfiable::DoNotSchedule);
    assert_eq!(hard.node_affinity_policy, NodeInclusion::Honor);
    assert_eq!(hard.node_taints_policy, NodeInclusion::Ignore);
    assert_eq!((soft.min_domains, soft.match_label_keys.len()), (Some(3), 1));
    assert_eq!(soft.when_unsatisfiable, WhenUnsatisfiable::ScheduleAnyway);
    assert_eq!(soft.node_affinity_policy, NodeInclusion::Ignore);
    assert_eq!(soft.node_taints_policy, NodeInclusion::Honor);
    let near = &topology.affinity[0];
    assert_eq!(near.namespaces, ["a".into()]);
    assert!(near.selector.is_some() && near.namespace_selector.is_some());
    assert_eq!((&*near.match_label_keys[0], &*near.mismatch_label_keys[0]), ("version", "tenant"));
    let rather = &topology.preferred_anti_affinity[0];
    assert_eq!((rather.weight, &rather.term.selector), (7, &None));
}
