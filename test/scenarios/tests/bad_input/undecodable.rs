//! Objects that cannot be read: each is skipped with a warning and counted, and the others go on.

use prometheus_client::encoding::text::encode;
use scenarios::world::{World, run};
use serde_json::json;

use crate::support::{create, node_class, node_pool, pass, pod, set, until_running};

/// Metrics of the running controller.
pub(crate) fn metrics(world: &World) -> String {
    let mut text = String::new();
    let running = world.controller().expect("the controller runs");
    encode(&mut text, &running.registry).expect("text");
    text
}

fn skipped(world: &World, kind: &str) -> u64 {
    let name = format!("karpenter_watch_skipped_objects_total{{kind=\"{kind}\"}} ");
    let text = metrics(world);
    let line = text.lines().find_map(|line| line.strip_prefix(&name)).map(str::to_owned);
    line.and_then(|count| count.parse().ok()).unwrap_or_default()
}

/// Replaces the schema of a definition by one that takes anything, as one that is much too old may.
async fn take_anything(world: &World, definition: &str) {
    let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{definition}");
    let mut crd = world.read(&path).await.expect("an installed definition");
    let anything = json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = anything;
    let versions = json!({ "spec": { "versions": crd["spec"]["versions"] } });
    world.patch(&path, &versions).await.expect("a definition");
}

/// Waits until the pod `p` runs, without reading anything else.
async fn until_it_runs(world: &World) {
    for _ in 0..crate::support::LIMIT.as_secs() / 5 {
        let pod = world.read("/api/v1/namespaces/default/pods/p").await.expect("the pod");
        if pod["status"]["phase"] == "Running" {
            return;
        }
        pass(std::time::Duration::from_secs(5)).await;
    }
    panic!("the pod never runs");
}

/// Objects that cannot be read, one of every kind of ours; an API server checks the types of its own kinds itself.
fn unreadable() -> Vec<(&'static str, serde_json::Value)> {
    let broken = |mut object: serde_json::Value, path: &str| {
        object["metadata"]["name"] = json!("broken");
        set(&mut object, path, json!("plenty"));
        object
    };
    let claim = include_str!("../../corpus/nodeclaim-every-field.yaml");
    let claim = scenarios::manifests::parse(claim).expect("a document of ours");
    let overlay = json!({
        "apiVersion": "karpenter.sh/v1alpha1", "kind": "NodeOverlay",
        "metadata": {}, "spec": { "requirements": [] },
    });
    vec![
        ("NodePool", broken(node_pool("broken"), "spec.limits.cpu")),
        ("NodeClaim", broken(claim, "spec.resources.requests.cpu")),
        ("NodeOverlay", broken(overlay, "spec.weight")),
    ]
}

#[test]
fn one_unreadable_object_of_any_kind_of_ours_stops_nothing_and_says_so() {
    run(async {
        let mut world = World::new(82);
        world.options.feature_gates.gates.node_overlay = true;
        for kind in ["nodepools", "nodeclaims", "nodeoverlays"] {
            take_anything(&world, &format!("{kind}.karpenter.sh")).await;
        }
        create(&world, &[node_class("default"), node_pool("general")]).await;
        let broken = unreadable();
        for (_, object) in &broken {
            create(&world, std::slice::from_ref(object)).await;
        }
        world.start_controller().expect("options hold together");
        create(&world, &[pod("p", &json!({}))]).await;
        until_it_runs(&world).await;
        for (kind, _) in &broken {
            assert_eq!(skipped(&world, kind), 1, "{kind}");
        }
        let said = [
            (crate::support::POOLS, "spec.limits"),
            (crate::support::CLAIMS, "spec.resources.requests"),
            ("/apis/karpenter.sh/v1alpha1/nodeoverlays", "spec.weight"),
        ];
        for (collection, field) in said {
            let path = format!("{collection}/broken");
            let texts = ["False/Unreadable", field];
            crate::support::until_condition(&world, &path, "ValidationSucceeded", &texts).await;
        }
    });
}

// behaviour 01#8
#[test]
fn a_duration_beyond_all_bounds_stops_no_other_pool_and_is_named() {
    run(async {
        let mut world = World::new(83);
        let mut endless = node_pool("endless");
        set(&mut endless, "spec.template.spec.expireAfter", json!("999999999999999999999h"));
        create(&world, &[node_class("default"), endless, node_pool("general")]).await;
        world.start_controller().expect("options hold together");
        create(&world, &[pod("p", &json!({}))]).await;
        until_it_runs(&world).await;
        let path = format!("{}/endless", crate::support::POOLS);
        let texts = ["False/Unreadable", "spec.template.spec.expireAfter"];
        crate::support::until_condition(&world, &path, "ValidationSucceeded", &texts).await;
        crate::support::until_condition(&world, &path, "Ready", &["False"]).await;
    });
}

#[test]
fn pool_that_is_repaired_is_used() {
    run(async {
        let mut world = World::new(81);
        take_anything(&world, "nodepools.karpenter.sh").await;
        let mut pool = node_pool("general");
        set(&mut pool, "spec.limits.cpu", json!("plenty"));
        create(&world, &[node_class("default"), pool, pod("p", &json!({}))]).await;
        world.start_controller().expect("options hold together");
        pass(std::time::Duration::from_secs(60)).await;
        assert_eq!(skipped(&world, "NodePool"), 1);
        let path = format!("{}/general", crate::support::POOLS);
        let limits = json!({ "spec": { "limits": { "cpu": "100" } } });
        world.patch(&path, &limits).await.expect("a patch");
        until_running(&world, "p").await;
    });
}
