//! Clusters, scripts and versions.

use super::{
    ClusterDetail, CsApi as _, DescribeClusterAttachScripts, DescribeKubernetesVersionMetadata,
};
use crate::{
    action::Action as _,
    error::ErrorKind,
    testing::{Script, client, ok},
};

// behaviour 06#19
#[test]
fn a_script_is_decoded_only_when_the_body_is_one_json_string() {
    let decode = |body: &str| DescribeClusterAttachScripts::decode(body.as_bytes()).unwrap().0;
    assert_eq!(decode("curl x | bash -s -- \"a\"\n"), "curl x | bash -s -- \"a\"\n");
    assert_eq!(decode(r#""curl x | bash -s -- \"a\"\n""#), "curl x | bash -s -- \"a\"\n");
    assert_eq!(decode(r#""quoted" then raw"#), r#""quoted" then raw"#);
}

#[tokio::test(start_paused = true)]
async fn the_script_is_asked_for_with_a_json_body() {
    let script = Script::new([ok("a"), ok("b")]);
    let client = client(&script);
    let mut request =
        DescribeClusterAttachScripts { cluster_id: "c1".to_owned(), ..Default::default() };
    client.describe_cluster_attach_scripts(&request).await.unwrap();
    request.nodepool_id = Some("np1".to_owned());
    request.format_disk = Some(false);
    let answer = client.describe_cluster_attach_scripts(&request).await.unwrap();
    assert_eq!(format!("{answer:?}"), "AttachScript(1 bytes)");
    let sent = script.sent();
    assert_eq!(sent[0].request.uri().path(), "/clusters/c1/attachscript");
    assert_eq!(sent[0].request.uri().query(), None);
    assert_eq!(sent[0].header("content-type"), "application/json; charset=utf-8");
    assert!(sent[0].header("authorization").contains("SignedHeaders=content-type;host;"));
    assert_eq!(&**sent[0].request.body(), b"{}");
    assert_eq!(&**sent[1].request.body(), br#"{"nodepool_id":"np1","format_disk":false}"#);
}

// behaviour 06#20
#[tokio::test(start_paused = true)]
async fn metadata_is_an_array_and_an_empty_one_is_a_typed_error() {
    let one = r#"[{"version":"1.34.1-aliyun.1","images":[{"image_id":"m","image_type":"AliyunLinux3"}],
        "runtimes":[{"name":"containerd","version":"2.1.3"}],"meta_data":{}}]"#;
    let script = Script::new([ok(one), ok("[]")]);
    let client = client(&script);
    let request = DescribeKubernetesVersionMetadata {
        region: "cn-hangzhou".to_owned(),
        cluster_type: "ManagedKubernetes".to_owned(),
        runtime: Some("containerd".to_owned()),
        ..Default::default()
    };
    let versions = client.describe_kubernetes_version_metadata(&request).await.unwrap();
    assert_eq!(versions[0].images[0].image_type, "AliyunLinux3");
    assert_eq!(versions[0].runtimes[0].version, "2.1.3");
    let sent = script.sent();
    let expect = "ClusterType=ManagedKubernetes&Region=cn-hangzhou&runtime=containerd";
    assert_eq!(sent[0].request.uri().query(), Some(expect));
    let empty = client.describe_kubernetes_version_metadata(&request).await.unwrap_err();
    assert_eq!(empty.kind, ErrorKind::NotFound);
}

// behaviour 06#21
#[test]
fn the_network_comes_from_the_settings_text_and_malformed_text_is_unknown() {
    let network = |meta_data: &str| {
        ClusterDetail { meta_data: meta_data.to_owned(), ..Default::default() }.network()
    };
    let terway = r#"{"Capabilities":{"Network":"terway-eniip"}}"#;
    assert_eq!(network(terway).as_deref(), Some("terway-eniip"));
    for text in ["", "{", "[]", r#"{"Capabilities":{"Network":7}}"#] {
        assert_eq!(network(text), None, "{text}");
    }
}
