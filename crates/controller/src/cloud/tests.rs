//! Which credentials win.

use std::collections::BTreeMap;
use std::sync::Arc;

use alibaba_sdk::credentials::{CredentialsProvider as _, EnvLookup};
use alibaba_sdk::transport::{Transport, TransportError};
use async_trait::async_trait;
use bytes::Bytes;
use clap::Parser as _;
use http::{Request, Response};
use karpenter_core::clock::Clock;
use parking_lot::Mutex;

use super::{credentials, endpoints};
use crate::options::Options;

const KEY: [(&str, &str); 2] =
    [("ALIBABA_CLOUD_ACCESS_KEY_ID", "AK"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s")];

/// Answers STS and the metadata service, and keeps what was asked.
#[derive(Default)]
struct Network {
    asked: Mutex<Vec<Request<Bytes>>>,
    /// The metadata service gives no token.
    without_tokens: bool,
}

#[async_trait]
impl Transport for Network {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let path = request.uri().path().to_owned();
        self.asked.lock().push(request);
        let (status, text) = match path.as_str() {
            "/latest/api/token" if self.without_tokens => (404, ""),
            "/latest/api/token" => (200, "the-token"),
            "/latest/meta-data/ram/security-credentials/worker" => (
                200,
                r#"{"AccessKeyId":"STS.role","AccessKeySecret":"s","SecurityToken":"t","Expiration":"2026-01-02T09:04:05Z","Code":"Success"}"#,
            ),
            path if path.starts_with("/latest/") => (404, ""),
            _ => (
                200,
                r#"{"RequestId":"r","Credentials":{"AccessKeyId":"STS.rrsa","AccessKeySecret":"s","SecurityToken":"t","Expiration":"2026-01-02T04:04:05Z"},"AssumedRoleUser":{"Arn":"a"}}"#,
            ),
        };
        let answer = Response::builder().status(status).body(Bytes::from_static(text.as_bytes()));
        Ok(answer.expect("the answer is well formed"))
    }
}

impl Network {
    /// Query and body of the exchange, as one text.
    fn exchange(&self) -> String {
        let asked = self.asked.lock();
        let sent = asked.first().expect("something was asked");
        format!("{}&{}", sent.uri(), String::from_utf8_lossy(sent.body()))
    }
}

/// A token file that goes away with the test.
struct TokenFile(std::path::PathBuf);

impl TokenFile {
    fn new(name: &str) -> Self {
        let file =
            Self(std::env::temp_dir().join(format!("karpenter-{}-{name}", std::process::id())));
        std::fs::write(&file.0, "eyJ.token\n").expect("the file can be written");
        file
    }

    fn variables(&self) -> Vec<(&str, &str)> {
        vec![
            ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/karpenter"),
            ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/ack-rrsa-c1"),
            ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", self.0.to_str().expect("the path is text")),
        ]
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The key id that the chain finds, or its error.
async fn found(
    network: &Arc<Network>,
    variables: &[(&str, &str)],
    flags: &[&str],
) -> Result<String, String> {
    let own = ["karpenter", "--region-id=cn-hangzhou", "--cluster-id=c1/x"];
    let all = own.into_iter().chain(flags.iter().copied());
    let options = Options::try_parse_from(all).expect("the flags are valid").alibaba;
    let variables: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let environment: EnvLookup = Arc::new(move |name| variables.get(name).cloned());
    let chain = credentials(&options, &Clock::system(), 7, environment, network.clone());
    let chain = chain.expect("no endpoint is overridden");
    let credentials = chain.credentials().await.map_err(|error| error.to_string())?;
    Ok(credentials.access_key_id().to_owned())
}

// behaviour 06#27
#[tokio::test]
async fn an_access_key_wins_over_rrsa_which_wins_over_the_role_of_the_instance() {
    let (network, file) = (Arc::new(Network::default()), TokenFile::new("order"));
    let (rrsa, role) = (file.variables(), ["--ecs-ram-role=worker"]);
    let both = [&KEY[..], &rrsa[..]].concat();
    assert_eq!(found(&network, &both, &role).await.as_deref(), Ok("AK"));
    assert!(network.asked.lock().is_empty(), "nobody is asked for what the environment holds");
    assert_eq!(found(&network, &rrsa, &role).await.as_deref(), Ok("STS.rrsa"));
    assert_eq!(found(&network, &[], &role).await.as_deref(), Ok("STS.role"));
}

// behaviour 06#28
#[tokio::test]
async fn rrsa_sends_the_token_of_the_file_unsigned_under_the_name_of_the_cluster() {
    let (network, file) = (Arc::new(Network::default()), TokenFile::new("exchange"));
    found(&network, &file.variables(), &[]).await.expect("the exchange works");
    let sent = network.exchange();
    for part in
        ["Action=AssumeRoleWithOIDC", "OIDCToken=eyJ.token", "RoleSessionName=karpenter-c1x"]
    {
        assert!(sent.contains(part), "{part} is not in {sent}");
    }
    assert!(!sent.contains("Signature="), "{sent}");
}

#[tokio::test]
async fn the_role_of_the_instance_is_read_with_a_token_and_without_one_where_there_is_none() {
    for (without_tokens, header) in [(false, Some("the-token")), (true, None)] {
        let network = Arc::new(Network { without_tokens, ..Network::default() });
        let key = found(&network, &[], &["--ecs-ram-role=worker"]).await;
        assert_eq!(key.as_deref(), Ok("STS.role"));
        let asked = network.asked.lock();
        let sent = asked.last().and_then(|sent| sent.headers().get("x-aliyun-ecs-metadata-token"));
        assert_eq!(sent.and_then(|value| value.to_str().ok()), header);
    }
}

#[tokio::test]
async fn without_credentials_every_source_says_what_it_misses() {
    let network = Arc::new(Network::default());
    let error = found(&network, &[], &["--ecs-ram-role=other"]).await.expect_err("nothing is set");
    for part in [
        "ALIBABA_CLOUD_ACCESS_KEY_ID is not set",
        "ALIBABA_CLOUD_ROLE_ARN is not set",
        "404",
        "other",
    ] {
        assert!(error.contains(part), "{part} is not in {error}");
    }
    let error = found(&network, &[], &[]).await.expect_err("nothing is set");
    assert!(!error.contains("ecs ram role"), "only asked for by option: {error}");
}

#[test]
fn plain_http_to_another_machine_is_refused_with_the_option_and_the_fix() {
    let read = |flag: &str| {
        let flags = ["karpenter", "--region-id=cn-hangzhou", "--cluster-id=c1", flag];
        let options = Options::try_parse_from(flags).expect("the flags are valid").alibaba;
        endpoints(&options).map_err(|error| error.to_string())
    };
    for flag in
        ["--ecs-endpoint", "--vpc-endpoint", "--cs-endpoint", "--ram-endpoint", "--sts-endpoint"]
    {
        let refused =
            read(&format!("{flag}=http://cloud.example.com:8080")).expect_err("no secrets");
        let variable = flag.trim_start_matches("--").replace('-', "_").to_uppercase();
        assert!(refused.starts_with(&format!("{flag} ({variable}) is http://cloud")), "{refused}");
        assert!(refused.ends_with("use https://cloud.example.com:8080"), "{refused}");
        assert!(read(&format!("{flag}=http://127.0.0.1:7480")).is_ok());
        assert!(read(&format!("{flag}=https://cloud.example.com")).is_ok());
    }
}
