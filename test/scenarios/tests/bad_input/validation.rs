//! NodePools that the schema lets through and that cannot work all the same.

use scenarios::world::{World, run};
use serde_json::{Value, json};

use crate::support::{
    HOUR, POOLS, condition, create, n_calls, node_class, node_pool, pass, pod, set,
    until_condition, until_event, until_running, wide_pool,
};

/// What is wrong, and what the condition says about it.
fn mistakes() -> Vec<(&'static str, Value, &'static [&'static str])> {
    let labels = "spec.template.metadata.labels";
    let key = "spec.template.spec.requirements[0].key";
    let capacity = "spec.template.spec.requirements[0].values";
    let taint = json!([{ "key": "a", "effect": "NoSchedule" }]);
    vec![
        // behaviour 01#28
        (
            labels,
            json!({ "spaces in key": "v" }),
            &["labels[spaces in key]", "not a qualified name"],
        ),
        // behaviour 01#31
        (key, json!("k".repeat(64)), &["requirements[0]", "not a qualified name"]),
        // behaviour 01#43
        (capacity, json!(["on-demnd"]), &["requirements[0]", "on-demnd", "on-demand"]),
        // behaviour 01#42
        (
            "spec.template.spec",
            json!({ "taints": taint, "startupTaints": taint }),
            &["startupTaints[0]", "duplicate taint key and effect pair a:NoSchedule"],
        ),
        // behaviour 01#94
        (
            "spec.disruption.budgets",
            json!([{ "nodes": "1", "schedule": "@wrongly * * * *", "duration": "1h" }]),
            &["budgets[0].schedule", "@wrongly"],
        ),
    ]
}

#[test]
fn pool_that_cannot_work_names_the_field_and_another_pool_serves_the_pods() {
    run(async {
        let mut world = World::new(2);
        create(&world, &[node_class("default"), wide_pool("good")]).await;
        for (number, (at, value, _)) in mistakes().into_iter().enumerate() {
            let mut pool = node_pool(&format!("bad-{number}"));
            set(&mut pool, "spec.weight", json!(50));
            match value.as_object().filter(|_| at == "spec.template.spec") {
                Some(members) => members.iter().for_each(|(name, value)| {
                    set(&mut pool, &format!("{at}.{name}"), value.clone());
                }),
                None => set(&mut pool, at, value),
            }
            world.apply(&pool).await.expect("the schema lets it through");
        }
        world.start_controller().expect("options hold together");
        world.apply(&pod("p", &json!({}))).await.expect("a pod");
        for (number, (_, _, texts)) in mistakes().into_iter().enumerate() {
            let path = format!("{POOLS}/bad-{number}");
            let failed = ["False/NodePoolValidationFailed: "].iter().chain(texts).copied();
            let texts: Vec<&str> = failed.collect();
            until_condition(&world, &path, "ValidationSucceeded", &texts).await;
            let ready = condition(&world, &path, "Ready").await;
            assert!(ready.starts_with("False/UnhealthyDependents"), "{ready}");
        }
        until_running(&world, "p").await;
        let seen = world.observe().await.expect("the API answers");
        let pools: Vec<_> = seen.claims.iter().filter_map(|c| c.metadata.labels.as_ref()).collect();
        assert_eq!(pools.len(), 1);
        assert_eq!(pools[0]["karpenter.sh/nodepool"], "good");
    });
}

#[test]
fn pod_without_any_usable_pool_is_told_which_condition_keeps_each_pool_out() {
    run(async {
        let mut world = World::new(3);
        let mut pool = node_pool("bad");
        set(&mut pool, "spec.template.metadata.labels", json!({ "spaces in key": "v" }));
        create(&world, &[node_class("default"), pool, pod("p", &json!({}))]).await;
        world.start_controller().expect("options hold together");
        let why = ["NodePool=bad", "ValidationSucceeded=False", "labels[spaces in key]"];
        until_event(&world, "FailedScheduling", "p", &why).await;
        world.cloud.forget_calls();
        let (writes, calls) = (world.controller_writes(), n_calls(&world));
        pass(HOUR).await;
        assert_eq!(world.controller_writes(), writes, "a pool that stays wrong is left alone");
        assert!(n_calls(&world) - calls < 400, "{:?}", world.cloud.counts());
        // Repaired, it serves the pod.
        let labels = json!({ "spec": { "template": { "metadata": { "labels": null } } } });
        world.patch(&format!("{POOLS}/bad"), &labels).await.expect("a patch");
        until_running(&world, "p").await;
    });
}
