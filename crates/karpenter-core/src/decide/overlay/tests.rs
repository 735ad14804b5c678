//! Which overlays win, and which are told why they do not.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Evaluation, Rejection, conditions, evaluate};
use crate::api::v1::conditions::{ConditionStatus, HasConditions};
use crate::api::v1alpha1::node_overlay::NodeOverlay as Object;
use crate::decide::scheduling::input::PoolSupply;
use crate::model::price::Price;
use crate::model::validation::ValidationRules;
use crate::state::{Change, ClusterEvent, ClusterSnapshot, ClusterState};
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::node_pools::node_pool;
use crate::wire::Decoded;

fn cluster(overlays: &[(&str, Value)]) -> ClusterSnapshot {
    let state = ClusterState::default();
    for (name, spec) in overlays {
        let mut object = json!({
            "apiVersion": "karpenter.sh/v1alpha1",
            "kind": "NodeOverlay",
            "metadata": { "name": name, "uid": name, "resourceVersion": "1", "generation": 1 },
            "spec": { "requirements": [] },
        });
        for (member, value) in spec.as_object().expect("members of a spec") {
            object["spec"][member] = value.clone();
        }
        let object: Object = serde_json::from_value(object).expect("an overlay");
        let overlay = object.decode().expect("an overlay");
        let event = ClusterEvent::NodeOverlay(Change::Upsert(Arc::new(overlay)));
        state.apply(event, Timestamp::UNIX_EPOCH);
    }
    state.snapshot()
}

/// Pools `a`, labelled `team: a`, and `b`; both sell `small` for 2, spot and on demand, only `b` sells `large` for 4.
fn supplies() -> Vec<PoolSupply> {
    let small = instance_type("small").offering("z", "on-demand", 2.0).offering("z", "spot", 2.0);
    let large = instance_type("large").offering("z", "on-demand", 4.0);
    let (small, large) = (small.build(), large.build());
    vec![
        PoolSupply {
            pool: node_pool("a").label("team", "a").build(),
            catalog: catalog([small.clone()]),
        },
        PoolSupply { pool: node_pool("b").build(), catalog: catalog([small, large]) },
    ]
}

fn evaluation(overlays: &[(&str, Value)]) -> Evaluation {
    evaluate(&cluster(overlays).overlays, &supplies(), &ValidationRules::core())
}

/// Prices of all offerings as `pool/type price price`, in order.
fn prices(evaluation: &Evaluation) -> Vec<String> {
    let mut prices = vec![];
    for supply in supplies() {
        let pool = &supply.pool.name;
        let seen = evaluation.effects.apply(pool, &supply.catalog).expect("an evaluated pool");
        for it in seen.types.iter() {
            let of: Vec<String> =
                it.offerings.iter().map(|o| format!("{:?}", o.price.as_f64())).collect();
            prices.push(format!("{pool}/{} {}", it.name, of.join(" ")));
        }
    }
    prices
}

fn conflicts(evaluation: &Evaluation) -> Vec<&str> {
    let is_conflict = |why: &Rejection| matches!(why, Rejection::Conflict(_));
    evaluation
        .rejected
        .iter()
        .filter(|(_, why)| is_conflict(why))
        .map(|(o, _)| o.as_str())
        .collect()
}

fn on(key: &str, operator: &str, values: &[&str]) -> Value {
    json!([{ "key": key, "operator": operator, "values": values }])
}

#[test]
fn an_overlay_without_requirements_is_about_everything() {
    let all = evaluation(&[("o", json!({ "price": "1" }))]);
    assert_eq!(prices(&all), ["a/small 1.0 1.0", "b/large 1.0", "b/small 1.0 1.0"]);
}

#[test]
fn requirements_choose_pools_types_and_offerings() {
    let spot = json!({ "requirements": on("karpenter.sh/capacity-type", "In", &["spot"]), "priceAdjustment": "-50%" });
    assert_eq!(
        prices(&evaluation(&[("o", spot)])),
        ["a/small 2.0 1.0", "b/large 4.0", "b/small 2.0 1.0"]
    );
    let pool = json!({ "requirements": on("karpenter.sh/nodepool", "In", &["b"]), "priceAdjustment": "+1" });
    assert_eq!(
        prices(&evaluation(&[("o", pool)])),
        ["a/small 2.0 2.0", "b/large 5.0", "b/small 3.0 3.0"]
    );
    let kind = json!({ "requirements": on("node.kubernetes.io/instance-type", "NotIn", &["small"]), "price": "0" });
    assert_eq!(
        prices(&evaluation(&[("o", kind)])),
        ["a/small 2.0 2.0", "b/large 0.0", "b/small 2.0 2.0"]
    );
}

// behaviour 01#69
#[test]
fn a_label_of_the_users_own_matches_pools_whose_template_defines_it() {
    let own = json!({ "requirements": on("team", "In", &["a"]), "price": "1" });
    assert_eq!(
        prices(&evaluation(&[("o", own)])),
        ["a/small 1.0 1.0", "b/large 4.0", "b/small 2.0 2.0"]
    );
}

