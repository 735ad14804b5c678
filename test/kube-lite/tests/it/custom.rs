//! Custom kinds from definition to validation.
//!
//! Source: Kubernetes tasks, "Extend the Kubernetes API with CustomResourceDefinitions".

#![expect(clippy::needless_pass_by_value, reason = "rows are read more easily without `&`")]

use http::Method;
use kube_lite::KubeLite;
use serde_json::{Value, json};

use crate::support::{call, call_as, server};

const WIDGETS: &str = "/apis/example.com/v1/widgets";
const CRDS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const MERGE: &str = "application/merge-patch+json";

fn definition(size: Value) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com", "scope": "Cluster",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget",
                "shortNames": ["wd"]},
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "subresources": {"status": {}, "scale": {
                    "specReplicasPath": ".spec.replicas",
                    "statusReplicasPath": ".status.nodes"}},
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                    "spec": {"type": "object", "properties": {
                        "size": size,
                        "replicas": {"type": "integer", "minimum": 0},
                        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    }, "x-kubernetes-validations": [
                        {"rule": "has(self.replicas) == has(oldSelf.replicas)",
                         "message": "cannot switch between static and dynamic"}]},
                    "status": {"type": "object", "properties": {
                        "nodes": {"type": "integer", "default": 0}}},
                }}},
            }],
        },
    })
}

fn widgets() -> KubeLite {
    let server = server();
    server.install_crd(definition(json!({"type": "integer"}))).expect("installed");
    server
}

fn widget(spec: Value) -> Value {
    json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"},
        "spec": spec, "status": {"nodes": 3}})
}

fn generation(object: &Value) -> i64 {
    object["metadata"]["generation"].as_i64().unwrap_or_default()
}

#[tokio::test]
async fn a_posted_definition_is_established_and_served() {
    let server = server();
    let (code, crd) =
        call(&server, Method::POST, CRDS, definition(json!({"type": "integer"}))).await;
    assert_eq!((code, &crd["status"]["conditions"][1]["type"]), (201, &json!("Established")));
    let (_, list) = call(&server, Method::GET, "/apis/example.com/v1", Value::Null).await;
    let names: Vec<_> =
        list["resources"].as_array().into_iter().flatten().map(|r| &r["name"]).collect();
    assert_eq!(names, ["widgets", "widgets/scale", "widgets/status"]);
    call(&server, Method::POST, WIDGETS, widget(json!({}))).await;
    let path = format!("{CRDS}/widgets.example.com");
    call(&server, Method::DELETE, &path, Value::Null).await;
    assert_eq!(call(&server, Method::GET, WIDGETS, Value::Null).await.0, 404);
    let wrong = json!({"metadata": {"name": "x"}, "spec": {}});
    assert_eq!(call(&server, Method::POST, CRDS, wrong).await.0, 422);
}

// behaviour 01#173
#[tokio::test]
async fn status_is_dropped_on_create_and_generation_counts_spec_only() {
    let server = widgets();
    let (_, created) = call(&server, Method::POST, WIDGETS, widget(json!({"size": 1}))).await;
    assert_eq!((created.get("status"), generation(&created)), (None, 1));
    let path = format!("{WIDGETS}/w");
    let both = json!({"status": {"nodes": 2}, "spec": {"size": 9}});
    let (_, after) = call_as(&server, Method::PATCH, &format!("{path}/status"), MERGE, both).await;
    assert_eq!((&after["status"]["nodes"], &after["spec"]["size"]), (&json!(2), &json!(1)));
    assert_eq!(generation(&after), 1);
    let labels = json!({"metadata": {"labels": {"a": "b"}}});
    assert_eq!(generation(&call_as(&server, Method::PATCH, &path, MERGE, labels).await.1), 1);
    let size = json!({"spec": {"size": 2}});
    assert_eq!(generation(&call_as(&server, Method::PATCH, &path, MERGE, size).await.1), 2);
}

// behaviour 01#174
#[tokio::test]
async fn a_put_needs_the_current_version_and_an_existing_name() {
    let server = widgets();
    let path = format!("{WIDGETS}/w");
    assert_eq!(call(&server, Method::PUT, &path, widget(json!({}))).await.0, 404);
    let (_, created) = call(&server, Method::POST, WIDGETS, widget(json!({"size": 1}))).await;
    let (code, status) = call(&server, Method::PUT, &path, widget(json!({}))).await;
    assert_eq!((code, &status["reason"]), (422, &json!("Invalid")));
    assert_eq!(status["details"]["causes"][0]["field"], "metadata.resourceVersion");
    let (code, same) = call(&server, Method::PUT, &path, created.clone()).await;
    let version = |object: &Value| object["metadata"]["resourceVersion"].clone();
    assert_eq!((code, version(&same)), (200, version(&created)));
    let size = json!({"spec": {"size": 2}});
    call_as(&server, Method::PATCH, &path, MERGE, size).await;
    let (code, status) = call(&server, Method::PUT, &path, created).await;
    assert_eq!((code, &status["reason"]), (409, &json!("Conflict")));
}

