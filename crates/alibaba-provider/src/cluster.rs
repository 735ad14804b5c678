//! What a cluster tells about itself: network, version, place.

use alibaba_sdk::cs::{ClusterDetail, CsApi, DescribeClusterDetail};
use alibaba_sdk::error::SdkError;

/// Facts about the cluster that decide what nodes can do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClusterFacts {
    /// Id; empty when there is no ACK cluster.
    pub id: String,
    /// `ManagedKubernetes`, `Kubernetes`, ….
    pub cluster_type: String,
    /// Kubernetes version without a leading `v`; empty when unknown.
    pub version: String,
    /// VPC vSwitches and security groups must be in; empty when unknown.
    pub vpc_id: String,
    /// Role for instances whose class names none; empty for none.
    pub worker_role: String,
    /// How pods get addresses.
    pub network: Network,
}

/// How pods get addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Network {
    /// Pods share network interfaces.
    TerwayShared,
    /// Every pod has a network interface.
    TerwayExclusive,
    /// Every node has a range of addresses.
    Flannel {
        /// Bits of the range's prefix, 0 to 32.
        node_cidr_mask: u32,
    },
    /// Something else.
    #[default]
    Unknown,
}

/// Bits of a node's range when the cluster does not say.
const DEFAULT_NODE_CIDR_MASK: u32 = 24;

impl ClusterFacts {
    /// Whether the kubelet reserves by the formula of 1.28 and later; an unknown version counts as new.
    pub fn reserves_by_pods(&self) -> bool {
        let mut parts = self.version.split('.').map(str::parse::<u32>);
        match (parts.next(), parts.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= (1, 28),
            _ => true,
        }
    }
}

impl From<&ClusterDetail> for ClusterFacts {
    fn from(detail: &ClusterDetail) -> Self {
        Self {
            id: detail.cluster_id.clone(),
            cluster_type: detail.cluster_type.clone(),
            version: detail.current_version.trim_start_matches('v').to_owned(),
            vpc_id: detail.vpc_id.clone(),
            worker_role: detail.worker_ram_role_name.clone(),
            network: network(detail),
        }
    }
}

/// Source: ACK, network plug-ins as `meta_data` names them.
fn network(detail: &ClusterDetail) -> Network {
    let name = detail.network().unwrap_or_default().to_ascii_lowercase();
    if name.starts_with("terway") {
        if name.contains("exclusive") { Network::TerwayExclusive } else { Network::TerwayShared }
    } else if name.contains("flannel") {
        let mask = detail.node_cidr_mask.parse().ok().filter(|mask| *mask <= 32);
        Network::Flannel { node_cidr_mask: mask.unwrap_or(DEFAULT_NODE_CIDR_MASK) }
    } else {
        Network::Unknown
    }
}

/// Reads the facts of cluster `id`.
///
/// # Errors
/// That of the call.
pub async fn discover(cs: &dyn CsApi, id: &str) -> Result<ClusterFacts, SdkError> {
    let request = DescribeClusterDetail { cluster_id: id.to_owned() };
    Ok(ClusterFacts::from(&cs.describe_cluster_detail(&request).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(network: &str, mask: &str) -> ClusterDetail {
        ClusterDetail {
            meta_data: format!(r#"{{"Capabilities":{{"Network":"{network}"}}}}"#),
            node_cidr_mask: mask.to_owned(),
            ..ClusterDetail::default()
        }
    }

    #[test]
    fn network_follows_the_plug_in_and_the_node_mask() {
        let cases = [
            ("terway-eniip", "", Network::TerwayShared),
            ("Flannel", "25", Network::Flannel { node_cidr_mask: 25 }),
            ("flannel", "many", Network::Flannel { node_cidr_mask: 24 }),
            ("calico", "26", Network::Unknown),
        ];
        for (plug_in, mask, expected) in cases {
            assert_eq!(network(&detail(plug_in, mask)), expected, "{plug_in} {mask}");
        }
    }

    #[test]
    fn versions_before_1_28_reserve_by_tiers() {
        let facts = |version: &str| ClusterFacts { version: version.into(), ..Default::default() };
        assert!(!facts("1.26.3-aliyun.1").reserves_by_pods());
        assert!(facts("1.28.3-aliyun.1").reserves_by_pods());
        assert!(facts("").reserves_by_pods());
    }
}
