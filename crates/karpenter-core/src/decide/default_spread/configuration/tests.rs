use serde_json::json;

use super::*;

#[test]
fn nothing_says_nothing_and_what_is_no_map_is_refused() {
    for nothing in [Value::Null, json!({}), json!({ "podTopologySpread": {} })] {
        assert_eq!(SchedulerConfig::read(nothing), Ok(SchedulerConfig::default()));
    }
    assert!(SchedulerConfig::read(json!("podTopologySpread")).is_err());
}

#[test]
fn more_constraints_than_a_scheduler_could_use_are_refused() {
    let constraint = |at: usize| json!({ "maxSkew": 1, "topologyKey": format!("rack-{at}"), "whenUnsatisfiable": "DoNotSchedule" });
    let read = |n: usize| {
        let all: Vec<Value> = (0..n).map(constraint).collect();
        SchedulerConfig::read(json!({ "podTopologySpread": { "defaultConstraints": all } }))
    };
    assert_eq!(read(LIMIT).map(|config| config.default_constraints.len()), Ok(LIMIT));
    assert!(read(LIMIT + 1).is_err_and(|said| said.contains("at most 64 are allowed")));
}
