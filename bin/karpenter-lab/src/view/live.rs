//! Reads once a second, and shows: redrawn in place on a terminal, else one line per change.

use std::collections::BTreeSet;
use std::time::Duration;

use karpenter_core::clock::Clock;
use kube::Client;
use serde_json::json;

use super::changes;
use super::rows::{PriceList, Rows};
use super::seen::Seen;
use super::table::{Window, render};
use crate::output::{self, Output};

/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A window of a terminal that does not tell its size.
const USUAL: Window = Window { columns: 100, lines: 30 };

/// Asks the cloud what its instances cost, by provider id.
pub(crate) type Prices = Box<dyn Fn() -> PriceList + Send + Sync>;

/// What was seen over the whole time.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) nodes_seen: BTreeSet<String>,
    pub(crate) cost_per_hour_peak: f64,
    pub(crate) pods_running_peak: usize,
}

/// Somebody who watches a cluster.
pub(crate) struct Live {
    client: Client,
    prices: Prices,
    output: Output,
    title: String,
    clock: Clock,
    last: Rows,
    totals: Totals,
}

impl Live {
    /// Watches the cluster of `client`; `title` is the first line of the table.
    pub(crate) fn new(client: Client, prices: Prices, output: Output, title: String) -> Self {
        let (last, totals) = (Rows::default(), Totals::default());
        Self { client, prices, output, title, clock: Clock::system(), last, totals }
    }

    /// Shows the cluster until `end`; an API that does not answer is looked at again.
    pub(crate) async fn run(&mut self, end: impl Future<Output = ()>) {
        let live = self.output.is_live();
        if live {
            // The alternate screen keeps what the user had in the window.
            output::raw("\u{1b}[?1049h\u{1b}[?25l");
        }
        let watched = async {
            loop {
                match Seen::read(&self.client).await {
                    Ok(seen) => self.show(&seen, live),
                    Err(error) => tracing::warn!(%error, "the view cannot read the API"),
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::select! {
            biased;
            () = end => {}
            () = watched => {}
        }
        if live {
            output::raw("\u{1b}[?25h\u{1b}[?1049l");
        }
    }

    /// What was seen so far.
    pub(crate) fn totals(&self) -> &Totals {
        &self.totals
    }

    fn show(&mut self, seen: &Seen, live: bool) {
        let rows = Rows::of(seen, &(self.prices)(), self.clock.now());
        if live {
            output::raw(&screen(&render(&rows, &self.title, window())));
        } else {
            self.tell(&rows);
        }
        self.totals.add(&rows);
        self.last = rows;
    }

    fn tell(&self, rows: &Rows) {
        let now = self.clock.now();
        for change in changes::between(&self.last, rows) {
            match self.output {
                Output::Table => output::line(&format!("{} {}", time_of_day(now), change.text)),
                Output::Json => {
                    let text = json!({
                        "time": now.to_string(),
                        "change": change.kind,
                        "text": change.text,
                        "object": change.object,
                    });
                    output::line(&text.to_string());
                }
            }
        }
    }
}

impl Totals {
    fn add(&mut self, rows: &Rows) {
        let nodes = rows.nodes.iter().map(|row| row.node.clone()).filter(|name| !name.is_empty());
        self.nodes_seen.extend(nodes);
        self.cost_per_hour_peak = self.cost_per_hour_peak.max(rows.cost_per_hour);
        self.pods_running_peak = self.pods_running_peak.max(rows.pods_running);
    }
}

/// Draws from the top left corner; every line and the rest of the window are cleared.
fn screen(lines: &[String]) -> String {
    let body: Vec<_> = lines.iter().map(|line| format!("{line}\u{1b}[K")).collect();
    format!("\u{1b}[H{}\u{1b}[J", body.join("\r\n"))
}

fn window() -> Window {
    terminal_size::terminal_size()
        .map_or(USUAL, |(columns, lines)| Window { columns: columns.0, lines: lines.0 })
}

fn time_of_day(now: jiff::Timestamp) -> String {
    now.to_zoned(jiff::tz::TimeZone::UTC).strftime("%H:%M:%S").to_string()
}
