//! ACK actions.
//!
//! Source: ACK actions DescribeClusterDetail, DescribeClusterAttachScripts,
//! DescribeKubernetesVersionMetadata and GetClusterAddonInstance.

use crate::lab::Lab;

#[tokio::test]
async fn cluster_detail_names_networks_and_capabilities() {
    let answer = Lab::new().cs("GET", "/clusters/c0123456789", "").await;
    assert_eq!(answer.code(), "OK", "{}", answer.text);
    assert_eq!(answer.at("/vpc_id").as_str().map(|id| &id[..4]), Some("vpc-"));
    let meta: serde_json::Value =
        serde_json::from_str(answer.at("/meta_data").as_str().unwrap()).unwrap();
    assert_eq!(meta["Capabilities"]["Network"], "terway-eniip");
}

// behaviour 06#22 (server side)
#[tokio::test]
async fn unknown_cluster_is_refused_in_lower_case_keys() {
    let answer = Lab::new().cs("GET", "/clusters/c9", "").await;
    assert_eq!((answer.status, answer.at("/code")), (404, &"ErrorClusterNotFound".into()));
    assert!(answer.at("/requestId").is_string() && answer.at("/message").is_string());
}

// behaviour 06#62
#[tokio::test]
async fn encoded_slash_stays_inside_its_segment() {
    let lab = Lab::with(|config| config.cluster_id = "c/1".into());
    let answer = lab.cs("GET", "/clusters/c%2F1", "").await;
    assert_eq!((answer.code(), answer.at("/cluster_id")), ("OK", &"c/1".into()));
}

// behaviour 06#19 (server side)
#[tokio::test]
async fn attach_script_is_plain_text_or_a_json_string() {
    let lab = Lab::new();
    let path = "/clusters/c0123456789/attachscript";
    let body = "{\"arch\":\"arm64\",\"format_disk\":true,\"keep_instance_name\":true}";
    let plain = lab.cs("POST", path, body).await;
    assert!(plain.text.starts_with("curl http://aliacs-k8s-cn-hangzhou."), "{}", plain.text);
    assert!(plain.text.contains("--arch arm64"), "{}", plain.text);
    lab.cloud.edit_cluster(|cluster| cluster.quoted_attach_script = true);
    let quoted = lab.cs("POST", path, body).await;
    assert_eq!(quoted.json.as_str(), Some(plain.text.as_str()));
    assert_eq!(lab.cs("POST", path, "[1]").await.code(), "InvalidParameter");
}

// behaviour 06#20 (server side)
#[tokio::test]
async fn version_metadata_is_an_array_that_may_be_empty() {
    let lab = Lab::new();
    let path = "/api/v1/metadata/versions";
    let base = format!("{path}?ClusterType=ManagedKubernetes");
    assert_eq!(lab.cs("GET", &base, "").await.code(), "MissingRegion");
    let known = lab.cs("GET", &format!("{base}&Region=cn-hangzhou"), "").await;
    assert_eq!(known.at("/0/runtimes/0/name"), "containerd");
    assert!(known.column("/0/images", "image_type").contains(&"AliyunLinux3Arm64".to_owned()));
    let query =
        format!("{path}?ClusterType=ManagedKubernetes&KubernetesVersion=1.1&Region=cn-hangzhou");
    assert_eq!(lab.cs("GET", &query, "").await.json, serde_json::json!([]));
}

#[tokio::test]
async fn add_ons_and_node_pools_are_told() {
    let lab = Lab::new();
    let base = "/clusters/c0123456789";
    let addon = lab.cs("GET", &format!("{base}/addon_instances/terway-eniip"), "").await;
    assert_eq!(addon.at("/state"), "active");
    let none = lab.cs("GET", &format!("{base}/addon_instances/flannel"), "").await;
    assert_eq!((none.status, none.code()), (404, "AddonNotFound"));
    let pools = lab.cs("GET", &format!("{base}/nodepools"), "").await;
    assert_eq!(pools.at("/nodepools/0/nodepool_info/is_default"), true);
}
