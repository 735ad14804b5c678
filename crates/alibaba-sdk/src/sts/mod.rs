//! Security Token Service, version 2015-04-01.
//!
//! Source: Alibaba STS API reference.

mod assume_role_with_oidc;
mod get_caller_identity;

use async_trait::async_trait;

pub use self::{
    assume_role_with_oidc::{
        AssumeRoleWithOidc, AssumeRoleWithOidcResponse, AssumedRoleUser, StsCredentials,
    },
    get_caller_identity::{GetCallerIdentity, GetCallerIdentityResponse},
};
use crate::{client::Client, error::SdkError};

/// The STS actions of this crate.
///
/// # Errors
/// Every method fails with the [`SdkError`] of its last attempt.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait StsApi: Send + Sync {
    /// Who the credentials belong to.
    async fn get_caller_identity(
        &self,
        request: &GetCallerIdentity,
    ) -> Result<GetCallerIdentityResponse, SdkError>;
    /// Exchanges an OIDC token for credentials; needs none itself.
    async fn assume_role_with_oidc(
        &self,
        request: &AssumeRoleWithOidc,
    ) -> Result<AssumeRoleWithOidcResponse, SdkError>;
}

#[async_trait]
impl StsApi for Client {
    async fn get_caller_identity(
        &self,
        request: &GetCallerIdentity,
    ) -> Result<GetCallerIdentityResponse, SdkError> {
        self.send(request).await
    }

    async fn assume_role_with_oidc(
        &self,
        request: &AssumeRoleWithOidc,
    ) -> Result<AssumeRoleWithOidcResponse, SdkError> {
        self.send(request).await
    }
}