// behaviour 01#40
#[tokio::test]
async fn unknown_fields_are_pruned_warned_about_or_refused() {
    let server = widgets();
    let unknown = widget(json!({"foo": 1}));
    let strict = format!("{WIDGETS}?fieldValidation=Strict");
    let (code, status) = call(&server, Method::POST, &strict, unknown.clone()).await;
    assert_eq!(code, 400);
    assert_eq!(status["message"], "strict decoding error: unknown field \"spec.foo\"");
    let (code, created) = call(&server, Method::POST, WIDGETS, unknown).await;
    assert_eq!((code, created["spec"].get("foo")), (201, None));
}

// behaviour 01#175
#[tokio::test]
async fn an_object_older_than_its_rule_can_still_be_edited_elsewhere() {
    let server = widgets();
    call(&server, Method::POST, WIDGETS, widget(json!({"size": 1}))).await;
    let path = format!("{CRDS}/widgets.example.com");
    let (_, mut crd) = call(&server, Method::GET, &path, Value::Null).await;
    let rules = json!([{"rule": "self > 5", "message": "too small"}]);
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["size"]
        ["x-kubernetes-validations"] = rules;
    assert_eq!(call(&server, Method::PUT, &path, crd).await.0, 200);
    let path = format!("{WIDGETS}/w");
    let elsewhere = json!({"spec": {"labels": {"a": "b"}}});
    assert_eq!(call_as(&server, Method::PATCH, &path, MERGE, elsewhere).await.0, 200);
    let offending = json!({"spec": {"size": 2}});
    let (code, status) = call_as(&server, Method::PATCH, &path, MERGE, offending).await;
    assert_eq!((code, &status["details"]["causes"][0]["field"]), (422, &json!("spec.size")));
}

// behaviour 01#178
#[tokio::test]
async fn a_new_default_shows_on_old_objects_without_a_write() {
    let server = widgets();
    let (_, created) = call(&server, Method::POST, WIDGETS, widget(json!({}))).await;
    let path = format!("{CRDS}/widgets.example.com");
    let (_, mut crd) = call(&server, Method::GET, &path, Value::Null).await;
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["size"]
        ["default"] = json!(4);
    call(&server, Method::PUT, &path, crd).await;
    let (_, read) = call(&server, Method::GET, &format!("{WIDGETS}/w"), Value::Null).await;
    assert_eq!(read["spec"]["size"], 4);
    assert_eq!(read["metadata"]["resourceVersion"], created["metadata"]["resourceVersion"]);
}

// behaviour 01#177
#[tokio::test]
async fn scale_reads_and_writes_the_replicas_of_static_objects_only() {
    let server = widgets();
    call(&server, Method::POST, WIDGETS, widget(json!({}))).await;
    let scale = format!("{WIDGETS}/w/scale");
    let put = |count: i64| json!({"spec": {"replicas": count}});
    assert_eq!(call(&server, Method::GET, &scale, Value::Null).await.0, 500);
    assert_eq!(call(&server, Method::PUT, &scale, put(5)).await.0, 422);
    call(&server, Method::DELETE, &format!("{WIDGETS}/w"), Value::Null).await;
    call(&server, Method::POST, WIDGETS, widget(json!({"replicas": 1}))).await;
    let (code, shown) = call(&server, Method::GET, &scale, Value::Null).await;
    assert_eq!((code, &shown["spec"]["replicas"]), (200, &json!(1)));
    let (code, shown) = call(&server, Method::PUT, &scale, put(5)).await;
    assert_eq!((code, &shown["spec"]["replicas"]), (200, &json!(5)));
    let (_, object) = call(&server, Method::GET, &format!("{WIDGETS}/w"), Value::Null).await;
    assert_eq!(generation(&object), 2);
    assert_eq!(call(&server, Method::PUT, &scale, put(-1)).await.0, 422);
    assert_eq!(call(&server, Method::PUT, &scale, put(2_147_483_648)).await.0, 400);
    assert_eq!(call_as(&server, Method::PATCH, &scale, MERGE, json!({})).await.0, 200);
    let null = json!({"spec": {"replicas": null}});
    let (_, shown) = call_as(&server, Method::PATCH, &scale, MERGE, null).await;
    assert_eq!(shown["spec"]["replicas"], 0);
}

// behaviour 01#182
#[tokio::test]
async fn a_held_custom_object_is_marked_with_one_more_generation() {
    let server = widgets();
    let mut held = widget(json!({}));
    held["metadata"]["finalizers"] = json!(["example.com/hold"]);
    call(&server, Method::POST, WIDGETS, held).await;
    let path = format!("{WIDGETS}/w");
    let (_, marked) = call(&server, Method::DELETE, &path, Value::Null).await;
    assert_eq!(generation(&marked), 2);
    let none = json!({"metadata": {"finalizers": []}});
    call_as(&server, Method::PATCH, &path, MERGE, none).await;
    assert_eq!(call(&server, Method::GET, &path, Value::Null).await.0, 404);
}

#[tokio::test]
async fn strategic_merge_is_unsupported_for_custom_kinds() {
    let server = widgets();
    call(&server, Method::POST, WIDGETS, widget(json!({}))).await;
    let strategic = "application/strategic-merge-patch+json";
    let path = format!("{WIDGETS}/w");
    let (code, status) = call_as(&server, Method::PATCH, &path, strategic, json!({})).await;
    assert_eq!((code, &status["reason"]), (415, &json!("UnsupportedMediaType")));
}
