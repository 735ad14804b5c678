use serde_json::{Value, json};

use super::*;

fn valid() -> Value {
    json!({ "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule" })
}

/// What is said of a good constraint followed by one with `changes`.
fn refusal(changes: &[(&str, Value)]) -> String {
    let mut second = valid();
    second["topologyKey"] = json!("rack");
    for (key, value) in changes {
        second[key] = value.clone();
    }
    let text = json!({ "podTopologySpread": { "defaultConstraints": [valid(), second] } });
    scheduler_config(&text.to_string()).expect_err("it must be refused")
}

// behaviour 02#59
// behaviour 04#232
#[test]
fn constraint_that_cannot_be_used_is_named_by_its_position() {
    for (changes, problem) in [
        (("labelSelector", json!({})), "labelSelector must be absent"),
        (("matchLabelKeys", json!(["app"])), "matchLabelKeys must be absent"),
        (("maxSkew", json!(0)), "maxSkew must be greater than zero, not 0"),
        (("maxSkew", json!("1")), "invalid type"),
        (("topologyKey", json!("zone")), "another one has topologyKey \"zone\" and the same mode"),
        (("topologyKey", json!("")), "topologyKey must be the key of a label, not \"\""),
        (("topologyKey", json!("a b")), "topologyKey must be the key of a label"),
        (("whenUnsatisfiable", json!("Never")), "whenUnsatisfiable must be DoNotSchedule or"),
        (("minDomains", json!(0)), "minDomains must be greater than zero"),
        (("nodeTaintsPolicy", json!("honor")), "a policy must be Honor or Ignore"),
        (("skew", json!(1)), "unknown field `skew`"),
    ] {
        let said = refusal(&[changes]);
        let start = format!("podTopologySpread.defaultConstraints[1]: {problem}");
        assert!(said.starts_with(&start), "{said} does not start with {start}");
    }
}

// behaviour 02#59
// behaviour 04#232
#[test]
fn unknown_fields_around_constraints_are_refused_and_nothing_is_nothing() {
    for text in ["podTopologySpreading: {}", "podTopologySpread: { constraints: [] }"] {
        let said = scheduler_config(text).expect_err("it must be refused");
        assert!(said.contains("unknown field"), "{said}");
    }
    for text in ["", "  \n", "{}", "podTopologySpread: {}"] {
        assert_eq!(scheduler_config(text), Ok(SchedulerConfig::default()), "{text:?}");
    }
}

#[test]
fn constraints_of_both_modes_are_read_with_their_defaults() {
    let text = "
podTopologySpread:
  defaultConstraints:
    - { maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, minDomains: 3 }
    - { maxSkew: 5, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, nodeTaintsPolicy: Honor }
";
    let config = scheduler_config(text).expect("it is valid");
    let [hard, soft] = &config.default_constraints[..] else { panic!("{config:?}") };
    assert_eq!((hard.max_skew, hard.min_domains, hard.is_hard), (1, Some(3), true));
    assert_eq!((hard.honors_node_affinity, hard.honors_node_taints), (true, false));
    assert_eq!((soft.max_skew, soft.honors_node_taints, soft.is_hard), (5, true, false));
}
