//! Pods without a place, for people: each NodePool with the fewest constraints that keep the pod out of it.

use std::collections::BTreeMap;
use std::fmt::Write;

use karpenter_core::decide::scheduling::plan::SchedulingPlan;
use karpenter_core::decide::scheduling::unschedulable::{PoolRefusal, Refusal, Unschedulable};
use karpenter_core::model::ids::PodKey;

use super::outcome::reasons;
use super::table::{NAMED, ROWS, counted};

/// Pods by reason, in the order of the first of each; pods with equal reasons share a paragraph. Empty without any.
pub fn section(plan: &SchedulingPlan) -> String {
    let unusable = plan.report.unusable_pools.iter();
    let unusable: Vec<String> =
        unusable.map(|one| format!("NodePool {}: {}", one.pool, one.why)).collect();
    let mut order: Vec<Vec<String>> = vec![];
    let mut groups: BTreeMap<Vec<String>, Vec<&PodKey>> = BTreeMap::new();
    for (pod, why) in &plan.unschedulable {
        let lines: Vec<String> = lines(why).into_iter().chain(unusable.iter().cloned()).collect();
        let group = groups.entry(lines.clone()).or_default();
        if group.is_empty() {
            order.push(lines);
        }
        group.push(pod);
    }
    let mut text = String::new();
    for lines in order.iter().take(ROWS) {
        let pods = &groups[lines];
        let more = match pods.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let named: Vec<String> = pods.iter().take(NAMED).map(ToString::to_string).collect();
        let _ = writeln!(text, "  {}{more}", named.join(", "));
        for line in lines {
            let _ = writeln!(text, "    {line}");
        }
    }
    if order.len() > ROWS {
        let n_others = counted(order.len() - ROWS, "other reason");
        let _ = writeln!(text, "  ... and {n_others}, as --output json shows");
    }
    if text.is_empty() { text } else { format!("WITHOUT A PLACE, AND WHY\n{text}") }
}

/// One line for each NodePool that was tried, or for each reason of the pod's own.
fn lines(why: &Unschedulable) -> Vec<String> {
    match why {
        Unschedulable::Refused(refusals) => refusals.iter().map(line).collect(),
        Unschedulable::NoNodePool => vec!["no NodePool can make nodes for pods".to_owned()],
        other => reasons(other),
    }
}

/// What keeps a pod out of a pool, with what the nearest instance type lacks; the refusal where that is not known.
fn line(refusal: &PoolRefusal) -> String {
    let Some(core) = &refusal.core else { return refusal.to_string() };
    let nearest = match &refusal.why {
        Refusal::InstanceTypes(why) => why.nearest_lacks(),
        _ => String::new(),
    };
    format!("NodePool {}: {core}{nearest}", refusal.pool)
}
