//! Runs the pods of each job until enough have succeeded or too many have failed.
//!
//! # Flow
//! As many pods as `parallelism` and the missing completions allow; after a failure the next one
//! waits 10 s, doubled with every further failure up to 6 min. A job ends `Complete` or `Failed`
//! once its last pod is gone or over, and is deleted `ttlSecondsAfterFinished` later.
//!
//! # Caveats
//! Completions are not indexed, there is no pod failure policy, and pods are counted while they
//! are there: the counts never fall, but a pod that is deleted between two passes is not counted.
//!
//! Source: Kubernetes API (batch/v1 Job).

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::pods;
use super::runner::{Controller, Plan};
use super::world::{JOBS, PODS, Watched, World};
use super::write::Write;
use crate::object::{
    Key, condition, int_at, is_terminating, list, meta_str, set_condition, str_at,
};
use crate::time::text;

/// First pause after a failure, and the longest, in seconds.
const BACKOFF: (i64, i64) = (10, 360);

/// Most pods created per job and pass.
const BURST: i64 = 500;

/// The actor.
#[derive(Debug)]
pub(super) struct Jobs;

impl Controller for Jobs {
    const KINDS: &'static [Watched] = &[JOBS, PODS];

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        let owned = pods::by_controller(world.objects(PODS));
        let jobs = world.objects(JOBS).iter();
        for (key, job) in jobs.filter(|(_, job)| !is_terminating(job)) {
            let pods = owned.get(pods::uid(job)).map_or(&[][..], Vec::as_slice);
            if let Some(end) = finished_at(job) {
                expire(key, job, end, now, &mut plan);
            } else {
                Run::new(key, job, pods, now).proceed(&mut plan);
            }
        }
        plan
    }
}

/// When a job ended; `None` while it runs.
fn finished_at(job: &Value) -> Option<Timestamp> {
    let ended =
        |c: &&Value| (c["type"] == "Complete" || c["type"] == "Failed") && c["status"] == "True";
    let condition = list(job, "/status/conditions").iter().find(ended)?;
    condition["lastTransitionTime"].as_str()?.parse().ok()
}

fn expire(key: &Key, job: &Value, end: Timestamp, now: Timestamp, plan: &mut Plan) {
    let Some(seconds) = int_at(job, "/spec/ttlSecondsAfterFinished") else { return };
    let due = end.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
    if due > now {
        plan.wake(due);
        return;
    }
    let (uid, key) = (pods::uid(job).to_owned(), key.clone());
    plan.writes.push(Write::Delete { kind: JOBS, key, uid, grace_seconds: None });
}

/// A job that has not ended.
struct Run<'a> {
    key: &'a Key,
    job: &'a Value,
    active: Vec<(&'a Key, &'a Arc<Value>)>,
    ready: usize,
    terminating: usize,
    succeeded: i64,
    failed: i64,
    /// End of the newest failure.
    failed_at: Option<Timestamp>,
    now: Timestamp,
}

/// Why a job ends.
struct Verdict {
    /// `Complete` or `Failed`.
    kind: &'static str,
    reason: &'static str,
    message: &'static str,
}

impl<'a> Run<'a> {
    fn new(
        key: &'a Key,
        job: &'a Value,
        pods: &[(&'a Key, &'a Arc<Value>)],
        now: Timestamp,
    ) -> Self {
        let in_phase = |phase: &str| {
            let found = pods.iter().filter(|(_, pod)| str_at(pod, "/status/phase") == Some(phase));
            i64::try_from(found.count()).unwrap_or(i64::MAX)
        };
        let known = |pointer: &str| int_at(job, pointer).unwrap_or_default();
        let active = pods.iter().copied().filter(|(_, pod)| pods::is_active(pod));
        let ends = pods.iter().filter(|(_, pod)| str_at(pod, "/status/phase") == Some("Failed"));
        let leaving = |pod: &Value| is_terminating(pod) && !pods::is_over(pod);
        Self {
            key,
            job,
            ready: active.clone().filter(|(_, pod)| pods::is_ready(pod)).count(),
            active: active.collect(),
            terminating: pods.iter().filter(|(_, pod)| leaving(pod)).count(),
            succeeded: in_phase("Succeeded").max(known("/status/succeeded")),
            failed: in_phase("Failed").max(known("/status/failed")),
            failed_at: ends.filter_map(|(_, pod)| ended_at(pod)).max(),
            now,
        }
    }

    fn proceed(&self, plan: &mut Plan) {
        let verdict = self.verdict(plan);
        let suspended = self.job["spec"]["suspend"] == true;
        if verdict.is_some() || suspended {
            for (key, pod) in &self.active {
                let (uid, key) = (pods::uid(pod).to_owned(), (*key).clone());
                plan.writes.push(Write::Delete { kind: PODS, key, uid, grace_seconds: None });
            }
        } else {
            self.start(plan);
        }
        plan.writes.extend(self.status(verdict.as_ref(), suspended));
    }

