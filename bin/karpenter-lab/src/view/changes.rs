//! What differs between two moments, one change per thing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::rows::{NodeRow, PendingRow, Rows};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    /// What it is about, for programs.
    pub(crate) kind: &'static str,
    /// A sentence for people.
    pub(crate) text: String,
    /// The thing as it is now, or as it was last.
    pub(crate) object: Value,
}

/// Changes from `before` to `after`: pools, nodes, waiting pods, then the sums. Shares and ages alone are
/// no change.
pub(crate) fn between(before: &Rows, after: &Rows) -> Vec<Change> {
    let mut changes = pools(before, after);
    changes.extend(nodes(before, after));
    changes.extend(pending(before, after));
    changes.extend(sums(before, after));
    changes
}

fn pools(before: &Rows, after: &Rows) -> Vec<Change> {
    let known: BTreeMap<_, _> = before.pools.iter().map(|row| (&row.name, row.ready)).collect();
    let news = after.pools.iter().filter(|row| known.get(&row.name) != Some(&row.ready));
    let mut changes: Vec<_> = news
        .map(|row| {
            let how = if row.ready { "is ready" } else { "is not ready" };
            Change { kind: "pool", text: format!("pool {} {how}", row.name), object: json!(row) }
        })
        .collect();
    let gone = before.pools.iter().filter(|row| after.pools.iter().all(|r| r.name != row.name));
    changes.extend(gone.map(|row| Change {
        kind: "pool gone",
        text: format!("pool {} is gone", row.name),
        object: json!(row),
    }));
    changes
}

fn nodes(before: &Rows, after: &Rows) -> Vec<Change> {
    let known: BTreeMap<_, _> = before.nodes.iter().map(|row| (&row.claim, row)).collect();
    let mut changes: Vec<_> = after
        .nodes
        .iter()
        .filter(|row| known.get(&row.claim).is_none_or(|old| differs(old, row)))
        .map(|row| Change { kind: "node", text: sentence(row), object: json!(row) })
        .collect();
    let gone = before.nodes.iter().filter(|row| after.nodes.iter().all(|r| r.claim != row.claim));
    changes.extend(gone.map(|row| Change {
        kind: "node gone",
        text: format!("node {} is gone", title(row)),
        object: json!(row),
    }));
    changes
}

fn differs(old: &NodeRow, new: &NodeRow) -> bool {
    let known = |row: &NodeRow| (row.state, row.node.clone(), row.instance_type.clone());
    known(old) != known(new)
}

fn sentence(row: &NodeRow) -> String {
    let price =
        row.price_per_hour.map_or(String::new(), |price| format!(" at {price:.4} per hour"));
    let what = [&row.instance_type, &row.zone, &row.capacity_type];
    let what = what.map(String::as_str).join(" ");
    let reason = if row.reason.is_empty() { String::new() } else { format!(" ({})", row.reason) };
    format!("node {} is {}: {}{price}{reason}", title(row), row.state, what.trim())
}

fn title(row: &NodeRow) -> &str {
    if row.node.is_empty() { &row.claim } else { &row.node }
}

/// Waiting pods by reason: a deployment of a thousand is one line.
fn pending(before: &Rows, after: &Rows) -> Vec<Change> {
    let (old, new) = (by_reason(&before.pending), by_reason(&after.pending));
    let news = new
        .iter()
        .filter(|(reason, pods)| old.get(*reason).is_none_or(|known| known.len() != pods.len()));
    news.map(|(reason, pods)| {
        let first = pods.first().map_or("", |pod| pod.as_str());
        let text = match pods.len() {
            1 => format!("pod {first} waits: {reason}"),
            n => format!("{n} pods wait, {first} first: {reason}"),
        };
        Change { kind: "pending", text, object: json!({ "reason": reason, "pods": pods }) }
    })
    .collect()
}

fn by_reason(rows: &[PendingRow]) -> BTreeMap<&str, Vec<&String>> {
    let mut groups: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for row in rows {
        groups.entry(&row.reason).or_default().push(&row.pod);
    }
    groups
}

fn sums(before: &Rows, after: &Rows) -> Option<Change> {
    let sums = |rows: &Rows| (rows.pods_running, rows.pending.len(), rows.nodes.len());
    let (running, waiting, nodes) = sums(after);
    let cost = after.cost_per_hour;
    let same = sums(before) == sums(after) && (before.cost_per_hour - cost).abs() < 1e-9;
    (!same).then(|| Change {
        kind: "sums",
        text: format!("{running} pods run, {waiting} wait, {nodes} nodes, {cost:.4} per hour"),
        object: json!({
            "pods_running": running,
            "pods_pending": waiting,
            "nodes": nodes,
            "cost_per_hour": cost,
        }),
    })
}
