//! Why pods landed where they did.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;

use super::bins::{machine, plan, sizes};
use super::random_clusters::clusters;
use super::random_topology;
use crate::decide::audit::audit;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::landing::{Landing, solve};
use crate::decide::scheduling::plan::Target;
use crate::model::ids::PodKey;
use crate::model::pod::Pod;
use crate::options::PackingPolicy;
use crate::state::StateNode;
use crate::testing::instance_types::catalog;
use crate::testing::node_pools::node_pool;
use crate::testing::nodes::{StateNodeBuilder, state_node};
use crate::testing::pod_topology::{near, spread};
use crate::testing::pods::{expression, pod};
use crate::testing::scenario::cluster;

const HOST: &str = "kubernetes.io/hostname";
const ZONE: &str = "topology.kubernetes.io/zone";

fn landing_of(input: &SchedulingInput, name: &str) -> Landing {
    let key = PodKey::new("default", name);
    let plan = solve(input, &BTreeSet::from([key]));
    assert_eq!(audit(input, &plan), vec![]);
    let [landing] = &plan.report.landings[..] else { panic!("{:?}", plan.report) };
    landing.clone()
}

fn node(name: &str, cpu: &str) -> StateNodeBuilder {
    state_node(name).capacity("cpu", cpu).capacity("memory", "64Gi").label(ZONE, "z1")
}

#[test]
fn nodes_before_its_own_are_counted_by_what_they_lack() {
    let input = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_node(node("a", "1"))
        .with_node(node("b", "1"))
        .with_node(node("c", "8").taint("team", "a", "NoSchedule"))
        .with_node(node("d", "8").label(ZONE, "z2"))
        .with_node(node("e", "8").bind(pod("other").host_port(80).build()))
        .with_node(node("f", "8"))
        .with_node(node("g", "1"))
        .with_pods([pod("x").cpu("2").zone("z1").host_port(80)]);
    let landing = landing_of(&input, "x");
    assert_eq!(
        landing.nodes.to_string(),
        format!(
            "2 for lack of cpu, 1 by a taint, 1 by label {ZONE}, 1 by a host port that is taken"
        )
    );
    assert_eq!((landing.claims.n_bins(), landing.pools.len(), landing.is_first), (0, 0, false));
    let plan = solve(&input, &BTreeSet::from([landing.pod.clone()]));
    let line = format!("pod default/x: found its place; not on 5 node(s): {}", landing.nodes);
    assert!(plan.report.to_string().lines().any(|own| own == line), "{}", plan.report);
}

#[test]
fn planned_nodes_and_pools_before_are_told_for_the_pod_a_node_is_made_for() {
    let favourite = node_pool("favourite").weight(10).taint("team", "a", "NoSchedule");
    let big = ["a", "b"].map(|name| pod(name).cpu("15"));
    let input = cluster()
        .with_pool(favourite, sizes())
        .with_pool(node_pool("p"), sizes())
        .with_node(node("full", "1"))
        .with_pods(big)
        .with_pods([pod("x").cpu("12")]);
    let landing = landing_of(&input, "x");
    assert_eq!(landing.nodes.to_string(), "1 for lack of cpu");
    assert_eq!(landing.claims.to_string(), "2 for lack of an instance type that holds it too");
    let [refusal] = &landing.pools[..] else { panic!("{landing:?}") };
    let core = refusal.core.as_ref().map(ToString::to_string);
    let said = "taint team=a:NoSchedule alone rules out all 3 types";
    assert_eq!(core.as_deref(), Some(said));
    assert!(landing.is_first);
}

#[test]
fn others_and_what_was_given_up_are_told() {
    let web = |name: &str| pod(name).cpu("1").label("app", "web");
    let there = || web("there").bound_to("a").build();
    let input = cluster()
        .with_pool(node_pool("p"), catalog([machine("t", "4").build()]))
        .with_node(node("a", "8").bind(there()))
        .with_node(node("b", "8"))
        .with_pods([
            web("x")
                .spread(spread(HOST, 1, &[("app", "web")]))
                .prefer(1, [expression(ZONE, "In", ["mars"])]),
            pod("y").cpu("1").apart(near(HOST, &[("app", "web")])),
        ]);
    let landing = landing_of(&input, "x");
    assert_eq!(landing.nodes.to_string(), "1 by topology spread or pod affinity");
    assert_eq!(landing.given_up.len(), 1);
}

/// Everything about the landings of all pods that the plan says, too.
fn agrees(input: &SchedulingInput) -> Result<(), TestCaseError> {
    let keys = input.pods.iter().map(|pod| pod.key.clone()).collect();
    let watching = solve(input, &keys);
    let mut blind = watching.clone();
    blind.report.landings.clear();
    prop_assert_eq!(&blind, &crate::decide::scheduling::solve::solve(input));
    let mut nodes: Vec<&StateNode> = input.nodes.iter().collect();
    nodes.sort_by_key(|node| (!node.is_initialized(), node.name()));
    for landing in &watching.report.landings {
        let placed = watching.placements.iter().find(|p| p.pods.contains(&landing.pod));
        let n_nodes = placed.map_or(nodes.len(), |placed| {
            let name = match &placed.target {
                Target::Node(name) => name.to_string(),
                Target::Claim(name) => name.to_string(),
            };
            nodes.iter().position(|node| node.name() == name).unwrap_or_default()
        });
        prop_assert_eq!(landing.nodes.n_bins(), n_nodes, "{:?}", landing);
        if landing.is_first {
            let own = watching.claims.iter().position(|claim| claim.pods[0] == landing.pod);
            prop_assert_eq!(Some(landing.claims.n_bins()), own, "{:?}", landing);
        }
    }
    let has_place = |pod: &&Arc<Pod>| watching.unschedulable.iter().all(|(key, _)| *key != pod.key);
    let n_placed = input.pods.iter().filter(has_place).count();
    prop_assert_eq!(watching.report.landings.len(), n_placed);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_bin_before_its_own_has_an_obstacle(input in clusters()) {
        agrees(&input)?;
    }

    #[test]
    fn every_bin_before_its_own_has_an_obstacle_among_others(input in random_topology::clusters()) {
        agrees(&input)?;
    }
}

#[test]
fn guarded_packing_tells_of_the_nodes_it_made() {
    let guarded = |policy| {
        let input = cluster().with_pool(node_pool("p"), sizes());
        let pods = (0..6).map(|n| pod(&format!("x{n}")).cpu("1500m"));
        input.with_pods(pods).with_options(|options| options.packing_policy = policy)
    };
    for policy in [PackingPolicy::FirstFit, PackingPolicy::CostGuard] {
        let input = guarded(policy);
        let first = plan(&input).claims.last().map(|claim| claim.pods[0].clone()).unwrap();
        let landing = landing_of(&input, &first.name);
        assert!(landing.is_first, "{policy:?}");
        assert_eq!(landing.claims.n_bins() + 1, plan(&input).claims.len(), "{policy:?}");
    }
}
