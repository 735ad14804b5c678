//! Decoding of built-in kinds.

use serde_json::{Value, json};

use super::decode;
use crate::builtin;
use crate::kind::Kind;
use crate::request::FieldValidation;

fn kind(name: &str) -> Kind {
    builtin::kinds().into_iter().find(|kind| kind.kind == name).expect(name)
}

#[test]
fn every_built_in_kind_has_a_type() {
    for kind in builtin::kinds() {
        let mut object = json!({"metadata": {"name": 1}});
        let refused = decode(&kind, &mut object, FieldValidation::Ignore);
        assert!(refused.is_err(), "{}", kind.qualified_kind());
    }
}

#[test]
fn unknown_fields_and_nulls_are_dropped_at_any_depth() {
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "a", "creationTimestamp": null, "annotations": {"free": "form"}},
        "spec": {"foo": 1, "containers": [{"name": "c", "imagee": "x", "image": null}]},
    });
    let warnings = decode(&kind("Pod"), &mut pod, FieldValidation::Warn).expect("decoded");
    assert_eq!(
        warnings,
        ["unknown field \"spec.containers[0].imagee\"", "unknown field \"spec.foo\""]
    );
    assert_eq!(pod["spec"], json!({"containers": [{"name": "c"}]}));
    assert_eq!(pod["metadata"], json!({"name": "a", "annotations": {"free": "form"}}));
}

#[test]
fn wrong_types_are_told_in_the_words_of_the_decoder() {
    let field = "cannot unmarshal";
    for (name, object, expected) in [
        (
            "Deployment",
            json!({"spec": {"replicas": "2"}}),
            format!(
                "json: {field} string into Go struct field DeploymentSpec.spec.replicas of type int32"
            ),
        ),
        (
            "Deployment",
            json!({"spec": {"replicas": 3_000_000_000_u32}}),
            format!(
                "json: {field} number 3000000000 into Go struct field \
                 DeploymentSpec.spec.replicas of type int32"
            ),
        ),
        (
            "Pod",
            json!({"spec": {"containers": {"name": "a"}}}),
            format!(
                "json: {field} object into Go struct field PodSpec.spec.containers of type \
                 []v1.Container"
            ),
        ),
        (
            "Pod",
            json!({"spec": {"containers": [{"env": [{"name": "A", "value": 1}]}]}}),
            format!(
                "json: {field} number into Go struct field EnvVar.spec.containers.env.value of \
                 type string"
            ),
        ),
        (
            "Pod",
            json!({"metadata": {"labels": {"a": true}}}),
            format!(
                "json: {field} bool into Go struct field ObjectMeta.metadata.labels of type string"
            ),
        ),
        (
            "Pod",
            json!({"spec": {"containers": [{"resources": {"requests": {"cpu": "1x"}}}]}}),
            super::decode::QUANTITY.to_owned(),
        ),
    ] {
        let mut decoded: Value = object;
        let refused = decode(&kind(name), &mut decoded, FieldValidation::Warn).expect_err(name);
        let prefix = format!(" in version \"v1\" cannot be handled as a {name}: ");
        assert_eq!(refused.to_string(), format!("{name}{prefix}{expected}"));
    }
}

#[test]
fn schemas_inside_definitions_may_nest_and_hold_anything_free() {
    let mut definition = json!({"spec": {"versions": [{"schema": {"openAPIV3Schema": {
        "type": "object", "default": {"any": 1}, "properties": {"a": {"properties": {
            "b": {"type": "string", "x-kubernetes-validations": [{"rule": "true"}]}}}},
        "additionalProperties": true,
    }}}]}});
    let before = definition.clone();
    let kind = kind("CustomResourceDefinition");
    let warnings = decode(&kind, &mut definition, FieldValidation::Warn).expect("decoded");
    assert_eq!((warnings.len(), definition), (0, before));
}
