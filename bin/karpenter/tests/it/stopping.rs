//! A process that is told to stop.

use std::time::Duration;

use crate::http::get;
use crate::process::Launch;
use crate::surroundings::Surroundings;

/// Far below what Kubernetes grants a pod.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_termination_signal_ends_the_process_in_order() {
    for signal in ["TERM", "INT"] {
        let around = Surroundings::start();
        let mut process = Launch::into(&around, "stop").start();
        process.until_ready();
        let health = process.port("health");
        process.signal(signal);
        let (status, took) = process.until_ended();
        assert_eq!(status.code(), Some(0), "{signal}: {}", process.said());
        assert!(took < SOON, "{signal}: took {took:?}");
        let messages: Vec<_> = process.logged().into_iter().map(|line| line["message"].clone()).collect();
        let stop = "stopping: no new work, waiting for work under way";
        assert!(messages.iter().any(|message| message == stop), "{signal}: {messages:?}");
        assert_eq!(messages.last().expect("there are lines"), "stopped");
        get(health, "/readyz").expect_err("nobody answers any more");
    }
}
