//! STS and RAM.
//!
//! Source: STS actions GetCallerIdentity, AssumeRole and AssumeRoleWithOIDC, RAM action GetRole.

use crate::lab::{Answer, Lab, canonical, raw};

const STS: &str = "2015-04-01";
const ROLE: &str = "acs:ram::1234567890123456:role/KubernetesWorkerRole";

fn oidc() -> Vec<(&'static str, &'static str)> {
    vec![
        ("RoleArn", ROLE),
        ("OIDCProviderArn", "acs:ram::1234567890123456:oidc-provider/ack-rrsa"),
        ("OIDCToken", "e30.e30.c2ln"),
        ("RoleSessionName", "karpenter"),
        ("DurationSeconds", "900"),
    ]
}

const COMMON: &str = "Action=AssumeRoleWithOIDC&Version=2015-04-01&Format=JSON";

// behaviour 06#28, 06#59
#[tokio::test]
async fn oidc_call_is_unsigned_and_takes_query_or_form() {
    let lab = Lab::new();
    let params = canonical(&oidc());
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let uris = [
        raw("POST", &format!("/?{COMMON}"), &form, &params),
        raw("POST", &format!("/?{COMMON}&SignatureNonce=n&{params}"), &[], ""),
        raw("GET", &format!("/?{COMMON}&{params}"), &[], ""),
    ];
    for request in uris {
        let answer = lab.send(request).await.unwrap();
        assert_eq!(answer.code(), "OK", "{}", answer.text);
        assert_eq!(answer.at("/Credentials/Expiration"), "2026-01-02T03:19:05Z");
        let id = answer.at("/Credentials/AccessKeyId").as_str().unwrap();
        assert!(id.starts_with("STS."), "{id}");
    }
    assert!(lab.cloud.calls().iter().all(|call| call.params["OIDCToken"] == "***"));
}

#[tokio::test]
async fn issued_key_signs_calls_until_it_expires() {
    let lab = Lab::new();
    let params = canonical(&oidc());
    let issued = lab.send(raw("GET", &format!("/?{COMMON}&{params}"), &[], "")).await.unwrap();
    let field =
        |name: &str| issued.at(&format!("/Credentials/{name}")).as_str().unwrap().to_owned();
    let call = |token: Option<&str>| {
        let mut signer = lab.signer("GetCallerIdentity", STS);
        signer.key = (field("AccessKeyId"), field("AccessKeySecret"));
        if let Some(token) = token {
            signer = signer.header("x-acs-security-token", token);
        }
        signer.build("POST", "/", "", "")
    };
    let token = field("SecurityToken");
    let answer = lab.send(call(Some(&token))).await.unwrap();
    assert_eq!(answer.at("/IdentityType"), "AssumedRoleUser", "{}", answer.text);
    let code = |answer: Option<Answer>| answer.unwrap().code().to_owned();
    assert_eq!(code(lab.send(call(None)).await), "MissingSecurityToken");
    let wrong = "InvalidSecurityToken.MismatchWithAccessKey";
    assert_eq!(code(lab.send(call(Some("x"))).await), wrong);
    lab.advance(900);
    assert_eq!(code(lab.send(call(Some(&token))).await), "InvalidSecurityToken.Expired");
}

#[tokio::test]
async fn wrong_role_session_or_duration_is_refused() {
    let lab = Lab::new();
    for (name, value, code) in [
        ("RoleArn", "role", "InvalidParameter.RoleArn"),
        ("RoleArn", "acs:ram::1234567890123456:role/none", "EntityNotExist.Role"),
        ("RoleSessionName", "a b", "InvalidParameter.RoleSessionName"),
        ("DurationSeconds", "60", "InvalidParameter.DurationSeconds"),
        ("OIDCToken", "x", "AuthenticationFail.OIDCToken.Invalid"),
    ] {
        let mut params = oidc();
        params.retain(|(other, _)| *other != name);
        params.push((name, value));
        let uri = format!("/?{COMMON}&{}", canonical(&params));
        assert_eq!(lab.send(raw("GET", &uri, &[], "")).await.unwrap().code(), code, "{name}");
    }
}

#[tokio::test]
async fn account_and_roles_are_told() {
    let lab = Lab::new();
    let me = lab.rpc("GetCallerIdentity", STS, &[]).await;
    assert_eq!(me.at("/AccountId"), "1234567890123456");
    let assumed = lab.rpc("AssumeRole", STS, &[("RoleArn", ROLE), ("RoleSessionName", "me")]).await;
    assert_eq!(assumed.code(), "OK", "{}", assumed.text);
    let role = |name| [("RoleName", name)];
    let found = lab.rpc("GetRole", "2015-05-01", &role("KubernetesWorkerRole")).await;
    assert_eq!(found.at("/Role/Arn"), ROLE);
    let none = lab.rpc("GetRole", "2015-05-01", &role("none")).await;
    assert_eq!((none.status, none.code()), (404, "EntityNotExist.Role"));
}
