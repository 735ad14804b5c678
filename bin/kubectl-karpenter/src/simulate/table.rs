//! The plan for people: short words, aligned columns, units, and why.

use std::collections::BTreeMap;
use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use karpenter_core::api::labels;
use karpenter_core::decide::scheduling::plan::{PlannedClaim, SchedulingPlan};
use karpenter_core::decide::scheduling::reason::first_pods;
use karpenter_core::decide::scheduling::report::ClaimReport;
use karpenter_core::model::ids::PodKey;

use super::explained;
use super::no_place;
use super::outcome::{Outcome, node};

/// Rows of a section, at most; the rest is counted.
pub(super) const ROWS: usize = 100;
/// Explained nodes, at most; the rest is counted.
const EXPLAINED: usize = 20;
/// Pods and instance types named in one place, at most.
pub(super) const NAMED: usize = 3;

/// `plan` with what `outcome` says of it, every line with a line end.
pub fn render(plan: &SchedulingPlan, outcome: &Outcome) -> String {
    let sections = [
        summary(plan),
        new_nodes(plan),
        reasons_of_nodes(plan),
        placements(plan),
        given_up(plan),
        no_place::section(plan),
        explained::section(&outcome.explained),
        price(plan, outcome),
    ];
    let mut text = String::new();
    for section in sections.iter().filter(|section| !section.is_empty()) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(section);
    }
    text
}

fn summary(plan: &SchedulingPlan) -> String {
    let on_new: usize = plan.claims.iter().map(|claim| claim.pods.len()).sum();
    let on_old: usize = plan.placements.iter().map(|placed| placed.pods.len()).sum();
    let left = plan.unschedulable.len();
    let all = on_new + on_old + left;
    if all == 0 {
        return "No pod waits for a place.\n".to_owned();
    }
    format!(
        "{}: {on_old} on nodes that are there, {on_new} on {}, {left} without a place.\n",
        counted(all, "pod"),
        counted(plan.claims.len(), "new node"),
    )
}

/// `n` of something; its name gets an s for more than one.
pub(super) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn new_nodes(plan: &SchedulingPlan) -> String {
    let header = [
        "NODE",
        "NODEPOOL",
        "CHEAPEST TYPE",
        "TYPES",
        "BOUGHT AS",
        "ZONE",
        "PER HOUR",
        "PODS",
        "NAMES",
    ];
    let rows = plan.claims.iter().zip(1..).map(|(claim, number): (&PlannedClaim, usize)| {
        vec![
            number.to_string(),
            claim.pool.to_string(),
            claim.instance_types.first().map(ToString::to_string).unwrap_or_default(),
            claim.instance_types.len().to_string(),
            values(claim, labels::CAPACITY_TYPE),
            values(claim, labels::ZONE),
            claim.price.to_string(),
            claim.pods.len().to_string(),
            first_pods(&claim.pods, NAMED),
        ]
    });
    section("NEW NODES", &header, &[0, 3, 6, 7], rows, plan.claims.len())
}

/// What a node may be in the label `key`, as short as can be.
fn values(claim: &PlannedClaim, key: &str) -> String {
    match claim.requirements.get(key) {
        None => "any".to_owned(),
        Some(requirement) if requirement.complement() => "any".to_owned(),
        Some(requirement) => requirement.values().join(" or "),
    }
}

/// Why nodes are made and what they may be; nodes that differ in nothing of it share a paragraph.
fn reasons_of_nodes(plan: &SchedulingPlan) -> String {
    let mut order: Vec<String> = vec![];
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for ((claim, report), number) in plan.claims.iter().zip(&plan.report.claims).zip(1..) {
        let text = explanation(claim, report);
        let group = groups.entry(text.clone()).or_default();
        if group.is_empty() {
            order.push(text);
        }
        group.push(number);
    }
    let mut text = String::new();
    for explanation in order.iter().take(EXPLAINED) {
        let numbers: Vec<String> = groups[explanation].iter().map(ToString::to_string).collect();
        let shown = &numbers[..numbers.len().min(EXPLAINED)];
        let more = match numbers.len() - shown.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let plural = if numbers.len() == 1 { "" } else { "s" };
        let _ = write!(text, "  node{plural} {}{more}\n{explanation}", shown.join(", "));
    }
    if order.len() > EXPLAINED {
        let _ = writeln!(
            text,
            "  ... and {}, as --output json shows",
            counted(order.len() - EXPLAINED, "other kind")
        );
    }
    if text.is_empty() { text } else { format!("WHY NEW NODES\n{text}") }
}

