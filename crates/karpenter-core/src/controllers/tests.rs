//! The runner in virtual time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::ThreadId;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::reconciler::{Controller, Limits, Surroundings, run};
use crate::clock::Clock;
use crate::decide::plan::{Plan, Step};
use crate::effects::step::{Actor, Failure, FailureClass, Outcome};
use crate::observe::runner::RunnerMetrics;
use crate::signal::Signal;

/// What the steps do, by object.
#[derive(Debug, Clone, Copy)]
enum Behaviour {
    Succeed,
    Wait(u64),
    Fail(FailureClass),
    Panic,
    Hang,
}

/// A world of objects that each want one thing done, and a log of who did what when.
#[derive(Clone)]
struct World {
    wanted: Arc<Mutex<BTreeMap<&'static str, Behaviour>>>,
    log: Arc<Mutex<Vec<(u64, &'static str)>>>,
    clock: Clock,
    changes: Signal,
    passes: Arc<Mutex<u32>>,
    panic_in_decision: bool,
    thinkers: Arc<Mutex<Vec<ThreadId>>>,
}

#[derive(Debug, Clone)]
struct Do(&'static str, Behaviour);

impl Step for Do {
    fn object(&self) -> String {
        self.0.to_owned()
    }
}

#[async_trait]
impl Controller for World {
    type Input = BTreeMap<&'static str, Behaviour>;
    type Step = Do;

    fn name(&self) -> &'static str {
        "test"
    }

    fn limits(&self) -> Limits {
        let step_timeout = Duration::from_secs(30);
        Limits { max_in_flight: 2, step_timeout, heavy: true, ..Limits::default() }
    }

    async fn observe(&mut self) -> Option<Self::Input> {
        Some(self.wanted.lock().clone())
    }

    fn decide(&mut self, input: Self::Input, _now: Timestamp) -> Plan<Do> {
        *self.passes.lock() += 1;
        self.thinkers.lock().push(std::thread::current().id());
        assert!(!self.panic_in_decision, "a decision that panics");
        Plan { steps: input.into_iter().map(|(name, b)| Do(name, b)).collect(), wake_at: None }
    }

    fn actor(&self) -> Arc<dyn Actor<Do>> {
        Arc::new(self.clone())
    }
}

#[async_trait]
impl Actor<Do> for World {
    async fn act(&self, Do(name, behaviour): Do) -> Result<Outcome, Failure> {
        let second = u64::try_from(self.clock.now().as_second()).unwrap_or_default();
        self.log.lock().push((second, name));
        match behaviour {
            Behaviour::Succeed => {
                self.wanted.lock().remove(name);
                self.changes.bump();
                Ok(Outcome::Done)
            }
            Behaviour::Wait(seconds) => Ok(Outcome::After(Duration::from_secs(seconds))),
            Behaviour::Fail(class) => Err(Failure { message: "no".to_owned(), class }),
            Behaviour::Panic => panic!("a step that panics"),
            Behaviour::Hang => std::future::pending().await,
        }
    }
}

impl World {
    fn new(wanted: &[(&'static str, Behaviour)]) -> Self {
        Self {
            wanted: Arc::new(Mutex::new(wanted.iter().copied().collect())),
            log: Arc::default(),
            clock: Clock::simulated(Timestamp::UNIX_EPOCH),
            changes: Signal::default(),
            passes: Arc::default(),
            panic_in_decision: false,
            thinkers: Arc::default(),
        }
    }

    /// Runs for `seconds` and answers when each step about each object began.
    async fn run_for(self, seconds: u64) -> Vec<(u64, &'static str)> {
        let cancel = CancellationToken::new();
        let around = Surroundings {
            clock: self.clock.clone(),
            changes: self.changes.subscribe(),
            seed: 1,
            metrics: RunnerMetrics::default(),
            cancel: cancel.clone(),
        };
        let runner = tokio::spawn(run(self.clone(), around));
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        cancel.cancel();
        runner.await.expect("the runner never panics");
        self.log.lock().clone()
    }
}

#[tokio::test(start_paused = true)]
async fn in_virtual_time_even_long_computations_keep_their_place_among_the_tasks() {
    let world = World::new(&[("a", Behaviour::Succeed)]);
    let thinkers = world.thinkers.clone();
    world.run_for(60).await;
    let here = std::thread::current().id();
    assert!(!thinkers.lock().is_empty());
    assert!(thinkers.lock().iter().all(|thread| *thread == here));
}

#[tokio::test(start_paused = true)]
async fn every_object_is_worked_on_once_when_its_step_succeeds() {
    let world = World::new(&[
        ("a", Behaviour::Succeed),
        ("b", Behaviour::Succeed),
        ("c", Behaviour::Succeed),
    ]);
    assert_eq!(world.run_for(60).await, [(0, "a"), (0, "b"), (0, "c")]);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_under_way_is_not_repeated_before_its_time() {
    let world = World::new(&[("a", Behaviour::Wait(5))]);
    let starts: Vec<_> = world.run_for(16).await.iter().map(|(second, _)| *second).collect();
    assert_eq!(starts, [0, 5, 10, 15]);
}

#[tokio::test(start_paused = true)]
async fn failures_back_off_exponentially_up_to_a_bound() {
    let retry = Behaviour::Fail(FailureClass::Retry { after: None });
    let starts = World::new(&[("a", retry)]).run_for(300).await;
    let gaps: Vec<_> = starts.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    let bounds = [(1, 2), (2, 3), (4, 5), (8, 9), (16, 18), (32, 36), (60, 67)];
    for (gap, (low, high)) in gaps.iter().zip(bounds) {
        assert!((low..=high).contains(gap), "{gaps:?}");
    }
    assert!(gaps.len() >= bounds.len(), "{gaps:?}");
}

#[tokio::test(start_paused = true)]
async fn what_only_a_person_can_mend_is_tried_slowly_and_harms_nobody_else() {
    let world = World::new(&[
        ("a", Behaviour::Fail(FailureClass::WaitForUser)),
        ("b", Behaviour::Wait(10)),
    ]);
    let log = world.run_for(59).await;
    assert_eq!(log.iter().filter(|(_, name)| *name == "a").count(), 1);
    assert_eq!(log.iter().filter(|(_, name)| *name == "b").count(), 6);
}

#[tokio::test(start_paused = true)]
async fn panics_and_hangs_of_one_object_leave_the_others_alone() {
    let world =
        World::new(&[("a", Behaviour::Panic), ("b", Behaviour::Hang), ("c", Behaviour::Wait(10))]);
    let log = world.run_for(45).await;
    assert!(log.iter().filter(|(_, name)| *name == "a").count() >= 4, "{log:?}");
    assert_eq!(log.iter().filter(|(_, name)| *name == "b").count(), 2, "{log:?}");
    assert!(log.iter().filter(|(_, name)| *name == "c").count() >= 4, "{log:?}");
}

#[tokio::test(start_paused = true)]
async fn a_decision_that_panics_is_tried_again_later() {
    let mut world = World::new(&[("a", Behaviour::Succeed)]);
    world.panic_in_decision = true;
    let passes = world.passes.clone();
    assert!(world.run_for(130).await.is_empty());
    assert_eq!(*passes.lock(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_idle_runner_does_not_wake() {
    let world = World::new(&[]);
    let passes = world.passes.clone();
    world.run_for(86_400).await;
    assert_eq!(*passes.lock(), 1);
}
