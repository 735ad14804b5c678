//! Pools, nodes and waiting pods, as people ask for them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Event, Node, Pod};
use karpenter_core::api::labels;
use karpenter_core::api::v1::conditions::{
    DISRUPTION_REASON, HasConditions, INITIALIZED, LAUNCHED, REGISTERED,
};
use karpenter_core::api::v1::nodeclaim::NodeClaim;
use karpenter_core::model::resources::Resources;
use kube::ResourceExt;
use serde::Serialize;

use super::seen::Seen;

/// Prices per hour by provider id, in the currency of the cloud.
pub(crate) type PriceList = BTreeMap<String, f64>;

/// What is to be seen at one moment.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Rows {
    /// By name.
    pub(crate) pools: Vec<PoolRow>,
    /// By name of the claim.
    pub(crate) nodes: Vec<NodeRow>,
    /// Pods without a node, by namespace and name.
    pub(crate) pending: Vec<PendingRow>,
    /// Pods whose phase is `Running`.
    pub(crate) pods_running: usize,
    /// Sum over all nodes whose price is known.
    pub(crate) cost_per_hour: f64,
}

/// A NodePool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct PoolRow {
    pub(crate) name: String,
    pub(crate) ready: bool,
    /// Claims that are not being deleted.
    pub(crate) nodes: usize,
    pub(crate) cost_per_hour: f64,
}

/// A NodeClaim with its node and instance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct NodeRow {
    pub(crate) claim: String,
    /// Empty until the node has registered.
    pub(crate) node: String,
    pub(crate) pool: String,
    /// How far it has come.
    pub(crate) state: &'static str,
    pub(crate) instance_type: String,
    pub(crate) zone: String,
    pub(crate) capacity_type: String,
    pub(crate) price_per_hour: Option<f64>,
    /// Requested share of what pods may have, 0 to 100.
    pub(crate) cpu_percent: Option<u8>,
    /// Requested share of what pods may have, 0 to 100.
    pub(crate) memory_percent: Option<u8>,
    pub(crate) age_seconds: i64,
    /// Why it exists, or why it goes.
    pub(crate) reason: String,
}

/// A pod without a node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct PendingRow {
    pub(crate) pod: String,
    pub(crate) reason: String,
}

impl Rows {
    /// Rows of what was seen at `now`.
    pub(crate) fn of(seen: &Seen, prices: &PriceList, now: Timestamp) -> Self {
        let reasons = Reasons::of(&seen.events);
        let used = used_by_node(&seen.pods);
        let mut nodes: Vec<_> = seen
            .claims
            .iter()
            .map(|claim| node_row(claim, seen, &used, prices, &reasons, now))
            .collect();
        nodes.sort_by(|a, b| a.claim.cmp(&b.claim));
        let mut pools: Vec<_> = seen
            .pools
            .iter()
            .map(|pool| {
                let name = pool.name_any();
                let own = nodes.iter().filter(|row| row.pool == name);
                PoolRow {
                    ready: pool.is_true("Ready"),
                    nodes: own.clone().filter(|row| row.state != TERMINATING).count(),
                    cost_per_hour: total(own),
                    name,
                }
            })
            .collect();
        pools.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            pending: seen.pods.iter().filter_map(|pod| pending_row(pod, &reasons)).collect(),
            pods_running: seen.pods.iter().filter(|pod| is_running(pod)).count(),
            cost_per_hour: total(nodes.iter()),
            pools,
            nodes,
        }
    }
}

/// Sum of the prices that are known. An empty sum of floats would be minus zero.
fn total<'a>(rows: impl Iterator<Item = &'a NodeRow>) -> f64 {
    rows.filter_map(|row| row.price_per_hour).fold(0.0, |sum, price| sum + price)
}

/// State of a claim that is being deleted.
pub(crate) const TERMINATING: &str = "terminating";

fn node_row(
    claim: &NodeClaim,
    seen: &Seen,
    used: &BTreeMap<&str, Resources>,
    prices: &PriceList,
    reasons: &Reasons,
    now: Timestamp,
) -> NodeRow {
    let status = claim.status.as_ref();
    let provider_id = status.and_then(|status| status.provider_id.clone()).unwrap_or_default();
    let name = status.and_then(|status| status.node_name.clone()).unwrap_or_default();
    let node = seen.nodes.iter().find(|node| node.name_any() == name);
    let share = |resource| percent(resource, used.get(name.as_str()), node?);
    let label = |key: &str| claim.labels().get(key).cloned().unwrap_or_default();
    NodeRow {
        pool: label(labels::NODEPOOL),
        state: state(claim),
        instance_type: label(labels::INSTANCE_TYPE),
        zone: label(labels::ZONE),
        capacity_type: label(labels::CAPACITY_TYPE),
        price_per_hour: prices.get(&provider_id).copied(),
        cpu_percent: share("cpu"),
        memory_percent: share("memory"),
        age_seconds: claim
            .creation_timestamp()
            .map_or(0, |created| now.duration_since(created.0).as_secs().max(0)),
        reason: reasons.of_claim(claim),
        claim: claim.name_any(),
        node: name,
    }
}

