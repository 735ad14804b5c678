//! Rolls each deployment from its older replica sets to the one of its template.
//!
//! # Flow
//! The set of the current template is made, then raised as far as `maxSurge` allows, while the
//! older ones are lowered as far as `maxUnavailable` allows: first what is not available anyway.
//! `Recreate` empties the older sets before the new one begins.
//!
//! # Caveats
//! A change of `replicas` in the middle of a rollout is not spread over the sets in proportion.
//!
//! Source: Kubernetes API (deployment controller).

mod set;
mod status;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use self::set::{Limits, replica_set, revision, scale, set_name, with_revision};
use super::pods;
use super::runner::{Controller, Plan};
use super::world::{DEPLOYMENTS, REPLICASETS, Watched, World};
use super::write::Write;
use crate::object::{Key, int_at, is_terminating, meta_str, str_at};

/// The actor.
#[derive(Debug)]
pub(super) struct Deployments;

impl Controller for Deployments {
    const KINDS: &'static [Watched] = &[DEPLOYMENTS, REPLICASETS];

    fn plan(&mut self, world: &World, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        let owned = pods::by_controller(world.objects(REPLICASETS));
        let deployments = world.objects(DEPLOYMENTS).iter();
        for (key, deployment) in deployments.filter(|(_, d)| !is_terminating(d)) {
            let sets = owned.get(pods::uid(deployment)).map_or(&[][..], Vec::as_slice);
            roll(&Rollout::new(key, deployment, sets), &mut plan);
            plan.writes.extend(status::write(key, deployment, sets, now, &mut plan.wake_at));
        }
        plan
    }
}

/// A replica set with its key.
type Set<'a> = (&'a Key, &'a Arc<Value>);

/// One deployment, its current set, and the older ones from the oldest to the newest.
struct Rollout<'a> {
    key: &'a Key,
    deployment: &'a Value,
    current: Option<Set<'a>>,
    older: Vec<Set<'a>>,
}

impl<'a> Rollout<'a> {
    fn new(key: &'a Key, deployment: &'a Value, sets: &[Set<'a>]) -> Self {
        let name = set_name(key, deployment);
        let current = sets.iter().copied().find(|(key, _)| key.name == name);
        let mut older: Vec<_> = sets.iter().copied().filter(|(key, _)| key.name != name).collect();
        older.sort_by_key(|(key, set)| {
            (meta_str(set, "creationTimestamp").unwrap_or("").to_owned(), (*key).clone())
        });
        Self { key, deployment, current, older }
    }

    fn next_revision(&self) -> i64 {
        self.older.iter().map(|(_, set)| revision(set)).max().unwrap_or_default() + 1
    }

    fn total(&self) -> i64 {
        let sets = self.older.iter().chain(self.current.iter());
        sets.map(|(_, set)| pods::replicas(set)).sum()
    }
}

fn roll(rollout: &Rollout<'_>, plan: &mut Plan) {
    let deployment = rollout.deployment;
    let wished = pods::replicas(deployment);
    if deployment["spec"]["paused"] == true {
        let newest = rollout.current.or(rollout.older.last().copied());
        plan.writes.extend(newest.and_then(|set| scale(set, wished)));
        return;
    }
    let recreate = str_at(deployment, "/spec/strategy/type") == Some("Recreate");
    let limits = Limits::of(deployment, wished);
    if recreate {
        plan.writes.extend(rollout.older.iter().filter_map(|set| scale(*set, 0)));
        let left = |(_, set): &Set<'_>| {
            pods::replicas(set) > 0 || int_at(set, "/status/replicas").unwrap_or_default() > 0
        };
        if rollout.older.iter().any(left) {
            return;
        }
    }
    let room = if recreate { wished } else { wished + limits.surge - rollout.total() };
    let Some((key, set)) = rollout.current else {
        let replicas = room.clamp(0, wished);
        let object = replica_set(rollout.key, deployment, replicas, rollout.next_revision());
        let namespace = rollout.key.namespace.clone();
        plan.writes.push(Write::Create { kind: REPLICASETS, namespace, object });
        return;
    };
    let has = pods::replicas(set);
    let next = if has > wished { wished } else { (has + room.max(0)).min(wished) };
    let raised = scale((key, set), if recreate { wished } else { next });
    plan.writes.extend(raised.or_else(|| with_revision((key, set), rollout.next_revision())));
    if !recreate {
        lower(rollout, set, wished - limits.unavailable, plan);
    }
    forget(rollout, plan);
}

/// Lowers the older sets so that at least `least` pods stay available.
fn lower(rollout: &Rollout<'_>, current: &Value, least: i64, plan: &mut Plan) {
    let available = |set: &Value| int_at(set, "/status/availableReplicas").unwrap_or_default();
    let starting = (pods::replicas(current) - available(current)).max(0);
    let mut budget = rollout.total() - least - starting;
    let mut wished: Vec<i64> = rollout.older.iter().map(|(_, set)| pods::replicas(set)).collect();
    for ((_, set), wished) in rollout.older.iter().zip(&mut wished) {
        let idle = (*wished - available(set)).clamp(0, budget.max(0));
        *wished -= idle;
        budget -= idle;
    }
    let serving = |(set, wished): (&Set<'_>, &i64)| available(set.1).min(*wished);
    let all: i64 = rollout.older.iter().zip(&wished).map(serving).sum();
    let mut surplus = (all + available(current) - least).min(budget);
    for wished in &mut wished {
        let less = (*wished).clamp(0, surplus.max(0));
        *wished -= less;
        surplus -= less;
    }
    let writes = rollout.older.iter().zip(wished).filter_map(|(set, wished)| scale(*set, wished));
    plan.writes.extend(writes);
}

/// Deletes the oldest empty sets beyond the history limit.
fn forget(rollout: &Rollout<'_>, plan: &mut Plan) {
    let limit = int_at(rollout.deployment, "/spec/revisionHistoryLimit").unwrap_or(10);
    let kept = usize::try_from(limit).unwrap_or_default();
    let empty = |(_, set): &&Set<'_>| {
        pods::replicas(set) == 0
            && int_at(set, "/status/replicas") == Some(0)
            && !is_terminating(set)
    };
    let surplus = rollout.older.len().saturating_sub(kept);
    for (key, set) in rollout.older.iter().filter(empty).take(surplus) {
        let (uid, key) = (pods::uid(set).to_owned(), (*key).clone());
        plan.writes.push(Write::Delete { kind: REPLICASETS, key, uid, grace_seconds: None });
    }
}
