//! Which rows miss their target.

use super::*;

fn measured(target: Target, median_ms: f64) -> (Target, Row) {
    let row = Row {
        name: target.mix.name(),
        pods: target.pods,
        nodes: 0,
        instance_types: 400,
        runs: 3,
        median_ms,
        p95_ms: 2.0 * target.at_most,
        pods_per_s: 1.0,
        peak_mib: 1.0,
        new_nodes: 1,
        unschedulable: 0,
    };
    (target, row)
}

#[test]
fn a_median_above_its_target_fails_the_gate_and_is_marked() {
    let met = TARGETS.map(|target| measured(target, target.at_most));
    assert!(verdict(&met).is_ok());
    assert!(!table(&met).to_string().contains("missed"));
    let [first, second, ..] = TARGETS;
    let one = [measured(first, first.at_most), measured(second, second.at_most + 0.1)];
    assert_eq!(verdict(&one).expect_err("one is missed").to_string(), "1 of 2 targets missed");
    assert_eq!(table(&one).to_string().matches("missed").count(), 1);
}
