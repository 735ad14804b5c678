//! Virtual Private Cloud, version 2016-04-28.
//!
//! Source: Alibaba VPC API reference.

mod describe_v_switches;

use async_trait::async_trait;

pub use self::describe_v_switches::{
    DescribeVSwitches, DescribeVSwitchesResponse, VSwitch, v_switches,
};
use crate::{client::Client, error::SdkError};

/// The VPC actions of this crate.
///
/// # Errors
/// Every method fails with the [`SdkError`] of its last attempt.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait VpcApi: Send + Sync {
    /// One page of vSwitches.
    async fn describe_v_switches(
        &self,
        request: &DescribeVSwitches,
    ) -> Result<DescribeVSwitchesResponse, SdkError>;
}

#[async_trait]
impl VpcApi for Client {
    async fn describe_v_switches(
        &self,
        request: &DescribeVSwitches,
    ) -> Result<DescribeVSwitchesResponse, SdkError> {
        self.send(request).await
    }
}

#[cfg(test)]
mod tests;
