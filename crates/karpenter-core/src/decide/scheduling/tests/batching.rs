//! When a batch closes.

use std::time::Duration;

use jiff::Timestamp;

use crate::decide::scheduling::batch::{Batch, Window};
use crate::model::ids::Uid;
use crate::options::Options;

fn at(seconds: f64) -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs_f64(seconds)
}

fn options(idle: u64) -> Options {
    Options { batch_idle_duration: Duration::from_secs(idle), ..Options::default() }
}

fn observe(batch: &mut Batch, uids: &[&str], now: f64, options: &Options) -> Window {
    let uids: Vec<Uid> = uids.iter().map(|uid| Uid::from(*uid)).collect();
    batch.observe(uids.iter(), at(now), options)
}

// behaviour 02#1
#[test]
fn lone_trigger_closes_after_the_idle_time() {
    let (mut batch, options) = (Batch::default(), options(1));
    assert_eq!(observe(&mut batch, &["a"], 0.0, &options), Window::WaitUntil(at(1.0)));
    assert_eq!(observe(&mut batch, &["a"], 1.0, &options), Window::Closed);
}

// behaviour 02#2
#[test]
fn nobody_waiting_means_idle() {
    assert_eq!(observe(&mut Batch::default(), &[], 5.0, &options(1)), Window::Idle);
}

// behaviour 02#3
#[test]
fn same_trigger_again_does_not_extend_the_window() {
    let (mut batch, options) = (Batch::default(), options(5));
    observe(&mut batch, &["a"], 0.0, &options);
    assert_eq!(observe(&mut batch, &["a"], 3.0, &options), Window::WaitUntil(at(5.0)));
}

// behaviour 02#4
#[test]
fn new_trigger_extends_the_window() {
    let (mut batch, options) = (Batch::default(), options(5));
    observe(&mut batch, &["a"], 0.0, &options);
    observe(&mut batch, &["a", "b"], 3.0, &options);
    assert_eq!(observe(&mut batch, &["a", "b"], 6.0, &options), Window::WaitUntil(at(8.0)));
}

// behaviour 02#5
#[test]
fn window_closes_at_the_latest_after_the_longest_time() {
    let (mut batch, options) = (Batch::default(), options(1));
    let names: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    for n in 0..=11 {
        let seen: Vec<&str> = names[..=n].iter().map(String::as_str).collect();
        let now = 0.9 * f64::from(u32::try_from(n).unwrap());
        assert_ne!(observe(&mut batch, &seen, now, &options), Window::Closed, "at {now}");
    }
    let all: Vec<&str> = names[..12].iter().map(String::as_str).collect();
    assert_eq!(observe(&mut batch, &all, 10.0, &options), Window::Closed);
}

// behaviour 02#6
#[test]
fn trigger_after_the_batch_was_taken_opens_the_next_window() {
    let (mut batch, options) = (Batch::default(), options(5));
    observe(&mut batch, &["a"], 0.0, &options);
    batch.take();
    assert_eq!(observe(&mut batch, &["a", "b"], 1.0, &options), Window::WaitUntil(at(6.0)));
    assert_eq!(observe(&mut batch, &["a", "b"], 3.0, &options), Window::WaitUntil(at(6.0)));
}

// behaviour 02#7
#[test]
fn closed_batch_waits_for_a_state_that_is_not_ready() {
    let (mut batch, options) = (Batch::default(), options(1));
    observe(&mut batch, &["a"], 0.0, &options);
    assert_eq!(observe(&mut batch, &["a"], 1.0, &options), Window::Closed);
    assert_eq!(observe(&mut batch, &["a"], 1.5, &options), Window::Closed);
    batch.take();
    assert_eq!(observe(&mut batch, &["a"], 1.6, &options), Window::WaitUntil(at(10.0)));
}

// behaviour 02#8
#[test]
fn pod_that_still_waits_asks_again_and_one_that_is_gone_does_not() {
    let (mut batch, options) = (Batch::default(), options(1));
    observe(&mut batch, &["a"], 0.0, &options);
    batch.take();
    assert_eq!(observe(&mut batch, &["a"], 10.0, &options), Window::WaitUntil(at(11.0)));
    batch.take();
    assert_eq!(observe(&mut batch, &[], 20.0, &options), Window::Idle);
}

// behaviour 02#134
#[test]
fn a_plan_that_did_not_come_to_everybody_is_followed_by_another_at_once() {
    let (mut batch, options) = (Batch::default(), options(1));
    observe(&mut batch, &["a"], 0.0, &options);
    batch.take();
    batch.reopen();
    assert_eq!(observe(&mut batch, &["a"], 1.1, &options), Window::Closed);
    assert_eq!(observe(&mut batch, &["a", "new"], 1.2, &options), Window::Closed);
    batch.take();
    assert_eq!(observe(&mut batch, &["a", "new"], 1.3, &options), Window::WaitUntil(at(10.0)));
}
