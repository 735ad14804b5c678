//! Counts how many pods each disruption budget may lose.
//!
//! Source: Kubernetes API (policy/v1 PodDisruptionBudget).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::pods;
use super::runner::{Controller, Plan};
use super::world::{BUDGETS, PODS, REPLICASETS, Watched, World};
use super::write::Write;
use crate::object::{Key, meta_str, set_condition};
use crate::store::Selector;

/// An evicted pod that has not begun to terminate after this time counts as healthy again.
const EVICTION_TIMEOUT: SignedDuration = SignedDuration::from_mins(2);

/// The actor.
#[derive(Debug)]
pub(super) struct DisruptionBudgets;

impl Controller for DisruptionBudgets {
    const KINDS: &'static [Watched] = &[BUDGETS, PODS, REPLICASETS];

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        for (key, budget) in world.objects(BUDGETS) {
            let matching = matching(world, key, budget);
            let disrupted = disrupted(budget, &matching, now);
            if let Some(end) = disrupted.values().filter_map(|(_, end)| *end).min() {
                plan.wake(end);
            }
            let status = status(world, budget, &matching, &disrupted, now);
            if let Some(body) = pods::status_patch(budget, &status) {
                let key = key.clone();
                plan.writes.push(Write::Patch { kind: BUDGETS, key, status: true, body });
            }
        }
        plan
    }
}

type Pods<'a> = Vec<(&'a Key, &'a Arc<Value>)>;

/// Evicted pods: when, and until when they are waited for (`None`: the entry can go).
type Disrupted<'a> = BTreeMap<&'a str, (&'a Value, Option<Timestamp>)>;

fn matching<'a>(world: &'a World, key: &'a Key, budget: &Value) -> Pods<'a> {
    let Some(selector) = budget.pointer("/spec/selector").and_then(Selector::of_object) else {
        return Vec::new();
    };
    world
        .objects(PODS)
        .range(Key::new(&key.namespace, "")..)
        .take_while(|(pod, _)| pod.namespace == key.namespace)
        .filter(|(_, pod)| !pods::is_over(pod) && selector.matches(pod))
        .collect()
}

fn disrupted<'a>(budget: &'a Value, matching: &Pods<'_>, now: Timestamp) -> Disrupted<'a> {
    let entries = budget.pointer("/status/disruptedPods").and_then(Value::as_object);
    let waited_for = |name: &str, since: &Value| -> Option<Timestamp> {
        let active = |(key, pod): &(&Key, &Arc<Value>)| key.name == name && pods::is_active(pod);
        let end = since.as_str()?.parse::<Timestamp>().ok()?.checked_add(EVICTION_TIMEOUT).ok()?;
        (matching.iter().any(active) && end > now).then_some(end)
    };
    let entries = entries.into_iter().flatten();
    entries.map(|(name, since)| (name.as_str(), (since, waited_for(name, since)))).collect()
}

fn status(
    world: &World,
    budget: &Value,
    matching: &Pods<'_>,
    disrupted: &Disrupted<'_>,
    now: Timestamp,
) -> Value {
    let waited = |name: &str| disrupted.get(name).is_some_and(|(_, end)| end.is_some());
    let healthy = matching
        .iter()
        .filter(|(key, pod)| pods::is_active(pod) && pods::is_ready(pod) && !waited(&key.name));
    let healthy = i64::try_from(healthy.count()).unwrap_or(i64::MAX);
    let (expected, desired) = expectation(world, &budget["spec"], matching);
    let allowed = if expected > 0 { (healthy - desired).max(0) } else { 0 };
    let removed: BTreeMap<&str, &Value> = disrupted
        .iter()
        .map(|(name, (since, end))| (*name, if end.is_some() { *since } else { &Value::Null }))
        .collect();
    let mut edited = budget.clone();
    let (state, reason) =
        if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    let condition = json!({
        "type": "DisruptionAllowed", "status": state, "reason": reason, "message": "",
        "observedGeneration": budget["metadata"]["generation"],
    });
    set_condition(&mut edited, condition, &crate::time::text(now));
    json!({
        "disruptionsAllowed": allowed, "currentHealthy": healthy, "desiredHealthy": desired,
        "expectedPods": expected, "disruptedPods": removed,
        "observedGeneration": budget["metadata"]["generation"],
        "conditions": edited["status"]["conditions"],
    })
}

/// Expected pods, and how many of them must be healthy.
fn expectation(world: &World, spec: &Value, matching: &Pods<'_>) -> (i64, i64) {
    let present = i64::try_from(matching.len()).unwrap_or(i64::MAX);
    if let Some(unavailable) = spec.get("maxUnavailable") {
        let expected = wished(world, matching);
        return (expected, (expected - share(unavailable, expected)).max(0));
    }
    match spec.get("minAvailable") {
        Some(number) if number.is_number() => (present, number.as_i64().unwrap_or_default()),
        Some(percentage) => {
            let expected = wished(world, matching);
            (expected, share(percentage, expected))
        }
        None => (present, 1),
    }
}

/// A number, or a percentage of `whole` rounded up.
fn share(value: &Value, whole: i64) -> i64 {
    let percentage = || value.as_str()?.strip_suffix('%')?.parse::<i64>().ok();
    value.as_i64().or_else(|| Some((percentage()? * whole + 99) / 100)).unwrap_or_default()
}

/// Copies the owners of these pods wish for; a pod without a known owner counts for itself.
fn wished(world: &World, matching: &Pods<'_>) -> i64 {
    let mut owners: BTreeMap<String, i64> = BTreeMap::new();
    for (key, pod) in matching {
        let owner = pods::controller(pod).and_then(|owner| {
            let set = Key::new(&key.namespace, owner["name"].as_str()?);
            world.objects(REPLICASETS).get(&set)
        });
        match owner {
            Some(set) => owners.insert(pods::uid(set).to_owned(), pods::replicas(set)),
            None => owners.insert(meta_str(pod, "uid").unwrap_or("").to_owned(), 1),
        };
    }
    owners.values().sum()
}
