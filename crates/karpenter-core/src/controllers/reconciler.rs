//! The one runner for every controller.
//!
//! *Flow.* Take the newest input, decide, start every step whose object has none in flight and is not backing
//! off, then sleep until the world moves, a step ends, or the plan wants to be woken. A decision always looks
//! at everything, so a restart is an ordinary pass and a missed notification costs time, never correctness.
//!
//! *Guarantees.* At most one step per object and [`Limits::max_in_flight`] steps in all are under way; a
//! failing step is repeated with exponential, seeded backoff that is bounded; a panic inside a step or a
//! decision is caught, counted and treated as a failure of that object or pass.
//!
//! *Assumptions.* A step is idempotent, and the objects its writes were answered with are in the state before
//! it ends, so that the next pass decides on what it did.
//!
//! *Caveats.* A pass never starts within [`Limits::min_interval`] of the one before.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use jiff::Timestamp;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::decide::plan::{Plan, Step};
use crate::effects::step::{Actor, Failure, FailureClass, Outcome};
use crate::observe::runner::RunnerMetrics;
use crate::signal::Changes;

/// What one controller does: look, think, act.
#[async_trait]
pub trait Controller: Send + 'static {
    /// Everything a decision reads.
    type Input: Send + 'static;
    /// One change to make in the world.
    type Step: Step;

    /// Name in logs and metrics.
    fn name(&self) -> &'static str;

    /// Bounds on its work.
    fn limits(&self) -> Limits {
        Limits::default()
    }

    /// Gathers the input; `None` while it is not complete, for example before the first list has ended.
    async fn observe(&mut self) -> Option<Self::Input>;

    /// Decides; no I/O, and no clock but to be done in time.
    fn decide(&mut self, input: Self::Input, now: Timestamp) -> Plan<Self::Step>;

    /// Carries steps out.
    fn actor(&self) -> Arc<dyn Actor<Self::Step>>;
}

/// Bounds on the work of one controller.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Steps under way at once.
    pub max_in_flight: usize,
    /// First wait after a failure; doubles with each further one.
    pub backoff_base: Duration,
    /// Longest wait after a failure.
    pub backoff_max: Duration,
    /// Shortest time between two passes.
    pub min_interval: Duration,
    /// A step that takes longer is dropped and counts as failed.
    pub step_timeout: Duration,
    /// Decide on a thread for long computations; not in virtual time, where order counts and time does not.
    pub heavy: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_in_flight: 64,
            backoff_base: Duration::from_secs(1),
            backoff_max: Duration::from_secs(60),
            min_interval: Duration::from_millis(100),
            step_timeout: Duration::from_secs(5 * 60),
            heavy: false,
        }
    }
}

/// What the runner needs besides the controller.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Time.
    pub clock: Clock,
    /// Signals that the input may have changed.
    pub changes: Changes,
    /// Feeds the jitter of backoffs.
    pub seed: u64,
    /// Metrics of all runners.
    pub metrics: RunnerMetrics,
    /// Ends the loop; steps under way are given [`DRAIN`] to finish.
    pub cancel: CancellationToken,
}

/// How long steps under way may take after the loop was told to end.
pub const DRAIN: Duration = Duration::from_secs(20);

/// Runs `controller` until it is cancelled.
pub async fn run<C: Controller>(controller: C, surroundings: Surroundings) {
    Runner::new(controller, surroundings).run().await;
}

struct Runner<C: Controller> {
    controller: Option<C>,
    name: &'static str,
    limits: Limits,
    actor: Arc<dyn Actor<C::Step>>,
    around: Surroundings,
    objects: BTreeMap<String, Progress>,
    steps: JoinSet<Finished>,
    jitter: ChaCha8Rng,
}

/// What the runner remembers of an object it worked on.
#[derive(Debug, Clone, Default)]
struct Progress {
    in_flight: bool,
    failures: u32,
    not_before: Option<Timestamp>,
}

struct Finished {
    object: String,
    result: Result<Outcome, Failure>,
}

