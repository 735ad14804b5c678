//! Apply patches and field ownership. Source: Kubernetes API concepts, "Server-Side Apply".

use http::Method;
use kube_lite::KubeLite;
use serde_json::{Value, json};

use crate::support::{call, call_as, server};

const APPLY: &str = "application/apply-patch+yaml";
const GADGET: &str = "/apis/example.com/v1/gadgets/g";

/// A custom kind with a list of each sort.
fn gadgets() -> KubeLite {
    let server = server();
    let text = || json!({"type": "string"});
    server
        .install_crd(json!({
            "metadata": {"name": "gadgets.example.com"},
            "spec": {
                "group": "example.com", "scope": "Cluster",
                "names": {"plural": "gadgets", "kind": "Gadget"},
                "versions": [{"name": "v1", "served": true, "storage": true,
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {
                        "type": "object", "properties": {
                            "size": {"type": "integer"},
                            "requirements": {"type": "array", "items": text()},
                            "zones": {"type": "array", "x-kubernetes-list-type": "set",
                                "items": text()},
                            "conditions": {"type": "array", "x-kubernetes-list-type": "map",
                                "x-kubernetes-list-map-keys": ["type"],
                                "items": {"type": "object", "properties":
                                    {"type": text(), "status": text()}}},
                        }}}}}}],
            },
        }))
        .expect("a valid definition");
    server
}

async fn apply(server: &KubeLite, manager: &str, spec: Value) -> (u16, Value) {
    apply_to(server, &format!("{GADGET}?fieldManager={manager}"), spec).await
}

async fn apply_to(server: &KubeLite, path: &str, spec: Value) -> (u16, Value) {
    let config = json!({"apiVersion": "example.com/v1", "kind": "Gadget", "spec": spec});
    call_as(server, Method::PATCH, path, APPLY, config).await
}

// behaviour 01#180
#[tokio::test]
async fn two_managers_share_a_map_list_and_fight_over_an_atomic_one() {
    let server = gadgets();
    let condition = |kind: &str| json!({"conditions": [{"type": kind, "status": "True"}]});
    assert_eq!(apply(&server, "a", condition("Ready")).await.0, 201);
    let (code, both) = apply(&server, "b", condition("Drifted")).await;
    assert_eq!((code, both["spec"]["conditions"].as_array().map(Vec::len)), (200, Some(2)));
    assert_eq!(apply(&server, "a", json!({"requirements": ["x"]})).await.0, 200);
    let (code, status) = apply(&server, "b", json!({"requirements": ["y"]})).await;
    assert_eq!((code, &status["reason"]), (409, &json!("Conflict")));
    let cause = json!({"reason": "FieldManagerConflict", "field": ".spec.requirements",
        "message": "conflict with \"a\""});
    assert_eq!(status["details"]["causes"], json!([cause]));
}

#[tokio::test]
async fn a_forced_apply_takes_the_field_from_its_owner() {
    let server = gadgets();
    apply(&server, "a", json!({"size": 1, "requirements": ["x"]})).await;
    assert_eq!(apply(&server, "b", json!({"size": 1})).await.0, 200, "equal values are shared");
    assert_eq!(apply(&server, "b", json!({"size": 2})).await.0, 409);
    let forced = format!("{GADGET}?fieldManager=b&force=true");
    let (code, found) = apply_to(&server, &forced, json!({"size": 2})).await;
    assert_eq!((code, &found["spec"]["size"]), (200, &json!(2)));
    let owners = found["metadata"]["managedFields"].as_array().expect("owners");
    let of = |name: &str| owners.iter().find(|owner| owner["manager"] == name).expect("listed");
    assert_eq!(of("a")["fieldsV1"], json!({"f:spec": {"f:requirements": {}}}));
    assert_eq!(of("b")["fieldsV1"], json!({"f:spec": {"f:size": {}}}));
}

#[tokio::test]
async fn what_a_manager_no_longer_names_goes_unless_another_wants_it() {
    let server = gadgets();
    apply(&server, "a", json!({"size": 1, "requirements": ["x"], "zones": ["p", "q"]})).await;
    apply(&server, "b", json!({"zones": ["q"]})).await;
    let (_, found) = apply(&server, "a", json!({"size": 1})).await;
    assert_eq!(found["spec"], json!({"size": 1, "zones": ["q"]}));
    let listed = |kinds: &[&str]| {
        let items: Vec<Value> =
            kinds.iter().map(|kind| json!({"type": kind, "status": "True"})).collect();
        json!({"conditions": items})
    };
    apply(&server, "c", listed(&["Ready", "Drifted"])).await;
    let (_, found) = apply(&server, "c", listed(&["Drifted"])).await;
    assert_eq!(found["spec"]["conditions"], listed(&["Drifted"])["conditions"]);
}

#[tokio::test]
async fn an_edit_takes_the_fields_it_changes() {
    let server = gadgets();
    apply(&server, "a", json!({"size": 1})).await;
    let merge = "application/merge-patch+json";
    let path = format!("{GADGET}?fieldManager=editor");
    call_as(&server, Method::PATCH, &path, merge, json!({"spec": {"size": 5}})).await;
    let (code, status) = apply(&server, "a", json!({"size": 1})).await;
    assert_eq!((code, &status["details"]["causes"][0]["field"]), (409, &json!(".spec.size")));
    assert_eq!(apply(&server, "a", json!({"size": 5})).await.0, 200);
}

#[tokio::test]
async fn an_equal_apply_changes_nothing() {
    let server = gadgets();
    apply(&server, "a", json!({"size": 1, "zones": ["p"]})).await;
    let version = server.resource_version();
    assert_eq!(apply(&server, "a", json!({"size": 1, "zones": ["p"]})).await.0, 200);
    assert_eq!(server.resource_version(), version);
}

#[tokio::test]
async fn an_apply_needs_the_name_of_its_manager() {
    let server = gadgets();
    let (code, status) = apply_to(&server, GADGET, json!({"size": 1})).await;
    assert_eq!((code, &status["details"]["causes"][0]["field"]), (422, &json!("fieldManager")));
    assert_eq!(call(&server, Method::GET, GADGET, Value::Null).await.0, 404);
}
