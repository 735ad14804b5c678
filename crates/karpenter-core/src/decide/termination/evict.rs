//! Which pods of draining nodes are evicted or deleted now.
//!
//! Nothing is asked of the eviction API that it would surely refuse: a PodDisruptionBudget lets as many evictions
//! start as it has disruptions left, and when it has none only the first of its pods is tried, as a probe in case
//! what we know of the budget is old.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::grace::{self, Deadline};
use super::{TerminationInput, drain_reason, order};
use crate::decide::plan::{Plan, Step};
use crate::decide::pod_budgets::{Evictability, PodBudgets};
use crate::model::ids::ObjectKey;
use crate::model::node::Node;
use crate::model::pod::{DoNotDisrupt, Pod};
use crate::model::taints::Taint;

/// One pod that has to leave its node.
#[derive(Debug, Clone)]
pub struct EvictionStep {
    /// The pod, as decided upon.
    pub pod: Arc<Pod>,
    /// Its node.
    pub node: Arc<Node>,
    /// Why, for people and metrics; empty when nobody knows.
    pub reason: String,
    /// How.
    pub removal: Removal,
}

/// How a pod is made to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// Through the eviction API, which honours PodDisruptionBudgets.
    Evict,
    /// By deletion, whatever protects the pod: its node ends.
    Delete {
        /// Grace period the pod is left with; whole seconds, at least one.
        grace: Duration,
        /// When the node ends.
        deadline: Timestamp,
    },
    /// Not now; only tell why.
    Report(PodNotice),
}

/// What the annotation `karpenter.sh/do-not-disrupt` of a pod comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PodNotice {
    /// It is neither `true` nor a positive duration, and ignored.
    Invalid(Arc<str>),
    /// It protects the pod until this instant.
    ProtectedUntil(Timestamp),
    /// Its time is over.
    Elapsed,
}

impl Step for EvictionStep {
    fn object(&self) -> String {
        let kind = match self.removal {
            Removal::Evict | Removal::Delete { .. } => "pod",
            Removal::Report(_) => "events",
        };
        format!("{kind}/{}/{}", self.pod.key, self.pod.uid)
    }
}

/// Every pod whose turn it is, nodes in name order, pods that must go first.
pub fn plan(input: &TerminationInput, now: Timestamp) -> Plan<EvictionStep> {
    let budgets = PodBudgets::of(&input.cluster);
    let mut pass = Pass { budgets, room: BTreeMap::new(), probed: BTreeSet::new(), now };
    let mut plan = Plan::default();
    let disrupted = Taint::disrupted();
    for node in input.leaving_nodes().filter(|node| node.has_taint(&disrupted)) {
        pass.drain(input, node, &mut plan);
    }
    plan
}

struct Pass<'a> {
    budgets: PodBudgets<'a>,
    /// Disruptions each budget has left in this pass.
    room: BTreeMap<&'a ObjectKey, i32>,
    /// Budgets that a probe has been planned for.
    probed: BTreeSet<&'a ObjectKey>,
    now: Timestamp,
}

impl Pass<'_> {
    fn drain(&mut self, input: &TerminationInput, node: &Arc<Node>, plan: &mut Plan<EvictionStep>) {
        let claim = input.cluster.claim_of(node);
        let deadline = claim.and_then(|claim| Deadline::of(claim).at());
        let usage = input.cluster.usage(&node.name);
        let drain = order::drain(usage.pods.values(), deadline, self.now);
        let reason = drain_reason(claim.map(AsRef::as_ref));
        let mut push = |pod: &Arc<Pod>, removal: Removal| {
            let (pod, node) = (pod.clone(), node.clone());
            plan.steps.push(EvictionStep { pod, node, reason: reason.clone(), removal });
        };
        for pod in &drain.forced {
            let deadline = deadline.unwrap_or(self.now);
            push(pod, Removal::Delete { grace: grace::force_grace(deadline, self.now), deadline });
        }
        let mut wake_at = drain.changes_at;
        for pod in drain.tier.iter().filter(|pod| pod.is_active()) {
            if let Some(notice) = protection_notice(pod, self.now) {
                push(pod, Removal::Report(notice));
            }
            wake_at =
                wake_at.into_iter().chain(protected_until(pod)).filter(|at| *at > self.now).min();
            if self.may_try(pod) {
                push(pod, Removal::Evict);
            }
        }
        wake_at.into_iter().for_each(|at| plan.wake(at));
    }

    /// Whether asking the eviction API to remove `pod` is worth a request.
    fn may_try(&mut self, pod: &Pod) -> bool {
        match self.budgets.evictability(pod, self.now) {
            Evictability::NotAsked => false,
            Evictability::Free => true,
            Evictability::Within(budget) => {
                let room = self.room.entry(&budget.key).or_insert(budget.disruptions_allowed);
                *room -= 1;
                *room >= 0
            }
            Evictability::Exhausted(budget) => self.probed.insert(&budget.key),
            Evictability::Several(budgets) => {
                budgets.first().is_some_and(|first| self.probed.insert(first))
            }
        }
    }
}

/// When the annotation of `pod` stops protecting it.
pub fn protected_until(pod: &Pod) -> Option<Timestamp> {
    match (&pod.do_not_disrupt, pod.started_at) {
        (DoNotDisrupt::For(period), Some(started)) => started.checked_add(*period).ok(),
        _ => None,
    }
}

/// What to tell people about the annotation of `pod`.
pub fn protection_notice(pod: &Pod, now: Timestamp) -> Option<PodNotice> {
    match &pod.do_not_disrupt {
        DoNotDisrupt::No | DoNotDisrupt::Always => None,
        DoNotDisrupt::Invalid(text) => Some(PodNotice::Invalid(text.clone())),
        DoNotDisrupt::For(_) => {
            let until = protected_until(pod)?;
            Some(if now < until { PodNotice::ProtectedUntil(until) } else { PodNotice::Elapsed })
        }
    }
}
