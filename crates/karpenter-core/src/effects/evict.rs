//! Makes pods leave: through the eviction API, or by deletion when the time of their node is over.

#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::policy::v1::Eviction;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{DeleteOptions, ObjectMeta, Preconditions};
use kube::Api;
use kube::api::PostParams;
use serde_json::Value;

use super::clients::Clients;
use super::error::Error;
use super::events::REPEAT;
use super::patch::{EVICTION_LIMIT, delete, within};
use super::step::{Actor, Failure, Outcome};
use super::terminate::node_ref;
use crate::decide::termination::evict::{EvictionStep, PodNotice, Removal};
use crate::model::pod::Pod;
use crate::observe::events::{self, Event, ObjectRef, Severity};
use crate::observe::metrics_termination::TerminationMetrics;

/// How long the watch may take to show that a pod leaves; the object of a step names the uid, so no other pod waits.
const AFTER_REMOVAL: Duration = Duration::from_secs(10);
/// How long a refused eviction is not repeated when the API does not say.
const AFTER_REFUSAL: Duration = Duration::from_secs(5);

/// What the API server says, with status 500, of a pod that several PodDisruptionBudgets cover.
///
/// Source: Kubernetes API (pods/eviction).
const SEVERAL_BUDGETS: &str = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not \
     support.";

/// Carries out [`EvictionStep`]s.
#[derive(Clone)]
pub struct Evictor {
    /// Handles.
    pub clients: Clients,
    /// Counters.
    pub metrics: TerminationMetrics,
}

/// Why the API keeps a pod.
enum Refusal {
    Budget { retry_after: Option<Duration> },
    SeveralBudgets,
}

#[async_trait]
impl Actor<EvictionStep> for Evictor {
    async fn act(&self, step: EvictionStep) -> Result<Outcome, Failure> {
        let result = match &step.removal {
            Removal::Evict => self.evict(&step).await,
            Removal::Delete { grace, deadline } => {
                self.clients.events.publish(disrupted(&step.pod, *grace, *deadline));
                self.delete(&step, *grace).await
            }
            Removal::Report(notice) => {
                self.clients.events.publish(protection(&step.pod, notice));
                Ok(Outcome::After(REPEAT))
            }
        };
        result.or_else(Error::outcome)
    }
}

impl Evictor {
    async fn evict(&self, step: &EvictionStep) -> Result<Outcome, Error> {
        let pod = &step.pod;
        let answer = self.request(pod).await;
        let code = answer.as_ref().map_or_else(Error::code, |()| Some(200));
        if let Some(code) = code {
            self.metrics.eviction_answered(code);
        }
        let Err(error) = answer else {
            self.metrics.pod_drained(&step.reason);
            self.clients.events.publish(evicted(pod, &step.reason));
            return Ok(Outcome::After(AFTER_REMOVAL));
        };
        if error.is_not_found() || error.is_conflict() {
            return Ok(Outcome::After(AFTER_REMOVAL));
        }
        let Some(refusal) = refusal(&error) else { return Err(error) };
        let (why, wait) = match refusal {
            Refusal::Budget { retry_after } => ("evicting pod violates a PDB", retry_after),
            Refusal::SeveralBudgets => ("eviction does not support multiple PDBs", None),
        };
        self.clients.events.publish(Event {
            about: node_ref(&step.node),
            severity: Severity::Warning,
            reason: events::FAILED_DRAINING,
            message: format!("Failed to drain node, {why} (Pod={})", pod.key),
        });
        Ok(Outcome::After(wait.unwrap_or(AFTER_REFUSAL)))
    }

