//! The published and recorded vectors, byte for byte.

use std::collections::BTreeMap;

use super::{acs3, roa_v1, rpc_v1};
use crate::{clock::http_date, lenient::parse_time, params::Params};

const DATE: &str = "2026-01-02T03:04:05Z";

fn pairs(list: &[(&str, &str)]) -> BTreeMap<String, String> {
    list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn tagged() -> Params {
    pairs(&[
        ("RegionId", "cn-hangzhou"),
        ("InstanceType", "ecs.g7.large"),
        ("Tag.1.Key", "karpenter.sh/nodepool"),
        ("Tag.1.Value", "默认 pool*~"),
        ("Tag.2.Key", "kubernetes.io/cluster/c1"),
        ("Tag.2.Value", "owned"),
        ("Tag.10.Key", "a"),
        ("Tag.10.Value", ""),
        ("ClientToken", "tok-1"),
    ])
}

fn public(action: &str, version: &str, format: &str, nonce: &str, timestamp: &str) -> Params {
    pairs(&[
        ("AccessKeyId", "testid"),
        ("Action", action),
        ("Version", version),
        ("Format", format),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("SignatureNonce", nonce),
        ("Timestamp", timestamp),
    ])
}

fn check_rpc(method: &str, params: &Params, canonical: Option<&str>, signature: &str) {
    if let Some(canonical) = canonical {
        assert_eq!(rpc_v1::canonical(params), canonical);
    }
    assert_eq!(rpc_v1::signature(method, params, &"testsecret".into()), signature);
}

// behaviour 06#1
#[test]
fn rpc_v1_reproduces_the_published_vector() {
    let nonce = "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf";
    let params = public("DescribeRegions", "2014-05-26", "XML", nonce, "2016-02-23T12:46:24Z");
    let canonical = "AccessKeyId=testid&Action=DescribeRegions&Format=XML&SignatureMethod=HMAC-SHA1&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&SignatureVersion=1.0&Timestamp=2016-02-23T12%3A46%3A24Z&Version=2014-05-26";
    check_rpc("GET", &params, Some(canonical), "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
}

// behaviour 06#1, 06#4, 06#9
#[test]
fn rpc_v1_signs_tags_and_security_token() {
    let mut params = public("RunInstances", "2014-05-26", "json", "n-0001", DATE);
    params.extend(tagged());
    params.extend(pairs(&[("SecurityToken", "sts/tok+en=="), ("UserData", "IyEvYmluL3NoCg==")]));
    let canonical = "AccessKeyId=testid&Action=RunInstances&ClientToken=tok-1&Format=json&InstanceType=ecs.g7.large&RegionId=cn-hangzhou&SecurityToken=sts%2Ftok%2Ben%3D%3D&SignatureMethod=HMAC-SHA1&SignatureNonce=n-0001&SignatureVersion=1.0&Tag.1.Key=karpenter.sh%2Fnodepool&Tag.1.Value=%E9%BB%98%E8%AE%A4%20pool%2A~&Tag.10.Key=a&Tag.10.Value=&Tag.2.Key=kubernetes.io%2Fcluster%2Fc1&Tag.2.Value=owned&Timestamp=2026-01-02T03%3A04%3A05Z&UserData=IyEvYmluL3NoCg%3D%3D&Version=2014-05-26";
    check_rpc("POST", &params, Some(canonical), "ZnI7lwLzXEQ4Rp7LEyGD3pkm37Q=");
}

// behaviour 06#1
#[test]
fn rpc_v1_signs_json_text_parameters() {
    let mut params = public("DescribeInstances", "2014-05-26", "JSON", "n-0010", DATE);
    params.extend(pairs(&[
        ("RegionId", "cn-hangzhou"),
        ("InstanceIds", r#"["i-bp1aaa","i-bp1bbb"]"#),
        ("MaxResults", "100"),
    ]));
    let canonical = "AccessKeyId=testid&Action=DescribeInstances&Format=JSON&InstanceIds=%5B%22i-bp1aaa%22%2C%22i-bp1bbb%22%5D&MaxResults=100&RegionId=cn-hangzhou&SignatureMethod=HMAC-SHA1&SignatureNonce=n-0010&SignatureVersion=1.0&Timestamp=2026-01-02T03%3A04%3A05Z&Version=2014-05-26";
    check_rpc("GET", &params, Some(canonical), "2tViPamrFMPm+uEA3rRF36M3RyM=");
}

// behaviour 06#53, 06#56
#[test]
fn rpc_v1_agrees_with_the_recorded_clients() {
    let mut w2 = public("DeleteInstances", "2014-05-26", "json", "n-0021", DATE);
    w2.extend(pairs(&[
        ("ClientToken", "t 1"),
        ("Force", "True"),
        ("InstanceId.1", "i-1"),
        ("InstanceId.2", "i-2"),
        ("RegionId", "cn-hangzhou"),
    ]));
    check_rpc("POST", &w2, None, "Y/ON15oikw30hPtu65J5YOyhkBg=");

    let mut w4 = public("RunInstances", "2014-05-26", "JSON", "n-0023", DATE);
    w4.extend(pairs(&[
        ("InstanceType", "ecs.g7.large"),
        ("Tag.1.Key", "k"),
        ("Tag.1.Value", "a b*~+"),
        ("DryRun", "True"),
        ("RegionId", "cn-hangzhou"),
        ("SignatureType", ""),
    ]));
    check_rpc("POST", &w4, None, "uDQgOsyPdqG37qbCHWCNdlk+IdI=");

    let mut w5 = public("RunInstances", "2014-05-26", "JSON", "n-0024", DATE);
    w5.extend(pairs(&[
        ("RegionId", "cn-hangzhou"),
        ("Tag.1.Key", "a"),
        ("Tag.1.Value", "b c*~"),
        ("UserData", "IyE+/w=="),
    ]));
    check_rpc("POST", &w5, None, "3kV3Rk4+Hl92GzTuqPNAVpTdhCM=");
}

fn roa_headers(action: &str, nonce: &str, more: &[(&str, &str)]) -> BTreeMap<String, String> {
    let date = http_date(parse_time(DATE).unwrap());
    let mut headers = pairs(&[
        ("accept", "application/json"),
        ("date", &date),
        ("host", "cs.cn-hangzhou.aliyuncs.com"),
        ("x-acs-action", action),
        ("x-acs-signature-method", "HMAC-SHA1"),
        ("x-acs-signature-nonce", nonce),
        ("x-acs-signature-version", "1.0"),
        ("x-acs-version", "2015-12-15"),
    ]);
    headers.extend(pairs(more));
    headers
}

const ATTACH_SCRIPT: &str = "/clusters/c0123456789/attachscript";
const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

// behaviour 06#2
#[test]
fn roa_v1_signs_a_post() {
    let headers = roa_headers("DescribeClusterAttachScripts", "n-0005", &[JSON]);
    let query = Params::new();
    let request = roa_v1::RoaRequest {
        method: "POST",
        path: ATTACH_SCRIPT,
        query: &query,
        headers: &headers,
    };
    let to_sign = "POST\napplication/json\n\napplication/json; charset=utf-8\nFri, 02 Jan 2026 03:04:05 GMT\nx-acs-action:DescribeClusterAttachScripts\nx-acs-signature-method:HMAC-SHA1\nx-acs-signature-nonce:n-0005\nx-acs-signature-version:1.0\nx-acs-version:2015-12-15\n/clusters/c0123456789/attachscript";
    assert_eq!(roa_v1::string_to_sign(&request), to_sign);
    let authorization = roa_v1::authorization(&request, "testid", &"testsecret".into());
    assert_eq!(authorization, "acs testid:5srbbU9V55zNjCbtEg6JcWrAav4=");
}

// behaviour 06#2, 06#9
#[test]
fn roa_v1_signs_decoded_query_and_security_token() {
    let sts = [("x-acs-accesskey-id", "testid"), ("x-acs-security-token", "sts/tok+en==")];
    let headers = roa_headers("DescribeKubernetesVersionMetadata", "n-0006", &sts);
    let query = pairs(&[
        ("Region", "cn-hangzhou"),
        ("ClusterType", "ManagedKubernetes"),
        ("KubernetesVersion", ""),
        ("runtime", "默认"),
    ]);
    let path = "/api/v1/metadata/versions";
    let request = roa_v1::RoaRequest { method: "GET", path, query: &query, headers: &headers };
    let resource = "/api/v1/metadata/versions?ClusterType=ManagedKubernetes&KubernetesVersion&Region=cn-hangzhou&runtime=默认";
    assert!(roa_v1::string_to_sign(&request).ends_with(resource));
    let authorization = roa_v1::authorization(&request, "testid", &"testsecret".into());
    assert_eq!(authorization, "acs testid:HaCMp+cWjV5S773nLYzxWYmAtJM=");
}

// behaviour 06#53
#[test]
fn roa_v1_agrees_with_the_recorded_client() {
    let more = [JSON, ("x-acs-credentials-provider", "static_ak")];
    let headers = roa_headers("DescribeClusterAttachScripts", "n-0022", &more);
    let query = Params::new();
    let request = roa_v1::RoaRequest {
        method: "POST",
        path: ATTACH_SCRIPT,
        query: &query,
        headers: &headers,
    };
    let authorization = roa_v1::authorization(&request, "testid", &"testsecret".into());
    assert_eq!(authorization, "acs testid:fGYQ/VGn9/KPc3MTlHC2yuDt81A=");
}

/// One V3 vector: method, path, query, headers beyond the usual, body, expectations.
struct V3 {
    target: (&'static str, &'static str),
    query: Params,
    host: &'static str,
    action: (&'static str, &'static str),
    date: &'static str,
    nonce: &'static str,
    more: &'static [(&'static str, &'static str)],
    body: &'static str,
    canonical_sha256: &'static str,
    signature: &'static str,
}

const ECS: &str = "2014-05-26";
const CS: &str = "2015-12-15";
const HANGZHOU: &str = "ecs-cn-hangzhou.aliyuncs.com";

impl V3 {
    fn check(&self, secret: &str) -> acs3::V3Signature {
        let mut headers = pairs(&[
            ("host", self.host),
            ("x-acs-action", self.action.0),
            ("x-acs-version", self.action.1),
            ("x-acs-date", self.date),
            ("x-acs-signature-nonce", self.nonce),
            ("x-acs-content-sha256", &acs3::content_sha256(self.body.as_bytes())),
        ]);
        headers.extend(pairs(self.more));
        let (method, path) = self.target;
        let request = acs3::V3Request { method, path, query: &self.query, headers: &headers };
        let signed = acs3::sign(&request, &secret.into());
        assert_eq!(signed.canonical_sha256, self.canonical_sha256, "{}", self.nonce);
        assert_eq!(signed.signature, self.signature, "{}", self.nonce);
        signed
    }
}

// behaviour 06#3
#[test]
fn acs3_reproduces_the_published_vector() {
    let vector = V3 {
        target: ("POST", "/"),
        query: pairs(&[
            ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
            ("RegionId", "cn-shanghai"),
        ]),
        host: "ecs.cn-shanghai.aliyuncs.com",
        action: ("RunInstances", ECS),
        date: "2023-10-26T10:22:32Z",
        nonce: "3156853299f313e23d1673dc12e1703d",
        more: &[],
        body: "",
        canonical_sha256: "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259",
        signature: "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
    };
    let signed = vector.check("YourAccessKeySecret");
    assert_eq!(
        signed.authorization("YourAccessKeyId"),
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    );
}

// behaviour 06#3, 06#8, 06#9
#[test]
fn acs3_reproduces_the_own_vectors() {
    let instances = r#"["i-bp1aaa","i-bp1bbb"]"#;
    let vectors = [
        V3 {
            target: ("POST", "/"),
            query: tagged(),
            host: HANGZHOU,
            action: ("RunInstances", ECS),
            date: DATE,
            nonce: "n-0001",
            more: &[("x-acs-accesskey-id", "testid"), ("x-acs-security-token", "sts/tok+en==")],
            body: "",
            canonical_sha256: "bec3555563aedd343b4af380f3f6e22f744b77bc2fc3ea0d37eaf0a9cccb9201",
            signature: "9d7e0aa1b828fbff93dfe01d54e1f15f05f78014859bede343df51e50de8c310",
        },
        V3 {
            target: ("GET", "/clusters/c0123456789"),
            query: Params::new(),
            host: "cs.cn-hangzhou.aliyuncs.com",
            action: ("DescribeClusterDetail", CS),
            date: DATE,
            nonce: "n-0002",
            more: &[],
            body: "",
            canonical_sha256: "7cfa41b18b16670ace704b15c7f79fc438ca89ffe6a150f6aa7f2bd598126619",
            signature: "43a435a7c71209167646ecc3e9f8f58e6b8f86c7f66d7810ab11b6abc9765eee",
        },
        V3 {
            target: ("POST", "/clusters/c0123456789/x"),
            query: pairs(&[("Region", "cn-hangzhou"), ("flag", "")]),
            host: "cs.cn-hangzhou.aliyuncs.com",
            action: ("CreateX", CS),
            date: DATE,
            nonce: "n-0003",
            more: &[JSON],
            body: r#"{"auto_create":false,"tags":[{"key":"k","value":"值"}]}"#,
            canonical_sha256: "e96284b629281b1ccbc8f9033f0b9df6918b3df83ccd0515d5fe269d6e9bc7b6",
            signature: "35da6050b46a260c4816cd7ff3d660a01b1a58665a04c9f5a575b45c5d1bf947",
        },
        V3 {
            target: ("POST", "/"),
            query: pairs(&[("RegionId", "cn-hangzhou")]),
            host: "sts.cn-hangzhou.aliyuncs.com",
            action: ("AssumeRole", "2015-04-01"),
            date: DATE,
            nonce: "n-0004",
            more: &[("content-type", "application/x-www-form-urlencoded")],
            body: "DurationSeconds=3600&RoleSessionName=s%20n",
            canonical_sha256: "92ea2d1431c6e458c480f80c78d73fb06a1a4ac2c95977b61815cd5628a6ac00",
            signature: "5305e598185f89d8066c189118b97300c7860f7dfee57fbe8a11e71f11248072",
        },
        V3 {
            target: ("POST", "/"),
            query: pairs(&[
                ("InstanceIds", instances),
                ("MaxResults", "100"),
                ("RegionId", "cn-hangzhou"),
            ]),
            host: HANGZHOU,
            action: ("DescribeInstances", ECS),
            date: DATE,
            nonce: "n-0011",
            more: &[],
            body: "",
            canonical_sha256: "11acb2b62d7a532bd6c04baf1681ac48901e7421b077c5a8047e4309491e5038",
            signature: "28c424a1be69c27fe71da37fe65bbbfdd6e6e4a072287053b87421d717665f73",
        },
        V3 {
            target: ("POST", "/"),
            query: pairs(&[("RegionId", "cn-hangzhou")]),
            host: "127.0.0.1:4566",
            action: ("DescribeInstances", ECS),
            date: DATE,
            nonce: "n-0012",
            more: &[],
            body: "",
            canonical_sha256: "579670849912a4d72488e52e3b158e3c1853ca7ff5046fbbf2bb759e04604fa6",
            signature: "1bc2da6a35817c4148d9bc4eca3e9be475d3d50687a76c5be1fc9663f25f0a8a",
        },
        // The recorded client W1, which also signs accept, user agent and a provider header.
        V3 {
            target: ("POST", "/"),
            query: pairs(&[
                ("InstanceIds", r#"["i-1"]"#),
                ("MaxResults", "100"),
                ("RegionId", "cn-hangzhou"),
                ("Tag.1.Key", "karpenter.sh/nodepool"),
                ("Tag.1.Value", "a b*~+"),
                ("Tag.2.Key", "x"),
            ]),
            host: "127.0.0.1:4566",
            action: ("DescribeInstances", ECS),
            date: DATE,
            nonce: "n-0020",
            more: &[
                ("accept", "application/json"),
                ("user-agent", "sdk-test/1.0"),
                ("x-acs-credentials-provider", "static_ak"),
            ],
            body: "",
            canonical_sha256: "6da669d8258a8fec6d2ff8cdf0ac86b654b5b10ba961655bf03d09659d6d7697",
            signature: "04d8bdf72ba5fe4d3229d898e75df8948d8b8bb6749b5272c6b55be55da9e4ea",
        },
    ];
    for vector in vectors {
        vector.check("testsecret");
    }
}