fn explanation(claim: &PlannedClaim, report: &ClaimReport) -> String {
    let types: Vec<_> = claim.instance_types.iter().take(NAMED).map(|name| name.as_str()).collect();
    let more = match claim.instance_types.len() - types.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let mut text = format!("    types, cheapest first: {}{more}\n", types.join(", "));
    let other = other_requirements(claim);
    if !other.is_empty() {
        let _ = writeln!(text, "    has to be: {}", other.join(", "));
    }
    let _ = writeln!(
        text,
        "    made because: no node that is there or planned before it takes a pod like {}",
        kind_of(&report.opened_for)
    );
    for refusal in &report.passed_over {
        let _ = writeln!(text, "    not from NodePool {}: {refusal}", refusal.pool);
    }
    text
}

/// What the node has to be besides what the table of nodes says.
fn other_requirements(claim: &PlannedClaim) -> Vec<String> {
    let class = &claim.object().spec.node_class_ref;
    let class = labels::node_class_label(&class.group, &class.kind);
    let told =
        [labels::INSTANCE_TYPE, labels::NODEPOOL, labels::CAPACITY_TYPE, labels::ZONE, &class];
    let others = claim.requirements.iter().filter(|r| !told.contains(&r.key().as_str()));
    others.map(ToString::to_string).collect()
}

/// A pod without the number of its replica, so that replicas are told of once.
fn kind_of(pod: &PodKey) -> String {
    let text = pod.to_string();
    match text.rsplit_once('-') {
        Some((stem, number)) if number.bytes().all(|b| b.is_ascii_digit()) => format!("{stem}-*"),
        _ => text,
    }
}

fn placements(plan: &SchedulingPlan) -> String {
    let rows = plan.placements.iter().map(|placed| {
        vec![node(&placed.target), placed.pods.len().to_string(), first_pods(&placed.pods, NAMED)]
    });
    section("NODES THAT ARE THERE", &["NODE", "PODS", "NAMES"], &[1], rows, plan.placements.len())
}

/// Preferences that could not be met.
fn given_up(plan: &SchedulingPlan) -> String {
    let rows = plan.report.relaxed.iter().map(|relaxed| {
        let steps: Vec<String> = relaxed.given_up.iter().map(ToString::to_string).collect();
        vec![relaxed.pod.to_string(), steps.join(", ")]
    });
    section("PREFERENCES GIVEN UP", &["POD", "WHAT"], &[], rows, plan.report.relaxed.len())
}

fn price(plan: &SchedulingPlan, outcome: &Outcome) -> String {
    let mut text = String::new();
    if !plan.claims.is_empty() {
        let cost = outcome.cost_per_hour;
        let _ =
            writeln!(text, "New nodes cost {cost:.4} per hour, in the currency of the catalogue.");
        let bound = outcome.lower_bound_per_hour;
        let _ = writeln!(
            text,
            "However they are packed, nodes of these NodePools for these pods cost at least {bound:.4}."
        );
    }
    if let Some(time) = outcome.solve_ms {
        let _ = writeln!(
            text,
            "Decided in {:.3} ms (median of {}, minimum {:.3} ms).",
            time.median, time.repetitions, time.minimum
        );
    }
    text
}

/// A titled table, indented; empty without rows.
fn section(
    title: &str,
    header: &[&str],
    numbers: &[usize],
    rows: impl Iterator<Item = Vec<String>>,
    n_rows: usize,
) -> String {
    if n_rows == 0 {
        return String::new();
    }
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().copied());
    table.add_rows(rows.take(ROWS));
    for column in numbers {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = format!("{title}\n");
    for line in table.to_string().lines() {
        let _ = writeln!(text, " {}", line.trim_end());
    }
    if n_rows > ROWS {
        let _ = writeln!(text, "  ... and {} more, as --output json shows", n_rows - ROWS);
    }
    text
}
