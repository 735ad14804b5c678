//! What is said in the end.

use serde_json::json;

use super::world::Ended;
use crate::output::{self, Output};
use crate::view::Totals;

/// Prints what was there and what is left of it.
pub(super) fn tell(output: Output, totals: &Totals, ended: &Ended) {
    match output {
        Output::Table => output::line(&format!(
            "ended: {} nodes seen, at most {} pods ran and {:.4} per hour was paid; {} instances launched, {} \
             left and gone with this process; {} calls to the cloud, {} writes to the API",
            totals.nodes_seen.len(),
            totals.pods_running_peak,
            totals.cost_per_hour_peak,
            ended.instances_created,
            ended.instances_left,
            ended.cloud_calls,
            ended.api_writes,
        )),
        Output::Json => output::line(
            &json!({
                "state": "ended",
                "clean": ended.controller.is_ok(),
                "nodes_seen": totals.nodes_seen.len(),
                "pods_running_peak": totals.pods_running_peak,
                "cost_per_hour_peak": totals.cost_per_hour_peak,
                "instances": { "created": ended.instances_created, "left": ended.instances_left },
                "cloud_calls": ended.cloud_calls,
                "api_writes": ended.api_writes,
            })
            .to_string(),
        ),
    }
}
