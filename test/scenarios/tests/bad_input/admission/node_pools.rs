//! Wrong NodePools.

use scenarios::world::{World, run};
use serde_json::{Value, json};

use super::{admits, refuses};
use crate::support::{POOLS, node_pool, refusal, with};

const REQUIREMENTS: &str = "spec.template.spec.requirements";
const BUDGETS: &str = "spec.disruption.budgets";

#[test]
fn wrong_requirement_is_refused_with_its_path() {
    let first = "spec.template.spec.requirements[0]";
    let key = "spec.template.spec.requirements[0].key";
    let values = "spec.template.spec.requirements[0].values";
    let of = |key: &str, operator: &str, values: &[&str]| json!({ "key": key, "operator": operator, "values": values });
    let least = |min: i64, values: &[&str]| json!({ "key": "k", "operator": "In", "values": values, "minValues": min });
    let min = "spec.template.spec.requirements[0].minValues";
    let operator = "spec.template.spec.requirements[0].operator";
    let many: Vec<Value> = (0..101).map(|n| of(&format!("k{n}"), "Exists", &[])).collect();
    let single = "must have a single positive integer value";
    refuses(
        &node_pool("good"),
        &[
            // behaviour 01#33
            (operator, json!("Equals"), operator, "supported values: \"In\""),
            (operator, json!("in"), operator, "supported values: \"In\""),
            (operator, json!(""), operator, "supported values: \"In\""),
            // behaviour 01#34
            (values, json!([]), REQUIREMENTS, "'In' must have a value defined"),
            (values, Value::Null, REQUIREMENTS, "values"),
            // behaviour 01#35
            (first, of("k", "Gt", &["1", "2"]), REQUIREMENTS, single),
            (first, of("k", "Gt", &[]), REQUIREMENTS, single),
            (first, of("k", "Gt", &["-1"]), REQUIREMENTS, single),
            // behaviour 01#30
            (key, json!("Test.com.com/x"), key, "should match"),
            (key, json!("a/b/c"), key, "should match"),
            // behaviour 01#31
            (key, json!("k".repeat(317)), key, "may not be more than 316"),
            // behaviour 01#32
            (
                key,
                json!("karpenter.sh/nodepool"),
                key,
                "label \"karpenter.sh/nodepool\" is restricted",
            ),
            (key, json!("karpenter.sh/custom"), key, "label domain \"karpenter.sh\" is restricted"),
            (key, json!("kubernetes.io/hostname"), key, "\"kubernetes.io/hostname\" is restricted"),
            // behaviour 01#37
            (first, least(3, &["a", "b"]), REQUIREMENTS, "at least that many values"),
            (first, least(51, &["a"]), min, "less than or equal to 50"),
            (first, least(0, &["a"]), min, "greater than or equal to 1"),
            // behaviour 01#38
            (REQUIREMENTS, json!(many), REQUIREMENTS, "must have at most 100 items"),
            // behaviour 01#41
            (REQUIREMENTS, Value::Null, REQUIREMENTS, "Required value"),
        ],
    );
}

#[test]
fn wrong_template_is_refused_with_its_path() {
    let labels = "spec.template.metadata.labels";
    let label = |key: &str, value: &str| json!({ key: value });
    let many: Value =
        (0..101).map(|n| (format!("l{n}"), json!("v"))).collect::<serde_json::Map<_, _>>().into();
    let class = "spec.template.spec.nodeClassRef";
    let (group, name) =
        ("spec.template.spec.nodeClassRef.group", "spec.template.spec.nodeClassRef.name");
    let taint = "spec.template.spec.taints[0]";
    let expire = "spec.template.spec.expireAfter";
    let grace = "spec.template.spec.terminationGracePeriod";
    refuses(
        &node_pool("good"),
        &[
            // behaviour 01#25
            (
                labels,
                label("karpenter.sh/nodepool", "x"),
                labels,
                "\"karpenter.sh/nodepool\" is restricted",
            ),
            (labels, label("karpenter.sh/custom", "x"), labels, "\"karpenter.sh\" is restricted"),
            (
                labels,
                label("kubernetes.io/hostname", "x"),
                labels,
                "\"kubernetes.io/hostname\" is restricted",
            ),
            // behaviour 01#27
            (labels, label("team", "-a"), "spec.template.metadata.labels.team", "should match"),
            (
                labels,
                label("team", &"a".repeat(64)),
                "spec.template.metadata.labels.team",
                "more than 63",
            ),
            // behaviour 01#29
            (labels, many, labels, "at most 100"),
            // behaviour 01#24
            (group, json!("a/b"), group, "should match"),
            (group, json!(""), group, "group may not be empty"),
            (name, json!(""), name, "name may not be empty"),
            // behaviour 01#41
            (class, Value::Null, class, "Required value"),
            // behaviour 01#39
            (
                taint,
                json!({ "effect": "NoSchedule" }),
                "spec.template.spec.taints[0].key",
                "Required value",
            ),
            (
                taint,
                json!({ "key": "a", "effect": "Evict" }),
                "spec.template.spec.taints[0].effect",
                "\"NoSchedule\"",
            ),
            // behaviour 01#2
            (expire, json!("1hr"), expire, "should match"),
            (expire, json!("-1s"), expire, "should match"),
            (expire, json!(720), expire, "must be of type string"),
            // behaviour 01#4
            (grace, json!("Never"), grace, "should match"),
        ],
    );
}

