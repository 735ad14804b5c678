//! Resource Access Management, version 2015-05-01: one central endpoint, no region.
//!
//! Source: Alibaba RAM API reference.

mod get_role;

use async_trait::async_trait;

pub use self::get_role::{GetRole, GetRoleResponse, Role};
use crate::{client::Client, error::SdkError};

/// The RAM actions of this crate.
///
/// # Errors
/// Every method fails with the [`SdkError`] of its last attempt.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RamApi: Send + Sync {
    /// One role with the policy that says who may take it on.
    async fn get_role(&self, request: &GetRole) -> Result<GetRoleResponse, SdkError>;
}

#[async_trait]
impl RamApi for Client {
    async fn get_role(&self, request: &GetRole) -> Result<GetRoleResponse, SdkError> {
        self.send(request).await
    }
}

#[cfg(test)]
mod tests;
