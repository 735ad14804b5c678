//! The client over a scripted transport, on virtual time.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use parking_lot::Mutex;
use proptest::prelude::*;

use super::Client;
use crate::{
    clock::monotonic,
    credentials::{Credentials, CredentialsError, CredentialsProvider, StaticCredentials},
    cs::{CsApi as _, DescribeClusterDetail},
    ecs::{DescribeInstances, DescribeZones, EcsApi as _, RunInstances, Tag},
    error::ErrorKind,
    sign::SignatureScheme,
    testing::{Reply, Script, client, config, error, error_with, ok},
    transport::{endpoint::Endpoints, throttle::RateLimits},
};

const RAN: &str = r#"{"RequestId":"r","InstanceIdSets":{"InstanceIdSet":["i-1"]}}"#;

fn describe() -> DescribeInstances {
    DescribeInstances::default()
}

fn run_with_token() -> RunInstances {
    RunInstances { client_token: Some("tok".to_owned()), ..RunInstances::default() }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_one_signed_request_with_the_region() {
    let script = Script::new([ok(RAN)]);
    let response = client(&script).run_instances(&run_with_token()).await.unwrap();
    assert_eq!(response.instance_id_sets, ["i-1"]);
    let sent = script.sent();
    assert_eq!(sent[0].params()["RegionId"], "cn-hangzhou");
    assert_eq!(sent[0].request.uri().path(), "/");
    assert_eq!(sent[0].header("host"), "ecs.cn-hangzhou.aliyuncs.com");
    assert_eq!(sent[0].header("x-acs-date"), "2026-01-02T03:04:30Z");
    assert!(sent[0].header("authorization").starts_with("ACS3-HMAC-SHA256 Credential=testid,"));
}

// behaviour 06#7
#[tokio::test(start_paused = true)]
async fn a_retry_has_a_new_nonce_and_date_and_the_same_client_token() {
    let script = Script::new([error(403, "IdempotentProcessing"), ok(RAN)]);
    client(&script).run_instances(&run_with_token()).await.unwrap();
    let sent = script.sent();
    let headers = |name| (sent[0].header(name).to_owned(), sent[1].header(name).to_owned());
    let (first, second) = headers("x-acs-signature-nonce");
    assert_ne!(first, second);
    let (first, second) = headers("x-acs-date");
    assert_ne!(first, second);
    assert_eq!(sent[0].params()["ClientToken"], sent[1].params()["ClientToken"]);
}

// behaviour 06#8
#[tokio::test(start_paused = true)]
async fn an_override_goes_into_the_uri_and_the_signed_host() {
    let script = Script::new([ok("{}")]);
    let overrides = [(crate::action::Product::Ecs, "http://127.0.0.1:4566".parse().unwrap())];
    let endpoints = Endpoints { overrides: overrides.into(), ..Default::default() };
    let client = Client::new(super::ClientConfig { endpoints, ..config(&script) });
    client.describe_zones(&DescribeZones::default()).await.unwrap();
    let sent = script.sent();
    assert_eq!(sent[0].header("host"), "127.0.0.1:4566");
    assert_eq!(sent[0].request.uri().to_string().split('?').next(), Some("http://127.0.0.1:4566/"));
    assert!(sent[0].header("authorization").contains("SignedHeaders=host;"));
}

fn sts() -> Arc<StaticCredentials> {
    let keys = Credentials::access_key("STS.id", "secret".into());
    Arc::new(StaticCredentials(keys.with_security_token("tok/en".into())))
}

// behaviour 06#9
#[tokio::test(start_paused = true)]
async fn a_security_token_is_sent_and_signed_in_every_scheme() {
    for signature in [SignatureScheme::Acs3, SignatureScheme::V1] {
        let script = Script::new([ok("{}"), ok("{}")]);
        let config = super::ClientConfig { credentials: sts(), signature, ..config(&script) };
        let client = Client::new(config);
        client.describe_zones(&DescribeZones::default()).await.unwrap();
        client.describe_cluster_detail(&DescribeClusterDetail::default()).await.unwrap();
        let sent = script.sent();
        assert_eq!(sent[1].header("x-acs-security-token"), "tok/en");
        match signature {
            SignatureScheme::Acs3 => {
                assert_eq!(sent[0].header("x-acs-security-token"), "tok/en");
                assert!(sent[0].header("authorization").contains(";x-acs-security-token;"));
            }
            SignatureScheme::V1 => {
                assert_eq!(sent[0].params()["SecurityToken"], "tok/en");
                assert!(sent[1].header("authorization").starts_with("acs STS.id:"));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn debug_of_a_request_and_an_error_shows_no_secret() {
    let script = Script::new([error(403, "Forbidden.RAM")]);
    let client = Client::new(super::ClientConfig { credentials: sts(), ..config(&script) });
    let failure = client.describe_zones(&DescribeZones::default()).await.unwrap_err();
    let shown = format!("{failure:?} {:?} {:?}", script.sent()[0].request.headers(), sts());
    assert!(!shown.contains("tok/en") && !shown.contains("secret\""), "{shown}");
    assert_eq!(
        failure.to_string(),
        "DescribeZones failed: Forbidden.RAM: text of Forbidden.RAM (status 403, request req-2)"
    );
}

// behaviour 06#12
#[tokio::test(start_paused = true)]
async fn a_skewed_clock_is_corrected_once_from_the_answer() {
    let date = ("date", "Fri, 02 Jan 2026 03:20:30 GMT");
    let script =
        Script::new([error_with(400, "InvalidTimeStamp.Expired", &[date]), ok("{}"), ok("{}")]);
    let client = client(&script);
    client.describe_instances(&describe()).await.unwrap();
    client.describe_instances(&describe()).await.unwrap();
    let dates: Vec<_> =
        script.sent().iter().map(|sent| sent.header("x-acs-date").to_owned()).collect();
    assert_eq!(dates, ["2026-01-02T03:04:30Z", "2026-01-02T03:20:30Z", "2026-01-02T03:20:30Z"]);
}

// behaviour 06#12
#[tokio::test(start_paused = true)]
async fn a_used_nonce_is_replaced_and_a_second_skew_is_reported() {
    let date = ("date", "Fri, 02 Jan 2026 03:20:30 GMT");
    let skewed = || error_with(400, "InvalidTimeStamp.Expired", &[date]);
    let script = Script::new([error(400, "SignatureNonceUsed"), skewed(), skewed()]);
    let failure = client(&script).describe_instances(&describe()).await.unwrap_err();
    assert_eq!((failure.kind, failure.attempts), (ErrorKind::ClockSkew, 3));
}

// behaviour 06#32
#[tokio::test(start_paused = true)]
async fn two_unavailable_answers_cost_two_backoffs() {
    let down = || error(503, "ServiceUnavailable");
    let script = Script::new([down(), down(), ok("{}")]);
    client(&script).describe_instances(&describe()).await.unwrap();
    let times = script.times();
    assert!(times[1] - times[0] <= Duration::from_millis(300), "{times:?}");
    assert!(times[2] - times[1] <= Duration::from_millis(600), "{times:?}");
    assert!(times[2] > times[0], "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn attempts_are_bounded_and_the_last_error_is_reported() {
    let script = Script::new((0..9).map(|_| error(500, "InternalError")));
    let failure = client(&script).describe_instances(&describe()).await.unwrap_err();
    assert_eq!((failure.kind, failure.attempts), (ErrorKind::Transient, 4));
    assert_eq!(failure.request_id.as_deref(), Some("req-2"));
    assert_eq!(script.sent().len(), 4);
}

// behaviour 06#22
#[tokio::test(start_paused = true)]
async fn a_gateway_page_is_unparsable_and_retried() {
    let html = || Reply::Answer(502, vec![], "<html>bad gateway</html>".to_owned());
    let script = Script::new([html(), ok("{}")]);
    client(&script).describe_instances(&describe()).await.unwrap();
    let script = Script::new((0..9).map(|_| html()));
    let failure = client(&script).describe_instances(&describe()).await.unwrap_err();
    assert_eq!(failure.code, "UnparsableResponse");
    assert_eq!((failure.kind, failure.status), (ErrorKind::Unparsable, Some(502)));
    assert_eq!(failure.message, "<html>bad gateway</html>");
}

// behaviour 06#33
#[tokio::test(start_paused = true)]
async fn a_create_is_repeated_after_a_reset_only_with_a_token() {
    let script = Script::new([Reply::Reset, ok(RAN)]);
    let failure = client(&script).run_instances(&RunInstances::default()).await.unwrap_err();
    assert_eq!((failure.kind, script.sent().len()), (ErrorKind::Interrupted, 1));

    let script = Script::new([Reply::Reset, ok(RAN)]);
    client(&script).run_instances(&run_with_token()).await.unwrap();
    let sent = script.sent();
    assert_eq!(sent[0].params(), sent[1].params());
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_is_always_worth_another_attempt() {
    let script = Script::new([Reply::Refused, ok(RAN)]);
    client(&script).run_instances(&RunInstances::default()).await.unwrap();
}

// behaviour 06#34
#[tokio::test(start_paused = true)]
async fn a_throttled_action_waits_for_the_next_minute_and_others_do_not() {
    let script = Script::new([error(400, "Throttling"), ok("{}"), ok("{}")]);
    let client = client(&script);
    let throttled = tokio::spawn({
        let client = client.clone();
        async move { client.describe_instances(&describe()).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    client.describe_zones(&DescribeZones::default()).await.unwrap();
    throttled.await.unwrap().unwrap();
    let sent = script.sent();
    assert_eq!(sent[1].at, Duration::from_secs(1));
    assert_eq!(sent[2].header("x-acs-date"), "2026-01-02T03:05:00Z");
}

// behaviour 06#35
#[tokio::test(start_paused = true)]
async fn a_hint_of_the_service_sets_the_wait() {
    for (name, value) in [
        ("x-acs-retry-after", "7000"),
        ("x-ratelimit-user", "Limit:10,Remain:0,TimeLeft:7000,Reset:1"),
        ("x-ratelimit-user-api", "TimeLeft:7000"),
    ] {
        let script = Script::new([error_with(429, "TooManyRequests", &[(name, value)]), ok("{}")]);
        client(&script).describe_instances(&describe()).await.unwrap();
        let waited = script.times()[1];
        assert!(waited >= Duration::from_secs(7) && waited < Duration::from_secs(8), "{name}");
    }
    let none = ("x-acs-retry-after", "0");
    let script = Script::new([error_with(400, "Throttling.User", &[none]), ok("{}")]);
    client(&script).describe_instances(&describe()).await.unwrap();
    assert_eq!(script.times()[1], Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn throttled_twice_waits_for_the_next_minute_despite_a_short_hint() {
    let short = || error_with(400, "Throttling", &[("x-acs-retry-after", "2000")]);
    let script = Script::new([short(), short(), ok("{}")]);
    client(&script).describe_instances(&describe()).await.unwrap();
    assert_eq!(script.times(), [0, 2, 30].map(Duration::from_secs));
}

#[tokio::test(start_paused = true)]
async fn throttling_does_not_use_up_attempts_but_ends_at_the_deadline() {
    let script = Script::new((0..9).map(|_| error(400, "Throttling")));
    let client = client(&script);
    let deadline = monotonic() + Duration::from_secs(45);
    let failure = client.send_before(&describe(), deadline).await.unwrap_err();
    assert_eq!((failure.kind, failure.attempts), (ErrorKind::Throttled, 2));
    assert_eq!(script.times(), [0, 30].map(Duration::from_secs));
    assert_eq!(monotonic(), deadline - Duration::from_secs(15), "it does not wait in vain");
}

// behaviour 06#37
#[tokio::test(start_paused = true)]
async fn a_running_first_call_is_asked_again_with_the_same_token() {
    let codes = [
        "IdempotentProcessing",
        "IdempotenceProcessing",
        "Idempotence.Processing",
        "LastTokenProcessing",
    ];
    let script = Script::new(codes.map(|code| error(403, code)).into_iter().chain([ok(RAN)]));
    client(&script).run_instances(&run_with_token()).await.unwrap();
    assert_eq!(script.times(), [0, 1, 3, 7, 15].map(Duration::from_secs));
    assert!(script.sent().iter().all(|sent| sent.params()["ClientToken"] == "tok"));

    let script = Script::new((0..99).map(|_| error(403, "IdempotentProcessing")));
    let failure = client(&script).run_instances(&run_with_token()).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::InProgress);
    assert!(script.times().last() < Some(&Duration::from_secs(30)));
}

#[tokio::test(start_paused = true)]
async fn a_silent_service_times_out_within_the_deadline() {
    let script = Script::new([Reply::Silence, Reply::Silence, Reply::Silence]);
    let deadline = monotonic() + Duration::from_secs(5);
    let failure = client(&script).send_before(&describe(), deadline).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::Interrupted);
    assert!(monotonic() <= deadline);
}

#[tokio::test(start_paused = true)]
async fn the_limiter_spaces_calls_beyond_the_burst() {
    let script = Script::new((0..3).map(|_| ok("{}")));
    let slow = super::throttle::Rate { per_minute: 60, burst: 1 };
    let overrides = [("DescribeInstances".to_owned(), slow)].into();
    let limits = RateLimits { overrides };
    let client = Client::new(super::ClientConfig { limits, ..config(&script) });
    for _ in 0..3 {
        client.describe_instances(&describe()).await.unwrap();
    }
    let seconds: Vec<_> = script.times().iter().map(|at| at.as_secs_f64().round()).collect();
    assert_eq!(seconds, [0.0, 1.0, 2.0]);
}

/// Hands out one key after the other as they are refused.
struct Rotating(Mutex<Vec<&'static str>>);

#[async_trait]
impl CredentialsProvider for Rotating {
    fn name(&self) -> &'static str {
        "rotating"
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        Ok(Credentials::access_key(self.0.lock()[0], "secret".into()))
    }

    fn invalidate(&self, refused: &Credentials) {
        self.0.lock().retain(|id| *id != refused.access_key_id());
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_refreshed_once() {
    let expired = || error(400, "InvalidSecurityToken.Expired");
    let script = Script::new([expired(), ok("{}")]);
    let keys = || Arc::new(Rotating(Mutex::new(vec!["old", "new", "newer"])));
    let client = Client::new(super::ClientConfig { credentials: keys(), ..config(&script) });
    client.describe_instances(&describe()).await.unwrap();
    assert!(script.sent()[1].header("authorization").contains("Credential=new,"));

    let script = Script::new([expired(), expired(), ok("{}")]);
    let client = Client::new(super::ClientConfig { credentials: keys(), ..config(&script) });
    let failure = client.describe_instances(&describe()).await.unwrap_err();
    assert_eq!((failure.kind, script.sent().len()), (ErrorKind::Token, 2));
}

// behaviour 06#64
#[tokio::test(start_paused = true)]
async fn parameters_too_long_for_a_url_travel_as_a_signed_form() {
    let user_data = Some("/".repeat(43_692));
    let request = RunInstances { user_data: user_data.clone(), ..run_with_token() };
    let script = Script::new([ok(RAN)]);
    client(&script).run_instances(&request).await.unwrap();
    let sent = script.sent();
    assert_eq!(sent[0].request.uri().query(), None);
    assert_eq!(sent[0].request.method(), http::Method::POST);
    assert_eq!(sent[0].header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(sent[0].header("authorization"), "");
    let params = sent[0].params();
    assert_eq!(params.get("UserData"), user_data.as_ref());
    assert_eq!((&*params["Action"], &*params["Format"]), ("RunInstances", "JSON"));
    let mut signed = params;
    let signature = signed.remove("Signature").unwrap();
    let expect = crate::sign::rpc_v1::signature("POST", &signed, &"testsecret".into());
    assert_eq!(signature, expect);
}

// behaviour 06#62
#[tokio::test(start_paused = true)]
async fn a_slash_in_a_path_segment_is_encoded() {
    let script = Script::new([ok("{}")]);
    let request = DescribeClusterDetail { cluster_id: "c/1".to_owned() };
    client(&script).describe_cluster_detail(&request).await.unwrap();
    let sent = script.sent();
    assert_eq!(sent[0].request.uri().path(), "/clusters/c%2F1");
    assert_eq!(sent[0].request.method(), http::Method::GET);
    assert_eq!((sent[0].header("content-type"), sent[0].request.uri().query()), ("", None));
}

#[tokio::test(start_paused = true)]
async fn an_oversized_answer_is_refused() {
    let body = " ".repeat(super::MAX_BODY_BYTES + 1);
    let replies = (0..4).map(|_| ok(&body));
    let failure = client(&Script::new(replies)).describe_instances(&describe()).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::Unparsable);
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_requests() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let script = Script::new([error(500, "InternalError"), ok("{}")]);
        client(&script).describe_instances(&describe()).await.unwrap();
        let sent = script.sent();
        runs.push(
            sent.iter().map(|s| (s.at, s.header("authorization").to_owned())).collect::<Vec<_>>(),
        );
    }
    assert_eq!(runs[0], runs[1]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn what_is_sent_decodes_to_what_was_asked(key in "\\PC{1,20}", value in "\\PC{0,20}") {
        let tag = vec![Tag { key: key.clone(), value: value.clone() }];
        let request = RunInstances { tag, ..RunInstances::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let params = runtime.block_on(async {
            let script = Script::new([ok(RAN)]);
            client(&script).run_instances(&request).await.unwrap();
            script.sent()[0].params()
        });
        prop_assert_eq!(&params["Tag.1.Key"], &key);
        prop_assert_eq!(&params["Tag.1.Value"], &value);
    }
}
