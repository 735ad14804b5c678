//! Random small clusters: the decision equals the naive reference, repeats itself, and stands up to the auditor.

use proptest::prelude::*;

use super::reference::{self, Outcome, RESERVATION};
use crate::decide::audit::audit;
use crate::decide::scheduling::input::{ReservedOfferings, SchedulingInput};
use crate::decide::scheduling::plan::{SchedulingPlan, Target};
use crate::decide::scheduling::solve::solve;
use crate::options::{MinValuesPolicy, PreferencePolicy};
use crate::testing::instance_types::{InstanceTypeBuilder, catalog, instance_type};
use crate::testing::node_pools::{NodePoolBuilder, node_pool};
use crate::testing::nodes::{StateNodeBuilder, state_node};
use crate::testing::pods::{PodBuilder, expression, pod};
use crate::testing::scenario::cluster;

const ZONES: [&str; 3] = ["z1", "z2", "z3"];
const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

pub(super) fn outcome(plan: &SchedulingPlan) -> Outcome {
    let texts = |pods: &[crate::model::ids::PodKey]| pods.iter().map(ToString::to_string).collect();
    let placed = plan.placements.iter().map(|placement| {
        let name = match &placement.target {
            Target::Node(name) => name.to_string(),
            Target::Claim(name) => name.to_string(),
        };
        (name, texts(&placement.pods))
    });
    let claims = plan.claims.iter().map(|claim| {
        let types = claim.instance_types.iter().map(ToString::to_string).collect();
        let held = claim.requirements.get(RESERVATION).map_or(&[][..], |id| id.values());
        let held = held.iter().map(ToString::to_string).collect();
        (claim.pool.to_string(), texts(&claim.pods), types, held)
    });
    let left = plan.unschedulable.iter().map(|(pod, why)| match why.is_deferred() {
        true => format!("{pod} deferred"),
        false => pod.to_string(),
    });
    Outcome { nodes: placed.collect(), claims: claims.collect(), left: left.collect() }
}

/// One constraint of a pod: which kind, and a number to choose its parts from.
pub(super) type Twist = (u8, u8);

pub(super) fn twisted(pod: PodBuilder, (kind, n): Twist) -> PodBuilder {
    let zone = ZONES[usize::from(n) % 3];
    let digit = (n % 5).to_string();
    match kind % 14 {
        0 => pod.zone(zone),
        1 => {
            let kinds = ["spot", "on-demand", "spot", "on-demand", "spot", "reserved"];
            pod.select("karpenter.sh/capacity-type", kinds[usize::from(n) % 6])
        }
        2 => pod
            .require([expression("topology.kubernetes.io/zone", "In", ["nowhere"])])
            .require([expression("topology.kubernetes.io/zone", "NotIn", [zone])]),
        3 => pod.prefer(i32::from(n), [expression("topology.kubernetes.io/zone", "In", [zone])]),
        // May contradict a requirement on the same label.
        4 => pod.prefer(7, [expression("tier", "In", ["x", "y"])]),
        5 => pod.tolerate("dedicated", "Equal", if n % 2 == 0 { "a" } else { "b" }, ""),
        6 => pod.tolerate("", "Exists", "", ""),
        7 => pod.host_port(8080 + i32::from(n % 2)),
        8 => pod.require([expression("tier", "NotIn", [digit.as_str()])]),
        9 => pod.require([expression("tier", "In", [digit.as_str(), "x"])]),
        10 => pod.require([expression(
            "tier",
            if n % 2 == 0 { "Exists" } else { "DoesNotExist" },
            [],
        )]),
        11 => pod.require([expression(
            "integer",
            if n % 2 == 0 { "Gt" } else { "Lt" },
            [digit.as_str()],
        )]),
        12 => pod.request("example.com/gpu", &(n % 2).to_string()),
        _ => pod.require([expression(
            "tier",
            if n % 2 == 0 { "Gt" } else { "Lt" },
            [digit.as_str()],
        )]),
    }
}

fn pods() -> impl Strategy<Value = Vec<PodBuilder>> {
    let one = (0..6_u32, 0..5_u32, 0..3_i64, proptest::collection::vec((0..14_u8, 0..6_u8), 0..3));
    proptest::collection::vec(one, 0..14).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(at, (cpu, memory, created, twists))| {
                let sized = pod(&format!("p{at}"))
                    .cpu(&format!("{}m", 400 * cpu))
                    .memory(&format!("{}Mi", 700 * memory))
                    .created(created);
                twists.into_iter().fold(sized, twisted)
            })
            .collect()
    })
}

