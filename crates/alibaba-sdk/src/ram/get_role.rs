//! GetRole: one role and who may take it on.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{action::rpc_action, lenient};

/// Names a role.
///
/// Source: Alibaba action GetRole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetRole {
    /// 1 to 64 letters, digits, `.` and `-`.
    pub role_name: String,
}

/// The role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct GetRoleResponse {
    /// Id of the call.
    pub request_id: String,
    /// The role asked for.
    pub role: Role,
}

/// A RAM role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Role {
    /// Id.
    pub role_id: String,
    /// Name.
    pub role_name: String,
    /// `acs:ram::<account>:role/<name>`.
    pub arn: String,
    /// For people.
    pub description: String,
    /// Who may take the role on, a JSON text; read it with [`trust_policy`](Self::trust_policy).
    pub assume_role_policy_document: String,
    /// Longest session, seconds.
    #[serde(deserialize_with = "lenient::number")]
    pub max_session_duration: u64,
}

impl Role {
    /// Who may take the role on; the text may be percent-encoded.
    ///
    /// # Errors
    /// When the text is no JSON either way.
    pub fn trust_policy(&self) -> Result<Value, serde_json::Error> {
        let text = &self.assume_role_policy_document;
        serde_json::from_str(text).or_else(|error| {
            let decoded = percent_decode_str(text).decode_utf8_lossy();
            serde_json::from_str(&decoded).map_err(|_| error)
        })
    }
}

rpc_action!(GetRole => GetRoleResponse, Ram, "GetRole", {
    const REGIONAL: bool = false;
});