// behaviour 01#65
// behaviour 02#237
#[test]
fn the_heavier_overlay_sets_the_price_and_both_are_fine() {
    let both = evaluation(&[
        ("heavy", json!({ "price": "1", "weight": 10 })),
        ("light", json!({ "price": "9", "weight": 5 })),
    ]);
    assert_eq!(prices(&both)[0], "a/small 1.0 1.0");
    assert!(both.rejected.is_empty(), "{both:?}");
}

// behaviour 01#66
#[test]
fn of_equal_weights_the_later_name_wins_and_the_other_is_told() {
    let both = evaluation(&[("a", json!({ "price": "1" })), ("z", json!({ "price": "9" }))]);
    assert_eq!(prices(&both)[0], "a/small 9.0 9.0");
    let Some(Rejection::Conflict(message)) = both.rejected.get("a") else { panic!("{both:?}") };
    assert!(message.contains('z') && message.contains("small"), "{message}");
    assert_eq!(conflicts(&both), ["a"]);
}

// behaviour 01#67
// behaviour 02#237
#[test]
fn an_overlay_that_conflicts_in_one_pool_has_no_effect_in_any() {
    let in_b = json!({ "requirements": on("karpenter.sh/nodepool", "In", &["b"]), "price": "9" });
    let both = evaluation(&[("everywhere", json!({ "price": "1" })), ("z-in-b", in_b)]);
    assert_eq!(conflicts(&both), ["everywhere"]);
    assert_eq!(prices(&both), ["a/small 2.0 2.0", "b/large 9.0", "b/small 9.0 9.0"]);
}

// behaviour 01#68
// behaviour 02#238
#[test]
fn every_overlay_of_one_weight_is_remembered_when_looking_for_conflicts() {
    let sets = |name: &str, amount: &str| json!({ "capacity": { (format!("example.com/{name}")): amount } });
    let three = evaluation(&[("a", sets("x", "1")), ("b", sets("y", "2")), ("c", sets("x", "3"))]);
    assert_eq!(conflicts(&three), ["a"], "the last in the alphabet comes first");
    let supply = &supplies()[0];
    let seen = three.effects.apply(&supply.pool.name, &supply.catalog).expect("evaluated");
    let capacity = &seen.types[0].capacity;
    let amounts =
        ["x", "y"].map(|name| capacity.get_or_zero(&format!("example.com/{name}")).units_ceil());
    assert_eq!(amounts, [3, 2]);
    assert!(seen.types[0].overlaid.capacity && !seen.types[0].overlaid.price);
}

// behaviour 01#70
// behaviour 02#240
#[test]
fn a_pool_without_known_instance_types_stays_unevaluated_and_the_others_do_not() {
    let overlays = cluster(&[("o", json!({ "price": "1" }))]);
    let known = &supplies()[1..];
    let evaluation = evaluate(&overlays.overlays, known, &ValidationRules::core());
    assert_eq!(evaluation.effects.of(&"a".into()), None);
    assert!(evaluation.effects.of(&"b".into()).is_some_and(|effects| effects.len() == 2));
}

// behaviour 02#240
#[test]
fn wrong_members_are_all_named_and_the_overlay_has_no_effect() {
    let wrong = json!({
        "requirements": [
            { "key": "k", "operator": "NotIn", "values": [] },
            { "key": "karpenter.sh/other", "operator": "Exists" },
        ],
        "price": "9".repeat(400),
        "capacity": { "cpu": "1" },
    });
    let evaluation = evaluation(&[("wrong", wrong)]);
    let Some(Rejection::Invalid(message)) = evaluation.rejected.get("wrong") else {
        panic!("{evaluation:?}")
    };
    for part in ["spec.price", "spec.requirements[0]", "spec.requirements[1]", "spec.capacity: cpu"]
    {
        assert!(message.contains(part), "{part} in {message}");
    }
    assert_eq!(prices(&evaluation)[0], "a/small 2.0 2.0");
}

// behaviour 02#238
#[test]
fn overlays_of_one_weight_get_along_as_long_as_they_touch_nothing_twice() {
    let spot = on("karpenter.sh/capacity-type", "In", &["spot"]);
    let on_demand = on("karpenter.sh/capacity-type", "In", &["on-demand"]);
    let offerings = evaluation(&[
        ("a", json!({ "requirements": spot, "price": "1" })),
        ("b", json!({ "requirements": on_demand, "price": "9" })),
    ]);
    assert_eq!(prices(&offerings), ["a/small 9.0 1.0", "b/large 9.0", "b/small 9.0 1.0"]);
    let of_type = |name: &str| on("node.kubernetes.io/instance-type", "In", &[name]);
    let types = evaluation(&[
        ("a", json!({ "requirements": of_type("small"), "price": "1" })),
        ("b", json!({ "requirements": of_type("large"), "price": "9" })),
    ]);
    assert_eq!(prices(&types), ["a/small 1.0 1.0", "b/large 9.0", "b/small 1.0 1.0"]);
    let resources = evaluation(&[
        ("a", json!({ "capacity": { "example.com/x": "1" } })),
        ("b", json!({ "capacity": { "example.com/y": "1" } })),
    ]);
    for evaluation in [offerings, types, resources] {
        assert!(evaluation.rejected.is_empty(), "{evaluation:?}");
    }
}

