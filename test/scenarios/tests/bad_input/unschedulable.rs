//! Pods that no pool can hold: each is told which constraint fails for which pool, and the others go on.

use scenarios::world::{World, run};
use serde_json::{Value, json};

use crate::support::{
    HOUR, create, messages, node_class, node_pool, pass, pod, set, until_event, until_running,
    wide_pool,
};

/// Name of a pod, what it asks for, and what it is told.
type Case = (&'static str, Value, &'static [&'static str]);

fn with_requests(cpu: &str) -> Value {
    let resources = json!({ "requests": { "cpu": cpu } });
    json!({ "containers": [{ "name": "main", "image": "pause", "resources": resources }] })
}

fn in_zone(key: &str) -> Value {
    json!({ "nodeSelector": { key: "cn-hangzhou-h" } })
}

fn required(expression: &Value) -> Value {
    let terms = json!({ "nodeSelectorTerms": [{ "matchExpressions": [expression] }] });
    json!({ "affinity": { "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": terms,
    } } })
}

/// Wants to stand beside pods that do not exist.
fn beside_nobody() -> Value {
    let nobody = json!({ "matchLabels": { "app": "nobody" } });
    let term = json!({ "labelSelector": nobody, "topologyKey": "kubernetes.io/hostname" });
    json!({ "affinity": { "podAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [term],
    } } })
}

/// Wants to be spread over a label that no node has.
fn over_racks() -> Value {
    let spread = json!({
        "maxSkew": 1, "topologyKey": "rack", "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {},
    });
    json!({ "topologySpreadConstraints": [spread] })
}

/// `spec` for a pool without nodes, so that the scheduler does not bind the pod to a node of another pod.
fn unheld(mut spec: Value) -> Value {
    spec["nodeSelector"] = json!({ "karpenter.sh/nodepool": "tainted" });
    spec
}

fn cases() -> Vec<Case> {
    let volume = json!({ "name": "v", "persistentVolumeClaim": { "claimName": "data" } });
    vec![
        // behaviour 02#93
        (
            "huge",
            with_requests("5000"),
            &[
                "no instance type has enough resources",
                "NodePool=tainted",
                "NodePool=wide",
                "lacks",
            ],
        ),
        ("typo-in-amount", with_requests("1500000"), &["m vs M typo?", "NodePool=wide"]),
        (
            "nobody-has-it",
            json!({ "nodeSelector": { "team": "a" } }),
            &["label \"team\" does not have known values", "NodePool=wide"],
        ),
        // behaviour 02#78
        (
            "typo-in-key",
            in_zone("zone"),
            &["(typo of \"topology.kubernetes.io/zone\"?)", "NodePool=wide"],
        ),
        (
            "other-zone",
            json!({ "nodeSelector": { "topology.kubernetes.io/zone": "cn-hangzhou-x" } }),
            &[
                "no instance type",
                "topology.kubernetes.io/zone In [cn-hangzhou-x]",
                "NodePool=wide",
            ],
        ),
        (
            "other-arch",
            json!({ "nodeSelector": { "kubernetes.io/arch": "arm64" } }),
            &["kubernetes.io/arch", "NodePool=wide"],
        ),
        (
            "not-tolerating",
            json!({ "nodeSelector": { "karpenter.sh/nodepool": "tainted" } }),
            &["did not tolerate taint (taint=team=a:NoSchedule) (NodePool=tainted)"],
        ),
        (
            "over-limit",
            json!({
                "nodeSelector": { "karpenter.sh/nodepool": "full" },
                "tolerations": [{ "operator": "Exists" }],
            }),
            &["exceed limits for nodepool (NodePool=full)"],
        ),
        // behaviour 02#20
        (
            "named-host",
            json!({ "nodeSelector": { "kubernetes.io/hostname": "x" } }),
            &["kubernetes.io/hostname"],
        ),
        (
            "strange-operator",
            required(&json!({ "key": "team", "operator": "Like", "values": ["a"] })),
            &["Like"],
        ),
        (
            "beside-nobody",
            beside_nobody(),
            &["unsatisfiable topology constraint for pod affinity, key=kubernetes.io/hostname"],
        ),
        (
            "over-racks",
            over_racks(),
            &["unsatisfiable topology constraint for topology spread, key=rack"],
        ),
        (
            "with-volume",
            unheld(json!({ "volumes": [volume] })),
            &["getting persistent volume claim, persistentvolumeclaims \"data\" not found"],
        ),
    ]
}

#[test]
fn every_pod_is_told_why_once_in_a_while_and_the_others_go_on() {
    run(async {
        let mut world = World::new(4);
        let mut tainted = wide_pool("tainted");
        let taint = json!([{ "key": "team", "value": "a", "effect": "NoSchedule" }]);
        set(&mut tainted, "spec.template.spec.taints", taint);
        let mut full = node_pool("full");
        set(&mut full, "spec.limits.cpu", json!("1"));
        create(&world, &[node_class("default"), wide_pool("wide"), tainted, full]).await;
        world.start_controller().expect("options hold together");
        for (name, spec, _) in cases() {
            world.apply(&pod(name, &spec)).await.expect("a pod");
        }
        world.apply(&pod("ordinary", &json!({}))).await.expect("a pod");
        until_running(&world, "ordinary").await;
        for (name, _, texts) in cases() {
            until_event(&world, "FailedScheduling", name, texts).await;
        }
        let told = world.events().await.expect("events").len();
        pass(HOUR).await;
        // behaviour 02#235
        for (name, _, _) in cases() {
            let count = messages(&world, "FailedScheduling", name).await.len();
            assert!((2..=26).contains(&count), "{name} was told {count} times");
        }
        let later = world.events().await.expect("events").len();
        assert!(later - told <= 24 * cases().len() + 20, "{told} events, then {later}");
        world.apply(&pod("late", &json!({}))).await.expect("a pod");
        until_running(&world, "late").await;
    });
}

// behaviour 02#146
#[test]
fn without_any_pool_a_pod_is_told_so_and_served_once_there_is_one() {
    run(async {
        let mut world = World::new(5);
        create(&world, &[node_class("default"), pod("p", &json!({}))]).await;
        world.start_controller().expect("options hold together");
        until_event(&world, "FailedScheduling", "p", &["no dynamic nodepools found"]).await;
        create(&world, &[node_pool("general")]).await;
        until_running(&world, "p").await;
    });
}

// behaviour 01#46
#[test]
fn pool_without_class_says_so_on_itself_and_to_the_pod() {
    run(async {
        let mut world = World::new(6);
        create(&world, &[node_pool("general"), pod("p", &json!({}))]).await;
        world.start_controller().expect("options hold together");
        let why = ["NodePool=general", "NodeClassReady=False", "NodeClassNotFound"];
        until_event(&world, "FailedScheduling", "p", &why).await;
        create(&world, &[node_class("default")]).await;
        until_running(&world, "p").await;
    });
}