impl<C: Controller> Runner<C> {
    fn new(controller: C, around: Surroundings) -> Self {
        let name = controller.name();
        let seed = name.bytes().fold(around.seed, |seed, byte| {
            seed.rotate_left(5).wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte)
        });
        Self {
            name,
            limits: controller.limits(),
            actor: controller.actor(),
            controller: Some(controller),
            around,
            objects: BTreeMap::new(),
            steps: JoinSet::new(),
            jitter: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    async fn run(mut self) {
        while !self.around.cancel.is_cancelled() {
            self.around.changes.mark_seen();
            let started = self.around.clock.now();
            let wake_at = self.pass().await;
            let earliest = started + self.limits.min_interval;
            self.wait(earliest, wake_at).await;
        }
        self.drain().await;
    }

    /// One pass; answers when the next one is due at the latest.
    async fn pass(&mut self) -> Option<Timestamp> {
        let plan = self.decide().await?;
        let now = self.around.clock.now();
        let forget = self.limits.backoff_max * 2;
        self.objects.retain(|_, p| p.in_flight || p.not_before.is_some_and(|at| at + forget > now));
        let mut wake_at = plan.wake_at;
        for step in plan.steps {
            if let Some(held_until) = self.held_until(&step, now) {
                wake_at = Some(wake_at.map_or(held_until, |known| known.min(held_until)));
            } else if !self.is_in_flight(&step) && self.steps.len() < self.limits.max_in_flight {
                self.start(step);
            }
        }
        wake_at
    }

    async fn decide(&mut self) -> Option<Plan<C::Step>> {
        let mut controller = self.controller.take()?;
        let input = controller.observe().await;
        let Some(input) = input else {
            self.controller = Some(controller);
            return None;
        };
        let now = self.around.clock.now();
        let think = move || {
            let plan = std::panic::catch_unwind(AssertUnwindSafe(|| controller.decide(input, now)));
            (controller, plan.map_err(|panic| panic_text(&*panic)))
        };
        // A thread ends at no certain point among the tasks of one virtual instant.
        let (controller, plan) = if self.limits.heavy && !self.around.clock.is_simulated() {
            tokio::task::spawn_blocking(think).await.expect("invariant: panics are caught inside")
        } else {
            think()
        };
        self.controller = Some(controller);
        if self.limits.heavy {
            let took = self.around.clock.now().duration_since(now);
            self.around.metrics.decided(self.name, took.as_secs_f64());
        }
        match plan {
            Ok(plan) => Some(plan),
            Err(panic) => {
                self.around.metrics.panic(self.name);
                tracing::error!(controller = self.name, %panic, "a decision panicked");
                Some(Plan { steps: vec![], wake_at: Some(now + self.limits.backoff_max) })
            }
        }
    }

    fn held_until(&self, step: &C::Step, now: Timestamp) -> Option<Timestamp> {
        let progress = self.objects.get(&step.object())?;
        progress.not_before.filter(|at| !progress.in_flight && *at > now)
    }

    fn is_in_flight(&self, step: &C::Step) -> bool {
        self.objects.get(&step.object()).is_some_and(|progress| progress.in_flight)
    }

    fn start(&mut self, step: C::Step) {
        let object = step.object();
        self.objects.entry(object.clone()).or_default().in_flight = true;
        let actor = self.actor.clone();
        let limit = self.limits.step_timeout;
        self.around.metrics.started(self.name);
        self.steps.spawn(async move {
            let act = AssertUnwindSafe(actor.act(step)).catch_unwind();
            let result = match tokio::time::timeout(limit, act).await {
                Ok(Ok(result)) => result,
                Ok(Err(panic)) => {
                    Err(Failure::retry(format!("a step panicked: {}", panic_text(&*panic))))
                }
                Err(_) => Err(Failure::retry(format!("no end after {} s", limit.as_secs()))),
            };
            Finished { object, result }
        });
    }

    fn finish(&mut self, finished: Finished) {
        let now = self.around.clock.now();
        let progress = self.objects.entry(finished.object.clone()).or_default();
        progress.in_flight = false;
        self.around.metrics.finished(self.name, finished.result.is_ok());
        match finished.result {
            Ok(outcome) => {
                progress.failures = 0;
                progress.not_before = match outcome {
                    Outcome::Done | Outcome::Again => None,
                    Outcome::After(wait) => Some(now + wait),
                };
            }
            Err(failure) => {
                progress.failures = progress.failures.saturating_add(1);
                let wait = self.limits.backoff(&failure, progress.failures);
                let jittered = wait.mul_f64(self.jitter.random_range(1.0..1.1));
                progress.not_before = Some(now + jittered);
                tracing::warn!(
                    controller = self.name,
                    object = finished.object,
                    error = failure.message,
                    retry_in_seconds = jittered.as_secs_f64(),
                    "step failed"
                );
            }
        }
    }

    /// Sleeps until there is a reason for another pass, but at least until `earliest`.
    async fn wait(&mut self, earliest: Timestamp, wake_at: Option<Timestamp>) {
        let clock = self.around.clock.clone();
        let due = async {
            match wake_at {
                Some(at) => clock.sleep_until(at.max(earliest)).await,
                None => std::future::pending().await,
            }
        };
        let finished = tokio::select! {
            biased;
            () = self.around.cancel.cancelled() => return,
            Some(finished) = self.steps.join_next() => Some(finished),
            () = self.around.changes.changed() => None,
            () = due => None,
        };
        if let Some(Ok(finished)) = finished {
            self.finish(finished);
        }
        while let Some(Ok(finished)) = self.steps.try_join_next() {
            self.finish(finished);
        }
        clock.sleep_until(earliest).await;
        while let Some(Ok(finished)) = self.steps.try_join_next() {
            self.finish(finished);
        }
    }

    async fn drain(mut self) {
        let rest = async { while self.steps.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, rest).await.is_err() {
            tracing::warn!(controller = self.name, "steps abandoned at shutdown");
        }
    }
}

impl Limits {
    fn backoff(&self, failure: &Failure, failures: u32) -> Duration {
        let doubled = self.backoff_base.saturating_mul(1 << failures.saturating_sub(1).min(16));
        match failure.class {
            FailureClass::Retry { after } => {
                doubled.min(self.backoff_max).max(after.unwrap_or_default())
            }
            FailureClass::WaitForUser => self.backoff_max,
        }
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
