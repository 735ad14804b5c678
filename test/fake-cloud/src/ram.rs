//! RAM actions.
//!
//! Source: Alibaba RAM API reference, version 2015-05-01.

use serde_json::json;

use crate::{
    action::Call,
    error::ApiError,
    http::respond::Reply,
    sts::{no_role, role_id},
};

/// Source: RAM action GetRole.
pub(crate) fn get_role(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let name = call.params.required("RoleName")?;
    if !call.world.account.roles.contains(name) {
        return Err(no_role());
    }
    let trust = json!({
        "Version": "1",
        "Statement": [{
            "Action": "sts:AssumeRole", "Effect": "Allow",
            "Principal": {"Service": ["ecs.aliyuncs.com"]},
        }],
    });
    let account = &call.world.account.id;
    Ok(json!({"Role": {
        "RoleId": role_id(name),
        "RoleName": name,
        "Arn": format!("acs:ram::{account}:role/{name}"),
        "Description": "",
        "AssumeRolePolicyDocument": trust.to_string(),
        "CreateDate": "2025-01-01T00:00:00Z",
        "UpdateDate": "2025-01-01T00:00:00Z",
        "MaxSessionDuration": 3600,
    }})
    .into())
}
