use proptest::prelude::*;

use super::*;
use crate::decide::scheduling::solve::{solve, solve_on};
use crate::decide::scheduling::tests::random_topology::clusters;
use crate::testing::nodes::state_node;
use crate::testing::pods::pod;
use crate::testing::scenario::cluster;

fn with_usage_of(node: &StateNode, other: &StateNode) -> StateNode {
    StateNode { usage: other.usage.clone(), ..node.clone() }
}

/// What a cluster may look like a moment later: the first node is gone and another has the pods of the last.
fn later(input: &SchedulingInput) -> SchedulingInput {
    let mut later = input.clone();
    if !later.nodes.is_empty() {
        later.nodes.remove(0);
    }
    if let [first, .., last] = &mut later.nodes[..] {
        *first = with_usage_of(first, last);
    }
    later
}

/// The same cluster with a node on its way out, or back.
fn leaving(input: &SchedulingInput) -> SchedulingInput {
    let mut other = input.clone();
    match other.leaving.pop() {
        Some(node) => other.nodes.push(node),
        None => other.leaving.extend(other.nodes.pop()),
    }
    other
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plan_on_a_base_that_has_seen_others_is_the_plan_on_a_new_one(
        first in clusters(),
        mut second in clusters(),
    ) {
        second.normalization = first.normalization.clone();
        let mut base = Base::default();
        let (one, two) = (later(&first), leaving(&first));
        for input in [&first, &one, &first, &two, &second, &first, &one] {
            let kept = solve_on(&mut base, input, None);
            prop_assert_eq!(format!("{kept:?}"), format!("{:?}", solve(input)));
        }
    }
}

fn two_nodes() -> SchedulingInput {
    let node = |name: &str| state_node(name).managed("default").capacity("cpu", "4");
    cluster().with_node(node("b")).with_node(node("a").bind(pod("p").cpu("1").build()))
}

#[test]
fn only_nodes_that_have_changed_are_read() {
    let input = two_nodes();
    let mut base = Base::of(&input);
    let slots = base.at.clone();
    base.refresh(&input);
    assert_eq!((&base.at, base.order()), (&slots, &[1, 0][..]));
    let mut busier = input.clone();
    busier.nodes[0] = with_usage_of(&input.nodes[0], &input.nodes[1]);
    base.refresh(&busier);
    assert_eq!(base.at, slots);
    assert_eq!(base.node(0).available, base.node(1).available);
    base.refresh(&input);
    assert_eq!(base.node(0).available, input.nodes[0].available());
}

#[test]
fn what_no_node_has_is_forgotten() {
    let mut input = two_nodes();
    let mut base = Base::of(&input);
    input.nodes.remove(0);
    base.refresh(&input);
    assert_eq!((base.by_address.len(), base.free.len()), (1, 1));
    for at in 0..2 * FEW {
        let name = format!("n{at}");
        input.nodes = vec![state_node(&name).managed("default").build()];
        base.refresh(&input);
    }
    assert!(base.names.len() <= FEW + 1 && base.slots.len() <= 2, "{}", base.names.len());
}