fn state(claim: &NodeClaim) -> &'static str {
    if claim.metadata.deletion_timestamp.is_some() {
        return TERMINATING;
    }
    let steps = [(INITIALIZED, "ready"), (REGISTERED, "registered"), (LAUNCHED, "launched")];
    let reached = steps.into_iter().find(|(condition, _)| claim.is_true(condition));
    reached.map_or("launching", |(_, state)| state)
}

fn used_by_node(pods: &[Pod]) -> BTreeMap<&str, Resources> {
    let mut used: BTreeMap<&str, Resources> = BTreeMap::new();
    for pod in pods {
        let Some(spec) = &pod.spec else { continue };
        let Some(node) = spec.node_name.as_deref() else { continue };
        let requests = spec.containers.iter().filter_map(|container| {
            let requests = container.resources.as_ref()?.requests.as_ref()?;
            Resources::from_api(requests).ok()
        });
        let sum = used.entry(node).or_default();
        requests.for_each(|requests| sum.add_in_place(&requests));
    }
    used
}

fn percent(resource: &str, used: Option<&Resources>, node: &Node) -> Option<u8> {
    let allocatable = node.status.as_ref()?.allocatable.as_ref()?;
    let have = Resources::from_api(allocatable).ok()?.get_or_zero(resource).nanos();
    let used = used.map_or(0, |used| used.get_or_zero(resource).nanos());
    let share = used.checked_mul(100)?.checked_div(have)?;
    u8::try_from(share).ok()
}

fn pending_row(pod: &Pod, reasons: &Reasons) -> Option<PendingRow> {
    let waits = pod.spec.as_ref().is_none_or(|spec| spec.node_name.is_none())
        && pod.metadata.deletion_timestamp.is_none();
    let key = (pod.namespace().unwrap_or_default(), pod.name_any());
    waits.then(|| PendingRow {
        reason: reasons.of_pod(&key).unwrap_or("waits for a node").to_owned(),
        pod: format!("{}/{}", key.0, key.1),
    })
}

fn is_running(pod: &Pod) -> bool {
    pod.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Running")
}

/// Namespace and name of a pod.
type PodName = (String, String);

/// What Kubernetes Events say about pods and claims.
struct Reasons {
    /// Newest message of `FailedScheduling` or `Nominated`, by pod.
    pods: BTreeMap<PodName, (Option<Timestamp>, String)>,
    /// Pods that were planned onto a claim.
    nominated: BTreeMap<String, BTreeSet<String>>,
}

impl Reasons {
    fn of(events: &[Event]) -> Self {
        let mut reasons = Self { pods: BTreeMap::new(), nominated: BTreeMap::new() };
        for event in events {
            let pod = &event.involved_object;
            if pod.kind.as_deref() != Some("Pod") {
                continue;
            }
            let name = pod.name.clone().unwrap_or_default();
            let message = event.message.clone().unwrap_or_default();
            match event.reason.as_deref() {
                Some("Nominated") => {
                    if let Some((_, claim)) = message.split_once("nodeclaim/") {
                        let claim = claim.split([',', ' ']).next().unwrap_or_default();
                        let pods = reasons.nominated.entry(claim.to_owned()).or_default();
                        pods.insert(name.clone());
                    }
                }
                Some("FailedScheduling") => {}
                _ => continue,
            }
            let at = moment(event);
            let key = (pod.namespace.clone().unwrap_or_default(), name);
            let known = reasons.pods.entry(key).or_default();
            if known.0 <= at {
                *known = (at, message);
            }
        }
        reasons
    }

    fn of_pod(&self, pod: &PodName) -> Option<&str> {
        self.pods.get(pod).map(|(_, message)| message.as_str())
    }

    /// Why a claim goes, else for which pods it was made.
    fn of_claim(&self, claim: &NodeClaim) -> String {
        if let Some(condition) = claim.condition(DISRUPTION_REASON) {
            return format!("goes: {}", condition.reason);
        }
        if claim.metadata.deletion_timestamp.is_some() {
            return "goes: deleted".to_owned();
        }
        match self.nominated.get(&claim.name_any()) {
            None => String::new(),
            Some(pods) => match pods.first() {
                Some(first) if pods.len() > 1 => {
                    format!("for {} pods: {first}, …", pods.len())
                }
                first => format!("for pod {}", first.map_or("", String::as_str)),
            },
        }
    }
}

/// When an event was last seen.
fn moment(event: &Event) -> Option<Timestamp> {
    let series = event.series.as_ref().and_then(|series| series.last_observed_time.as_ref());
    let last = event.last_timestamp.as_ref().map(|time| time.0);
    series.or(event.event_time.as_ref()).map(|time| time.0).or(last)
}
