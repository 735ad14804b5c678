//! All that can be said of one pod: everything that was tried before it found its place, or why nothing would do.

use std::collections::BTreeSet;
use std::fmt::Write;

use karpenter_core::decide::scheduling::input::SchedulingInput;
use karpenter_core::decide::scheduling::landing::{Landing, PassedOver, solve};
use karpenter_core::decide::scheduling::plan::SchedulingPlan;
use karpenter_core::model::ids::PodKey;
use serde::Serialize;

use super::outcome::{node, reasons};
use super::table::counted;

/// How a pod found its place, or did not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explained {
    /// The pod.
    pub pod: String,
    /// The node or NodeClaim that is there, or the number of a new node as in `claims`, counted from 1; absent without a
    /// place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Preferences it gave up before, in order.
    pub given_up: Vec<String>,
    /// Nodes that are there and were tried before.
    pub nodes_passed_over: Vec<Passed>,
    /// Nodes planned so far that were tried before.
    pub new_nodes_passed_over: Vec<Passed>,
    /// NodePools that were tried before, or all of them for a pod without a place: why they would not do, in full.
    pub pools_passed_over: Vec<String>,
}

/// Where a pod goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// To a node or NodeClaim that is there.
    Node(String),
    /// To a new node.
    NewNode {
        /// Which, counted from 1.
        number: usize,
        /// It is made for this pod; the others on it came later.
        made_for_it: bool,
    },
}

/// Nodes that have the same thing against them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// How many.
    pub nodes: usize,
    /// What the pod was turned away by, or for lack of.
    pub why: String,
}

/// What can be said of `pod`; `None` when it is not one that needs a place. Costs a decision.
pub fn explain(input: &SchedulingInput, pod: &PodKey) -> Option<Explained> {
    let plan = solve(input, &BTreeSet::from([pod.clone()]));
    match plan.report.landings.first() {
        Some(landing) => Some(landed(&plan, landing)),
        None => {
            let (_, why) = plan.unschedulable.iter().find(|(key, _)| key == pod)?;
            Some(Explained {
                pod: pod.to_string(),
                place: None,
                given_up: vec![],
                nodes_passed_over: vec![],
                new_nodes_passed_over: vec![],
                pools_passed_over: reasons(why),
            })
        }
    }
}

fn landed(plan: &SchedulingPlan, landing: &Landing) -> Explained {
    let placement = plan.placements.iter().find(|placed| placed.pods.contains(&landing.pod));
    let number = plan.claims.iter().position(|claim| claim.pods.contains(&landing.pod));
    let new = number.map(|at| Place::NewNode { number: at + 1, made_for_it: landing.is_first });
    Explained {
        pod: landing.pod.to_string(),
        place: placement.map(|placed| Place::Node(node(&placed.target))).or(new),
        given_up: landing.given_up.iter().map(ToString::to_string).collect(),
        nodes_passed_over: passed(&landing.nodes),
        new_nodes_passed_over: passed(&landing.claims),
        pools_passed_over: landing.pools.iter().map(ToString::to_string).collect(),
    }
}

fn passed(over: &PassedOver) -> Vec<Passed> {
    let sorted = over.sorted().into_iter();
    sorted.map(|(obstacle, nodes)| Passed { nodes, why: obstacle.to_string() }).collect()
}

/// One paragraph for each pod; empty without any.
pub fn section(explained: &[Explained]) -> String {
    let mut text = String::new();
    for one in explained {
        let _ = writeln!(text, "  {} {}", one.pod, place(one.place.as_ref()));
        for given_up in &one.given_up {
            let _ = writeln!(text, "    gave up {given_up}");
        }
        let rows = [
            ("node that is there", &one.nodes_passed_over),
            ("new node before", &one.new_nodes_passed_over),
        ];
        for (what, passed) in rows.into_iter().filter(|(_, passed)| !passed.is_empty()) {
            let n_nodes = passed.iter().map(|passed| passed.nodes).sum();
            let why: Vec<String> =
                passed.iter().map(|passed| format!("{} {}", passed.nodes, passed.why)).collect();
            let _ = writeln!(text, "    {} would not do: {}", nodes(n_nodes, what), why.join(", "));
        }
        for refusal in &one.pools_passed_over {
            let _ = writeln!(text, "    {refusal}");
        }
    }
    if text.is_empty() { text } else { format!("WHAT WAS TRIED\n{text}") }
}

fn place(place: Option<&Place>) -> String {
    match place {
        None => "has no place".to_owned(),
        Some(Place::Node(name)) => format!("goes to {name}"),
        Some(Place::NewNode { number, made_for_it: true }) => {
            format!("goes to new node {number}, which is made for it")
        }
        Some(Place::NewNode { number, made_for_it: false }) => {
            format!("goes to new node {number}, which is made for another pod")
        }
    }
}

/// `2 nodes that are there`.
fn nodes(n: usize, what: &str) -> String {
    let (before, after) = what.split_once("node").unwrap_or((what, ""));
    format!("{}{after}", counted(n, &format!("{before}node")))
}
