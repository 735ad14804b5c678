//! Rows as text that fits a window.

use std::collections::BTreeMap;
use std::time::Duration;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};

use super::rows::{NodeRow, Rows};

/// Columns and lines of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) columns: u16,
    pub(crate) lines: u16,
}

/// Lines of the window that are always kept for waiting pods, their heading included.
const PENDING_LINES: usize = 4;

/// Columns of the table of nodes that are given up one after the other where it is too wide: capacity type, zone,
/// memory.
const SPARED: [usize; 3] = [5, 4, 8];

/// What events say of a pod whose node is planned or under way; the claim follows.
const PLANNED: &str = "Pod should schedule on: ";

/// Everything in at most `window.lines` lines, each of them shorter than the window is wide: a line that ends in the
/// last column would lose its last character when the rest of it is cleared. What does not fit is counted.
pub(crate) fn render(rows: &Rows, title: &str, window: Window) -> Vec<String> {
    let mut lines = vec![title.to_owned(), summary(rows), String::new()];
    lines.extend(pools(rows));
    lines.push(String::new());
    let height = usize::from(window.lines);
    let waiting = pending(rows);
    let kept = waiting.len().min(PENDING_LINES);
    let room = height.saturating_sub(lines.len() + kept + usize::from(kept > 0));
    let width = usize::from(window.columns).saturating_sub(1);
    lines.extend(cut(nodes(&rows.nodes, width), room, "nodes"));
    if !waiting.is_empty() {
        lines.push(String::new());
        let room = height.saturating_sub(lines.len());
        lines.extend(cut(waiting, room, "reasons"));
    }
    lines.truncate(height);
    lines.iter().map(|line| shortened(line, width)).collect()
}

/// At most `width` characters, with an ellipsis where something is missing.
fn shortened(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

fn summary(rows: &Rows) -> String {
    format!(
        "{} pods run, {} wait · {} nodes · {:.4} per hour",
        rows.pods_running,
        rows.pending.len(),
        rows.nodes.len(),
        rows.cost_per_hour
    )
}

fn pools(rows: &Rows) -> Vec<String> {
    let mut table = plain(["POOL", "READY", "NODES", "PER HOUR"]);
    for row in &rows.pools {
        table.add_row([
            row.name.clone(),
            if row.ready { "yes" } else { "no" }.to_owned(),
            row.nodes.to_string(),
            format!("{:.4}", row.cost_per_hour),
        ]);
    }
    text(table, &[2, 3])
}

/// The nodes without the columns that have to be spared to fit `width`.
fn nodes(rows: &[NodeRow], width: usize) -> Vec<String> {
    let mut table = all_of(rows);
    for spared in SPARED {
        if table.lines().all(|line| line.trim_end().chars().count() <= width) {
            break;
        }
        if let Some(column) = table.column_mut(spared) {
            column.set_constraint(ColumnConstraint::Hidden);
        }
    }
    text(table, &[6, 7, 8, 9])
}

fn all_of(rows: &[NodeRow]) -> Table {
    let mut table = plain([
        "NODE", "POOL", "STATE", "TYPE", "ZONE", "CAPACITY", "PER HOUR", "CPU", "MEMORY", "AGE",
        "WHY",
    ]);
    for row in rows {
        let percent = |share: Option<u8>| share.map_or(String::new(), |share| format!("{share}%"));
        table.add_row([
            if row.node.is_empty() { row.claim.clone() } else { row.node.clone() },
            row.pool.clone(),
            row.state.to_owned(),
            row.instance_type.clone(),
            row.zone.clone(),
            row.capacity_type.clone(),
            row.price_per_hour.map_or(String::new(), |price| format!("{price:.4}")),
            percent(row.cpu_percent),
            percent(row.memory_percent),
            age(row.age_seconds),
            row.reason.clone(),
        ]);
    }
    table
}

fn pending(rows: &Rows) -> Vec<String> {
    let mut groups: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for row in &rows.pending {
        let is_planned = row.reason.starts_with(PLANNED);
        let reason = if is_planned { "their nodes are on the way" } else { &row.reason };
        groups.entry(reason).or_insert((0, &row.pod)).0 += 1;
    }
    if groups.is_empty() {
        return vec![];
    }
    let mut table = plain(["WAITING", "FIRST POD", "WHY"]);
    for (reason, (n, pod)) in groups {
        table.add_row([n.to_string(), pod.to_owned(), reason.to_owned()]);
    }
    text(table, &[0])
}

/// The first `room` lines; the last of them counts what is left out.
fn cut(mut lines: Vec<String>, room: usize, what: &str) -> Vec<String> {
    if lines.len() > room {
        let kept = room.saturating_sub(1);
        let left_out = lines.len() - kept;
        lines.truncate(kept);
        if room > 0 {
            lines.push(format!("… and {left_out} more {what}"));
        }
    }
    lines
}

fn plain<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    table
}

fn text(mut table: Table, numbers: &[usize]) -> Vec<String> {
    for column in numbers {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string().lines().map(|line| line.trim_end().to_owned()).collect()
}

/// An age in its largest unit.
fn age(seconds: i64) -> String {
    let seconds = Duration::from_secs(seconds.try_into().unwrap_or_default()).as_secs();
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7200 => format!("{}m", seconds / 60),
        _ => format!("{}h", seconds / 3600),
    }
}