    fn verdict(&self, plan: &mut Plan) -> Option<Verdict> {
        if let Some(seconds) = int_at(self.job, "/spec/activeDeadlineSeconds") {
            let start = str_at(self.job, "/status/startTime").and_then(|at| at.parse().ok());
            let start: Timestamp = start.unwrap_or(self.now);
            let due = start.checked_add(SignedDuration::from_secs(seconds));
            let due = due.unwrap_or(Timestamp::MAX);
            if due <= self.now {
                let message = "Job was active longer than specified deadline";
                return Some(Verdict { kind: "Failed", reason: "DeadlineExceeded", message });
            }
            plan.wake(due);
        }
        if self.failed > int_at(self.job, "/spec/backoffLimit").unwrap_or(6) {
            let message = "Job has reached the specified backoff limit";
            return Some(Verdict { kind: "Failed", reason: "BackoffLimitExceeded", message });
        }
        let enough = match int_at(self.job, "/spec/completions") {
            Some(wished) => self.succeeded >= wished,
            None => self.succeeded > 0 && self.active.is_empty(),
        };
        let message = "Reached expected number of succeeded pods";
        enough.then_some(Verdict { kind: "Complete", reason: "CompletionsReached", message })
    }

    /// Starts missing pods, unless a failure is too recent.
    fn start(&self, plan: &mut Plan) {
        let parallelism = int_at(self.job, "/spec/parallelism").unwrap_or(1);
        let missing = match int_at(self.job, "/spec/completions") {
            Some(wished) => wished - self.succeeded,
            None if self.succeeded > 0 => 0,
            None => parallelism,
        };
        let active = i64::try_from(self.active.len() + self.terminating).unwrap_or(i64::MAX);
        let count = parallelism.min(missing) - active;
        if count <= 0 {
            return;
        }
        let doubled = BACKOFF.0 << (self.failed - 1).clamp(0, 10);
        let pause = SignedDuration::from_secs(doubled.min(BACKOFF.1));
        let due = self.failed_at.and_then(|at| at.checked_add(pause).ok());
        if let Some(due) = due.filter(|due| *due > self.now) {
            plan.wake(due);
            return;
        }
        for _ in 0..count.min(BURST) {
            let object = self.pod();
            let namespace = self.key.namespace.clone();
            plan.writes.push(Write::Create { kind: PODS, namespace, object });
        }
    }

    fn pod(&self) -> Value {
        let mut pod = pods::from_template(self.job, "Job");
        pod["metadata"]["ownerReferences"] =
            json!([pods::owner_reference("batch/v1", "Job", self.job)]);
        for prefix in ["", "batch.kubernetes.io/"] {
            let labels = &mut pod["metadata"]["labels"];
            labels[format!("{prefix}job-name")] = json!(self.key.name);
            labels[format!("{prefix}controller-uid")] = json!(pods::uid(self.job));
        }
        pod
    }

    fn status(&self, verdict: Option<&Verdict>, suspended: bool) -> Option<Write> {
        let mut status = json!({
            "active": self.active.len(), "ready": self.ready, "terminating": self.terminating,
            "succeeded": self.succeeded, "failed": self.failed,
        });
        let now = text(self.now);
        if str_at(self.job, "/status/startTime").is_none() && !suspended {
            status["startTime"] = json!(now);
        }
        let mut edited = self.job.clone();
        let mut say = |kind: &str, value: &str, reason: &str, message: &str| {
            let condition =
                json!({"type": kind, "status": value, "reason": reason, "message": message});
            set_condition(&mut edited, condition, &now);
        };
        if suspended {
            say("Suspended", "True", "JobSuspended", "Job suspended");
        } else if condition(self.job, "Suspended") == Some("True") {
            say("Suspended", "False", "JobResumed", "Job resumed");
        }
        if let Some(Verdict { kind, reason, message }) = verdict {
            let first = if *kind == "Complete" { "SuccessCriteriaMet" } else { "FailureTarget" };
            say(first, "True", reason, message);
            // The end is said once nothing runs any more.
            if self.active.is_empty() && self.terminating == 0 {
                say(kind, "True", reason, message);
                if *kind == "Complete" {
                    status["completionTime"] = json!(now);
                }
            }
        }
        status["conditions"] = edited["status"]["conditions"].clone();
        let body = pods::status_patch(self.job, &status)?;
        Some(Write::Patch { kind: JOBS, key: self.key.clone(), status: true, body })
    }
}

/// When a pod's containers ended.
fn ended_at(pod: &Value) -> Option<Timestamp> {
    let containers = list(pod, "/status/containerStatuses").iter();
    let ends = containers.filter_map(|c| str_at(c, "/state/terminated/finishedAt")?.parse().ok());
    ends.max().or_else(|| meta_str(pod, "creationTimestamp")?.parse().ok())
}
