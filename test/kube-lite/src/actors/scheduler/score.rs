//! Which of the nodes that take a pod is the best.
//!
//! Each scorer gives 0 to 100; weights and formulas are those of kube-scheduler's default
//! profile, without image locality. Among equals the first node by name wins.
//!
//! Source: Kubernetes API (scheduler plugins).

use super::filter::Ask;
use super::node::Bin;
use super::topology::{Force, Topology};
use crate::actors::fit::{matches_term, tolerates};
use crate::object::{int_at, list};

/// Best score of one scorer.
const MAX: f64 = 100.0;

/// The best of some nodes; `nodes` is not empty.
pub(super) fn best(ask: &Ask, nodes: &[usize], bins: &[Bin], topology: &Topology<'_>) -> usize {
    let mut totals = vec![0.0; nodes.len()];
    let mut add = |weight: f64, scores: Vec<f64>| {
        totals.iter_mut().zip(scores).for_each(|(total, score)| *total += weight * score.trunc());
    };
    let each = |score: &dyn Fn(usize) -> f64| nodes.iter().map(|n| score(*n)).collect::<Vec<_>>();
    add(1.0, each(&|node| least_allocated(ask, &bins[node])));
    add(1.0, each(&|node| balanced(ask, &bins[node])));
    add(3.0, reversed(each(&|node| unwanted_taints(ask, &bins[node]))));
    add(2.0, scaled(each(&|node| preferred_affinity(ask, &bins[node]))));
    add(2.0, spread(ask, nodes, topology));
    add(2.0, stretched(attraction(ask, nodes, topology)));
    let first_best =
        totals.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
    first_best.map_or(nodes[0], |(at, _)| nodes[at])
}

/// Share of processor or memory in use with the pod, at most 1.
fn used(ask: &Ask, bin: &Bin) -> [f64; 2] {
    [0, 1].map(|at| {
        let total = bin.total[at] as f64;
        let used = (bin.scored[at] + ask.pod.scored[at]) as f64;
        if total > 0.0 { (used / total).min(1.0) } else { 1.0 }
    })
}

fn least_allocated(ask: &Ask, bin: &Bin) -> f64 {
    let [cpu, memory] = used(ask, bin);
    (((1.0 - cpu) * MAX).trunc() + ((1.0 - memory) * MAX).trunc()) / 2.0
}

fn balanced(ask: &Ask, bin: &Bin) -> f64 {
    let [cpu, memory] = used(ask, bin);
    (1.0 - (cpu - memory).abs() / 2.0) * MAX
}

/// Taints with effect `PreferNoSchedule` that the pod does not tolerate.
fn unwanted_taints(ask: &Ask, bin: &Bin) -> f64 {
    let tolerations = list(&ask.pod.object, "/spec/tolerations");
    let taints = list(&bin.object, "/spec/taints").iter();
    let soft = taints.filter(|taint| taint["effect"] == "PreferNoSchedule");
    soft.filter(|taint| !tolerations.iter().any(|t| tolerates(t, taint))).count() as f64
}

fn preferred_affinity(ask: &Ask, bin: &Bin) -> f64 {
    let path = "/spec/affinity/nodeAffinity/preferredDuringSchedulingIgnoredDuringExecution";
    let terms = list(&ask.pod.object, path).iter();
    let met = terms.filter(|term| matches_term(&term["preference"], &bin.object));
    met.filter_map(|term| int_at(term, "/weight")).sum::<i64>() as f64
}

/// Soft spread constraints: few pods in the domain are good.
fn spread(ask: &Ask, nodes: &[usize], topology: &Topology<'_>) -> Vec<f64> {
    let soft: Vec<_> = ask.spread.iter().filter(|ask| !ask.hard).collect();
    if soft.is_empty() {
        return vec![0.0; nodes.len()];
    }
    let crowd = |node: &usize| -> f64 {
        let crowds = soft.iter().filter_map(|ask| {
            let tally = &topology.spread[ask.tally].tally;
            let weight = ((tally.domains.count + 2) as f64).ln();
            Some(tally.at(*node)? as f64 * weight + (ask.max_skew - 1) as f64)
        });
        crowds.sum::<f64>().round()
    };
    let crowds: Vec<f64> = nodes.iter().map(crowd).collect();
    let (low, high) = range(&crowds);
    let score = |crowd: f64| if high > 0.0 { MAX * (high + low - crowd) / high } else { MAX };
    crowds.into_iter().map(score).collect()
}

/// Preferences between pods, of this one and of those that are there.
fn attraction(ask: &Ask, nodes: &[usize], topology: &Topology<'_>) -> Vec<f64> {
    let mut sums = vec![0; nodes.len()];
    let mut add = |tally: &super::topology::Tally, weight: i64| {
        for (sum, node) in sums.iter_mut().zip(nodes) {
            *sum += weight * tally.at(*node).unwrap_or_default();
        }
    };
    for (weight, tally) in &ask.preferred {
        add(&topology.selected[*tally].tallies[0], *weight);
    }
    for tally in topology.bearers_of(Force::Attracts, &ask.pod) {
        add(tally, 1);
    }
    sums.into_iter().map(|sum| sum as f64).collect()
}

fn range(scores: &[f64]) -> (f64, f64) {
    let low = scores.iter().copied().fold(f64::INFINITY, f64::min);
    (low, scores.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

/// The highest becomes 100.
fn scaled(scores: Vec<f64>) -> Vec<f64> {
    let (_, high) = range(&scores);
    let scale = |score| if high > 0.0 { score * MAX / high } else { score };
    scores.into_iter().map(scale).collect()
}

/// The highest becomes 0, zero becomes 100.
fn reversed(scores: Vec<f64>) -> Vec<f64> {
    scaled(scores).into_iter().map(|score| MAX - score).collect()
}

/// The lowest becomes 0, the highest 100.
fn stretched(scores: Vec<f64>) -> Vec<f64> {
    let (low, high) = range(&scores);
    let stretch = |score| if high > low { (score - low) * MAX / (high - low) } else { 0.0 };
    scores.into_iter().map(stretch).collect()
}
