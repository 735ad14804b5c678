//! Objects that cannot be read are named, and the others go on.

use clap::Parser;
use kubectl_karpenter::command::{CommandLine, Exit};

use crate::run::{POOL, plan, pod, pods_on_new_nodes, simulate};

/// The only thing said about `objects`, which stand before a pool and a pod that are read in any case.
fn complaint(objects: &str) -> String {
    let ran = plan(&[objects, "\n---\n", POOL, &pod("good", "")].concat());
    let names = pods_on_new_nodes(&ran.json()).join(" ");
    assert!(names.contains("default/good"), "the others go on: {names} {:?}", ran.notes);
    assert_eq!((ran.exit, ran.notes.len()), (Exit::LeftOut, 1), "{:?}", ran.notes);
    ran.notes.concat()
}

#[test]
fn text_that_is_no_yaml_is_found_by_its_line() {
    let said = complaint("a: 1\nkind: [Pod\nmetadata: {}");
    assert!(said.starts_with("error: standard input document 1: is not YAML: line "), "{said}");
    assert!(said.ends_with("; mend the text there"), "{said}");
}

#[test]
fn lines_are_counted_from_the_begin_of_the_file() {
    let text = [POOL, "# two\n---\nkind: {]\n"].concat();
    let ran = plan(&text);
    let line =
        text.lines().position(|line| line == "kind: {]").map(|at| at + 1).unwrap_or_default();
    let begin = format!("error: standard input document 2: is not YAML: line {line}, column ");
    assert!(ran.notes[0].starts_with(&begin), "{} should begin with {begin}", ran.notes[0]);
}

#[test]
fn unknown_kinds_are_named_with_what_is_read() {
    let said = complaint("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }");
    let begin = "error: standard input document 1: ConfigMap default/c: kind: ConfigMap is not a kind that decides where \
                 pods go; remove it; read are Pod, ";
    assert!(said.starts_with(begin), "{said}");
}

#[test]
fn a_member_that_cannot_be_read_is_named_by_its_path() {
    let said = complaint(
        "apiVersion: v1\nkind: Pod\nmetadata: { name: p, namespace: x }\nspec: { containers: [{ name: [] }] }",
    );
    assert_eq!(
        said,
        "error: standard input document 1: Pod x/p: spec.containers[0].name: invalid type: sequence, expected a string; \
         write the member as the kind defines it"
    );
}

#[test]
fn a_quantity_that_is_none_is_named() {
    let said = complaint(&pod("p", "").replace("'1'", "'1 core'"));
    let begin =
        "error: standard input document 1: Pod default/p: spec.containers.resources.requests: ";
    assert!(said.starts_with(begin), "{said}");
    assert!(said.ends_with("; write a number with a unit, like 500m or 2Gi"), "{said}");
}

#[test]
fn a_template_that_cannot_be_read_is_a_mistake_of_its_workload() {
    let said = complaint(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: w }\nspec: { template: { spec: { containers: 7 } } }",
    );
    let begin = "error: standard input document 1: Deployment default/w: spec.template.spec.containers: invalid type";
    assert!(said.starts_with(begin), "{said}");
}

#[test]
fn what_every_object_needs_is_asked_for() {
    for (object, wanted) in [
        (
            "kind: Pod\nmetadata: { name: p }",
            "Pod default/p: apiVersion: is missing; say which version",
        ),
        ("apiVersion: v1\nmetadata: { name: p }", "p: kind: is missing; say what it is"),
        ("apiVersion: v1\nkind: Pod", "Pod: metadata.name: is missing; give it a name"),
        ("- a\n- b", "is no object; give objects with apiVersion, kind and metadata"),
        ("text", "is no object; give objects with apiVersion, kind and metadata"),
    ] {
        let said = complaint(object);
        assert!(said.contains(wanted), "{said}");
    }
}

#[test]
fn a_pool_with_a_wrong_requirement_is_left_out() {
    let pool = POOL
        .replace("name: general", "name: odd")
        .replace("kubernetes.io/os", "karpenter.kwok.sh/colour");
    let said = complaint(pool.trim_end().trim_end_matches("---"));
    let begin =
        "error: standard input document 1: NodePool odd: spec.template.spec.requirements[0]";
    assert!(said.starts_with(begin), "{said}");
}

#[test]
fn an_object_that_is_there_twice_is_said_so() {
    let said = complaint(&[pod("p", ""), pod("p", "")].concat());
    assert_eq!(
        said,
        "error: standard input document 2: Pod default/p: is there twice, first in standard input document 1; the last \
         one counts; remove one of them"
    );
}

#[test]
fn too_many_replicas_are_refused() {
    let said = complaint(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: w }\nspec: { replicas: 999999, template: {} }",
    );
    assert!(said.contains("Deployment default/w: spec.replicas: asks for 999999 pods"), "{said}");
}

#[test]
fn packing_policies_nobody_knows_are_refused_by_name() {
    let words = ["x", "simulate", "scheduling", "-f", "-", "--packing-policy", "BestFit"];
    let refused = CommandLine::try_parse_from(words).expect_err("there is no such policy");
    assert_eq!(refused.exit_code(), 2);
    let said = refused.to_string();
    assert!(said.contains("invalid value 'BestFit'"), "{said}");
    assert!(said.contains("[possible values: FirstFit, CostGuard, CostOptimized]"), "{said}");
}

#[test]
fn files_that_cannot_be_read_end_the_run() {
    let ran = simulate(&["-f", "no-such-file.yaml"], "");
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.notes[0].starts_with("error: no-such-file.yaml: "), "{:?}", ran.notes);
    let ran = simulate(&["-f", "-", "--catalog", "Cargo.toml"], POOL);
    assert_eq!(ran.exit, Exit::Failed);
    assert!(
        ran.notes[0].starts_with("error: catalogue Cargo.toml: [0]: expected value"),
        "{:?}",
        ran.notes
    );
}

#[test]
fn exit_codes_are_those_of_the_help() {
    let codes = [Exit::Done, Exit::Failed, Exit::LeftOut, Exit::NoPlace].map(Exit::code);
    assert_eq!(codes, [0, 1, 3, 4]);
    let wrong = CommandLine::try_parse_from(["x", "simulate", "scheduling"]);
    assert_eq!(wrong.map(drop).map_err(|error| error.exit_code()), Err(2));
    let wrong = ["x", "simulate", "scheduling", "-f", "-", "--repeat", "2"];
    assert!(CommandLine::try_parse_from(wrong).is_err(), "repeating is for timing");
}
