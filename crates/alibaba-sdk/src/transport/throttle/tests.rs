//! Buckets and hints.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Limiter, RateLimits, TooLate, hint, pause};
use crate::{clock::monotonic, lenient::parse_time};

fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
    list.iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect()
}

#[test]
fn the_first_valid_hint_counts_and_of_the_older_ones_the_larger() {
    let seconds = |list: &[_]| hint(&headers(list)).map(|hint| hint.as_secs());
    let older = ("x-ratelimit-user", "Limit:1,TimeLeft:5000");
    assert_eq!(seconds(&[("x-acs-retry-after", "2000"), older]), Some(2));
    assert_eq!(seconds(&[("x-acs-retry-after", "-1"), older]), Some(5));
    assert_eq!(seconds(&[("x-ratelimit-user-api", "TimeLeft: 9000 "), older]), Some(9));
    assert_eq!(seconds(&[("x-acs-retry-after", "soon")]), None);
    assert_eq!(seconds(&[]), None);
}

#[test]
fn without_a_hint_the_next_minute_is_waited_for() {
    let at = |text| parse_time(text).unwrap();
    let wait = pause(None, false, at("2026-01-02T03:04:30.250Z"));
    assert_eq!(wait, Duration::from_millis(29_750));
    assert_eq!(pause(None, false, at("2026-01-02T03:05:00Z")), Duration::from_secs(60));
    let two = Some(Duration::from_secs(2));
    assert_eq!(pause(two, false, at("2026-01-02T03:04:30Z")), Duration::from_secs(2));
    assert_eq!(pause(two, true, at("2026-01-02T03:04:30Z")), Duration::from_secs(30));
}

/// Seconds that `n` calls of `DescribeX` take.
async fn spend(limiter: &Limiter, n: usize) -> f64 {
    let start = monotonic();
    let deadline = start + Duration::from_secs(3600);
    for _ in 0..n {
        limiter.acquire("DescribeX", deadline).await.unwrap();
    }
    (monotonic() - start).as_secs_f64()
}

#[tokio::test(start_paused = true)]
async fn a_throttled_bucket_probes_and_then_runs_at_half_the_rate() {
    let limiter = Limiter::new(RateLimits::default());
    assert!(spend(&limiter, 50).await < 0.1, "the burst is free");
    let normal = spend(&limiter, 10).await;
    assert!((normal - 2.0).abs() < 0.1, "{normal}");
    limiter.throttled("DescribeX", Duration::from_secs(5));
    let probe = spend(&limiter, 1).await;
    assert!((probe - 5.0).abs() < 0.1, "{probe}");
    let halved = spend(&limiter, 10).await;
    assert!(halved > 3.8 && halved < 4.1, "{halved}");
    tokio::time::sleep(Duration::from_secs(3600)).await;
    spend(&limiter, 50).await;
    let recovered = spend(&limiter, 10).await;
    assert!((recovered - 2.0).abs() < 0.1, "{recovered}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_deadline_fails_at_once() {
    let limiter = Limiter::new(RateLimits::default());
    limiter.throttled("DescribeX", Duration::from_secs(60));
    let start = monotonic();
    let outcome = limiter.acquire("DescribeX", start + Duration::from_secs(59)).await;
    assert_eq!((outcome, monotonic()), (Err(TooLate), start));
    assert_eq!(limiter.acquire("DescribeY", start).await, Ok(()));
}
