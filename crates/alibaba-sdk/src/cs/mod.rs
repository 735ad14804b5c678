//! Container Service for Kubernetes (ACK), version 2015-12-15, ROA style.
//!
//! Source: Alibaba CS API reference.

mod describe_cluster_attach_scripts;
mod describe_cluster_detail;
mod describe_kubernetes_version_metadata;

use async_trait::async_trait;

pub use self::{
    describe_cluster_attach_scripts::{AttachScript, DescribeClusterAttachScripts},
    describe_cluster_detail::{ClusterDetail, DescribeClusterDetail, RrsaDetail},
    describe_kubernetes_version_metadata::{
        DescribeKubernetesVersionMetadata, KubernetesVersion, VersionImage, VersionRuntime,
    },
};
use crate::{client::Client, error::SdkError};

/// The CS actions of this crate.
///
/// # Errors
/// Every method fails with the [`SdkError`] of its last attempt.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CsApi: Send + Sync {
    /// What a cluster is.
    async fn describe_cluster_detail(
        &self,
        request: &DescribeClusterDetail,
    ) -> Result<ClusterDetail, SdkError>;
    /// The script that joins an instance to a cluster.
    async fn describe_cluster_attach_scripts(
        &self,
        request: &DescribeClusterAttachScripts,
    ) -> Result<AttachScript, SdkError>;
    /// Images and runtimes of a Kubernetes version; never empty.
    async fn describe_kubernetes_version_metadata(
        &self,
        request: &DescribeKubernetesVersionMetadata,
    ) -> Result<Vec<KubernetesVersion>, SdkError>;
}

#[async_trait]
impl CsApi for Client {
    async fn describe_cluster_detail(
        &self,
        request: &DescribeClusterDetail,
    ) -> Result<ClusterDetail, SdkError> {
        self.send(request).await
    }

    async fn describe_cluster_attach_scripts(
        &self,
        request: &DescribeClusterAttachScripts,
    ) -> Result<AttachScript, SdkError> {
        self.send(request).await
    }

    async fn describe_kubernetes_version_metadata(
        &self,
        request: &DescribeKubernetesVersionMetadata,
    ) -> Result<Vec<KubernetesVersion>, SdkError> {
        let versions = self.send(request).await?;
        describe_kubernetes_version_metadata::require_some(versions)
    }
}

#[cfg(test)]
mod tests;