    /// Asks for the eviction of exactly this pod, not of another one that has taken its name.
    async fn request(&self, pod: &Pod) -> Result<(), Error> {
        let (namespace, name) = (pod.key.namespace.as_str(), &*pod.key.name);
        let uid = Some(pod.uid.to_string());
        let eviction = Eviction {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                namespace: Some(namespace.to_owned()),
                ..ObjectMeta::default()
            },
            delete_options: Some(DeleteOptions {
                preconditions: Some(Preconditions { uid, resource_version: None }),
                ..DeleteOptions::default()
            }),
        };
        let api = Api::<core::Pod>::namespaced(self.clients.kube.clone(), namespace);
        let params = PostParams::default();
        let request = api.create_subresource::<_, Value>("eviction", name, &params, &eviction);
        within(EVICTION_LIMIT, || format!("evict pod {}", pod.key), request).await.map(|_| ())
    }

    async fn delete(&self, step: &EvictionStep, grace: Duration) -> Result<Outcome, Error> {
        let pod = &step.pod;
        let namespace = pod.key.namespace.as_str();
        let api = Api::<core::Pod>::namespaced(self.clients.kube.clone(), namespace);
        let seconds = u32::try_from(grace.as_secs()).unwrap_or(u32::MAX);
        delete(&api, &pod.key.name, &pod.uid, Some(seconds)).await?;
        self.metrics.pod_drained(&step.reason);
        Ok(Outcome::After(AFTER_REMOVAL))
    }
}

fn refusal(error: &Error) -> Option<Refusal> {
    let Error::Kube { source: kube::Error::Api(status), .. } = error else { return None };
    if status.message == SEVERAL_BUDGETS {
        return Some(Refusal::SeveralBudgets);
    }
    let seconds = status.details.as_ref().map(|details| u64::from(details.retry_after_seconds));
    let retry_after = seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs);
    (status.code == 429).then_some(Refusal::Budget { retry_after })
}

/// How events name a pod.
pub(super) fn pod_ref(pod: &Pod) -> ObjectRef {
    ObjectRef {
        api_version: "v1".to_owned(),
        kind: "Pod".to_owned(),
        namespace: pod.key.namespace.to_string(),
        name: pod.key.name.to_string(),
        uid: pod.uid.to_string(),
    }
}

fn evicted(pod: &Pod, reason: &str) -> Event {
    Event {
        about: pod_ref(pod),
        severity: Severity::Normal,
        reason: events::EVICTED,
        message: format!("Evicted pod: {reason}"),
    }
}

fn disrupted(pod: &Pod, grace: Duration, deadline: jiff::Timestamp) -> Event {
    let own = pod.shape.termination_grace.unwrap_or_default().as_secs();
    Event {
        about: pod_ref(pod),
        severity: Severity::Normal,
        reason: events::DISRUPTED,
        message: format!(
            "Pod is deleted because its node is terminated at {deadline}: it gets {} of its {own} seconds of grace, \
             and neither PodDisruptionBudgets nor karpenter.sh/do-not-disrupt protect it",
            grace.as_secs()
        ),
    }
}

/// The event for what the annotation `karpenter.sh/do-not-disrupt` of `pod` comes to.
pub(super) fn protection(pod: &Pod, notice: &PodNotice) -> Event {
    let (severity, reason, message) = match notice {
        PodNotice::Invalid(text) => (
            Severity::Warning,
            events::INVALID_DO_NOT_DISRUPT,
            format!(
                "Invalid karpenter.sh/do-not-disrupt annotation: {text:?} is neither \"true\" nor a positive \
                 duration, ignoring annotation"
            ),
        ),
        PodNotice::ProtectedUntil(until) => (
            Severity::Normal,
            events::DO_NOT_DISRUPT_UNTIL,
            format!("The karpenter.sh/do-not-disrupt grace period will elapse at {until}"),
        ),
        PodNotice::Elapsed => (
            Severity::Normal,
            events::DO_NOT_DISRUPT_ELAPSED,
            "The karpenter.sh/do-not-disrupt grace period has elapsed, pod is now disruptable"
                .to_owned(),
        ),
    };
    Event { about: pod_ref(pod), severity, reason, message }
}
