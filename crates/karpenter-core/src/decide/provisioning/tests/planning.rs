//! From objects to the plan: what is demanded, solved.

use super::*;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::plan::SchedulingPlan;
use crate::decide::scheduling::solve::solve;
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::node_pools::node_pool;
use crate::testing::scenario;

impl Cluster {
    /// The plan for everything that waits, with types of 2 and 8 processors.
    fn plan(&self) -> SchedulingPlan {
        let demand = self.demand();
        let types = [("small", "2", 1.0), ("large", "8", 4.0)].map(|(name, cpu, price)| {
            instance_type(name).cpu(cpu).memory("2Gi").offering("z1", "on-demand", price).build()
        });
        solve(&SchedulingInput {
            pods: demand.pending,
            reschedule: demand.reschedule,
            nodes: demand.nodes,
            leaving: demand.leaving,
            bound: self.0.snapshot().bound,
            ..scenario::cluster().with_pool(node_pool("p"), catalog(types))
        })
    }
}

fn asking(cpu: &str) -> Value {
    json!({ "spec": { "containers": [{ "name": "c", "resources": { "requests": { "cpu": cpu } } }] } })
}

// behaviour 02#29
#[test]
fn pods_of_a_node_that_goes_away_share_a_new_claim_with_pods_that_wait() {
    let cluster = (0..3)
        .fold(leaving(), |cluster, n| cluster.pod(&format!("bound-{n}"), on_node(asking("1"))));
    let cluster =
        (0..2).fold(cluster, |cluster, n| cluster.pod(&format!("waiting-{n}"), asking("1")));
    let plan = cluster.plan();
    let mut pods: Vec<&str> = plan.claims[0].pods.iter().map(|key| &*key.name).collect();
    pods.sort_unstable();
    assert_eq!(pods, ["bound-0", "bound-1", "bound-2", "waiting-0", "waiting-1"]);
    assert_eq!(plan.claims.len(), 1);
    assert!(plan.placements.is_empty());
}

// behaviour 02#65
#[test]
fn overhead_of_a_pod_takes_room_on_its_node() {
    let types_for = |pod: Value| {
        let plan = Cluster::new().pod("a", pod).plan();
        plan.claims[0].instance_types.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(types_for(asking("1")), ["small", "large"]);
    let mut heavy = asking("1");
    heavy["spec"]["overhead"] = json!({ "cpu": "2" });
    assert_eq!(types_for(heavy), ["large"]);
}

// behaviour 02#221
#[test]
fn pod_that_asks_for_devices_anywhere_is_refused_and_the_others_go_on() {
    let claims = json!([{ "name": "gpu" }]);
    let container = |claims: &Value| json!([{ "name": "c", "resources": { "claims": claims } }]);
    let text =
        "pod has Dynamic Resource Allocation requirements that are not yet supported by Karpenter";
    for spec in [
        json!({ "containers": container(&claims) }),
        json!({ "initContainers": container(&claims) }),
        json!({ "resourceClaims": [{ "name": "gpu", "resourceClaimName": "one" }] }),
    ] {
        let cluster = Cluster::new().pod("devices", json!({ "spec": spec }));
        let plan = cluster.pod("plain", asking("1")).plan();
        let [(refused, why)] = &plan.unschedulable[..] else { panic!("{spec}: {plan:?}") };
        assert_eq!((&*refused.name, &*why.to_string()), ("devices", text));
        assert!(why.is_worth_an_event() && !why.is_ignored());
        let [claim] = &plan.claims[..] else { panic!("{spec}: {plan:?}") };
        assert_eq!(claim.pods.iter().map(|pod| &*pod.name).collect::<Vec<_>>(), ["plain"]);
    }
}