// behaviour 02#239
#[test]
fn what_an_overlay_is_not_about_is_shared_with_the_catalogue_of_the_cloud() {
    let large = on("node.kubernetes.io/instance-type", "In", &["large"]);
    let of_b = evaluation(&[("o", json!({ "requirements": large, "price": "1" }))]);
    let supplies = supplies();
    let before = format!("{supplies:?}");
    for supply in &supplies {
        let seen = of_b.effects.apply(&supply.pool.name, &supply.catalog).expect("evaluated");
        for (own, seen) in supply.catalog.types.iter().zip(seen.types.iter()) {
            assert_eq!(Arc::ptr_eq(own, seen), own.name.as_str() == "small", "{}", own.name);
        }
    }
    assert_eq!(format!("{supplies:?}"), before);
}

// behaviour 02#236
#[test]
fn an_overlay_that_says_nothing_changes_nothing() {
    let silent = evaluation(&[("o", json!({ "requirements": [] }))]);
    assert_eq!(prices(&silent), ["a/small 2.0 2.0", "b/large 4.0", "b/small 2.0 2.0"]);
    assert!(silent.rejected.is_empty(), "{silent:?}");
}

// behaviour 02#242
#[test]
fn a_copy_keeps_what_its_offerings_have_of_their_own() {
    let big = instance_type("big").cpu("4").offering_with("z", "spot", 2.0, ("memory", "9Gi"));
    let (pool, types) = (node_pool("a").build(), catalog([big.build()]));
    let own = [PoolSupply { pool: pool.clone(), catalog: types.clone() }];
    let changes = json!({ "priceAdjustment": "+1", "capacity": { "example.com/x": "1" } });
    let overlays = cluster(&[("o", changes)]);
    let evaluation = evaluate(&overlays.overlays, &own, &ValidationRules::core());
    let seen = evaluation.effects.apply(&pool.name, &types).expect("evaluated");
    let (before, after) = (&types.types[0], &seen.types[0]);
    let [offering] = &after.offerings[..] else { panic!("{after:?}") };
    assert_eq!(offering.price, Price::per_hour(3.0));
    assert_eq!(offering.capacity_override, before.offerings[0].capacity_override);
    let allocatable = &after.allocatable_groups()[1].allocatable;
    let amounts = ["cpu", "memory", "example.com/x"].map(|name| allocatable.get_or_zero(name));
    assert_eq!(amounts.map(|amount| amount.units_ceil()), [4, 9 << 30, 1]);
}

#[test]
fn conditions_are_written_once_and_say_what_became_of_the_overlay() {
    let overlays = cluster(&[("a", json!({ "price": "1" })), ("z", json!({ "price": "9" }))]);
    let evaluation = evaluate(&overlays.overlays, &supplies(), &ValidationRules::core());
    let now = Timestamp::from_second(1_700_000_000).expect("in range");
    let plan = conditions(&overlays.overlays, &evaluation, now);
    let said: Vec<_> =
        plan.steps.iter().map(|step| step.after.condition("ValidationSucceeded")).collect();
    let said: Vec<_> = said.into_iter().flatten().map(|c| (c.status, c.reason.as_str())).collect();
    assert_eq!(
        said,
        [(ConditionStatus::False, "Conflict"), (ConditionStatus::True, "ValidationSucceeded")]
    );
    let ready: Vec<_> = plan.steps.iter().map(|step| step.after.is_true("Ready")).collect();
    assert_eq!(ready, [false, true]);
    // What was written leads to no further write.
    let state = ClusterState::default();
    for step in plan.steps {
        let overlay = step.after.decode().expect("an overlay");
        state.apply(ClusterEvent::NodeOverlay(Change::Upsert(overlay.into())), now);
    }
    let later = now + jiff::SignedDuration::from_secs(60);
    assert!(conditions(&state.snapshot().overlays, &evaluation, later).steps.is_empty());
}

#[test]
fn a_free_price_is_not_an_unknown_one() {
    let free = evaluation(&[("o", json!({ "priceAdjustment": "-100%" }))]);
    let supply = &supplies()[0];
    let seen = free.effects.apply(&supply.pool.name, &supply.catalog).expect("evaluated");
    assert_eq!(seen.types[0].offerings[0].price, Price::ZERO);
}
