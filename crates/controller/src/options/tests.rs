use std::time::Duration;

use clap::Parser;
use karpenter_core::options::{PackingPolicy, PreferencePolicy};

use super::Options;

fn parse(arguments: &[&str]) -> Result<Options, String> {
    let all = std::iter::once("karpenter").chain(arguments.iter().copied());
    Options::try_parse_from(all).map_err(|error| error.to_string())
}

#[test]
fn defaults_are_those_of_upstream() {
    let options = parse(&[]).expect("no argument is needed");
    assert_eq!(options.engine(), karpenter_core::options::Options::default());
    assert_eq!((options.metrics_port, options.health_probe_port), (8080, 8081));
}

#[test]
fn flags_reach_the_engine() {
    let options = parse(&[
        "--batch-max-duration=1m30s",
        "--preference-policy=Ignore",
        "--ignore-dra-requests=false",
        "--packing-policy=CostGuard",
        "--reserved-capacity-matching=true",
        "--refund-limits=true",
    ]);
    let engine = options.expect("all flags are valid").engine();
    assert!(!engine.ignore_dra_requests);
    assert!(engine.reserved_capacity_matching && engine.refund_limits);
    assert_eq!(engine.batch_max_duration, Duration::from_secs(90));
    assert_eq!(engine.preference_policy, PreferencePolicy::Ignore);
    assert_eq!(engine.packing_policy, PackingPolicy::CostGuard);
}

#[test]
fn feature_gates_keep_their_defaults_unless_named() {
    let options = parse(&["--feature-gates", "NodeRepair=true, ReservedCapacity=F,,Typo=1"]);
    let gates = options.expect("the list is valid").feature_gates;
    assert!(gates.gates.node_repair && !gates.gates.reserved_capacity);
    assert!(!gates.gates.node_overlay);
    assert_eq!(gates.unknown, ["Typo"]);
}

#[test]
fn malformed_values_name_their_flag() {
    for (argument, flag) in [
        ("--batch-idle-duration=soon", "--batch-idle-duration"),
        ("--batch-idle-duration=-1s", "--batch-idle-duration"),
        ("--preference-policy=respect", "--preference-policy"),
        ("--packing-policy=cheapest", "--packing-policy"),
        ("--feature-gates=NodeRepair", "--feature-gates"),
        ("--log-level=info,=", "--log-level"),
        ("--scheduler-config={unknown: 1}", "--scheduler-config"),
        ("stray", "stray"),
    ] {
        let error = parse(&[argument]).expect_err("must be refused");
        assert!(error.contains(flag), "{argument}: {error}");
    }
}
