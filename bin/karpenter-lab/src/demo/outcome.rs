//! How the story ended: tables for people, one object for programs.

use std::time::{Duration, Instant};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use jiff::Timestamp;
use scenarios::audit::Observation;
use scenarios::world::World;
use serde_json::{Value, json};

use super::figures::{Figures, Fleet};
use super::screen::{Colour, Screen};

/// One part of the story with the time it took.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    name: &'static str,
    virtual_time: Duration,
    real_time: Duration,
}

/// A step that has begun.
pub(crate) struct Begun {
    name: &'static str,
    at: Timestamp,
    real: Instant,
}

impl Step {
    #[expect(clippy::disallowed_methods, reason = "real time is shown to people, never decided on")]
    pub(crate) fn begin(name: &'static str, at: Timestamp) -> Begun {
        Begun { name, at, real: Instant::now() }
    }
}

impl Begun {
    pub(crate) fn end(self, at: Timestamp) -> Step {
        let virtual_time = Duration::try_from(at.duration_since(self.at)).unwrap_or_default();
        Step { name: self.name, virtual_time, real_time: self.real.elapsed() }
    }
}

/// Everything that is shown in the end.
#[derive(Debug)]
pub(crate) struct Outcome {
    steps: Vec<Step>,
    fleet: Fleet,
    cost_per_hour_peak: f64,
    pods_requested: u32,
    pods_ran: usize,
    nodes_launched: usize,
    nodes_removed: usize,
    instances_created: u64,
    instances_leaked: usize,
    api_writes: usize,
    cloud_calls: Vec<(String, u64)>,
    problems: Vec<String>,
}

impl Outcome {
    pub(crate) fn new(
        world: &World,
        seen: &Observation,
        figures: &Figures,
        steps: Vec<Step>,
        problems: Vec<String>,
        pods_requested: u32,
    ) -> Self {
        let created = world.cloud.instances_ever_created();
        Self {
            steps,
            fleet: figures.fleet_at_peak.clone(),
            cost_per_hour_peak: figures.cost_per_hour_peak,
            pods_requested,
            pods_ran: figures.n_ran(),
            nodes_launched: figures.n_nodes(),
            nodes_removed: figures.n_nodes() - seen.nodes.len(),
            instances_created: created,
            instances_leaked: seen.instances.len(),
            api_writes: world.controller_writes(),
            cloud_calls: world.cloud.counts().into_iter().collect(),
            problems,
        }
    }

    /// Every pod ran, everything went away, nothing leaked, and the controller came to rest.
    pub(crate) fn is_ok(&self) -> bool {
        self.problems.is_empty()
            && self.pods_ran == usize::try_from(self.pods_requested).unwrap_or(usize::MAX)
            && self.nodes_launched > 0
            && self.nodes_removed == self.nodes_launched
            && self.instances_leaked == 0
    }

    pub(crate) fn print(&self, screen: &Screen) {
        screen.result("");
        screen.result(&self.steps_table().to_string());
        screen.result(&self.fleet_table().to_string());
        screen.result(&self.calls_table().to_string());
        let summary = format!(
            "{} of {} pods ran · {} nodes launched, {} removed · {} instances created, {} leaked",
            self.pods_ran,
            self.pods_requested,
            self.nodes_launched,
            self.nodes_removed,
            self.instances_created,
            self.instances_leaked,
        );
        screen.result(&summary);
        for problem in &self.problems {
            screen.result(&screen.paint(Colour::Red, problem));
        }
        let verdict = if self.is_ok() {
            screen.paint(Colour::Green, "OK: every pod ran, everything went away, nothing leaked")
        } else {
            screen.paint(Colour::Red, "FAILED")
        };
        screen.result(&verdict);
    }

    pub(crate) fn to_json(&self) -> Value {
        let steps: Vec<_> = self.steps.iter().map(Step::to_json).collect();
        let fleet: Vec<_> = self
            .fleet
            .iter()
            .map(|((kind, zone, capacity_type), (count, price))| {
                json!({
                    "instance_type": kind,
                    "zone": zone,
                    "capacity_type": capacity_type,
                    "count": count,
                    "price_per_hour": price,
                })
            })
            .collect();
        json!({
            "ok": self.is_ok(),
            "pods": { "requested": self.pods_requested, "ran": self.pods_ran },
            "nodes": { "launched": self.nodes_launched, "removed": self.nodes_removed },
            "instances": { "created": self.instances_created, "leaked": self.instances_leaked },
            "cost_per_hour_peak": self.cost_per_hour_peak,
            "seconds": { "real": self.real().as_secs_f64(), "virtual": self.virtual_time().as_secs_f64() },
            "steps": steps,
            "fleet_at_peak": fleet,
            "calls": {
                "api_writes": self.api_writes,
                "cloud": self.cloud_calls.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
            },
            "problems": self.problems,
        })
    }

    fn real(&self) -> Duration {
        self.steps.iter().map(|step| step.real_time).sum()
    }

    fn virtual_time(&self) -> Duration {
        self.steps.iter().map(|step| step.virtual_time).sum()
    }

    fn steps_table(&self) -> Table {
        let mut table = table(["step", "virtual s", "real ms"]);
        for step in &self.steps {
            table.add_row([
                step.name.to_owned(),
                format!("{:.1}", step.virtual_time.as_secs_f64()),
                format!("{:.0}", step.real_time.as_secs_f64() * 1000.0),
            ]);
        }
        table.add_row([
            "in all".to_owned(),
            format!("{:.1}", self.virtual_time().as_secs_f64()),
            format!("{:.0}", self.real().as_secs_f64() * 1000.0),
        ]);
        right(&mut table, [1, 2]);
        table
    }

    fn fleet_table(&self) -> Table {
        let mut table =
            table(["instance type", "zone", "capacity type", "nodes", "price per hour"]);
        for ((kind, zone, capacity_type), (count, price)) in &self.fleet {
            table.add_row([
                kind.clone(),
                zone.clone(),
                (*capacity_type).to_owned(),
                count.to_string(),
                format!("{price:.3}"),
            ]);
        }
        let nodes: usize = self.fleet.values().map(|(count, _)| count).sum();
        let price = format!("{:.3}", self.cost_per_hour_peak);
        table.add_row([
            "at the peak".into(),
            String::new(),
            String::new(),
            nodes.to_string(),
            price,
        ]);
        right(&mut table, [3, 4]);
        table
    }

    fn calls_table(&self) -> Table {
        let mut table = table(["called", "times"]);
        table.add_row(["Kubernetes API, writes".to_owned(), self.api_writes.to_string()]);
        for (action, count) in &self.cloud_calls {
            table.add_row([format!("cloud, {action}"), count.to_string()]);
        }
        right(&mut table, [1]);
        table
    }
}

impl Step {
    fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "virtual_seconds": self.virtual_time.as_secs_f64(),
            "real_seconds": self.real_time.as_secs_f64(),
        })
    }
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_header(header);
    table
}

fn right<const N: usize>(table: &mut Table, columns: [usize; N]) {
    for index in columns {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}
