//! Why a node is made, in one sentence for people: what `kubectl describe` shows of the claim and of its node.

use super::plan::PlannedClaim;
use super::report::ClaimReport;
use crate::model::ids::PodKey;

/// Pods named in the sentence.
const PODS: usize = 3;

/// Bytes of the sentence, at most: it has to fit an Event, whose messages the API bounds at 1 KiB.
pub const LIMIT: usize = 1000;

/// For how many and which pods, from which pool, out of how many instance types, for how much, and which pools were
/// passed over; at most [`LIMIT`] bytes.
///
/// `report` is the entry of the claim in the plan's report; without one nothing is said of pools passed over.
pub fn reason(claim: &PlannedClaim, report: Option<&ClaimReport>) -> String {
    let n_types = claim.instance_types.len();
    let cheapest = claim.instance_types.first().map_or("", |name| name.as_str());
    let mut text = format!(
        "For {} pod(s): {}. NodePool {}, {n_types} instance type(s), cheapest {cheapest} at {} per hour",
        claim.pods.len(),
        first_pods(&claim.pods, PODS),
        claim.pool,
        claim.price,
    );
    for refusal in report.iter().flat_map(|report| &report.passed_over) {
        text.push_str(&format!("; not NodePool {}: {refusal}", refusal.pool));
    }
    bounded(text)
}

/// The names of the first `n` pods, and how many there are besides.
pub fn first_pods(pods: &[PodKey], n: usize) -> String {
    let named: Vec<_> = pods.iter().take(n).map(ToString::to_string).collect();
    match pods.len().saturating_sub(n) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn bounded(mut text: String) -> String {
    const MARK: &str = "...";
    if text.len() > LIMIT {
        let ends = (0..=LIMIT - MARK.len()).rev();
        let end = ends.into_iter().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or_default());
        text.push_str(MARK);
    }
    text
}
