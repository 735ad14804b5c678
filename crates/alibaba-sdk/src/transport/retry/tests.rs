//! Verdicts.

use std::time::Duration;

use super::{Attempts, RetryPolicy, Verdict};
use crate::{action::Resend, error::ErrorKind, seed};

fn verdicts(kind: ErrorKind, resend: Resend, n: usize) -> Vec<Verdict> {
    let mut random = seed::stream(1, "test");
    let mut attempts = Attempts::new(&RetryPolicy::default(), resend);
    (0..n).map(|_| attempts.judge(kind, &mut random)).collect()
}

#[test]
fn pauses_are_jittered_and_their_ceiling_doubles_up_to_the_cap() {
    let policy = RetryPolicy { max_attempts: 200, ..Default::default() };
    let mut random = seed::stream(1, "test");
    let mut attempts = Attempts::new(&policy, Resend::Harmless);
    let pauses: Vec<Duration> = (0..199)
        .map(|_| match attempts.judge(ErrorKind::Transient, &mut random) {
            Verdict::After(pause) => pause,
            other => panic!("{other:?}"),
        })
        .collect();
    for (n, pause) in pauses.iter().enumerate() {
        let ceiling = policy.base.saturating_mul(1 << n.min(10)).min(policy.cap);
        assert!(*pause <= ceiling, "{n}: {pause:?}");
    }
    let longest = pauses.iter().max().unwrap();
    assert!(*longest > policy.cap / 2 && *longest <= policy.cap, "{longest:?}");
    assert_eq!(attempts.judge(ErrorKind::Transient, &mut random), Verdict::GiveUp);
}

#[test]
fn an_unknown_outcome_of_an_unsafe_create_is_final() {
    for kind in [ErrorKind::Transient, ErrorKind::Interrupted, ErrorKind::Unparsable] {
        assert_eq!(verdicts(kind, Resend::Unsafe, 1), [Verdict::GiveUp], "{kind:?}");
        assert_ne!(verdicts(kind, Resend::Harmless, 1), [Verdict::GiveUp], "{kind:?}");
    }
    assert_ne!(verdicts(ErrorKind::Unreachable, Resend::Unsafe, 1), [Verdict::GiveUp]);
    assert_eq!(verdicts(ErrorKind::Throttled, Resend::Unsafe, 1), [Verdict::WhenAllowed]);
}

#[test]
fn refusals_are_final() {
    for kind in [ErrorKind::NoStock, ErrorKind::Auth, ErrorKind::Parameter, ErrorKind::Other] {
        assert_eq!(verdicts(kind, Resend::Harmless, 1), [Verdict::GiveUp], "{kind:?}");
    }
}

#[test]
fn one_refresh_and_one_correction_per_call() {
    let token = verdicts(ErrorKind::Token, Resend::Unsafe, 2);
    assert_eq!(token, [Verdict::RefreshCredentials, Verdict::GiveUp]);
    let skew = verdicts(ErrorKind::ClockSkew, Resend::Unsafe, 2);
    assert_eq!(skew, [Verdict::CorrectClock, Verdict::GiveUp]);
}