#[test]
fn wrong_disruption_is_refused_with_its_path() {
    let after = "spec.disruption.consolidateAfter";
    let policy = "spec.disruption.consolidationPolicy";
    let nodes = "spec.disruption.budgets[0].nodes";
    let budget = |more: Value| {
        let mut budget = json!({ "nodes": "1" });
        budget
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().cloned().unwrap_or_default());
        json!([budget])
    };
    let pair = "'schedule' must be set with 'duration'";
    refuses(
        &node_pool("good"),
        &[
            (after, json!("garbage"), after, "should match"),
            (after, json!(30), after, "must be of type string"),
            // behaviour 01#12
            (policy, json!("WhenUnderutilized"), policy, "\"WhenEmptyOrUnderutilized\""),
            // behaviour 01#13
            (BUDGETS, budget(json!({ "schedule": "@daily" })), BUDGETS, pair),
            (BUDGETS, budget(json!({ "duration": "1h" })), BUDGETS, pair),
            // behaviour 01#14
            (BUDGETS, json!([{ "nodes": "101%" }]), nodes, "should match"),
            (BUDGETS, json!([{ "nodes": "-10" }]), nodes, "should match"),
            (BUDGETS, json!([{ "nodes": "10.5%" }]), nodes, "should match"),
            // behaviour 01#15
            (BUDGETS, json!(vec![json!({ "nodes": "1" }); 51]), BUDGETS, "at most 50"),
            // behaviour 01#16
            (
                BUDGETS,
                budget(json!({ "reasons": ["Expired"] })),
                "spec.disruption.budgets[0].reasons[0]",
                "\"Drifted\"",
            ),
            (
                BUDGETS,
                budget(json!({ "reasons": ["Empty", "Empty"] })),
                "spec.disruption.budgets[0].reasons[1]",
                "Duplicate value",
            ),
            // behaviour 01#17
            (
                BUDGETS,
                budget(json!({ "schedule": "@reboot", "duration": "1h" })),
                "spec.disruption.budgets[0].schedule",
                "should match",
            ),
            // behaviour 01#7
            (
                BUDGETS,
                budget(json!({ "schedule": "@daily", "duration": "30s" })),
                "spec.disruption.budgets[0].duration",
                "should match",
            ),
        ],
    );
}

#[test]
fn wrong_limits_weight_and_replicas_are_refused_with_their_path() {
    let weight = "spec.weight";
    let static_pool = |more: Value| {
        let mut pool = with(node_pool("good")["spec"].clone(), "replicas", json!(3));
        pool["limits"] = Value::Null;
        for (field, value) in more.as_object().into_iter().flatten() {
            pool[field] = value.clone();
        }
        pool.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        pool
    };
    refuses(
        &node_pool("good"),
        &[
            ("spec.limits", json!({ "cpu": "many" }), "spec.limits.cpu", "should match"),
            ("spec.limits", json!({ "memory": "10GB" }), "spec.limits.memory", "should match"),
            ("spec.limits", json!({ "cpu": true }), "spec.limits.cpu", "integer or string"),
            // behaviour 01#18
            (weight, json!(0), weight, "greater than or equal to 1"),
            (weight, json!(101), weight, "less than or equal to 100"),
            // behaviour 01#19
            ("spec.replicas", json!(-1), "spec.replicas", "greater than or equal to 0"),
            // behaviour 01#20
            (
                "spec",
                static_pool(json!({ "weight": 5 })),
                "spec",
                "'weight' is not supported on static",
            ),
            // behaviour 01#21
            (
                "spec",
                static_pool(json!({ "limits": { "cpu": 10 } })),
                "spec",
                "only 'limits.nodes'",
            ),
        ],
    );
}

#[test]
fn immutable_fields_are_named_when_they_are_changed() {
    run(async {
        let world = World::new(1);
        let pool = node_pool("general");
        assert_eq!(refusal(&world, &pool).await, "");
        let class = "spec.template.spec.nodeClassRef";
        for (at, value, expected) in [
            // behaviour 01#23
            (
                "spec.template.spec.nodeClassRef.group",
                json!("other.io"),
                format!("{class}: Invalid value: \"object\": nodeClassRef.group is immutable"),
            ),
            (
                "spec.template.spec.nodeClassRef.kind",
                json!("Other"),
                format!("{class}: Invalid value: \"object\": nodeClassRef.kind is immutable"),
            ),
        ] {
            assert_eq!(refusal(&world, &with(pool.clone(), at, value)).await, expected);
        }
        // behaviour 01#22
        let fixed = json!({ "spec": { "replicas": 1, "limits": null } });
        let error = world.patch(&format!("{POOLS}/general"), &fixed).await.unwrap_err();
        assert!(
            format!("{error:#}").contains("Cannot transition NodePool between static"),
            "{error:#}"
        );
    });
}

#[test]
fn unusual_but_meaningful_values_are_taken() {
    admits(
        &node_pool("good"),
        &[
            // behaviour 01#5
            ("spec.disruption.consolidateAfter", json!("Never")),
            ("spec.disruption.consolidateAfter", json!("720h")),
            ("spec.limits", json!({ "cpu": 100, "memory": "1.5Ti", "nodes": "7" })),
            ("spec.limits", json!({})),
            // behaviour 01#37
            ("spec.template.spec.requirements[0].minValues", json!(1)),
            // behaviour 01#1
            ("spec.template.spec.expireAfter", json!("1h30m5s")),
            // behaviour 01#38
            (
                "spec.template.spec.requirements[1].values",
                json!((0..51).map(|n| format!("t{n}")).collect::<Vec<_>>()),
            ),
        ],
    );
}

// behaviour 01#3
#[test]
fn a_lifetime_of_null_is_the_default() {
    run(async {
        let world = World::new(1);
        let mut pool = node_pool("good");
        pool["spec"]["template"]["spec"]["expireAfter"] = Value::Null;
        let stored = world.apply(&pool).await.expect("taken");
        assert_eq!(stored["spec"]["template"]["spec"]["expireAfter"], "720h");
    });
}
