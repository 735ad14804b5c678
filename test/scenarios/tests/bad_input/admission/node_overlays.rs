//! Wrong NodeOverlays.

use serde_json::{Value, json};

use super::{admits, refuses};

const REQUIREMENTS: &str = "spec.requirements";
const PRICE: &str = "spec.price";
const ADJUSTMENT: &str = "spec.priceAdjustment";

fn overlay(spec: &Value) -> Value {
    let mut overlay = json!({
        "apiVersion": "karpenter.sh/v1alpha1", "kind": "NodeOverlay",
        "metadata": { "name": "good" }, "spec": { "requirements": [] },
    });
    for (member, value) in spec.as_object().into_iter().flatten() {
        overlay["spec"][member] = value.clone();
    }
    overlay
}

#[test]
fn wrong_overlay_is_refused_with_its_path() {
    let of = |operator: &str, values: &[&str]| json!([{ "key": "k", "operator": operator, "values": values }]);
    let many: Vec<Value> =
        (0..101).map(|n| json!({ "key": format!("k{n}"), "operator": "Exists" })).collect();
    let resources: serde_json::Map<String, Value> =
        (0..101).map(|n| (format!("example.com/r{n}"), json!("1"))).collect();
    refuses(
        &overlay(&json!({})),
        &[
            // behaviour 01#61
            (
                "spec",
                json!({ "requirements": [], "price": "1", "priceAdjustment": "+1" }),
                "spec",
                "cannot set both",
            ),
            // behaviour 01#63
            (
                "spec.capacity",
                json!({ "cpu": "1" }),
                "spec.capacity",
                "invalid resource restricted",
            ),
            (
                "spec.capacity",
                json!({ "pods": "5" }),
                "spec.capacity",
                "invalid resource restricted",
            ),
            ("spec.capacity", json!(resources), "spec.capacity", "at most 100"),
            // behaviour 01#34
            (REQUIREMENTS, of("NotIn", &[]), REQUIREMENTS, "'NotIn' must have a value defined"),
            (REQUIREMENTS, of("In", &[]), REQUIREMENTS, "'In' must have a value defined"),
            (REQUIREMENTS, of("Lte", &["-1"]), REQUIREMENTS, "single positive integer value"),
            (REQUIREMENTS, json!(many), REQUIREMENTS, "at most 100"),
            (REQUIREMENTS, Value::Null, REQUIREMENTS, "Required value"),
            ("spec.weight", json!(0), "spec.weight", "greater than or equal to 1"),
            ("spec.weight", json!(10001), "spec.weight", "less than or equal to 10000"),
        ],
    );
}

// behaviour 01#62
#[test]
fn prices_and_adjustments_are_spelled_as_documented() {
    let wrong_prices = ["1.", ".5", "-1", "+1", "1e3", "42%", "3,14"];
    let wrong_changes = ["10", "10%", "-100.0%", "-101%", "-.5%", "-5.%", "+1.", "+", ""];
    let prices = wrong_prices.iter().map(|text| (PRICE, json!(text), PRICE, "should match"));
    let changes =
        wrong_changes.iter().map(|text| (ADJUSTMENT, json!(text), ADJUSTMENT, "should match"));
    refuses(&overlay(&json!({})), &prices.chain(changes).collect::<Vec<_>>());
    let prices = ["0", "1", "1.5"].map(|text| (PRICE, json!(text)));
    let changes = [
        "+10%", "-15%", "-100%", "+150.5%", "+.5%", "+.5", "-.5", "+0", "-129", "-0.5%", "-99.99%",
    ];
    let changes = changes.map(|text| (ADJUSTMENT, json!(text)));
    admits(&overlay(&json!({})), &prices.into_iter().chain(changes).collect::<Vec<_>>());
}

#[test]
fn usual_overlays_are_taken() {
    let pool = json!([{ "key": "karpenter.sh/nodepool", "operator": "In", "values": ["a"] }]);
    admits(
        &overlay(&json!({})),
        &[
            // behaviour 01#61
            (REQUIREMENTS, json!([])),
            // behaviour 01#32
            (REQUIREMENTS, pool),
            // behaviour 01#63
            ("spec.capacity", json!({ "example.com/x": 5 })),
            ("spec.weight", json!(10000)),
        ],
    );
}
