//! What programs read.

use kubectl_karpenter::command::Exit;
use serde_json::json;

use crate::run::{POOL, plan, pod, simulate};

#[test]
fn json_has_exactly_the_documented_members() {
    let far = "  nodeSelector: { topology.kubernetes.io/zone: mars }";
    let node = "apiVersion: v1\nkind: Node\nmetadata: { name: old }\nstatus: { capacity: { cpu: '1', pods: '9' } }\n---\n";
    let near = [pod("a", ""), pod("b", ""), pod("far", far)].concat();
    let ran = plan(&[POOL, node, &near].concat());
    assert_eq!(ran.exit, Exit::NoPlace);
    let mut plan = ran.json();
    let claim = plan["claims"][0].take();
    let bound = plan["lower_bound_per_hour"].take().as_f64();
    assert!(bound.is_some_and(|bound| bound > 0.0 && bound <= 0.038_006_477), "{bound:?}");
    let cores = plan["unschedulable"][0]["cores"].take();
    assert_eq!(cores.as_array().map(Vec::len), Some(1));
    let reason = plan["unschedulable"][0]["reasons"][0].take();
    assert!(
        reason
            .as_str()
            .is_some_and(|reason| reason.contains("topology.kubernetes.io/zone In [mars]"))
    );
    assert_eq!(
        plan,
        json!({
            "claims": [null],
            "placements": [{ "node": "old", "pods": ["default/a"] }],
            "unschedulable": [{ "pod": "default/far", "reasons": [null], "cores": null }],
            "cost_per_hour": 0.038006477,
            "lower_bound_per_hour": null,
        })
    );
    let members: Vec<&str> =
        claim.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    assert_eq!(members, ["instance_types", "pods", "pool", "price_per_hour", "requirements"]);
    assert_eq!(claim["instance_types"][0], "c-2x-amd64-linux");
    assert_eq!(claim["pool"], "general");
    assert_eq!(claim["pods"], json!(["default/b"]));
    assert_eq!(claim["price_per_hour"], 0.038006477);
    let arch = json!({ "key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"] });
    assert!(claim["requirements"].as_array().is_some_and(|all| all.contains(&arch)));
}

#[test]
fn a_policy_that_thinks_longer_is_never_dearer_and_no_policy_is_below_the_bound() {
    let pods: String = (0..9)
        .map(|number| pod(&format!("p-{number}"), "").replace("cpu: '1'", "cpu: 900m, memory: 5Gi"))
        .collect();
    let objects = [POOL, &pods].concat();
    let figures = |policy: &str| {
        let arguments = ["-f", "-", "-o", "json", "--packing-policy", policy];
        let plan = simulate(&arguments, &objects).json();
        let number = |member: &str| plan[member].as_f64().unwrap_or_default();
        (number("cost_per_hour"), number("lower_bound_per_hour"))
    };
    let costs = ["FirstFit", "CostGuard", "CostOptimized"].map(figures);
    assert!(costs[1].0 <= costs[0].0 && costs[2].0 <= costs[1].0, "{costs:?}");
    assert!(costs.iter().all(|(cost, bound)| *bound > 0.0 && bound <= cost), "{costs:?}");
}

#[test]
fn yaml_says_the_same_as_json() {
    let objects = [POOL, &pod("a", "")].concat();
    let yaml = simulate(&["-f", "-", "-o", "yaml"], &objects).out;
    let yaml: serde_json::Value = serde_saphyr::from_str(&yaml).expect("the output is YAML");
    assert_eq!(yaml, plan(&objects).json());
}

#[test]
fn the_time_of_the_decision_is_said_when_asked_for_only() {
    let objects = [POOL, &pod("a", "")].concat();
    let arguments = ["-f", "-", "-o", "json", "--timing", "--repeat", "3"];
    let time = simulate(&arguments, &objects).json()["solve_ms"].take();
    let (median, minimum) = (time["median"].as_f64(), time["minimum"].as_f64());
    assert!(minimum.is_some() && minimum <= median, "{time}");
    assert_eq!(time["repetitions"], 3);
    assert!(plan(&objects).json().get("solve_ms").is_none());
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let objects = [POOL, &pod("a", ""), &pod("b", "")].concat();
    assert_eq!(plan(&objects).out, plan(&objects).out);
}

#[test]
fn nothing_to_place_is_a_plan_too() {
    let ran = simulate(&["-f", "-"], POOL);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, "No pod waits for a place.\n"));
}

#[test]
fn a_table_counts_what_it_leaves_out() {
    let apart = "  topologySpreadConstraints:\n    - topologyKey: kubernetes.io/hostname\n      maxSkew: 1\n      \
                 whenUnsatisfiable: DoNotSchedule\n      labelSelector: {}";
    let pods: String = (0..120).map(|number| pod(&format!("p-{number}"), apart)).collect();
    let ran = simulate(&["-f", "-"], &[POOL, &pods].concat());
    assert!(ran.out.starts_with(
        "120 pods: 0 on nodes that are there, 120 on 120 new nodes, 0 without a place.\n"
    ));
    assert!(ran.out.contains("  ... and 20 more, as --output json shows\n"), "{}", ran.out);
}

#[test]
fn a_catalogue_of_ones_own_is_launched_from() {
    let file = std::env::temp_dir().join(format!("kubectl-karpenter-{}.json", std::process::id()));
    let rows: Vec<_> = kwok_provider::catalog::generic::rows();
    let large = rows.into_iter().filter(|row| row.name == "s-16x-amd64-linux").collect::<Vec<_>>();
    std::fs::write(&file, kwok_provider::catalog::file::write(&large))
        .expect("the file is written");
    let path = file.display().to_string();
    let ran =
        simulate(&["-f", "-", "-o", "json", "--catalog", &path], &[POOL, &pod("a", "")].concat());
    std::fs::remove_file(&file).expect("the file is removed");
    assert_eq!(ran.json()["claims"][0]["instance_types"], json!(["s-16x-amd64-linux"]));
}