pub(super) fn types() -> impl Strategy<Value = Vec<InstanceTypeBuilder>> {
    let one = (1..6_u32, 1..6_u32, 1..6_u32, 0..64_u8, any::<u8>(), 1..9_u8);
    proptest::collection::vec(one, 1..6).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(at, (cpu, memory, pods, stock, extra, price))| {
                let it = instance_type(&format!("t{at}"))
                    .cpu(&cpu.to_string())
                    .memory(&format!("{memory}Gi"))
                    .pods(&pods.to_string())
                    .reserved("cpu", "100m")
                    .label("integer", [cpu.to_string().as_str()]);
                let it = if extra % 4 == 0 { it.capacity("example.com/gpu", "2") } else { it };
                let it = if extra % 5 == 0 { it.label("tier", ["x"]) } else { it };
                let it = if extra % 7 == 0 { it.label("tier", []) } else { it };
                offerings(it, stock, price, extra)
            })
            .collect()
    })
}

fn offerings(it: InstanceTypeBuilder, stock: u8, price: u8, extra: u8) -> InstanceTypeBuilder {
    let kinds = ZONES.iter().flat_map(|zone| [(*zone, "spot"), (*zone, "on-demand")]);
    kinds.enumerate().fold(it, |it, (at, (zone, kind))| {
        let price = f64::from(price) + if kind == "spot" { 0.0 } else { 0.5 };
        match (stock >> at & 1, extra % 3) {
            (0, _) => it.sold_out(zone, kind, price),
            (_, 0) if at == 0 => it.offering_with(zone, kind, price, ("memory", "9Gi")),
            _ => it.offering(zone, kind, price),
        }
    })
}

/// Reserved offerings: of which type, in which zone, of which reservation, and how many are left.
pub(super) type Reserved = (usize, usize, usize, u32);

pub(super) fn reservations() -> impl Strategy<Value = Vec<Reserved>> {
    proptest::collection::vec((0..6_usize, 0..3_usize, 0..3_usize, 0..4_u32), 0..5)
}

pub(super) fn with_reservations(
    mut types: Vec<InstanceTypeBuilder>,
    reserved: Vec<Reserved>,
) -> Vec<InstanceTypeBuilder> {
    for (at, zone, id, left) in reserved {
        let Some(it) = types.get_mut(at) else { continue };
        let id = format!("r{id}");
        *it = it.clone().in_reservation(ZONES[zone], (RESERVATION, &id), left);
    }
    types
}

/// What becomes of reserved capacity and which pods are virtual, out of a number.
pub(super) fn with_mode(mut input: SchedulingInput, n: u8) -> SchedulingInput {
    let n_real = usize::from(n / 8);
    if n_real < input.pods.len() {
        input.virtual_pods = input.pods.split_off(n_real);
    }
    input.options.feature_gates.reserved_capacity = !n.is_multiple_of(8);
    if n % 8 == 1 {
        input.reserved = ReservedOfferings::Fallback;
    }
    input.with_reservation_id(RESERVATION)
}

pub(super) fn pools() -> impl Strategy<Value = Vec<NodePoolBuilder>> {
    let one = (0..3_i32, proptest::collection::vec((0..9_u8, 0..6_u8), 0..3));
    proptest::collection::vec(one, 1..3).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(at, (weight, twists))| {
                let pool = node_pool(&format!("pool{at}"));
                let pool = if weight > 0 { pool.weight(weight) } else { pool };
                twists.into_iter().fold(pool, |pool, (kind, n)| match kind {
                    0 => pool.require(
                        "topology.kubernetes.io/zone",
                        "NotIn",
                        [ZONES[usize::from(n) % 3]],
                    ),
                    1 => pool.require("tier", "Exists", []),
                    2 => pool.label("tier", "x"),
                    3 => pool.taint("dedicated", "a", EFFECTS[usize::from(n) % 3]),
                    4 => pool.limit("cpu", &(3 + 2 * n).to_string()),
                    5 => pool.limit("nodes", &(n % 3).to_string()),
                    6 => pool.require_min(2, "node.kubernetes.io/instance-type", "Exists", []),
                    7 => pool.require("tier", "NotIn", ["1", "x"]),
                    _ => pool.require_min(2, "topology.kubernetes.io/zone", "In", ZONES),
                })
            })
            .collect()
    })
}

