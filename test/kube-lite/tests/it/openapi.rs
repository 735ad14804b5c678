//! OpenAPI documents. Source: Kubernetes API concepts, "OpenAPI V3".

use http::Method;
use serde_json::{Value, json};

use crate::support::{call, server};

#[tokio::test]
async fn the_index_leads_to_a_document_per_group_version() {
    let server = server();
    let (_, index) = call(&server, Method::GET, "/openapi/v3", Value::Null).await;
    let paths = index["paths"].as_object().expect("paths");
    assert!(paths.contains_key("api/v1") && paths.contains_key("apis/apps/v1"), "{index}");
    for path in paths.values() {
        let url = path["serverRelativeURL"].as_str().expect("a url");
        let (code, document) = call(&server, Method::GET, url, Value::Null).await;
        assert_eq!((code, &document["openapi"]), (200, &json!("3.0.0")), "{url}");
    }
    let (code, _) = call(&server, Method::GET, "/openapi/v3/apis/no/v1", Value::Null).await;
    assert_eq!(code, 404);
    assert_eq!(call(&server, Method::GET, "/openapi/v2", Value::Null).await.0, 404);
}

#[tokio::test]
async fn every_reference_of_a_document_is_resolved_inside_it() {
    let server = server();
    let (_, document) = call(&server, Method::GET, "/openapi/v3/api/v1", Value::Null).await;
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let text = document.to_string();
    let references = text.split("#/components/schemas/").skip(1);
    let mut count = 0;
    for name in references.filter_map(|rest| rest.split('"').next()) {
        assert!(schemas.contains_key(name), "{name}");
        count += 1;
    }
    assert!(count > 100, "{count}");
}

#[tokio::test]
async fn patches_announce_field_validation() {
    let server = server();
    let (_, document) = call(&server, Method::GET, "/openapi/v3/apis/apps/v1", Value::Null).await;
    let path = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}";
    let patch = &document["paths"][path]["patch"];
    let parameters = patch["parameters"].as_array().expect("parameters");
    assert!(parameters.iter().any(|parameter| parameter["name"] == "fieldValidation"));
    let gvk = json!({"group": "apps", "version": "v1", "kind": "Deployment"});
    assert_eq!(patch["x-kubernetes-group-version-kind"], gvk);
}
