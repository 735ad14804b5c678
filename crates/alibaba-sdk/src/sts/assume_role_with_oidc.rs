//! AssumeRoleWithOIDC: an OIDC token exchanged for credentials.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use crate::{
    action::{Action, Call, Product, decode_json},
    credentials::Credentials,
    lenient,
};

/// Assumes a role with an OIDC token. The call is not signed; its parameters travel in the form body, which
/// keeps the token out of access logs.
///
/// Source: Alibaba action AssumeRoleWithOIDC.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssumeRoleWithOidc {
    /// `acs:ram::<uid>:role/<name>`.
    pub role_arn: String,
    /// `acs:ram::<uid>:oidc-provider/<name>`.
    #[serde(rename = "OIDCProviderArn")]
    pub oidc_provider_arn: String,
    /// The raw JWT, 4 to 20,000 characters.
    #[serde(rename = "OIDCToken", serialize_with = "expose")]
    pub oidc_token: SecretString,
    /// 2 to 64 characters of `[A-Za-z0-9.@_-]`.
    pub role_session_name: String,
    /// 900 up to the role's maximum; default 3600.
    pub duration_seconds: Option<u32>,
    /// Policy that narrows the role's.
    pub policy: Option<String>,
}

fn expose<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// Issued credentials.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AssumeRoleWithOidcResponse {
    /// Id of the call.
    pub request_id: String,
    /// The credentials.
    pub credentials: StsCredentials,
    /// Who they stand for.
    pub assumed_role_user: AssumedRoleUser,
}

/// Temporary credentials as STS issues them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct StsCredentials {
    /// `STS.…`.
    pub access_key_id: String,
    /// Secret part of the key.
    pub access_key_secret: SecretString,
    /// Must accompany every call.
    pub security_token: SecretString,
    /// First instant at which they no longer work.
    #[serde(deserialize_with = "lenient::time")]
    pub expiration: Option<DateTime<Utc>>,
}

/// Who assumed credentials stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AssumedRoleUser {
    /// Resource name with the session name.
    pub arn: String,
    /// Role id and session name.
    pub assumed_role_id: String,
}

impl From<StsCredentials> for Credentials {
    fn from(issued: StsCredentials) -> Self {
        let credentials = Self::access_key(issued.access_key_id, issued.access_key_secret)
            .with_security_token(issued.security_token);
        match issued.expiration {
            Some(expiration) => credentials.with_expiration(expiration),
            None => credentials,
        }
    }
}

impl Action for AssumeRoleWithOidc {
    const PRODUCT: Product = Product::Sts;
    const NAME: &'static str = "AssumeRoleWithOIDC";
    const REGIONAL: bool = false;
    const SIGNED: bool = false;
    type Response = AssumeRoleWithOidcResponse;

    fn call(&self) -> Result<Call, serde_json::Error> {
        Call::rpc_form(self)
    }

    fn decode(body: &[u8]) -> Result<Self::Response, serde_json::Error> {
        let response: AssumeRoleWithOidcResponse = decode_json(body)?;
        if response.credentials.access_key_id.is_empty() {
            return Err(serde::de::Error::missing_field("Credentials"));
        }
        Ok(response)
    }
}
