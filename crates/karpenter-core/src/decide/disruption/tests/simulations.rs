//! The question that is asked before nodes are given up.

use super::*;
use crate::decide::disruption::candidate::{Class, candidates};
use crate::decide::disruption::simulation::simulation_input;
use crate::decide::provisioning::input::Terms;
use crate::decide::scheduling::input::{PoolSupply, Purpose, ReservedOfferings, SchedulingInput};
use crate::decide::scheduling::plan::SchedulingPlan;
use crate::decide::scheduling::solve::solve;
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use crate::model::pod::Pod;
use crate::options::Options;
use crate::state::{ClusterEvent, Intent};
use crate::testing::cluster::{at, pod, pod_budget, pool, waiting_pod};
use crate::testing::instance_types::{catalog, instance_type};

/// Three nodes of eight processors with a pod each: `a` could go, `b` had a pod come five seconds ago and is nominated,
/// `c` goes. A pod waits.
fn world() -> World {
    let sized = |name: &str| {
        node(name, json!({ "status": { "allocatable": { "cpu": "8", "pods": "110" } } }))
    };
    let busy = json!({ "status": { "lastPodEventTime": at(-5) } });
    let wait = json!({ "spec": { "disruption": { "consolidateAfter": "30s" } },
        "status": { "conditions": [condition("Ready", "True", at(-60))] } });
    World::new(at(0))
        .pool(pool("default", wait))
        .node(sized("a"))
        .claim(quiet_claim("a"))
        .node(sized("b"))
        .claim(claim("b", busy))
        .node(sized("c"))
        .claim(quiet_claim("c"))
        .with(ClusterEvent::Intent(Intent::MarkForDeletion("c".into())))
        .pod(running("on-a", "a"))
        .pod(running("on-b", "b"))
        .pod(running("on-c", "c"))
        .pod(waiting_pod("waiting", "1"))
}

fn running(name: &str, node: &str) -> Pod {
    let requests = json!({ "requests": { "cpu": "1" } });
    pod(name, node, json!({ "spec": { "containers": [{ "name": "c", "resources": requests }] } }))
}

/// The question whether node `a` can go.
fn question(world: &World, purpose: Purpose) -> SchedulingInput {
    let all = candidates(&input(world, at(0)), Class::Eventual, &mut DisruptionReport::default());
    let chosen: Vec<_> = all.into_iter().filter(|one| one.claim.name.as_str() == "a").collect();
    assert_eq!(chosen.len(), 1);
    let cluster = world.snapshot();
    let types = catalog([instance_type("t").cpu("8").offering("z1", "on-demand", 1.0).build()]);
    let pool = cluster.pools.values().next().expect("the pool").clone();
    let supply = PoolSupply { pool, catalog: types };
    let terms = Terms {
        now: at(0),
        seed: 1,
        options: Options::default(),
        well_known: Arc::new(WellKnownLabels::core()),
        normalization: Arc::new(LabelNormalization::core()),
        unsupported_storage: Arc::default(),
    };
    simulation_input(&cluster, &chosen, purpose, vec![], vec![supply], terms)
}

fn names(pods: &[Arc<Pod>]) -> Vec<&str> {
    pods.iter().map(|pod| &*pod.key.name).collect()
}

/// Pods on nodes that are there, then pods on new nodes.
fn places(plan: &SchedulingPlan) -> [Vec<String>; 2] {
    let on_nodes = plan.placements.iter().flat_map(|placement| &placement.pods);
    let on_claims = plan.claims.iter().flat_map(|claim| &claim.pods);
    let mut places = [on_nodes.collect::<Vec<_>>(), on_claims.collect()];
    places.iter_mut().for_each(|pods| pods.sort());
    places.map(|pods| pods.into_iter().map(|pod| pod.name.to_string()).collect())
}

// behaviour 02#127
#[test]
fn candidates_are_gone_and_their_pods_are_kept_apart_from_those_that_need_a_place_anyway() {
    let question = question(&world(), Purpose::Consolidation);
    assert_eq!(names(&question.pods), ["waiting"]);
    assert_eq!(names(&question.reschedule), ["on-c"]);
    assert_eq!(names(&question.displaced), ["on-a"]);
    let nodes = |nodes: &[crate::state::StateNode]| -> Vec<String> {
        nodes.iter().map(|node| node.name().to_owned()).collect()
    };
    assert_eq!(nodes(&question.nodes), ["b"]);
    assert_eq!(nodes(&question.leaving), ["c", "a"]);
    assert_eq!(question.reserved, ReservedOfferings::Fallback);
}

// behaviour 02#127
#[test]
fn only_pods_of_candidates_keep_off_a_node_that_has_not_settled() {
    let plan = solve(&question(&world(), Purpose::Consolidation));
    assert_eq!(places(&plan), [vec!["on-c", "waiting"], vec!["on-a"]]);
    let drift = solve(&question(&world(), Purpose::Placement));
    assert_eq!(places(&drift), [vec!["on-a", "on-c", "waiting"], vec![]]);
}

#[test]
fn pods_that_cannot_be_moved_stay_where_they_are() {
    let daemon = json!([{ "apiVersion": "apps/v1", "kind": "DaemonSet", "name": "d", "uid": "d" }]);
    let daemon = pod("daemon", "a", json!({ "metadata": { "ownerReferences": daemon } }));
    let asked = question(&world().pod(daemon), Purpose::Consolidation);
    assert_eq!(names(&asked.displaced), ["on-a"]);
    let blocking = json!({ "spec": { "maxUnavailable": 0, "selector": {} } });
    let blocked = world().pod_budget(pod_budget("b", 0, blocking));
    let graceful = claim("a", json!({ "spec": { "terminationGracePeriod": "1m" } }));
    let asked = question(&blocked.claim(graceful), Purpose::Consolidation);
    assert_eq!(names(&asked.displaced), Vec::<&str>::new(), "its budget never lets it go");
}
