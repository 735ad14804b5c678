//! The verifier against the golden vectors of the signature documents.

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use sha2::{Digest, Sha256};

use super::{acs3, roa_v1, rpc_v1};
use crate::http::inbound::Inbound;

fn inbound(method: &str, uri: &str, headers: &[(&str, &str)], body: &'static str) -> Inbound {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, _) = request.body(Body::empty()).unwrap().into_parts();
    Inbound::decode(&parts, Bytes::from_static(body.as_bytes()))
}

const R2: &str = "/?Action=RunInstances&Format=json&Version=2014-05-26\
    &SecurityToken=sts%2Ftok%2Ben%3D%3D&SignatureNonce=n-0001&Timestamp=2026-01-02T03%3A04%3A05Z\
    &RegionId=cn-hangzhou&InstanceType=ecs.g7.large&Tag.1.Key=karpenter.sh%2Fnodepool\
    &Tag.1.Value=%E9%BB%98%E8%AE%A4+pool%2A~&Tag.2.Key=kubernetes.io%2Fcluster%2Fc1&Tag.2.Value=owned\
    &Tag.10.Key=a&Tag.10.Value=&UserData=IyEvYmluL3NoCg%3D%3D&ClientToken=tok-1\
    &SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&AccessKeyId=testid";

// behaviour 06#1
#[test]
fn rpc_v1_signatures_match_the_published_vectors() {
    let r1 = "/?Action=DescribeRegions&Format=XML&Version=2014-05-26\
        &SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&Timestamp=2016-02-23T12%3A46%3A24Z\
        &AccessKeyId=testid&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0";
    let r3 = "/?Action=DescribeInstances&Format=JSON&Version=2014-05-26&SignatureNonce=n-0010\
        &Timestamp=2026-01-02T03%3A04%3A05Z&RegionId=cn-hangzhou&MaxResults=100&AccessKeyId=testid\
        &InstanceIds=%5B%22i-bp1aaa%22%2C%22i-bp1bbb%22%5D&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0";
    for (method, uri, expected) in [
        ("GET", r1, "OLeaidS1JvxuMvnyHOwuJ+uX5qY="),
        ("POST", R2, "ZnI7lwLzXEQ4Rp7LEyGD3pkm37Q="),
        ("GET", r3, "2tViPamrFMPm+uEA3rRF36M3RyM="),
    ] {
        let text = rpc_v1::string_to_sign(&inbound(method, uri, &[], ""));
        assert_eq!(rpc_v1::sign("testsecret", &text), expected, "{text}");
    }
}

// behaviour 06#2
#[test]
fn roa_v1_signatures_match_the_vectors() {
    let common = [
        ("host", "cs.cn-hangzhou.aliyuncs.com"),
        ("date", "Fri, 02 Jan 2026 03:04:05 GMT"),
        ("accept", "application/json"),
        ("x-acs-version", "2015-12-15"),
        ("x-acs-signature-method", "HMAC-SHA1"),
        ("x-acs-signature-version", "1.0"),
    ];
    let o1 = [
        ("content-type", "application/json; charset=utf-8"),
        ("x-acs-action", "DescribeClusterAttachScripts"),
        ("x-acs-signature-nonce", "n-0005"),
    ];
    let o2 = [
        ("x-acs-action", "DescribeKubernetesVersionMetadata"),
        ("x-acs-signature-nonce", "n-0006"),
        ("x-acs-accesskey-id", "testid"),
        ("x-acs-security-token", "sts/tok+en=="),
    ];
    let versions = "/api/v1/metadata/versions?Region=cn-hangzhou&ClusterType=ManagedKubernetes\
        &KubernetesVersion=&runtime=%E9%BB%98%E8%AE%A4";
    for (method, uri, own, expected) in [
        ("POST", "/clusters/c0123456789/attachscript", &o1[..], "5srbbU9V55zNjCbtEg6JcWrAav4="),
        ("GET", versions, &o2[..], "HaCMp+cWjV5S773nLYzxWYmAtJM="),
    ] {
        let request = inbound(method, uri, &[&common[..], own].concat(), "");
        let text = roa_v1::string_to_sign(&request, &request.path, "");
        assert_eq!(roa_v1::sign("testsecret", &text), expected, "{text}");
    }
}

struct Acs3<'a> {
    uri: &'a str,
    method: &'a str,
    action: (&'a str, &'a str),
    host: &'a str,
    date_nonce: (&'a str, &'a str),
    more: &'a [(&'a str, &'a str)],
    body: &'static str,
}

