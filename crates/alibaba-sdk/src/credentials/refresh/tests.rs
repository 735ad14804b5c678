//! When a cache fetches.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use parking_lot::Mutex;

use super::Refreshing;
use crate::{
    clock::WallClock,
    credentials::{Credentials, CredentialsError, CredentialsProvider},
    testing::clock_from,
};

/// Issues numbered credentials for an hour, takes a second for it, and fails while told to.
struct Issuer {
    clock: WallClock,
    state: Mutex<(u32, bool)>,
}

#[async_trait]
impl CredentialsProvider for Issuer {
    fn name(&self) -> &'static str {
        "issuer"
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut state = self.state.lock();
        state.0 += 1;
        if state.1 {
            return Err(CredentialsError::Failed("down".to_owned()));
        }
        let expiration = (self.clock)() + TimeDelta::hours(1);
        let issued = Credentials::access_key(state.0.to_string(), "s".into());
        Ok(issued.with_expiration(expiration))
    }
}

fn cache() -> (Arc<Issuer>, Refreshing) {
    let clock = clock_from("2026-01-02T03:04:05Z");
    let issuer = Arc::new(Issuer { clock: Arc::clone(&clock), state: Mutex::new((0, false)) });
    (Arc::clone(&issuer), Refreshing::new(issuer, clock))
}

async fn id(cache: &Refreshing) -> String {
    cache.credentials().await.unwrap().access_key_id().to_owned()
}

/// Sleeps until `left` seconds remain of an hour that began just now.
async fn until_left(left: u64) {
    tokio::time::sleep(Duration::from_secs(3600 - left)).await;
}

// behaviour 06#29
#[tokio::test(start_paused = true)]
async fn credentials_with_little_time_left_are_replaced_before_use() {
    let (_, cache) = cache();
    assert_eq!(id(&cache).await, "1");
    until_left(301).await;
    assert_eq!(id(&cache).await, "1");
    tokio::time::sleep(Duration::from_secs(131)).await;
    assert_eq!(id(&cache).await, "2");
}

// behaviour 06#29
#[tokio::test(start_paused = true)]
async fn a_failed_refresh_keeps_unexpired_credentials_and_an_expired_one_does_not() {
    let (issuer, cache) = cache();
    assert_eq!(id(&cache).await, "1");
    issuer.state.lock().1 = true;
    until_left(100).await;
    assert_eq!(id(&cache).await, "1");
    assert_eq!(id(&cache).await, "1");
    assert_eq!(issuer.state.lock().0, 2, "a failure is not repeated at once");
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert!(cache.credentials().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn between_five_and_three_minutes_nobody_waits() {
    let (issuer, cache) = cache();
    assert_eq!(id(&cache).await, "1");
    until_left(200).await;
    assert_eq!(id(&cache).await, "1");
    assert_eq!(id(&cache).await, "1");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(id(&cache).await, "2");
    assert_eq!(issuer.state.lock().0, 2, "one fetch for both callers");
}

#[tokio::test(start_paused = true)]
async fn concurrent_callers_share_one_fetch() {
    let (issuer, cache) = cache();
    let both = tokio::join!(id(&cache), id(&cache));
    assert_eq!(both, ("1".to_owned(), "1".to_owned()));
    assert_eq!(issuer.state.lock().0, 1);
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_are_not_handed_out_again() {
    let (_, cache) = cache();
    let first = cache.credentials().await.unwrap();
    cache.invalidate(&first);
    assert_eq!(id(&cache).await, "2");
    cache.invalidate(&first);
    assert_eq!(id(&cache).await, "2", "a late refusal of older ones does not matter");
}
