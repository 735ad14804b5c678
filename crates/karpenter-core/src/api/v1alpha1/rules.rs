//! Rules the API server evaluates (CEL) on a NodeOverlay, with the messages users see.
//!
//! Source: Karpenter behaviour, published resource definitions.

use crate::api::labels;
use crate::api::v1::rules::{node_selector_values, rule};
use serde_json::Value;

/// For the spec.
pub(super) fn spec() -> Vec<Value> {
    vec![rule(
        "!has(self.price) || !has(self.priceAdjustment)",
        "cannot set both 'price' and 'priceAdjustment'",
    )]
}

/// For the capacity: names that every node has on its own.
pub(super) fn capacity() -> Vec<Value> {
    let names: Vec<String> =
        labels::WELL_KNOWN_RESOURCES.iter().map(|name| format!("'{name}'")).collect();
    let expression = format!("self.all(x, !(x in [{}]))", names.join(", "));
    vec![rule(expression, "invalid resource restricted")]
}

/// For the list of requirements.
pub(super) fn requirements() -> Vec<Value> {
    let mut rules = vec![rule(
        "self.all(x, x.operator == 'NotIn' ? x.values.size() != 0 : true)",
        "requirements with operator 'NotIn' must have a value defined",
    )];
    rules.extend(node_selector_values());
    rules
}
