//! DescribeClusterDetail: what a cluster is.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    action::{Action, Call, Product, decode_json},
    lenient,
};

/// Asks for one cluster.
///
/// Source: Alibaba action DescribeClusterDetail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeClusterDetail {
    /// Id of the cluster.
    pub cluster_id: String,
}

/// One cluster.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ClusterDetail {
    /// Id.
    pub cluster_id: String,
    /// Name.
    pub name: String,
    /// `ManagedKubernetes`, `Kubernetes`, ….
    pub cluster_type: String,
    /// `ack.standard` or `ack.pro.small`.
    pub cluster_spec: String,
    /// `Default`, `Edge`, `Serverless`, ….
    pub profile: String,
    /// `running`, ….
    pub state: String,
    /// Region.
    pub region_id: String,
    /// VPC.
    pub vpc_id: String,
    /// vSwitches of the control plane.
    #[serde(deserialize_with = "lenient::list")]
    pub vswitch_ids: Vec<String>,
    /// Security group of the nodes.
    pub security_group_id: String,
    /// Kubernetes version that runs.
    pub current_version: String,
    /// Pod range; empty with Terway.
    pub container_cidr: String,
    /// Service range.
    pub service_cidr: String,
    /// Pod range, older name.
    pub subnet_cidr: String,
    /// Bits of a node's pod range, as text.
    pub node_cidr_mask: String,
    /// `ipv4` or `dual`.
    pub ip_stack: String,
    /// `ipvs` or `iptables`.
    pub proxy_mode: String,
    /// E.g. `cluster.local`.
    pub cluster_domain: String,
    /// Default role of the nodes.
    pub worker_ram_role_name: String,
    /// Resource group.
    pub resource_group_id: String,
    /// Endpoints, JSON as text.
    pub master_url: String,
    /// Settings, JSON as text; see [`ClusterDetail::network`].
    pub meta_data: String,
    /// Roles for service accounts.
    pub rrsa_config: RrsaDetail,
    /// Whether API and console refuse to delete the cluster.
    #[serde(deserialize_with = "lenient::boolean")]
    pub deletion_protection: bool,
}

/// Roles for service accounts of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RrsaDetail {
    /// Whether it is on.
    #[serde(deserialize_with = "lenient::boolean")]
    pub enabled: bool,
    /// Issuer of the tokens.
    pub issuer: String,
    /// Audience of the tokens.
    pub audience: String,
    /// Resource name of the OIDC provider.
    pub oidc_arn: String,
}

impl ClusterDetail {
    /// The network plug-in as `meta_data` names it (`.Capabilities.Network`), e.g. `terway-eniip` or `flannel`.
    ///
    /// None when the text is malformed or does not say.
    #[must_use]
    pub fn network(&self) -> Option<String> {
        let meta: Value = serde_json::from_str(&self.meta_data).ok()?;
        let network = meta.get("Capabilities")?.get("Network")?.as_str()?;
        (!network.is_empty()).then(|| network.to_owned())
    }
}

impl Action for DescribeClusterDetail {
    const PRODUCT: Product = Product::Cs;
    const NAME: &'static str = "DescribeClusterDetail";
    type Response = ClusterDetail;

    fn call(&self) -> Result<Call, serde_json::Error> {
        Ok(Call::get(&["clusters", &self.cluster_id]))
    }

    fn decode(body: &[u8]) -> Result<Self::Response, serde_json::Error> {
        decode_json(body)
    }
}