fn acs3_hash(vector: &Acs3<'_>) -> String {
    let hash = hex::encode(Sha256::digest(vector.body));
    let mut headers = vec![
        ("host", vector.host),
        ("x-acs-action", vector.action.0),
        ("x-acs-version", vector.action.1),
        ("x-acs-date", vector.date_nonce.0),
        ("x-acs-signature-nonce", vector.date_nonce.1),
        ("x-acs-content-sha256", &hash),
    ];
    headers.extend_from_slice(vector.more);
    let mut signed: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    signed.sort_unstable();
    let request = inbound(vector.method, vector.uri, &headers, vector.body);
    let canonical = acs3::canonical_request(&request, &request.path, &signed);
    hex::encode(Sha256::digest(canonical))
}

fn acs3_signature(hash: &str, secret: &str) -> String {
    acs3::sign(secret, &format!("ACS3-HMAC-SHA256\n{hash}"))
}

// behaviour 06#3
#[test]
fn acs3_signature_matches_the_published_vector() {
    let hash = acs3_hash(&Acs3 {
        uri: "/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
        method: "POST",
        action: ("RunInstances", "2014-05-26"),
        host: "ecs.cn-shanghai.aliyuncs.com",
        date_nonce: ("2023-10-26T10:22:32Z", "3156853299f313e23d1673dc12e1703d"),
        more: &[],
        body: "",
    });
    assert_eq!(hash, "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259");
    assert_eq!(
        acs3_signature(&hash, "YourAccessKeySecret"),
        "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    );
}

// behaviour 06#3
#[test]
fn acs3_signatures_match_our_vectors() {
    let ecs = "ecs-cn-hangzhou.aliyuncs.com";
    let v = |uri, method, action, host, nonce, more, body| Acs3 {
        uri,
        method,
        action,
        host,
        date_nonce: ("2026-01-02T03:04:05Z", nonce),
        more,
        body,
    };
    let ecs_version = "2014-05-26";
    let v1 = "/?RegionId=cn-hangzhou&InstanceType=ecs.g7.large&Tag.1.Key=karpenter.sh%2Fnodepool\
        &Tag.1.Value=%E9%BB%98%E8%AE%A4+pool%2A~&Tag.2.Key=kubernetes.io%2Fcluster%2Fc1&Tag.2.Value=owned\
        &Tag.10.Key=a&Tag.10.Value=&ClientToken=tok-1";
    let sts = [("x-acs-accesskey-id", "testid"), ("x-acs-security-token", "sts/tok+en==")];
    let json = [("content-type", "application/json; charset=utf-8")];
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let v5 =
        "/?InstanceIds=%5B%22i-bp1aaa%22%2C%22i-bp1bbb%22%5D&MaxResults=100&RegionId=cn-hangzhou";
    let cases = [
        (
            v(v1, "POST", ("RunInstances", ecs_version), ecs, "n-0001", &sts[..], ""),
            "9d7e0aa1b828fbff93dfe01d54e1f15f05f78014859bede343df51e50de8c310",
        ),
        (
            v(
                "/clusters/c0123456789",
                "GET",
                ("DescribeClusterDetail", "2015-12-15"),
                "cs.cn-hangzhou.aliyuncs.com",
                "n-0002",
                &[],
                "",
            ),
            "43a435a7c71209167646ecc3e9f8f58e6b8f86c7f66d7810ab11b6abc9765eee",
        ),
        (
            v(
                "/clusters/c0123456789/x?Region=cn-hangzhou&flag=",
                "POST",
                ("CreateX", "2015-12-15"),
                "cs.cn-hangzhou.aliyuncs.com",
                "n-0003",
                &json[..],
                "{\"auto_create\":false,\"tags\":[{\"key\":\"k\",\"value\":\"值\"}]}",
            ),
            "35da6050b46a260c4816cd7ff3d660a01b1a58665a04c9f5a575b45c5d1bf947",
        ),
        (
            v(
                "/?RegionId=cn-hangzhou",
                "POST",
                ("AssumeRole", "2015-04-01"),
                "sts.cn-hangzhou.aliyuncs.com",
                "n-0004",
                &form[..],
                "DurationSeconds=3600&RoleSessionName=s%20n",
            ),
            "5305e598185f89d8066c189118b97300c7860f7dfee57fbe8a11e71f11248072",
        ),
        (
            v(v5, "POST", ("DescribeInstances", ecs_version), ecs, "n-0011", &[], ""),
            "28c424a1be69c27fe71da37fe65bbbfdd6e6e4a072287053b87421d717665f73",
        ),
        (
            v(
                "/?RegionId=cn-hangzhou",
                "POST",
                ("DescribeInstances", ecs_version),
                "127.0.0.1:4566",
                "n-0012",
                &[],
                "",
            ),
            "1bc2da6a35817c4148d9bc4eca3e9be475d3d50687a76c5be1fc9663f25f0a8a",
        ),
    ];
    for (vector, expected) in &cases {
        assert_eq!(acs3_signature(&acs3_hash(vector), "testsecret"), *expected, "{}", vector.uri);
    }
}
