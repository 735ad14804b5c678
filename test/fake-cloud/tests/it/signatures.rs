//! Requests as official clients send them, and what spoils them.
//!
//! Source: Alibaba "Signature method" pages; wire forms recorded from the official clients.

use crate::lab::{Lab, canonical, launch_params, percent, raw};

const HOST: (&str, &str) = ("host", "127.0.0.1:4566");

fn w1_headers() -> Vec<(&'static str, &'static str)> {
    vec![
        HOST,
        ("accept", "application/json"),
        ("user-agent", "sdk-test/1.0"),
        ("x-acs-action", "DescribeInstances"),
        ("x-acs-version", "2014-05-26"),
        ("x-acs-date", "2026-01-02T03:04:05Z"),
        ("x-acs-signature-nonce", "n-0020"),
        ("x-acs-credentials-provider", "static_ak"),
        (
            "x-acs-content-sha256",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            "authorization",
            "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=accept;host;user-agent;x-acs-action;\
             x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;\
             x-acs-version,Signature=04d8bdf72ba5fe4d3229d898e75df8948d8b8bb6749b5272c6b55be55da9e4ea",
        ),
    ]
}

const W1: &str = "/?InstanceIds=%5B%22i-1%22%5D&MaxResults=100&RegionId=cn-hangzhou\
    &Tag.1.Key=karpenter.sh%2Fnodepool&Tag.1.Value=a+b%2A~%2B&Tag.2.Key=x";

const W2: &str = "/?Action=DeleteInstances&Format=json&Version=2014-05-26\
    &Timestamp=2026-01-02T03%3A04%3A05Z&SignatureNonce=n-0021&ClientToken=t+1&Force=True\
    &InstanceId.1=i-1&InstanceId.2=i-2&RegionId=cn-hangzhou&SignatureMethod=HMAC-SHA1\
    &SignatureVersion=1.0&AccessKeyId=testid&Signature=Y%2FON15oikw30hPtu65J5YOyhkBg%3D";

const W4: &str = "/?Action=RunInstances&Format=JSON&Version=2014-05-26\
    &Timestamp=2026-01-02T03%3A04%3A05Z&SignatureNonce=n-0023&InstanceType=ecs.g7.large\
    &Tag.1.Key=k&Tag.1.Value=a%20b%2A~%2B&DryRun=True&RegionId=cn-hangzhou&SignatureType=\
    &SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&AccessKeyId=testid\
    &Signature=uDQgOsyPdqG37qbCHWCNdlk%2BIdI%3D";

const W5: &str = "Action=RunInstances&Format=JSON&Version=2014-05-26\
    &Timestamp=2026-01-02T03%3A04%3A05Z&SignatureNonce=n-0024&RegionId=cn-hangzhou&Tag.1.Key=a\
    &Tag.1.Value=b%20c%2A~&UserData=IyE%2B%2Fw%3D%3D&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0\
    &AccessKeyId=testid&Signature=3kV3Rk4%2BHl92GzTuqPNAVpTdhCM%3D";

// behaviour 06#10, 06#53
#[tokio::test]
async fn v3_request_of_the_official_client_verifies_however_its_spaces_are_written() {
    for (uri, code) in [
        (W1.to_owned(), "OK"),
        (W1.replace("a+b", "a%20b"), "OK"),
        (W1.replace("a+b", "a%2Bb"), "SignatureDoesNotMatch"),
    ] {
        let answer = Lab::new().send(raw("POST", &uri, &w1_headers(), "")).await.unwrap();
        assert_eq!(answer.code(), code, "{uri}: {}", answer.text);
    }
}

// behaviour 06#53, 06#54
#[tokio::test]
async fn rpc_v1_request_with_v3_headers_is_verified_as_rpc_v1() {
    let headers = [
        HOST,
        ("x-acs-action", "DeleteInstances"),
        ("x-acs-version", "2014-05-26"),
        ("x-acs-credentials-provider", "static_ak"),
    ];
    let lab = Lab::new();
    let answer = lab.send(raw("POST", W2, &headers, "")).await.unwrap();
    assert_eq!(answer.code(), "InvalidInstanceId.NotFound", "{}", answer.text);
    assert_eq!(lab.cloud.calls()[0].scheme, fake_cloud::Scheme::RpcV1);
}

