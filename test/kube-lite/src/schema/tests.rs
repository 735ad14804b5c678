//! One small schema; rows of objects and what the server says to them.

#![expect(clippy::needless_pass_by_value, reason = "rows are read more easily without `&`")]

use serde_json::{Value, json};

use super::CustomSchema;

fn schema() -> CustomSchema {
    let widget = json!({
        "type": "object",
        "required": ["spec"],
        "properties": {
            "spec": {
                "type": "object",
                "required": ["size"],
                "x-kubernetes-validations": [
                    {"rule": "self.kind == oldSelf.kind", "message": "kind is immutable"},
                ],
                "properties": {
                    "kind": {"type": "string", "default": "plain", "enum": ["plain", "fancy"]},
                    "size": {"type": "integer", "minimum": 0},
                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                    "name": {"type": "string", "pattern": "^\\w+$", "nullable": true},
                    "limit": {"x-kubernetes-int-or-string": true,
                        "anyOf": [{"type": "integer"}, {"type": "string"}]},
                    "policy": {
                        "type": "object", "default": {"after": "0s"},
                        "properties": {
                            "after": {"type": "string"},
                            "budgets": {"type": "array", "default": [{"nodes": "10%"}],
                                "items": {"type": "object", "properties": {
                                    "nodes": {"type": "string"}}}},
                        },
                    },
                    "tags": {
                        "type": "array", "maxItems": 2,
                        "items": {"type": "object", "properties": {
                            "key": {"type": "string"}, "value": {"type": "string"}},
                            "x-kubernetes-validations": [
                                {"rule": "self.key != 'bad'", "message": "bad key"}]},
                        "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["key"],
                    },
                },
            },
        },
    });
    CustomSchema::compile(&widget).expect("compiles")
}

fn full(spec: Value) -> Value {
    json!({"apiVersion": "x/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec})
}

/// Fields and the beginnings of messages of all causes.
fn check(spec: Value, old: Option<Value>, expected: &[(&str, &str)]) {
    let schema = schema();
    let mut object = full(spec);
    schema.read(&mut object);
    let old = old.map(|old| {
        let mut old = full(old);
        schema.read(&mut old);
        old
    });
    let causes = schema.causes(&object, old.as_ref());
    let found: Vec<(&str, &str)> =
        causes.iter().map(|cause| (cause.field.as_str(), cause.message.as_str())).collect();
    let fits = found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|(found, wanted)| found.0 == wanted.0 && found.1.contains(wanted.1));
    assert!(fits, "found {found:?}, expected {expected:?}");
}

#[test]
fn unknown_members_are_pruned_except_where_they_are_preserved() {
    let mut object = full(json!({"size": 1, "foo": 1, "free": {"any": {"thing": 1}}}));
    schema().read(&mut object);
    assert_eq!(object["spec"].get("foo"), None);
    assert_eq!(object["spec"]["free"], json!({"any": {"thing": 1}}));
}

#[test]
fn a_default_is_descended_into_after_it_was_inserted() {
    let mut object = full(json!({"size": 1}));
    schema().read(&mut object);
    let policy = json!({"after": "0s", "budgets": [{"nodes": "10%"}]});
    assert_eq!(object["spec"]["policy"], policy);
}

#[test]
fn a_null_gives_way_to_the_default_or_disappears() {
    let mut object = full(json!({"size": null, "kind": null, "name": null}));
    schema().read(&mut object);
    assert_eq!(object["spec"]["kind"], "plain");
    assert_eq!(object["spec"].get("size"), None);
    assert_eq!(object["spec"]["name"], Value::Null);
}

#[test]
fn every_broken_rule_is_one_cause() {
    check(
        json!({"size": -1, "name": "a b"}),
        None,
        &[("spec.name", "should match"), ("spec.size", "greater than or equal to 0")],
    );
    check(json!({"size": 1, "limit": 5}), None, &[]);
    check(json!({"size": 1, "limit": "5"}), None, &[]);
}

// behaviour 01#176
#[test]
fn a_wrong_type_keeps_the_rules_from_running() {
    check(
        json!({"size": "x", "tags": [{"key": "bad"}]}),
        None,
        &[
            ("spec.size", "must be of type integer"),
            ("<nil>", "some validation rules were not checked"),
        ],
    );
    check(json!({}), None, &[("spec.size", "Required value"), ("<nil>", "not checked")]);
    check(
        json!({"size": 1, "kind": "odd"}),
        None,
        &[
            ("spec.kind", "Unsupported value: \"odd\": supported values: \"plain\", \"fancy\""),
            ("<nil>", "not checked"),
        ],
    );
    check(
        json!({"size": 1, "tags": [{"key": "a"}, {"key": "a"}]}),
        None,
        &[("spec.tags[1]", "Duplicate value"), ("<nil>", "not checked")],
    );
}

#[test]
fn a_transition_rule_runs_on_update_only() {
    check(json!({"size": 1, "kind": "fancy"}), None, &[]);
    check(
        json!({"size": 1, "kind": "fancy"}),
        Some(json!({"size": 1})),
        &[("spec", "kind is immutable")],
    );
}

// behaviour 01#175
#[test]
fn what_did_not_change_is_not_judged_again() {
    let stored = json!({"size": -1, "tags": [{"key": "bad", "value": "1"}]});
    check(
        stored.clone(),
        None,
        &[("spec.size", "greater than or equal to 0"), ("spec.tags[0]", "bad key")],
    );
    let mut edited = stored.clone();
    edited["name"] = json!("fine");
    check(edited.clone(), Some(stored.clone()), &[]);
    edited["tags"][0]["value"] = json!("2");
    check(edited, Some(stored), &[("spec.tags[0]", "bad key")]);
}
