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
