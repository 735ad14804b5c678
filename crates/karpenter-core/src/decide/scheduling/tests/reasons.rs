//! What people are told of why a node is made.

use super::bins::{plan, sizes};
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::reason::{LIMIT, reason};
use crate::testing::node_pools::node_pool;
use crate::testing::pods::pod;
use crate::testing::scenario::cluster;

/// Why the only claim of the plan for `input` is made.
fn reason_of(input: &SchedulingInput) -> String {
    let plan = plan(input);
    let [claim] = &*plan.claims else { panic!("one claim was expected: {plan:?}") };
    reason(claim, plan.report.claims.first())
}

#[test]
fn it_names_pods_pool_types_and_price() {
    let pods = ["a", "b", "c", "d", "e"].map(|name| pod(name).cpu("100m"));
    let text = reason_of(&cluster().with_pool(node_pool("p"), sizes()).with_pods(pods));
    let pods = "For 5 pod(s): default/a, default/b, default/c and 2 more. ";
    let rest = text.strip_prefix(pods).unwrap_or_else(|| panic!("{text}"));
    assert!(rest.starts_with("NodePool p, "), "{text}");
    assert!(rest.contains(" instance type(s), cheapest "), "{text}");
    assert!(rest.ends_with(" per hour"), "{text}");
}

#[test]
fn it_says_which_pools_were_passed_over_and_why() {
    let favourite = node_pool("favourite").weight(10).taint("team", "a", "NoSchedule");
    let input = cluster().with_pool(favourite, sizes()).with_pool(node_pool("p"), sizes());
    let text = reason_of(&input.with_pods([pod("a").cpu("1")]));
    assert!(text.starts_with("For 1 pod(s): default/a. NodePool p, "), "{text}");
    assert!(text.contains("; not NodePool favourite: did not tolerate taint"), "{text}");
}

#[test]
fn it_is_cut_between_characters_when_many_pools_were_passed_over() {
    let mut input = cluster();
    for n in 0..30 {
        let pool = node_pool(&format!("favourite-{n}"));
        input = input.with_pool(pool.weight(10).taint("team", "a", "NoSchedule"), sizes());
    }
    let input = input.with_pool(node_pool("p"), sizes()).with_pods([pod("a").cpu("1")]);
    let text = reason_of(&input);
    assert_eq!(text.len(), LIMIT);
    assert!(text.ends_with("..."), "{text}");
}
