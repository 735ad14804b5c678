//! The exchange of a token.

use std::{path::PathBuf, sync::Arc};

use super::{RrsaConfig, RrsaCredentials};
use crate::{
    credentials::CredentialsProvider as _,
    testing::{Script, client, error, ok},
};

const ISSUED: &str = r#"{"RequestId":"r","Credentials":{"AccessKeyId":"STS.1","AccessKeySecret":"s",
    "SecurityToken":"t","Expiration":"2026-01-02T04:04:05Z"},"AssumedRoleUser":{"Arn":"a"}}"#;

/// A token file that goes away with the test.
struct TokenFile(PathBuf);

impl TokenFile {
    fn new(name: &str) -> Self {
        let file = format!("alibaba-sdk-{}-{name}", std::process::id());
        Self(std::env::temp_dir().join(file))
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn provider(script: &Arc<Script>, file: &TokenFile) -> RrsaCredentials {
    let config = RrsaConfig {
        role_arn: "acs:ram::1:role/r".to_owned(),
        oidc_provider_arn: "acs:ram::1:oidc-provider/p".to_owned(),
        token_file: file.0.clone(),
        session_name: "karpenter-c1".to_owned(),
    };
    RrsaCredentials::new(config, Arc::new(client(script)))
}

// behaviour 06#28, 06#59
#[tokio::test]
async fn the_exchange_is_unsigned_and_reads_the_token_file_each_time() {
    let file = TokenFile::new("rotates");
    let script = Script::new([ok(ISSUED), ok(ISSUED)]);
    let provider = provider(&script, &file);
    for token in ["eyJ.one+/=", "eyJ.two"] {
        std::fs::write(&file.0, format!("{token}\n")).unwrap();
        let credentials = provider.credentials().await.unwrap();
        assert_eq!(credentials.access_key_id(), "STS.1");
        assert_eq!(credentials.expiration().unwrap().to_rfc3339(), "2026-01-02T04:04:05+00:00");
        let sent = script.sent();
        let query = sent[0].request.uri().query().unwrap();
        assert!(query.starts_with("Action=AssumeRoleWithOIDC&") && !query.contains("eyJ"));
        assert_eq!(sent[0].header("authorization"), "");
        assert_eq!(sent[0].header("host"), "sts.cn-hangzhou.aliyuncs.com");
        let params = sent[0].params();
        assert!(!params.contains_key("Signature") && !params.contains_key("RegionId"));
        assert_eq!(params["OIDCToken"], token);
        assert_eq!(params["DurationSeconds"], "3600");
    }
}

#[tokio::test]
async fn failures_name_the_cause_and_never_the_token() {
    let file = TokenFile::new("fails");
    let script = Script::new([error(400, "AuthenticationFail.OIDCToken.Expired")]);
    let provider = provider(&script, &file);
    let missing = provider.credentials().await.unwrap_err().to_string();
    assert!(missing.starts_with("cannot read token file"), "{missing}");
    std::fs::write(&file.0, "x".repeat(20_001)).unwrap();
    let long = provider.credentials().await.unwrap_err().to_string();
    assert!(long.ends_with("longer than 20000 bytes"), "{long}");
    std::fs::write(&file.0, "eyJ").unwrap();
    let refused = provider.credentials().await.unwrap_err().to_string();
    assert!(refused.contains("OIDCToken.Expired") && !refused.contains("eyJ"), "{refused}");
}
