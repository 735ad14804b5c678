//! Random small clusters whose pods look at each other: the decision equals the naive reference, can be taken back,
//! and stands up to the auditor.

use proptest::prelude::*;

use super::journal;
use super::random_clusters::{
    nodes, outcome, pools, reservations, twisted, types, with_mode, with_reservations,
};
use super::reference;
use crate::decide::audit::audit;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::solve::solve;
use crate::model::pod_topology::{NodeInclusion, PodAffinityTerm, SpreadConstraint};
use crate::options::PreferencePolicy;
use crate::testing::bench::diverse_input;
use crate::testing::instance_types::{InstanceTypeBuilder, catalog};
use crate::testing::pod_topology::{near, selector_in, soft_spread, spread};
use crate::testing::pods::{PodBuilder, pod};
use crate::testing::scenario::cluster;

const KEYS: [&str; 5] = [
    "kubernetes.io/hostname",
    "topology.kubernetes.io/zone",
    "karpenter.sh/capacity-type",
    "tier",
    "karpenter.sh/nodepool",
];
const APPS: [&str; 3] = ["a", "b", "c"];

/// What a pod asks of others: which kind, which key, which app, and a number for the rest.
type Social = (u8, u8, u8, u8);

fn key(n: u8) -> &'static str {
    // The host name and the zone are what people use; the others are rarer.
    KEYS[[0, 0, 1, 1, 1, 2, 3, 4][usize::from(n) % 8]]
}

fn constraint((_, at, app, n): Social, is_soft: bool) -> SpreadConstraint {
    let labels = [("app", APPS[usize::from(app) % 3])];
    let make = if is_soft { soft_spread } else { spread };
    let mut constraint = make(key(at), 1 + i32::from(n % 3), &labels);
    constraint.min_domains = (n % 5 == 0).then_some(i32::from(n % 4));
    if n % 7 == 0 {
        constraint.node_affinity_policy = NodeInclusion::Ignore;
    }
    if n % 3 == 0 {
        constraint.node_taints_policy = NodeInclusion::Honor;
    }
    if n % 11 == 0 {
        constraint.match_label_keys = vec!["app".into(), "absent".into()];
        constraint.selector = Some(selector_in("app", &["a", "b"]));
    }
    if n % 13 == 12 {
        constraint.selector = None;
    }
    constraint
}

fn term((_, at, app, n): Social) -> PodAffinityTerm {
    let mut term = near(key(at), &[("app", APPS[usize::from(app) % 3])]);
    if n % 9 == 0 {
        term.namespaces = vec!["default".into(), "other".into()];
    }
    term
}

fn social(pod: PodBuilder, one: Social) -> PodBuilder {
    let weight = i32::from(one.3 % 4);
    match one.0 % 8 {
        0 | 1 => pod.spread(constraint(one, false)),
        2 => pod.spread(constraint(one, true)),
        3 => pod.near(term(one)),
        4 => pod.rather_near(weight, term(one)),
        5 | 6 => pod.apart(term(one)),
        _ => pod.rather_apart(weight, term(one)),
    }
}

fn socials() -> impl Strategy<Value = Vec<Social>> {
    proptest::collection::vec((any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>()), 0..3)
}

fn pods() -> impl Strategy<Value = Vec<PodBuilder>> {
    let twists = proptest::collection::vec((0..14_u8, 0..6_u8), 0..2);
    let one = (0..4_u32, 0..3_u8, any::<bool>(), twists, socials());
    proptest::collection::vec(one, 0..12).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(at, (cpu, app, is_plain, twists, terms))| {
                let base = pod(&format!("p{at}"))
                    .cpu(&format!("{}m", 300 * cpu))
                    .label("app", APPS[usize::from(app)]);
                let twists = twists.into_iter().filter(|_| !is_plain);
                terms.into_iter().fold(twists.fold(base, twisted), social)
            })
            .collect()
    })
}

/// Small clusters with pods that run already and pods that look at each other.
pub(in super::super) fn clusters() -> impl Strategy<Value = SchedulingInput> {
    let bound = proptest::collection::vec((0..4_usize, 0..3_u8, any::<u8>(), socials()), 0..6);
    let reserved = (reservations(), any::<u8>(), any::<(bool, bool)>());
    (pods(), types(), pools(), nodes(), bound, reserved, any::<(bool, bool)>()).prop_map(
        |(pods, types, pools, mut nodes, bound, (reserved, mode, opt), (ignore, leaves))| {
            let types = with_reservations(types, reserved);
            let types = catalog(types.into_iter().map(InstanceTypeBuilder::build));
            let mut input = cluster().with_pods(pods).with_well_known(&["integer"]);
            input = with_mode(input, mode);
            for pool in pools {
                input = input.with_pool(pool, types.clone());
            }
            for (at, (node, app, n, terms)) in bound.into_iter().enumerate() {
                let Some(node) = nodes.get_mut(node) else { continue };
                let running = pod(&format!("r{at}")).label("app", APPS[usize::from(app)]);
                let running = if n % 4 == 0 { running.terminating() } else { running };
                let running = if n % 5 == 0 { running.namespace("other") } else { running };
                let running = terms.into_iter().fold(running, social).bound_to("").build();
                *node = node.clone().bind(running);
            }
            let leaving = if leaves && nodes.len() > 2 { nodes.pop() } else { None };
            for node in nodes {
                input = input.with_node(node);
            }
            if let Some(node) = leaving {
                input = input.with_leaving(node);
                let pods = input.leaving[0].usage.pods.values();
                let first = pods.filter(|pod| pod.is_reschedulable()).take(1).cloned();
                match mode % 2 {
                    0 => input.reschedule = first.collect(),
                    _ => input.displaced = first.collect(),
                }
            }
            input.with_options(|options| {
                (options.reserved_capacity_matching, options.refund_limits) = opt;
                if ignore {
                    options.preference_policy = PreferencePolicy::Ignore;
                }
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    // behaviour 02#252
    #[test]
    fn decision_equals_the_naive_reference(input in clusters()) {
        prop_assert_eq!(outcome(&solve(&input)), reference::solve(&input));
    }

    #[test]
    fn order_of_the_input_does_not_matter(input in clusters()) {
        let mut turned = input.clone();
        turned.pods.reverse();
        turned.virtual_pods.reverse();
        turned.nodes.reverse();
        turned.pools.reverse();
        prop_assert_eq!(outcome(&solve(&input)), outcome(&solve(&turned)));
    }

    // behaviour 02#253
    #[test]
    fn auditor_finds_nothing(input in clusters()) {
        let plan = solve(&input);
        prop_assert_eq!(audit(&input, &plan), vec![], "{:?}", outcome(&plan));
    }

    // behaviour 02#144
    // behaviour 02#255
    #[test]
    fn input_is_left_alone(input in clusters()) {
        let before = format!("{input:?}");
        solve(&input);
        prop_assert_eq!(format!("{input:?}"), before);
    }

    #[test]
    fn rollback_restores_counts(input in clusters(), n_kept in 0..8_usize) {
        journal::check(&input, n_kept)?;
    }
}

/// Many claims that have to be the same, most of which refuse.
#[test]
fn many_pods_of_a_mix_go_where_the_naive_reference_puts_them() {
    for seed in 0..3 {
        let input = diverse_input(250, 12, seed);
        assert_eq!(outcome(&solve(&input)), reference::solve(&input), "seed {seed}");
    }
}
