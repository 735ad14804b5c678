//! STS actions.
//!
//! Source: Alibaba STS API reference, version 2015-04-01.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    action::Call, auth::Caller, error::ApiError, http::respond::Reply, params::Params, time,
};

/// Source: STS action GetCallerIdentity.
pub(crate) fn get_caller_identity(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let account = &call.world.account.id;
    Ok(match call.caller {
        Caller::Account => json!({
            "AccountId": account, "Arn": format!("acs:ram::{account}:root"),
            "IdentityType": "Account", "PrincipalId": account, "UserId": account,
        }),
        Caller::Role { arn, session } => {
            let role = arn.rsplit('/').next().unwrap_or_default();
            json!({
                "AccountId": account,
                "Arn": format!("acs:ram::{account}:assumed-role/{role}/{session}"),
                "IdentityType": "AssumedRoleUser",
                "PrincipalId": format!("{}:{session}", role_id(role)), "RoleId": role_id(role),
            })
        }
    }
    .into())
}

/// Source: STS action AssumeRole.
pub(crate) fn assume_role(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.params.accept("", &["Policy", "ExternalId", "SourceIdentity"]);
    Ok(issue(call)?.into())
}

/// Exchanges a service account token for a temporary key. The token is not judged, only its length.
///
/// Source: STS action AssumeRoleWithOIDC.
pub(crate) fn assume_role_with_oidc(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.params.raw("Policy");
    let provider = call.params.required("OIDCProviderArn")?;
    let token = call.params.required("OIDCToken")?;
    if !(4..=20_000).contains(&token.len()) {
        return Err(ApiError::bad(
            "AuthenticationFail.OIDCToken.Invalid",
            "The specified OIDC token is invalid.",
        ));
    }
    let mut answer = issue(call)?;
    answer["OIDCTokenInfo"] = json!({
        "Issuer": provider, "Subject": "", "ClientIds": "sts.aliyuncs.com",
        "IssuanceTime": time::seconds(call.now),
        "ExpirationTime": time::seconds(call.now + TimeDelta::hours(1)),
        "VerificationInfo": "Success",
    });
    Ok(answer.into())
}

fn issue(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let arn = call.params.required("RoleArn")?;
    let session = session_name(call.params)?;
    let role = role_of(arn, &call.world.account.id)?;
    if !call.world.account.roles.contains(role) {
        return Err(no_role());
    }
    let seconds = call.params.integer("DurationSeconds")?.unwrap_or(3600);
    if !(900..=43_200).contains(&seconds) {
        return Err(ApiError::bad(
            "InvalidParameter.DurationSeconds",
            "The Min/Max value of DurationSeconds is 15min/12hrs.",
        ));
    }
    let expires = call.now + TimeDelta::seconds(i64::from(seconds));
    let world = &mut *call.world;
    let (id, key) = world.account.issue(&mut world.ids, arn, session, expires);
    let account = &world.account.id;
    Ok(json!({
        "Credentials": {
            "AccessKeyId": id, "AccessKeySecret": key.secret, "SecurityToken": key.token,
            "Expiration": time::seconds(expires),
        },
        "AssumedRoleUser": {
            "Arn": format!("acs:ram::{account}:role/{role}/{session}"),
            "AssumedRoleId": format!("{}:{session}", role_id(role)),
        },
    }))
}

fn session_name(params: &Params) -> Result<&str, ApiError> {
    let name = params.required("RoleSessionName")?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || ".@_-".contains(c);
    if (2..=64).contains(&name.len()) && name.chars().all(is_allowed) {
        Ok(name)
    } else {
        Err(ApiError::bad(
            "InvalidParameter.RoleSessionName",
            "The parameter RoleSessionName is wrongly formed.",
        ))
    }
}

fn role_of<'a>(arn: &'a str, account: &str) -> Result<&'a str, ApiError> {
    arn.strip_prefix(&format!("acs:ram::{account}:role/")).ok_or_else(|| {
        ApiError::bad("InvalidParameter.RoleArn", "The parameter RoleArn is wrongly formed.")
    })
}

/// The refusal of a role that does not exist.
pub(crate) fn no_role() -> ApiError {
    ApiError::not_found("EntityNotExist.Role", "The specified Role not exists.")
}

/// A stable number for a role.
pub(crate) fn role_id(role: &str) -> String {
    let sum = role.bytes().fold(7u64, |sum, b| sum.wrapping_mul(31).wrapping_add(u64::from(b)));
    format!("3{:017}", sum % 100_000_000_000_000_000)
}
