use serde_json::{Value, json};

use super::*;
use crate::decide::scheduling::solve::solve;
use crate::model::pod::{Pod, UnsupportedConstraint};
use crate::state::{Change, ClusterEvent};
use crate::testing::cluster::{World, at, pod, text};
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::node_pools::node_pool;
use crate::testing::pods::{PodBuilder, expression, pod as template};
use crate::testing::scenario;

/// A pod of DaemonSet `agent` with so many processors, bound to a node of its own by a required affinity.
fn daemon(name: &str, cpu: &str, second: i64) -> Pod {
    let field = json!({ "key": "metadata.name", "operator": "In", "values": [name] });
    let terms = json!([{ "matchFields": [field] }]);
    let required = json!({ "nodeSelectorTerms": terms });
    let affinity = json!({ "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": required,
    } });
    pod(
        name,
        name,
        json!({
            "metadata": { "creationTimestamp": text(at(second)), "ownerReferences": [owner()] },
            "spec": {
                "affinity": affinity,
                "containers": [{ "name": "c", "resources": { "requests": { "cpu": cpu } } }],
            },
        }),
    )
}

fn owner() -> Value {
    json!({ "apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent", "uid": "agent", "controller": true })
}

fn world(set: PodBuilder) -> World {
    World::new(at(0)).with(ClusterEvent::DaemonSet(Change::Upsert(set.build_daemon_set())))
}

fn cpu(world: &World) -> String {
    observed(&world.snapshot(), true)[0].requests.to_string()
}

// behaviour 02#111
#[test]
fn newest_pod_says_what_a_daemon_asks_for_and_the_template_where_it_runs() {
    let own = [expression("size", "In", ["large"])];
    let world = world(template("agent").cpu("2").require(own.clone()));
    assert_eq!(cpu(&world), r#"{"cpu":"2"}"#);
    let world = world.pod(daemon("old", "1", -60)).pod(daemon("new", "500m", -30));
    assert_eq!(cpu(&world), r#"{"cpu":"500m"}"#);
    let terms = &observed(&world.snapshot(), true)[0].shape.required_node_affinity;
    assert_eq!(terms.len(), 1);
    assert_eq!((&terms[0].expressions[..], terms[0].has_match_fields), (&own[..], false));

    let gone = ClusterEvent::Pod(Change::Delete(daemon("new", "500m", -30).key));
    let world = world.with(gone);
    assert_eq!(cpu(&world), r#"{"cpu":"1"}"#);
}

#[test]
fn affinity_of_a_pod_to_its_node_asks_nothing_of_other_nodes() {
    let world = world(template("agent").cpu("2")).pod(daemon("a", "1", -60));
    let terms = &observed(&world.snapshot(), true)[0].shape.required_node_affinity;
    assert!(terms.iter().all(|term| term.expressions.is_empty()), "{terms:?}");
}

// behaviour 02#117
#[test]
fn daemon_that_asks_for_devices_counts_only_where_such_requests_are_not_ignored() {
    let set = template("agent").cpu("2").unsupported(UnsupportedConstraint::ResourceClaim);
    let world = world(set);
    let overhead = |ignore_dra_requests: bool| {
        let types = catalog([instance_type("t").cpu("8").offering("z1", "spot", 1.0).build()]);
        let mut input = scenario::cluster().with_pool(node_pool("p"), types);
        input.daemon_sets = observed(&world.snapshot(), ignore_dra_requests);
        let plan = solve(&input.with_pods([template("x").cpu("1")]));
        plan.claims[0].requests.get_or_zero("cpu").to_string()
    };
    assert_eq!((&*overhead(true), &*overhead(false)), ("1", "3"));
}