pub(super) fn nodes() -> impl Strategy<Value = Vec<StateNodeBuilder>> {
    let one = (0..4_u8, 1..5_u32, 0..8_u8, 0..6_u8);
    proptest::collection::vec(one, 0..4).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(at, (stage, size, twist, n))| {
                let zone = ZONES[usize::from(n) % 3];
                let node = state_node(&format!("n{at}"))
                    .capacity("cpu", &size.to_string())
                    .capacity("memory", &format!("{size}Gi"))
                    .label("topology.kubernetes.io/zone", zone);
                let node = match twist {
                    0 => node.taint("dedicated", "a", EFFECTS[usize::from(n) % 3]),
                    1 => node.label("tier", "x"),
                    2 => node.bind(pod(&format!("b{at}")).cpu("500m").host_port(8080).build()),
                    _ => node,
                };
                match stage {
                    0 => node,
                    1 => node.managed("pool0"),
                    2 => node.uninitialized("pool1"),
                    _ => node.in_flight("pool0"),
                }
            })
            .collect()
    })
}

/// Small clusters with constraints of every kind that is planned for.
pub(super) fn clusters() -> impl Strategy<Value = SchedulingInput> {
    let daemons = proptest::collection::vec((0..3_u32, 0..14_u8, 0..6_u8), 0..3);
    let reserved = (reservations(), any::<u8>(), any::<(bool, bool)>());
    (pods(), types(), pools(), nodes(), daemons, reserved, any::<(bool, bool)>()).prop_map(
        |(pods, types, pools, nodes, daemons, (reserved, mode, opt), (ignore, best_effort))| {
            let types = with_reservations(types, reserved);
            let types = catalog(types.into_iter().map(InstanceTypeBuilder::build));
            let mut input = cluster().with_pods(pods).with_well_known(&["integer"]);
            input = with_mode(input, mode);
            for pool in pools {
                input = input.with_pool(pool, types.clone());
            }
            for node in nodes {
                input = input.with_node(node);
            }
            for (at, (cpu, kind, n)) in daemons.into_iter().enumerate() {
                let daemon = pod(&format!("d{at}")).cpu(&format!("{}m", 200 * cpu));
                input = input.with_daemon_set(twisted(daemon, (kind, n)));
            }
            input.with_options(|options| {
                (options.reserved_capacity_matching, options.refund_limits) = opt;
                if ignore {
                    options.preference_policy = PreferencePolicy::Ignore;
                }
                if best_effort {
                    options.min_values_policy = MinValuesPolicy::BestEffort;
                }
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    // behaviour 02#252
    #[test]
    fn decision_equals_the_naive_reference(input in clusters()) {
        prop_assert_eq!(outcome(&solve(&input)), reference::solve(&input));
    }

    // behaviour 02#254
    #[test]
    fn every_pod_ends_in_exactly_one_place(input in clusters()) {
        let plan = solve(&input);
        let claimed = plan.claims.iter().flat_map(|claim| claim.pods.clone());
        let placed = plan.placements.iter().flat_map(|placement| placement.pods.clone());
        let left = plan.unschedulable.iter().map(|(pod, _)| pod.clone());
        let mut found: Vec<_> = claimed.chain(placed).chain(left).collect();
        found.sort();
        let pods = input.pods.iter().chain(&input.virtual_pods);
        let mut all: Vec<_> = pods.map(|pod| pod.key.clone()).collect();
        all.sort();
        prop_assert_eq!(found, all);
    }

    #[test]
    fn order_of_the_input_does_not_matter(input in clusters()) {
        let mut turned = input.clone();
        turned.pods.reverse();
        turned.virtual_pods.reverse();
        turned.nodes.reverse();
        turned.pools.reverse();
        let (plan, again) = (solve(&input), solve(&input));
        prop_assert_eq!(&plan, &again);
        prop_assert_eq!(format!("{plan:?}"), format!("{again:?}"));
        prop_assert_eq!(outcome(&plan), outcome(&solve(&turned)));
    }

    // behaviour 02#253, behaviour 02#256
    #[test]
    fn auditor_finds_nothing(input in clusters()) {
        prop_assert_eq!(audit(&input, &solve(&input)), vec![]);
    }

    // behaviour 02#255
    #[test]
    fn input_is_left_alone(input in clusters()) {
        let before = format!("{input:?}");
        solve(&input);
        prop_assert_eq!(format!("{input:?}"), before);
    }
}