// behaviour 06#53
#[tokio::test]
async fn roa_v1_request_of_the_official_client_verifies() {
    let headers = [
        ("host", "cs.cn-hangzhou.aliyuncs.com"),
        ("date", "Fri, 02 Jan 2026 03:04:05 GMT"),
        ("accept", "application/json"),
        ("content-type", "application/json; charset=utf-8"),
        ("x-acs-action", "DescribeClusterAttachScripts"),
        ("x-acs-credentials-provider", "static_ak"),
        ("x-acs-signature-nonce", "n-0022"),
        ("x-acs-signature-method", "HMAC-SHA1"),
        ("x-acs-signature-version", "1.0"),
        ("x-acs-version", "2015-12-15"),
        ("authorization", "acs testid:fGYQ/VGn9/KPc3MTlHC2yuDt81A="),
    ];
    let body = "{\"format_disk\":false,\"keep_instance_name\":true}";
    let uri = "/clusters/c0123456789/attachscript";
    let answer = Lab::new().send(raw("POST", uri, &headers, body)).await.unwrap();
    assert_eq!(answer.code(), "OK", "{}", answer.text);
    // behaviour 06#11: the body of this scheme is unsigned, the path is not.
    let other_body = body.replace("true", "false");
    let answer = Lab::new().send(raw("POST", uri, &headers, &other_body)).await.unwrap();
    assert_eq!(answer.code(), "OK", "{}", answer.text);
    let other_path = uri.replace("c0123456789", "c0123456788");
    let answer = Lab::new().send(raw("POST", &other_path, &headers, body)).await.unwrap();
    assert_eq!(answer.code(), "SignatureDoesNotMatch");
}

// behaviour 06#53, 06#56, 06#57
#[tokio::test]
async fn old_core_request_with_an_empty_signature_type_verifies_only_with_it() {
    let answer = Lab::new().send(raw("POST", W4, &[HOST], "")).await.unwrap();
    assert_eq!(answer.code(), "MissingParameter", "{}", answer.text);
    let without = W4.replace("&SignatureType=", "");
    let answer = Lab::new().send(raw("POST", &without, &[HOST], "")).await.unwrap();
    assert_eq!(answer.code(), "SignatureDoesNotMatch");
}

// behaviour 06#53, 06#64
#[tokio::test]
async fn rpc_v1_parameters_may_come_in_a_form_body() {
    let form = [
        HOST,
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-acs-action", "RunInstances"),
        ("x-acs-version", "2014-05-26"),
    ];
    let answer = Lab::new().send(raw("POST", "/", &form, W5)).await.unwrap();
    assert_eq!(answer.code(), "MissingParameter", "{}", answer.text);
    let spoilt = W5.replace("IyE%2B", "IyF%2B");
    let answer = Lab::new().send(raw("POST", "/", &form, &spoilt)).await.unwrap();
    assert_eq!(answer.code(), "SignatureDoesNotMatch");
}

// behaviour 06#55
#[tokio::test]
async fn roa_v1_get_without_nonce_and_action_is_routed_by_its_path() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use hmac::{Hmac, KeyInit, Mac};
    let date = "Fri, 02 Jan 2026 03:04:05 GMT";
    let text = format!(
        "GET\n*/*\n\n\n{date}\nx-acs-region-id:cn-hangzhou\nx-acs-signature-method:HMAC-SHA1\n\
         x-acs-signature-version:1.0\nx-acs-version:2015-12-15\n/clusters/c0123456789?RegionId=cn-hangzhou"
    );
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(b"testsecret").unwrap();
    mac.update(text.as_bytes());
    let signature = format!("acs testid:{}", STANDARD.encode(mac.finalize().into_bytes()));
    let headers = [
        HOST,
        ("date", date),
        ("accept", "*/*"),
        ("x-acs-version", "2015-12-15"),
        ("x-acs-signature-method", "HMAC-SHA1"),
        ("x-acs-signature-version", "1.0"),
        ("x-acs-region-id", "cn-hangzhou"),
        ("authorization", signature.as_str()),
    ];
    let uri = "/clusters/c0123456789?RegionId=cn-hangzhou";
    let answer = Lab::new().send(raw("GET", uri, &headers, "")).await.unwrap();
    assert_eq!(answer.code(), "OK", "{}", answer.text);
}

