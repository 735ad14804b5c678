//! POST to `pods/{name}/eviction`: deletion that asks the disruption budgets first.
//!
//! Source: Kubernetes API (policy/v1 Eviction).

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::{
    Key, condition, int_at, is_terminating, member, meta_str, set_condition, str_at,
};
use crate::state::{Ctx, State};
use crate::store::{Selector, Stored};
use crate::verbs::delete::{DeleteOptions, check_preconditions, delete_object};

/// Message of the answer for a pod that several budgets select.
const SEVERAL_BUDGETS: &str = "This pod has more than one PodDisruptionBudget, which the eviction \
                               subresource does not support.";

/// Deletes a pod if its budget allows.
///
/// # Errors
/// `TooManyRequests` with cause `DisruptionBudget`; code 500 when several budgets match;
/// `NotFound`; `Conflict` when a precondition fails.
pub(crate) fn evict(
    state: &mut State,
    ctx: &Ctx,
    kind: &Kind,
    key: &Key,
    options: &DeleteOptions,
) -> Result<(), ApiError> {
    let pod = state.get(kind, key)?;
    check_preconditions(kind, key, &pod.object, options)?;
    if !ignores_budgets(&pod.object) {
        spend_budget(state, ctx, key, &pod)?;
    }
    mark_target(state, ctx, kind, key, &pod);
    // The condition has raised the version that was checked above.
    let options = DeleteOptions { resource_version: None, ..options.clone() };
    delete_object(state, ctx, kind, key, &options)?;
    Ok(())
}

/// Pods that do not count as healthy copies are evicted freely.
fn ignores_budgets(pod: &Value) -> bool {
    let phase = str_at(pod, "/status/phase").unwrap_or("Pending");
    matches!(phase, "Succeeded" | "Failed" | "Pending") || is_terminating(pod)
}

fn spend_budget(state: &mut State, ctx: &Ctx, key: &Key, pod: &Stored) -> Result<(), ApiError> {
    let budgets = state.kind("policy", "poddisruptionbudgets")?;
    let log = state.store.log(&budgets.id());
    let matching: Vec<(Key, Stored)> = log
        .into_iter()
        .flat_map(|log| log.range(Some(&key.namespace), None))
        .filter(|(_, budget)| {
            let selector = budget.object.pointer("/spec/selector");
            selector.and_then(Selector::of_object).is_some_and(|s| s.matches(&pod.object))
        })
        .map(|(key, budget)| (key.clone(), budget))
        .collect();
    match matching.as_slice() {
        [] => Ok(()),
        [(budget_key, budget)] => {
            if spares_unhealthy(&pod.object, &budget.object) {
                return Ok(());
            }
            let spent = decrement(&budget.object, &key.name, &ctx.now)?;
            state.put(ctx, &budgets, budget_key, spent);
            Ok(())
        }
        _ => Err(ApiError::unexplained(SEVERAL_BUDGETS)),
    }
}

/// Whether the budget lets an unhealthy pod go without counting it.
fn spares_unhealthy(pod: &Value, budget: &Value) -> bool {
    if condition(pod, "Ready") == Some("True") {
        return false;
    }
    let number = |pointer| int_at(budget, pointer).unwrap_or_default();
    match str_at(budget, "/spec/unhealthyPodEvictionPolicy") {
        Some("AlwaysAllow") => true,
        _ => {
            let desired = number("/status/desiredHealthy");
            desired > 0 && number("/status/currentHealthy") >= desired
        }
    }
}

/// The budget with one disruption less.
fn decrement(budget: &Value, pod: &str, now: &str) -> Result<Value, ApiError> {
    let name = meta_str(budget, "name").unwrap_or("");
    let number = |pointer| int_at(budget, pointer).unwrap_or_default();
    if number("/status/observedGeneration") < number("/metadata/generation") {
        return Err(ApiError::disruption_budget(&format!(
            "The disruption budget {name} is still being processed by the server."
        )));
    }
    let allowed = number("/status/disruptionsAllowed");
    if allowed <= 0 {
        return Err(ApiError::disruption_budget(&format!(
            "The disruption budget {name} needs {} healthy pods and has {} currently",
            number("/status/desiredHealthy"),
            number("/status/currentHealthy")
        )));
    }
    let mut spent = budget.clone();
    let status = member(&mut spent, "status");
    status.insert("disruptionsAllowed".into(), json!(allowed - 1));
    let disrupted = status.entry("disruptedPods").or_insert_with(|| json!({}));
    disrupted[pod] = json!(now);
    Ok(spent)
}

/// Notes on the pod why it goes.
fn mark_target(state: &mut State, ctx: &Ctx, kind: &Kind, key: &Key, pod: &Stored) {
    if is_terminating(&pod.object) {
        return;
    }
    let mut marked = (*pod.object).clone();
    let condition = json!({
        "type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
    });
    set_condition(&mut marked, condition, &ctx.now);
    state.put(ctx, kind, key, marked);
}
