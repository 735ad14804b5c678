//! The result: named numbers with units.

use std::time::Duration;

use serde_json::{Value, json};

/// Measured values, in the order of the measurements.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<(String, f64, &'static str)>,
}

impl Report {
    /// Adds one number.
    pub(crate) fn number(&mut self, name: &str, value: f64, unit: &'static str) {
        self.rows.push((name.to_owned(), value, unit));
    }

    /// Adds time and rate of `count` operations.
    pub(crate) fn rate(&mut self, name: &str, count: usize, took: Duration) {
        self.number(&format!("{name}: time"), took.as_secs_f64(), "s");
        self.number(&format!("{name}: rate"), count as f64 / took.as_secs_f64(), "/s");
    }

    /// Adds median, 99th percentile and number of samples.
    pub(crate) fn latency(&mut self, name: &str, mut samples: Vec<Duration>) {
        samples.sort_unstable();
        for (label, share) in [("p50", 0.5), ("p99", 0.99)] {
            let place = ((samples.len() as f64) * share) as usize;
            if let Some(sample) = samples.get(place) {
                self.number(&format!("{name}: {label}"), sample.as_secs_f64() * 1e3, "ms");
            }
        }
        self.number(&format!("{name}: samples"), samples.len() as f64, "");
    }

    /// One aligned line per number.
    pub(crate) fn to_table(&self) -> String {
        self.rows
            .iter()
            .map(|(name, value, unit)| format!("{name:<36} {value:>14.3} {unit}\n"))
            .collect()
    }

    /// An array of objects with `name`, `value` and `unit`.
    pub(crate) fn to_json(&self) -> Value {
        let row = |(name, value, unit): &(String, f64, &str)| json!({"name": name, "value": value, "unit": unit});
        self.rows.iter().map(row).collect()
    }
}

/// Largest resident memory of this process so far, in MiB; zero where the system does not say.
pub(crate) fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|text| text.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}
