//! Trust policies, and what is said of roles.

use alibaba_sdk::ram::{GetRoleResponse, MockRamApi, Role};
use serde_json::json;

use super::*;

/// The cloud in which the role has this trust policy.
fn ram(policy: &str) -> MockRamApi {
    let policy = policy.to_owned();
    let mut ram = MockRamApi::new();
    ram.expect_get_role().returning(move |request| {
        let role_name = request.role_name.clone();
        let assume_role_policy_document = policy.clone();
        let role = Role { role_name, assume_role_policy_document, ..Role::default() };
        Ok(GetRoleResponse { role, ..GetRoleResponse::default() })
    });
    ram
}

async fn reason(ram: &MockRamApi) -> &'static str {
    judge(ram, Some("Worker")).await.expect("an answer").reason
}

fn statement(effect: &str, action: &Value, service: &Value) -> Value {
    json!({ "Effect": effect, "Action": action, "Principal": { "Service": service } })
}

// behaviour 05#92
#[tokio::test]
async fn role_must_trust_the_service_of_instances_and_may_say_so_as_a_text_or_a_list() {
    let (one, list) = (|text: &str| json!(text), |text: &str| json!(["other", text]));
    let (action, service) = ("sts:AssumeRole", "ecs.aliyuncs.com");
    let trusted = [
        json!([statement("Allow", &one(action), &one(service))]),
        json!([statement("Allow", &list(action), &list(service))]),
        statement("Allow", &one(action), &one(service)),
    ];
    for statements in trusted {
        let policy = json!({ "Version": "1", "Statement": statements });
        assert_eq!(reason(&ram(&policy.to_string())).await, RAM_ROLE_READY, "{policy}");
    }
    let refused = [
        json!([]),
        json!([statement("Deny", &one(action), &one(service))]),
        json!([statement("Allow", &one("sts:Other"), &one(service))]),
        json!([statement("Allow", &one(action), &one("fc.aliyuncs.com"))]),
        json!([{ "Effect": "Allow", "Action": action, "Principal": { "RAM": [service] } }]),
    ];
    for statements in refused {
        let policy = json!({ "Version": "1", "Statement": statements });
        assert_eq!(reason(&ram(&policy.to_string())).await, "InvalidAssumePolicy", "{policy}");
    }
    assert_eq!(reason(&ram("everybody")).await, "InvalidPolicy");
}

#[tokio::test]
async fn failure_that_says_nothing_of_the_role_is_an_error() {
    let mut ram = MockRamApi::new();
    ram.expect_get_role()
        .returning(|_| Err(SdkError::service("GetRole", 503, "ServiceUnavailable", "later")));
    assert!(judge(&ram, Some("Worker")).await.is_err());
}
