//! Which pods the eviction API will let go: PodDisruptionBudgets, indexed by namespace.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::disruption_budget::PodDisruptionBudget;
use crate::model::ids::{Namespace, ObjectKey};
use crate::model::pod::{Pod, PodPhase};
use crate::model::taints::Taint;
use crate::state::ClusterSnapshot;

/// All budgets of the cluster.
#[derive(Debug, Default)]
pub struct PodBudgets<'a> {
    by_namespace: BTreeMap<&'a Namespace, Vec<&'a PodDisruptionBudget>>,
}

/// What the eviction API would say to one pod.
#[derive(Debug, Clone, PartialEq)]
pub enum Evictability<'a> {
    /// Nobody will ask: the pod ends by itself, stays on the node, or forbids it.
    NotAsked,
    /// No budget stands in the way, and none is used up.
    Free,
    /// Yes; the eviction uses up one disruption of this budget.
    Within(&'a PodDisruptionBudget),
    /// No: this budget has no disruption left.
    Exhausted(&'a PodDisruptionBudget),
    /// No: the API refuses pods that several budgets cover. In key order.
    Several(Vec<&'a ObjectKey>),
}

impl Evictability<'_> {
    /// Whether nothing keeps the pod.
    pub fn is_allowed(&self) -> bool {
        match self {
            Self::NotAsked | Self::Free | Self::Within(_) => true,
            Self::Exhausted(_) | Self::Several(_) => false,
        }
    }
}

impl<'a> PodBudgets<'a> {
    /// The budgets in `cluster`.
    pub fn of(cluster: &'a ClusterSnapshot) -> Self {
        let mut by_namespace: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for budget in cluster.disruption_budgets.values() {
            by_namespace.entry(&budget.key.namespace).or_default().push(&**budget);
        }
        Self { by_namespace }
    }

    /// What the eviction API would say to `pod` at `now`.
    ///
    /// Source: Kubernetes API (pods/eviction). Differs from Karpenter: pods that do not run yet and unhealthy pods
    /// of a healthy application are let go, as the API does.
    pub fn evictability(&self, pod: &Pod, now: Timestamp) -> Evictability<'a> {
        if !pod.is_evictable(&Taint::disrupted(), now) {
            return Evictability::NotAsked;
        }
        if pod.phase == PodPhase::Pending {
            return Evictability::Free;
        }
        match self.covering(pod).as_slice() {
            [] => Evictability::Free,
            [budget] if lets_unhealthy_go(budget, pod) => Evictability::Free,
            [budget] if budget.disruptions_allowed > 0 => Evictability::Within(budget),
            [budget] => Evictability::Exhausted(budget),
            several => Evictability::Several(several.iter().map(|budget| &budget.key).collect()),
        }
    }

    /// No eviction of `pod` can ever succeed while the budgets are what they are: one forbids every disruption, or
    /// several cover it.
    pub fn is_fully_blocked(&self, pod: &Pod, now: Timestamp) -> bool {
        match self.evictability(pod, now) {
            Evictability::NotAsked | Evictability::Free => false,
            Evictability::Within(budget) | Evictability::Exhausted(budget) => {
                budget.blocks_everything
            }
            Evictability::Several(_) => true,
        }
    }

    fn covering(&self, pod: &Pod) -> Vec<&'a PodDisruptionBudget> {
        let budgets = self.by_namespace.get(&pod.key.namespace).into_iter().flatten();
        budgets.copied().filter(|budget| budget.covers(pod)).collect()
    }
}

fn lets_unhealthy_go(budget: &PodDisruptionBudget, pod: &Pod) -> bool {
    let healthy_enough =
        budget.desired_healthy > 0 && budget.current_healthy >= budget.desired_healthy;
    !pod.ready && (budget.always_allow_unhealthy || healthy_enough)
}
