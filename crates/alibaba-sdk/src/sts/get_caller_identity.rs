//! GetCallerIdentity: who the credentials belong to.

use serde::{Deserialize, Serialize};

use crate::action::rpc_action;

/// Takes no parameters.
///
/// Source: Alibaba action GetCallerIdentity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GetCallerIdentity {}

/// The identity behind the credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct GetCallerIdentityResponse {
    /// Id of the call.
    pub request_id: String,
    /// Account that is billed.
    pub account_id: String,
    /// Resource name of the identity.
    pub arn: String,
    /// `Account`, `RAMUser` or `AssumedRoleUser`.
    pub identity_type: String,
    /// Id of the principal.
    pub principal_id: String,
    /// RAM user, if one.
    pub user_id: String,
    /// Role, if one.
    pub role_id: String,
}

rpc_action!(GetCallerIdentity => GetCallerIdentityResponse, Sts, "GetCallerIdentity", {
    const REGIONAL: bool = false;
});
