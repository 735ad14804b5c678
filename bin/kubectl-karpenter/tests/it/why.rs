//! Why pods are where they are, and why some are nowhere.

use kubectl_karpenter::command::Exit;
use serde_json::{Value, json};

use crate::run::{POOL, plan, pod, simulate};

/// A node of one processor, and a separator.
fn node(name: &str, more: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Node\nmetadata: {{ name: {name} }}\nstatus: {{ capacity: {{ cpu: '1', pods: '9' }} \
         }}\n{more}\n---\n"
    )
}

#[test]
fn the_fewest_constraints_that_keep_a_pod_out_are_named_with_what_each_would_leave() {
    let torn = "  nodeSelector: { karpenter.kwok.sh/instance-family: c }";
    let torn = pod("torn", torn).replace("cpu: '1'", "cpu: '1', memory: 600Gi");
    let cores = plan(&[POOL, &torn].concat()).json()["unschedulable"][0]["cores"].take();
    assert_eq!(
        cores,
        json!([{
            "pool": "general",
            "constraints": ["karpenter.kwok.sh/instance-family In [c]", "memory 600Gi"],
            "left_without": [6, 12],
            "as_well": [],
            "types": 36,
            "smallest": true,
        }])
    );
    let table = simulate(&["-f", "-"], &[POOL, &torn].concat()).out;
    let line = "    NodePool general: karpenter.kwok.sh/instance-family In [c] and memory 600Gi together rule out \
                all 36 types (either alone leaves 12 / 6); ";
    assert!(table.contains(line), "{table}");
}

#[test]
fn pods_nobody_can_place_say_so_without_a_core() {
    let ran = simulate(&["-f", "-"], &pod("lonely", ""));
    assert_eq!(ran.exit, Exit::NoPlace);
    assert!(ran.out.contains("\n    no NodePool can make nodes for pods\n"), "{}", ran.out);
    assert_eq!(plan(&pod("lonely", "")).json()["unschedulable"][0]["cores"], json!([]));
}

#[test]
fn explained_pods_tell_what_was_tried_before() {
    let tainted = node("b", "spec: { taints: [{ key: team, value: a, effect: NoSchedule }] }");
    let nodes = [node("a", "spec: {}").replace("'1'", "100m"), tainted, node("c", "spec: {}")];
    let far = pod("far", "  nodeSelector: { topology.kubernetes.io/zone: mars }");
    let objects = [POOL, &nodes.concat(), &pod("one", ""), &pod("two", ""), &far].concat();
    let arguments = ["-f", "-", "-o", "json", "--explain", "one", "--explain", "default/two"];
    let ran =
        simulate(&[&arguments[..], &["--explain", "far", "--explain", "gone"]].concat(), &objects);
    assert_eq!(ran.notes, ["note: Pod default/gone: is none that waits for a place"]);
    let mut explained = ran.json()["explained"].take();
    let reason = explained[0]["pools_passed_over"][0].take();
    assert!(reason.as_str().is_some_and(|reason| reason.contains("requirements=")), "{reason}");
    let before = json!([
        { "nodes": 1, "why": "by a taint" },
        { "nodes": 1, "why": "for lack of cpu" },
    ]);
    let nowhere = json!({
        "pod": "default/far",
        "given_up": [],
        "nodes_passed_over": [],
        "new_nodes_passed_over": [],
        "pools_passed_over": [null],
    });
    let mut on_node = nowhere.clone();
    on_node["pod"] = json!("default/one");
    on_node["place"] = json!({ "node": "c" });
    on_node["nodes_passed_over"] = before;
    on_node["pools_passed_over"] = json!([]);
    assert_eq!((&explained[0], &explained[1]), (&nowhere, &on_node));
    assert_eq!(explained[2]["place"], json!({ "new_node": { "number": 1, "made_for_it": true } }));
    assert_eq!(plan(&objects).json().get("explained"), None);
}

#[test]
fn default_spread_goes_by_workloads_and_services() {
    let config =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples/simulate/scheduler.yaml");
    let zones = |objects: &str| {
        let arguments = ["-f", "-", "-o", "json", "--scheduler-config", config];
        let ran = simulate(&arguments, objects);
        assert_eq!((ran.exit, ran.notes.len()), (Exit::Done, 0), "{:?}", ran.notes);
        ran.json()["claims"].as_array().map_or(0, Vec::len)
    };
    let labelled = |name| pod(name, "").replacen("name: ", "labels: { app: web }, name: ", 1);
    let pods: String = ["a", "b", "c"].map(labelled).concat();
    let service = "apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web } }\n---\n";
    assert_eq!(zones(&[POOL, &pods].concat()), 1);
    assert_eq!(zones(&[POOL, service, &pods].concat()), 3);
    for kind in ["Deployment", "ReplicaSet", "StatefulSet"] {
        let workload = format!(
            "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{ name: web }}\nspec:\n  replicas: 3\n  selector: {{ \
             matchLabels: {{ app: web }} }}\n  template:\n    metadata: {{ labels: {{ app: web }} }}\n    spec: {{ \
             containers: [{{ name: main, resources: {{ requests: {{ cpu: '1' }} }} }}] }}\n"
        );
        assert_eq!(zones(&[POOL, &workload].concat()), 3, "{kind}");
    }
}

#[test]
fn a_scheduler_that_cannot_be_read_ends_the_run() {
    for (file, wanted) in [
        ("no-such-file.yaml", "error: no-such-file.yaml: "),
        ("Cargo.toml", "error: scheduler's configuration Cargo.toml: "),
    ] {
        let ran = simulate(&["-f", "-", "--scheduler-config", file], POOL);
        assert_eq!(ran.exit, Exit::Failed);
        assert!(ran.notes[0].starts_with(wanted), "{:?}", ran.notes);
        assert_eq!(ran.out, "");
    }
}

#[test]
fn pools_of_the_wrong_kind_of_value_are_named_as_the_controller_names_them() {
    let broken = POOL.replace("name: general", "name: broken").replace("[amd64]", "[]");
    let ran = plan(&[&broken, POOL, &pod("a", "")].concat());
    assert_eq!(ran.exit, Exit::LeftOut);
    assert_eq!(
        ran.notes,
        [
            "error: standard input document 1: NodePool broken: spec.template.spec.requirements[1]: key \
          kubernetes.io/arch with operator In must have a value defined; as it is, the NodePool makes no nodes"
        ]
    );
    assert_eq!(ran.json()["claims"][0]["pool"], Value::from("general"));
}
