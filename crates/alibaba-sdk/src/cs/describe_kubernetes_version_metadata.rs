//! DescribeKubernetesVersionMetadata: images and runtimes of a Kubernetes version.

use serde::{Deserialize, Serialize};

use crate::{
    action::{Action, Call, Product, decode_json},
    error::{ErrorKind, SdkError},
    lenient,
    params::flatten,
};

/// Asks what a Kubernetes version comes with.
///
/// Source: Alibaba action DescribeKubernetesVersionMetadata.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeKubernetesVersionMetadata {
    /// Region; required.
    pub region: String,
    /// `ManagedKubernetes`, `Kubernetes`, …; required.
    pub cluster_type: String,
    /// One version; all when absent.
    pub kubernetes_version: Option<String>,
    /// `Default`, `Edge` or `Serverless`.
    pub profile: Option<String>,
    /// `containerd`, ….
    #[serde(rename = "runtime")]
    pub runtime: Option<String>,
}

/// One Kubernetes version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct KubernetesVersion {
    /// E.g. `1.34.1-aliyun.1`.
    pub version: String,
    /// Images nodes can boot.
    #[serde(deserialize_with = "lenient::list")]
    pub images: Vec<VersionImage>,
    /// Container runtimes nodes can have.
    #[serde(deserialize_with = "lenient::list")]
    pub runtimes: Vec<VersionRuntime>,
}

/// One image of a Kubernetes version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct VersionImage {
    /// Id.
    pub image_id: String,
    /// Name.
    pub image_name: String,
    /// E.g. `AliyunLinux`.
    pub platform: String,
    /// Version of the system.
    pub os_version: String,
    /// `AliyunLinux3`, `ContainerOS`, ….
    pub image_type: String,
    /// `Linux` or `Windows`.
    pub os_type: String,
    /// `system`, `custom`, ….
    pub image_category: String,
    /// `x86_64` or `arm64`.
    pub architecture: String,
}

/// One container runtime of a Kubernetes version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct VersionRuntime {
    /// `containerd`, ….
    pub name: String,
    /// Version.
    pub version: String,
}

impl Action for DescribeKubernetesVersionMetadata {
    const PRODUCT: Product = Product::Cs;
    const NAME: &'static str = "DescribeKubernetesVersionMetadata";
    type Response = Vec<KubernetesVersion>;

    fn call(&self) -> Result<Call, serde_json::Error> {
        let query = flatten(self)?;
        Ok(Call { query, ..Call::get(&["api", "v1", "metadata", "versions"]) })
    }

    fn decode(body: &[u8]) -> Result<Self::Response, serde_json::Error> {
        decode_json(body)
    }
}

/// Refuses an empty answer.
///
/// # Errors
/// Kind `NotFound` when the service knows no such version.
pub(super) fn require_some(
    versions: Vec<KubernetesVersion>,
) -> Result<Vec<KubernetesVersion>, SdkError> {
    if versions.is_empty() {
        let name = DescribeKubernetesVersionMetadata::NAME;
        return Err(SdkError::local(name, ErrorKind::NotFound, "no metadata for this version"));
    }
    Ok(versions)
}
