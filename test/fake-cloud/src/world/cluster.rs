//! The one ACK cluster.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Config;

/// What the CS actions tell about the cluster.
///
/// Source: ACK actions DescribeClusterDetail and DescribeClusterAttachScripts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cluster {
    /// `c…`.
    pub id: String,
    /// Name.
    pub name: String,
    /// `ManagedKubernetes` or `Kubernetes`.
    pub cluster_type: String,
    /// Version such as `1.33.1-aliyun.1`.
    pub version: String,
    /// VPC of the nodes.
    pub vpc_id: String,
    /// vSwitches chosen at creation.
    pub vswitch_ids: Vec<String>,
    /// Security group of the nodes.
    pub security_group_id: String,
    /// Add-on that gives pods their network: `terway-eniip` or `Flannel`.
    pub network: String,
    /// Prefix length of the pod block of a node, as text.
    pub node_cidr_mask: String,
    /// `ipv4` or `dual`.
    pub ip_stack: String,
    /// Role of worker nodes.
    pub worker_role: String,
    /// Container runtime and its version.
    pub runtime: (String, String),
    /// Add-ons: name to (version, configuration as JSON text).
    pub addons: BTreeMap<String, (String, String)>,
    /// Serves the attach script as a JSON string, in quotes, instead of plain text.
    pub quoted_attach_script: bool,
}

impl Cluster {
    /// The default cluster: Terway with shared interfaces, containerd, one node pool.
    pub(crate) fn new(config: &Config) -> Cluster {
        let addon = (
            "terway-eniip".to_owned(),
            ("v1.14.2".to_owned(), "{\"ENITrunking\":\"false\"}".to_owned()),
        );
        Cluster {
            id: config.cluster_id.clone(),
            name: "my-cluster".into(),
            cluster_type: "ManagedKubernetes".into(),
            version: "1.33.1-aliyun.1".into(),
            vpc_id: String::new(),
            vswitch_ids: Vec::new(),
            security_group_id: String::new(),
            network: "terway-eniip".into(),
            node_cidr_mask: "25".into(),
            ip_stack: "ipv4".into(),
            worker_role: "KubernetesWorkerRole".into(),
            runtime: ("containerd".into(), "2.1.1".into()),
            addons: BTreeMap::from([addon]),
            quoted_attach_script: false,
        }
    }
}
