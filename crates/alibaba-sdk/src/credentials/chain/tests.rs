//! Order and errors of a chain.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use parking_lot::Mutex;

use super::Chain;
use crate::credentials::{
    Credentials, CredentialsError, CredentialsProvider, EnvCredentials, EnvLookup, RrsaConfig,
};

fn env(list: &[(&str, &str)]) -> EnvLookup {
    let map: BTreeMap<String, String> =
        list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Arc::new(move |name| map.get(name).cloned())
}

/// Fails as often as told, then answers with its name as key id.
struct Flaky(&'static str, Mutex<u32>);

#[async_trait]
impl CredentialsProvider for Flaky {
    fn name(&self) -> &'static str {
        self.0
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let mut failures = self.1.lock();
        if *failures > 0 {
            *failures -= 1;
            return Err(CredentialsError::Failed("broken".to_owned()));
        }
        Ok(Credentials::access_key(self.0, "s".into()))
    }
}

fn flaky(name: &'static str, failures: u32) -> Arc<dyn CredentialsProvider> {
    Arc::new(Flaky(name, Mutex::new(failures)))
}

async fn id(chain: &Chain) -> String {
    chain.credentials().await.unwrap().access_key_id().to_owned()
}

const KEY: [(&str, &str); 2] =
    [("ALIBABA_CLOUD_ACCESS_KEY_ID", "ak"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "sk")];

// behaviour 06#27
#[tokio::test]
async fn the_environment_wins_and_without_it_the_next_link_does() {
    let next = || flaky("rrsa", 0);
    let with = Arc::new(EnvCredentials::new(env(&KEY)));
    assert_eq!(id(&Chain::new(vec![with, next()])).await, "ak");
    let without = Arc::new(EnvCredentials::new(env(&[])));
    assert_eq!(id(&Chain::new(vec![without, next()])).await, "rrsa");
}

// behaviour 06#27
#[tokio::test]
async fn an_exhausted_chain_names_every_reason() {
    let links = vec![
        Arc::new(EnvCredentials::new(env(&KEY[..1]))) as Arc<dyn CredentialsProvider>,
        flaky("rrsa", 1),
    ];
    let error = Chain::new(links).credentials().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no credentials: env: not configured: ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set; rrsa: broken"
    );
}

// behaviour 06#30
#[tokio::test]
async fn a_link_that_failed_once_is_used_when_it_works() {
    let chain = Chain::new(vec![flaky("first", 1), flaky("second", 0)]);
    assert_eq!(id(&chain).await, "second");
    assert_eq!(id(&chain).await, "first");
}

#[tokio::test]
async fn a_token_in_the_environment_makes_sts_credentials_and_empty_means_absent() {
    let token = ("ALIBABA_CLOUD_SECURITY_TOKEN", "t");
    let both = EnvCredentials::new(env(&[KEY[0], KEY[1], token])).credentials().await.unwrap();
    assert!(both.security_token().is_some());
    assert!(!format!("{both:?}").contains("sk"));
    let empty = EnvCredentials::new(env(&[KEY[0], ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "")]));
    assert!(matches!(empty.credentials().await, Err(CredentialsError::NotConfigured(_))));
}

#[test]
fn rrsa_names_the_missing_variable_and_cuts_the_session_name() {
    let partial = env(&[("ALIBABA_CLOUD_ROLE_ARN", "r")]);
    let error = RrsaConfig::from_env(&partial, "s").unwrap_err();
    assert_eq!(error.to_string(), "not configured: ALIBABA_CLOUD_OIDC_PROVIDER_ARN is not set");
    let full = env(&[
        ("ALIBABA_CLOUD_ROLE_ARN", "r"),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "p"),
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/t"),
    ]);
    let config = RrsaConfig::from_env(&full, &"s".repeat(99)).unwrap();
    assert_eq!(config.session_name.len(), 64);
}
