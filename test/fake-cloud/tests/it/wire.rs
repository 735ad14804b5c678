//! Routing and envelopes.
//!
//! Source: Alibaba "Request syntax and signature method" for RPC and ROA; Alibaba "Error codes" of ECS.

use crate::lab::{Lab, canonical, raw};

// behaviour 06#60
#[tokio::test]
async fn unknown_path_answers_json() {
    let lab = Lab::new();
    let unknown = "InvalidAction.NotFound";
    for (method, path, status, code) in [
        ("GET", "/none", 404, unknown),
        ("DELETE", "/clusters/c1", 404, unknown),
        ("PUT", "/%ff/%", 404, unknown),
        ("GET", "//", 400, "MissingParameter"),
    ] {
        let answer = lab.send(raw(method, path, &[], "")).await.unwrap();
        assert_eq!((answer.status, answer.code()), (status, code), "{path}");
        for key in ["Code", "Message", "RequestId"] {
            assert!(answer.json[key].is_string(), "{path}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn error_envelope_names_request_host_and_help() {
    let lab = Lab::new();
    let answer = lab.ecs("DescribeInstances", &[("InstanceIds", "no json")]).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.at("/HostId"), "127.0.0.1:4566");
    assert_eq!(
        answer.at("/Recommend"),
        "https://api.aliyun.com/troubleshoot?q=InvalidParameter&product=Ecs"
    );
    assert_eq!(answer.at("/RequestId"), answer.headers["x-acs-request-id"].to_str().unwrap());
}

#[tokio::test]
async fn host_or_prefix_tells_the_product_and_its_actions() {
    for (host, path, code) in [
        ("ecs.cn-hangzhou.aliyuncs.com", "/", "OK"),
        ("ecs-vpc.cn-hangzhou.aliyuncs.com", "/", "OK"),
        ("ecs-cn-hangzhou.aliyuncs.com", "/", "OK"),
        ("vpc.cn-hangzhou.aliyuncs.com", "/", "InvalidAction.NotFound"),
        ("localhost:80", "/", "OK"),
        ("localhost:80", "/ecs", "OK"),
        ("localhost:80", "/ecs/", "OK"),
        ("localhost:80", "/sts", "InvalidAction.NotFound"),
    ] {
        let lab = Lab::new();
        let signer = lab.signer("DescribeRegions", "2014-05-26").header("host", host);
        let answer = lab.send(signer.build("POST", path, "", "")).await.unwrap();
        assert_eq!(answer.code(), code, "{host}{path}");
    }
}

#[tokio::test]
async fn unknown_action_and_version_are_refused() {
    let lab = Lab::new();
    let answer = lab.rpc("Dance", "2014-05-26", &[]).await;
    assert_eq!((answer.status, answer.code()), (404, "InvalidAction.NotFound"));
    let answer = lab.rpc("DescribeRegions", "2016-04-28", &[]).await;
    assert_eq!((answer.status, answer.code()), (404, "InvalidVersion"));
}

#[tokio::test]
async fn malformed_requests_are_refused_without_a_panic() {
    let lab = Lab::new();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let bodies = ["%%%=&&=", "Action", "\u{0}", "Action=RunInstances&Signature=x"];
    for body in bodies {
        let answer = lab.send(raw("POST", "/", &[form], body)).await.unwrap();
        assert!(answer.status >= 400 && answer.json["RequestId"].is_string(), "{body}");
    }
    for authorization in ["ACS3-HMAC-SHA256", "ACS3-X Credential=", "acs :", "acs x", "Basic x"] {
        let headers = [
            ("authorization", authorization),
            ("x-acs-action", "DescribeRegions"),
            ("x-acs-version", "2014-05-26"),
        ];
        let answer = lab.send(raw("POST", "/", &headers, "")).await.unwrap();
        assert!(answer.status >= 400 && answer.json["RequestId"].is_string(), "{authorization}");
    }
    let huge = "x".repeat((1 << 20) + 1);
    let answer = lab.send(raw("POST", "/", &[], &huge)).await.unwrap();
    assert_eq!((answer.status, answer.code()), (413, "RequestBodyTooLarge"));
}

#[tokio::test]
async fn numbers_from_outside_cannot_overflow() {
    let lab = Lab::new();
    for (name, value) in [
        ("PageNumber", "4294967295"),
        ("PageSize", "4294967295"),
        ("PageNumber", "99999999999999"),
        ("MaxResults", "-1"),
    ] {
        let query = [("RegionId", "cn-hangzhou"), (name, value)];
        let request =
            lab.signer("DescribeInstances", "2014-05-26").build("GET", "/", &canonical(&query), "");
        let answer = lab.send(request).await.unwrap();
        assert!(["OK", "InvalidParameter"].contains(&answer.code()), "{name}={value}");
    }
}
