//! Carries a scheduling plan out: creates claims, nominates nodes, tells pods.

mod creations;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use futures::StreamExt;

pub use self::creations::Creations;
use super::clients::Clients;
use super::disrupt::claim_ref;
use super::disruption_events::pool_ref;
use super::error::{Error, report};
use super::own::create_claim;
use super::step::{Actor, Failure, Outcome};
use crate::api::labels;
use crate::api::v1::nodeclaim::NodeClaim;
use crate::decide::announcement;
use crate::decide::plan::Step;
use crate::decide::scheduling::plan::{PlannedClaim, SchedulingPlan, Target};
use crate::decide::scheduling::reason::{first_pods, reason};
use crate::decide::scheduling::report::{SchedulingReport, UnusablePool, UnusableReason};
use crate::model::capacity_buffer::Room;
use crate::model::ids::PodKey;
use crate::model::pod::Pod;
use crate::observe::events::{self, Event, ObjectRef, Severity};
use crate::observe::provisioning::ProvisioningMetrics;
use crate::options::Options;
use crate::state::{ClusterEvent, ClusterSnapshot, Intent};

/// Claims created at once.
const CREATES_IN_FLIGHT: usize = 16;

/// Pods named in one log line.
const PODS_IN_LOG: usize = 5;

/// Carry out one plan.
#[derive(Debug, Clone)]
pub struct Provision {
    /// The plan; virtual pods are in its claims only.
    pub plan: Arc<SchedulingPlan>,
    /// Virtual pods that took part.
    pub virtual_pods: BTreeMap<PodKey, Arc<Pod>>,
    /// What became of them.
    pub room: Arc<Room>,
}

/// A plan without virtual pods.
impl From<SchedulingPlan> for Provision {
    fn from(plan: SchedulingPlan) -> Self {
        let (virtual_pods, room) = (BTreeMap::new(), Arc::default());
        Self { plan: Arc::new(plan), virtual_pods, room }
    }
}

impl Step for Provision {
    fn object(&self) -> String {
        "provisioning".to_owned()
    }
}

/// Creates what plans ask for.
#[derive(Clone)]
pub struct Provisioner {
    /// Handles.
    pub clients: Clients,
    /// Settings.
    pub options: Options,
    /// Counters.
    pub metrics: ProvisioningMetrics,
    /// A plan is being carried out: what it creates is not in the state yet.
    pub busy: Arc<AtomicBool>,
    /// Claims being created.
    pub creations: Creations,
}

/// Says that no plan is being carried out any more, however the step ends.
struct Busy<'a>(&'a AtomicBool);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

#[async_trait]
impl Actor<Provision> for Provisioner {
    async fn act(&self, step: Provision) -> Result<Outcome, Failure> {
        let Provision { plan, virtual_pods, room } = step;
        self.busy.store(true, Ordering::Release);
        let _busy = Busy(&self.busy);
        let snapshot = self.clients.state.snapshot();
        if *snapshot.intents.room() != room {
            self.intend(Intent::KeepRoom(room));
        }
        self.explain(&plan, &snapshot);
        self.nominate(&plan, &snapshot);
        let reports: BTreeMap<_, _> =
            plan.report.claims.iter().map(|report| (&report.claim, report)).collect();
        let creations = plan.claims.clone().into_iter().map(|claim| {
            let why = reason(&claim, reports.get(&claim.name).copied());
            let (own, snapshot) = (self.clone(), snapshot.clone());
            let virtual_pods =
                claim.pods.iter().filter_map(|key| virtual_pods.get(key)).cloned().collect();
            async move { own.create(&claim, &why, virtual_pods, &snapshot).await }
        });
        let results: Vec<_> =
            futures::stream::iter(creations).buffered(CREATES_IN_FLIGHT).collect().await;
        Error::combined(results.into_iter().filter_map(Result::err).collect())
    }
}

impl Provisioner {
    /// Creates one claim unless its pool has reached a limit since the plan was made.
    async fn create(
        &self,
        planned: &PlannedClaim,
        why: &str,
        virtual_pods: Vec<Arc<Pod>>,
        snapshot: &ClusterSnapshot,
    ) -> Result<(), Error> {
        let _creation = match self.creations.begin(planned, &self.clients.state) {
            Ok(creation) => creation,
            Err(why) => {
                tracing::info!(nodepool = %planned.pool, %why, "claim not created");
                return Ok(());
            }
        };
        let is_for_real_pods = virtual_pods.len() < planned.pods.len();
        let pods = planned.pods.iter().filter_map(|key| snapshot.pods.get(key)).cloned();
        let pods = pods.chain(virtual_pods).collect();
        let claim = planned.name.clone();
        self.intend(Intent::PlanPods { claim: claim.clone(), pods });
        if is_for_real_pods {
            let until = self.clients.clock.now() + self.options.nomination_period();
            self.intend(Intent::NominateClaim { claim, until });
        }
        let created = create_claim(&self.clients, &explained(&planned.object(), why)).await;
        let created = created.inspect_err(|error| {
            tracing::warn!(nodeclaim = %planned.name, error = report(error), "not created");
            self.intend(Intent::ForgetClaim(planned.name.clone()));
        })?;
        self.clients.events.publish(announcement::provisioned(claim_ref(&created), why));
        self.metrics.created(&planned.pool, planned.min_values_relaxed);
        tracing::info!(
            nodeclaim = %planned.name,
            nodepool = %planned.pool,
            requests = %planned.requests,
            instance_types = planned.instance_types.len(),
            cheapest = %planned.instance_types.first().map_or("", |name| name.as_str()),
            price_per_hour = planned.price.as_f64(),
            pods = %first_pods(&planned.pods, PODS_IN_LOG),
            "created nodeclaim"
        );
        for key in &planned.pods {
            let target = Target::Claim(planned.name.clone());
            self.tell_nominated(snapshot, key, &target);
        }
        Ok(())
    }

