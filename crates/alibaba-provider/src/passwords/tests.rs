//! Where a password comes from, and that nobody sees it.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::json;

use super::*;
use crate::testing::class;

const PATH: &str = "/api/v1/namespaces/karpenter/secrets/login";

/// A password only tests know.
const TEXT: &str = "Xy7-plain-text";

fn answering(data: &str) -> Client {
    let body = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": { "name": "login", "namespace": "karpenter" },
        "data": { "password": data },
    });
    let body = body.to_string();
    let router = Router::new().route(PATH, get(move || async move { body }));
    Client::new(router, "karpenter")
}

fn missing() -> Client {
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404,
        "reason": "NotFound", "message": "secrets \"login\" not found",
    });
    let answer = (StatusCode::NOT_FOUND, body.to_string());
    Client::new(Router::new().route(PATH, get(move || async move { answer })), "karpenter")
}

fn by_reference(key: &str) -> ECSNodeClassSpec {
    let reference = PasswordSecretRef { name: "login".to_owned(), key: key.to_owned() };
    ECSNodeClassSpec { password_secret_ref: Some(reference), ..class(&["h"]).spec }
}

#[tokio::test]
async fn secret_of_the_controllers_namespace_is_read_by_name_and_its_last_line_end_is_cut() {
    let encoded = "WHk3LXBsYWluLXRleHQK";
    let password = read(&answering(encoded), &by_reference("password")).await.expect("a password");
    assert_eq!(password.map(|p| p.expose().to_owned()).as_deref(), Some(TEXT));
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_named_without_its_value() {
    let short = answering("c2hvcnQ=");
    let cases = [
        (short.clone(), "password", "not 8 to 30"),
        (short, "other", "no key other"),
        (missing(), "password", "does not exist"),
    ];
    for (kube, key, text) in cases {
        let error = read(&kube, &by_reference(key)).await.expect_err("no password");
        assert!(error.to_string().contains(text), "{error}");
        assert!(!error.to_string().contains("short"), "{error}");
        assert!(matches!(error, PasswordError::Unusable(_)));
    }
}

#[tokio::test]
async fn api_server_in_trouble_is_another_thing_than_a_missing_secret() {
    let router = Router::new().route(PATH, get(|| async { StatusCode::INTERNAL_SERVER_ERROR }));
    let kube = Client::new(router, "karpenter");
    let error = read(&kube, &by_reference("password")).await.expect_err("no password");
    assert!(matches!(error.of_launch(), CloudProviderError::Transient(_)), "{error}");
}

#[test]
fn password_is_not_in_debug_text() {
    let spec = ECSNodeClassSpec { password: Password::parse(TEXT), ..ECSNodeClassSpec::default() };
    assert!(!format!("{spec:?}").contains(TEXT));
    assert_eq!(Password::parse("seven77"), None);
    assert_eq!(Password::parse("with a space"), None);
}