// behaviour 06#11
#[tokio::test]
async fn one_changed_byte_in_query_path_body_or_signed_header_is_noticed() {
    let query = canonical(&[("RegionId", "cn-hangzhou"), ("Tag.1.Key", "a")]);
    let uri = format!("/?{query}");
    for (changed, code) in [(uri.clone(), "OK"), (uri.replace("=a", "=b"), "SignatureDoesNotMatch")]
    {
        let lab = Lab::new();
        let mut request =
            lab.signer("DescribeInstances", "2014-05-26").build("POST", "/", &query, "");
        *request.uri_mut() = changed.parse().unwrap();
        assert_eq!(lab.send(request).await.unwrap().code(), code, "{changed}");
    }
    let lab = Lab::new();
    let mut request = lab.signer("-", "2015-12-15").build("GET", "/clusters/c0123456789", "", "");
    *request.uri_mut() = "/clusters/c0123456788".parse().unwrap();
    assert_eq!(lab.send(request).await.unwrap().code(), "SignatureDoesNotMatch");
    let mut request = lab.signed("DescribeRegions", "2014-05-26", &[]);
    *request.body_mut() = "x".into();
    assert_eq!(lab.send(request).await.unwrap().code(), "SignatureDoesNotMatch");
    let signer = lab.signer("DescribeRegions", "2014-05-26").header("user-agent", "a");
    let mut request = signer.build("POST", "/", "", "");
    request.headers_mut().insert("user-agent", "b".parse().unwrap());
    assert_eq!(lab.send(request).await.unwrap().code(), "SignatureDoesNotMatch");
}

// behaviour 06#12
#[tokio::test]
async fn used_nonces_and_skewed_clocks_are_refused() {
    let lab = Lab::new();
    let again = || {
        let signer = lab.signer("DescribeRegions", "2014-05-26");
        signer.header("x-acs-signature-nonce", "same").build("POST", "/", "", "")
    };
    assert_eq!(lab.send(again()).await.unwrap().code(), "OK");
    assert_eq!(lab.send(again()).await.unwrap().code(), "SignatureNonceUsed");
    lab.advance(16 * 60);
    assert_eq!(lab.send(again()).await.unwrap().code(), "OK");
    let late = lab.signed("DescribeRegions", "2014-05-26", &[]);
    lab.advance(16 * 60);
    let answer = lab.send(late).await.unwrap();
    assert_eq!((answer.status, answer.code()), (400, "InvalidTimeStamp.Expired"));
    assert_eq!(answer.headers["date"], "Fri, 02 Jan 2026 03:36:05 GMT");
}

#[tokio::test]
async fn unknown_keys_wrong_secrets_and_short_header_lists_are_refused() {
    let lab = Lab::new();
    let signer = || lab.signer("DescribeRegions", "2014-05-26");
    let mut unknown = signer();
    unknown.key.0 = "nobody".into();
    let answer = lab.send(unknown.build("POST", "/", "", "")).await.unwrap();
    assert_eq!((answer.status, answer.code()), (404, "InvalidAccessKeyId.NotFound"));
    let mut wrong = signer();
    wrong.key.1 = "other".into();
    let answer = lab.send(wrong.build("POST", "/", "", "")).await.unwrap();
    assert_eq!((answer.status, answer.code()), (400, "SignatureDoesNotMatch"));
    let mut short = signer();
    short.headers.retain(|(name, _)| name != "x-acs-signature-nonce");
    let answer = lab.send(short.build("POST", "/", "", "")).await.unwrap();
    assert_eq!(answer.code(), "IncompleteSignature");
}

// behaviour 06#59
#[tokio::test]
async fn unsigned_call_misses_its_signature() {
    let lab = Lab::new();
    let uri = "/?Action=DescribeRegions&Version=2014-05-26";
    let answer = lab.send(raw("GET", uri, &[HOST], "")).await.unwrap();
    assert_eq!(answer.code(), "MissingParameter");
    assert!(answer.at("/Message").as_str().unwrap().contains("\"Signature\""), "{}", answer.text);
}

#[tokio::test]
async fn unsigned_call_is_served_when_signatures_are_off() {
    let lab = Lab::with(|config| config.signatures = fake_cloud::SignatureCheck::Off);
    let query = canonical(&launch_params(&[("RegionId", "cn-hangzhou")]));
    let uri = format!("/ecs?Action={}&Version=2014-05-26&{query}", percent("RunInstances"));
    let answer = lab.send(raw("POST", &uri, &[], "")).await.unwrap();
    assert_eq!(answer.code(), "OK", "{}", answer.text);
}