    /// Reserves nodes for the pods placed on them, unless none of these exists: nobody comes to a node that only virtual
    /// pods were placed on.
    fn nominate(&self, plan: &SchedulingPlan, snapshot: &ClusterSnapshot) {
        let until = self.clients.clock.now() + self.options.nomination_period();
        let is_real = |key: &PodKey| snapshot.pods.get(key).is_some();
        for placement in plan.placements.iter().filter(|p| p.pods.iter().any(is_real)) {
            self.intend(match placement.target.clone() {
                Target::Node(node) => Intent::NominateNode { node, until },
                Target::Claim(claim) => Intent::NominateClaim { claim, until },
            });
            for key in &placement.pods {
                self.tell_nominated(snapshot, key, &placement.target);
            }
        }
    }

    fn explain(&self, plan: &SchedulingPlan, snapshot: &ClusterSnapshot) {
        let unusable = plan.report.unusable_pools_text();
        for event in unusable_pools(&plan.report, snapshot) {
            self.clients.events.publish(event);
        }
        let told = plan.unschedulable.iter().filter(|(_, why)| why.is_worth_an_event());
        for (key, why) in told {
            let message = format!("Failed to schedule pod, {why}{unusable}");
            self.tell(snapshot, key, Severity::Warning, events::FAILED_SCHEDULING, message);
        }
        let deferred = plan.unschedulable.len() - plan.n_unschedulable();
        if deferred > 0 {
            tracing::info!(pods = deferred, "deferred until it is known who got reserved capacity");
        }
        if !plan.unattempted.is_empty() {
            let pods = plan.unattempted.len();
            tracing::warn!(pods, "not tried yet, time to plan was up; they are planned next");
        }
        if !plan.claims.is_empty() {
            tracing::info!(
                nodeclaims = plan.claims.len(),
                pods_on_existing_nodes =
                    plan.placements.iter().map(|placement| placement.pods.len()).sum::<usize>(),
                unschedulable_pods = plan.n_unschedulable(),
                "planned"
            );
            tracing::debug!(report = %plan.report, "why");
        }
    }

    fn tell_nominated(&self, snapshot: &ClusterSnapshot, key: &PodKey, target: &Target) {
        let message = format!("Pod should schedule on: {}", target_text(target, snapshot));
        self.tell(snapshot, key, Severity::Normal, events::NOMINATED, message);
    }

    fn tell(
        &self,
        snapshot: &ClusterSnapshot,
        key: &PodKey,
        severity: Severity,
        reason: &'static str,
        message: String,
    ) {
        let Some(pod) = snapshot.pods.get(key) else { return };
        let about = ObjectRef {
            api_version: "v1".to_owned(),
            kind: "Pod".to_owned(),
            namespace: key.namespace.to_string(),
            name: key.name.to_string(),
            uid: pod.uid.to_string(),
        };
        self.clients.events.publish(Event { about, severity, reason, message });
    }

    fn intend(&self, intent: Intent) {
        self.clients.learn(ClusterEvent::Intent(intent));
    }
}

/// What to tell people about pools whose own requirements leave no instance type. A pool without a catalogue is none of
/// them: it may not have been asked yet.
pub(crate) fn unusable_pools(report: &SchedulingReport, snapshot: &ClusterSnapshot) -> Vec<Event> {
    let filtered = report.unusable_pools.iter().filter(|unusable| {
        matches!(unusable.why, UnusableReason::FilteredOut | UnusableReason::MinValues)
    });
    let event = |unusable: &UnusablePool| {
        let about = pool_ref(snapshot.pools.get(&unusable.pool)?);
        let (severity, reason) = (Severity::Warning, events::NO_COMPATIBLE_INSTANCE_TYPES);
        Some(Event { about, severity, reason, message: unusable.why.to_string() })
    };
    filtered.filter_map(event).collect()
}

/// The claim and the node of a target, as far as both are known.
fn target_text(target: &Target, snapshot: &ClusterSnapshot) -> String {
    let other = match target {
        Target::Node(name) => {
            let node = snapshot.nodes.get(name);
            node.and_then(|node| snapshot.claim_of(node)).map(|c| Target::Claim(c.name.clone()))
        }
        Target::Claim(name) => {
            let claim = snapshot.claims.get(name);
            let node = claim.and_then(|claim| snapshot.node_of(claim.provider_id()?));
            node.map(|node| Target::Node(node.name.clone()))
        }
    };
    match (target, other) {
        (only, None) => only.to_string(),
        (node @ Target::Node(_), Some(claim)) => format!("{claim}, {node}"),
        (claim @ Target::Claim(_), Some(node)) => format!("{claim}, {node}"),
    }
}

/// The object with the reason on it, where it outlives events and from where it goes to the node.
pub(super) fn explained(object: &NodeClaim, why: &str) -> NodeClaim {
    let mut object = object.clone();
    let annotations = object.metadata.annotations.get_or_insert_default();
    annotations.insert(labels::PROVISIONED_FOR.to_owned(), why.to_owned());
    object
}

#[cfg(test)]
mod tests;
