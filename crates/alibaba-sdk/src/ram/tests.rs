//! Roles.

use serde_json::json;

use super::{GetRole, RamApi as _, Role};
use crate::error::ErrorKind;
use crate::testing::{Script, client, error, ok};

fn named(name: &str) -> GetRole {
    GetRole { role_name: name.to_owned() }
}

#[tokio::test(start_paused = true)]
async fn role_is_asked_for_at_the_central_endpoint_without_a_region() {
    let answer = r#"{"RequestId":"r","Role":{"RoleName":"Worker","Arn":"acs:ram::1:role/worker",
        "MaxSessionDuration":"3600","AssumeRolePolicyDocument":"{\"Version\":\"1\"}"}}"#;
    let script = Script::new([ok(answer)]);
    let role = client(&script).get_role(&named("Worker")).await.unwrap().role;
    assert_eq!((&*role.role_name, role.max_session_duration), ("Worker", 3600));
    assert_eq!(role.trust_policy().unwrap(), json!({ "Version": "1" }));
    let sent = script.sent();
    assert_eq!(sent[0].header("host"), "ram.aliyuncs.com");
    assert_eq!(sent[0].header("x-acs-version"), "2015-05-01");
    assert_eq!(sent[0].params()["RoleName"], "Worker");
    assert!(!sent[0].params().contains_key("RegionId"));
}

#[tokio::test(start_paused = true)]
async fn role_nobody_made_is_not_found() {
    let script = Script::new([error(404, "EntityNotExist.Role")]);
    let refused = client(&script).get_role(&named("none")).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::NotFound);
}

#[test]
fn trust_policy_may_be_percent_encoded_and_other_text_is_an_error() {
    let read = |text: &str| {
        Role { assume_role_policy_document: text.to_owned(), ..Role::default() }.trust_policy()
    };
    assert_eq!(read("%7B%22Version%22%3A%221%22%7D").unwrap(), json!({ "Version": "1" }));
    assert!(read("").is_err());
    assert!(read("everybody").is_err());
}
