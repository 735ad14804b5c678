//! NodePools of other providers, and members that are null.

use std::time::Duration;

use scenarios::world::{World, run};
use serde_json::{Value, json};

use crate::support::{
    POOLS, condition, create, node_class, node_pool, pass, until_condition, with,
};

// behaviour 01#3
#[test]
fn an_age_that_is_null_is_the_default() {
    run(async {
        let world = World::new(1);
        let mut pool = node_pool("general");
        pool["spec"]["template"]["spec"]["expireAfter"] = Value::Null;
        let stored = world.apply(&pool).await.expect("taken");
        assert_eq!(stored["spec"]["template"]["spec"]["expireAfter"], "720h");
    });
}

// behaviour 01#51
#[test]
fn a_pool_of_another_provider_is_left_alone() {
    run(async {
        let mut world = World::new(1);
        let group = "spec.template.spec.nodeClassRef.group";
        let foreign = with(node_pool("foreign"), group, json!("other.io"));
        create(&world, &[node_class("default"), node_pool("ours"), foreign]).await;
        world.start_controller().expect("options hold together");
        until_condition(&world, &format!("{POOLS}/ours"), "Ready", &["True/"]).await;
        pass(Duration::from_secs(600)).await;
        let path = format!("{POOLS}/foreign");
        assert_eq!(condition(&world, &path, "Ready").await, "");
        let pool = world.read(&path).await.expect("the pool");
        let status = pool.get("status").cloned().unwrap_or_else(|| json!({}));
        assert_eq!(status, json!({}));
        assert_eq!(pool["metadata"].get("annotations"), None, "no hash either");
    });
}
