//! Rules of built-in kinds.

use serde_json::{Value, json};

use super::check;
use crate::builtin;

/// Fields and messages of everything wrong with an object.
fn problems(kind: &str, object: &Value, old: Option<&Value>) -> Vec<(String, String)> {
    let kind = builtin::kinds().into_iter().find(|known| known.kind == kind).expect(kind);
    check(&kind, object, old).into_iter().map(|cause| (cause.field, cause.message)).collect()
}

fn deployment(selected: &str, labelled: &str) -> Value {
    json!({"spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": selected}},
        "template": {
            "metadata": {"labels": {"app": labelled}},
            "spec": {"containers": [{"name": "c", "image": "i"}]},
        },
    }})
}

#[test]
fn pods_need_named_containers_with_images_and_fitting_requests() {
    for (spec, expected) in [
        (json!({}), vec![("spec.containers", "Required value")]),
        (
            json!({"containers": [{}]}),
            vec![
                ("spec.containers[0].name", "Required value"),
                ("spec.containers[0].image", "Required value"),
            ],
        ),
        (
            json!({"containers": [{"name": "a", "image": "i"}, {"name": "a", "image": "i"}]}),
            vec![("spec.containers[1].name", "Duplicate value: \"a\"")],
        ),
        (
            json!({"containers": [{"name": "a", "image": "i", "resources":
                {"requests": {"cpu": "2"}, "limits": {"cpu": "1500m"}}}]}),
            vec![(
                "spec.containers[0].resources.requests",
                "Invalid value: \"2\": must be less than or equal to cpu limit of 1500m",
            )],
        ),
        (
            json!({"containers": [{"name": "a", "image": "i"}], "restartPolicy": "Maybe"}),
            vec![(
                "spec.restartPolicy",
                "Unsupported value: \"Maybe\": supported values: \"Always\", \"OnFailure\", \
                 \"Never\"",
            )],
        ),
        (json!({"containers": [{"name": "a", "image": "i"}]}), vec![]),
    ] {
        let found = problems("Pod", &json!({"spec": spec}), None);
        let found: Vec<(&str, &str)> =
            found.iter().map(|(field, message)| (field.as_str(), message.as_str())).collect();
        assert_eq!(found, expected, "{spec}");
    }
}

#[test]
fn of_a_pod_only_images_deadlines_and_more_tolerations_change() {
    let old = json!({"spec": {"containers": [{"name": "a", "image": "i"}],
        "tolerations": [{"key": "a"}]}});
    for (pointer, value, fine) in [
        ("/spec/containers/0/image", json!("j"), true),
        ("/spec/tolerations", json!([{"key": "a"}, {"key": "b"}]), true),
        ("/spec/tolerations", json!([]), false),
        ("/spec/containers/0/name", json!("b"), false),
        ("/spec", json!({"nodeName": "n"}), false),
    ] {
        let mut new = old.clone();
        *new.pointer_mut(pointer).expect(pointer) = value;
        assert_eq!(problems("Pod", &new, Some(&old)).is_empty(), fine, "{pointer}: {new}");
    }
}

#[test]
fn selectors_are_present_fitting_and_fixed() {
    let fine = deployment("a", "a");
    assert_eq!(problems("Deployment", &fine, None), []);
    let mismatch = problems("Deployment", &deployment("a", "b"), None);
    assert_eq!(mismatch[0].0, "spec.template.metadata.labels");
    assert_eq!(
        mismatch[0].1,
        "Invalid value: map[string]string{\"app\":\"b\"}: `selector` does not match template \
         `labels`"
    );
    let mut none = fine.clone();
    none["spec"]["selector"] = Value::Null;
    assert_eq!(problems("Deployment", &none, None)[0].0, "spec.selector");
    let changed = problems("Deployment", &deployment("b", "b"), Some(&fine));
    assert_eq!(changed[0].0, "spec.selector");
    assert!(changed[0].1.ends_with("field is immutable"), "{changed:?}");
}

#[test]
fn a_claim_is_bound_and_grows_but_changes_in_nothing_else() {
    let old =
        json!({"spec": {"storageClassName": "a", "resources": {"requests": {"storage": "1"}}}});
    for (member, value, fine) in [
        ("volumeName", json!("v"), true),
        ("resources", json!({"requests": {"storage": "2"}}), true),
        ("storageClassName", json!("b"), false),
    ] {
        let mut new = old.clone();
        new["spec"][member] = value;
        assert_eq!(
            problems("PersistentVolumeClaim", &new, Some(&old)).is_empty(),
            fine,
            "{member}"
        );
    }
}
