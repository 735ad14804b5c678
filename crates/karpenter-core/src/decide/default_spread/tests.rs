use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;
use crate::decide::provisioning::demand;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::plan::SchedulingPlan;
use crate::decide::scheduling::solve::solve;
use crate::state::{Change, ClusterEvent};
use crate::testing::cluster::{World, at, merge, node, pod};
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::node_pools::node_pool;
use crate::testing::scenario;
use crate::wire::Decoded;
use crate::wire::selector_source::{
    SelectingReplicaSet, SelectingReplicationController, SelectingService, SelectingStatefulSet,
};

const ZONE: &str = "topology.kubernetes.io/zone";

/// As the scheduler is configured: by zone, with a skew of one.
fn zonal() -> DefaultSpread {
    DefaultSpread {
        topology_key: ZONE.to_owned(),
        max_skew: 1,
        min_domains: None,
        is_hard: true,
        honors_node_affinity: true,
        honors_node_taints: false,
    }
}

/// As [`zonal`], but a scheduler may break it.
fn soft() -> DefaultSpread {
    DefaultSpread { is_hard: false, ..zonal() }
}

/// A waiting pod with a label `app: web`.
fn waiting(name: &str, changes: Value) -> Pod {
    let mut object = json!({
        "metadata": { "labels": { "app": "web" } },
        "spec": { "containers": [{ "name": "c", "resources": { "requests": { "cpu": "1" } } }] },
        "status": {
            "phase": "Pending",
            "conditions": [{ "type": "PodScheduled", "status": "False", "reason": "Unschedulable" }],
        },
    });
    merge(&mut object, changes);
    pod(name, "", object)
}

fn owned_by(uid: &str) -> Value {
    let owner = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": uid, "uid": uid, "controller": true,
    });
    json!({ "metadata": { "ownerReferences": [owner] } })
}

fn object<K: Decoded<Model = SelectorSource> + DeserializeOwned>(
    (namespace, name): (&str, &str),
    spec: &Value,
) -> Change<SelectorSource> {
    let metadata = json!({ "name": name, "namespace": namespace, "uid": name });
    let object = serde_json::from_value::<K>(json!({ "metadata": metadata, "spec": spec }));
    let object = object.expect("the slim type reads it").decode().expect("it is valid");
    Change::Upsert(object.into())
}

/// Objects of namespace `default` that select pods.
trait Selecting {
    fn service(self, name: &str, selector: Value) -> Self;
    fn replica_set(self, name: &str, selector: Value) -> Self;
}

impl Selecting for World {
    fn service(self, name: &str, selector: Value) -> Self {
        let change =
            object::<SelectingService>(("default", name), &json!({ "selector": selector }));
        self.with(ClusterEvent::SelectorSource(SelectorSourceKind::Service, change))
    }

    fn replica_set(self, name: &str, selector: Value) -> Self {
        let spec = json!({ "selector": selector });
        let change = object::<SelectingReplicaSet>(("default", name), &spec);
        self.with(ClusterEvent::SelectorSource(SelectorSourceKind::ReplicaSet, change))
    }
}

/// A world with ReplicaSet `web` of pods labelled `app: web`.
fn web() -> World {
    World::new(at(0)).replica_set("web", json!({ "matchLabels": { "app": "web" } }))
}

/// The plan for what waits in `world`, where nodes of 16 processors can be made in three zones, and one with a `gpu`
/// in the first of them.
fn plan(world: &World, constraints: &[DefaultSpread]) -> SchedulingPlan {
    let snapshot = world.snapshot();
    let demand = demand(&snapshot, at(0));
    let zones = ["z1", "z2", "z3"];
    let plain = instance_type("plain").cpu("16").memory("64Gi");
    let plain = zones.iter().fold(plain, |it, zone| it.offering(zone, "on-demand", 1.0));
    let gpu = instance_type("gpu").cpu("16").memory("64Gi").capacity("gpu", "8");
    let types = catalog([plain.build(), gpu.offering("z1", "on-demand", 9.0).build()]);
    solve(&SchedulingInput {
        pods: with_defaults(demand.pending, constraints, &snapshot.selector_sources),
        nodes: demand.nodes,
        bound: snapshot.bound.clone(),
        ..scenario::cluster().with_pool(node_pool("p"), types)
    })
}

/// The zone of every planned pod, by the pod's name; empty for a node that may be in any.
fn zones(plan: &SchedulingPlan) -> BTreeMap<String, String> {
    let mut zones = BTreeMap::new();
    for claim in &plan.claims {
        let zone = claim.requirements.get(ZONE).filter(|zone| zone.values().len() == 1);
        let zone = zone.map(|zone| zone.values()[0].to_string()).unwrap_or_default();
        zones.extend(claim.pods.iter().map(|pod| (pod.name.to_string(), zone.clone())));
    }
    zones
}

/// How many pods each zone gets, in zone order.
fn counts(plan: &SchedulingPlan) -> Vec<usize> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for zone in zones(plan).into_values() {
        *counts.entry(zone).or_default() += 1;
    }
    counts.into_values().collect()
}

/// What the one pod of `world` is counted with.
fn selector(world: &World) -> Option<LabelSelector> {
    let snapshot = world.snapshot();
    let pods = snapshot.pods.values().cloned().collect();
    let pods = with_defaults(pods, &[zonal()], &snapshot.selector_sources);
    let [pod] = &pods[..] else { panic!("one pod") };
    pod.shape.topology.spread.first().and_then(|constraint| constraint.selector.clone())
}

fn labels(entries: &[(&str, &str)]) -> LabelSelector {
    crate::testing::pod_topology::selector(entries)
}

fn is_one_of(key: &str, value: &str) -> LabelClause {
    LabelClause::In(key.into(), BTreeSet::from([value.into()]))
}

// behaviour 02#51
#[test]
fn pods_without_a_constraint_are_spread_by_the_default() {
    let world = (0..6).fold(web(), |world, n| world.pod(waiting(&n.to_string(), owned_by("web"))));
    assert_eq!(counts(&plan(&world, &[zonal()])), [2, 2, 2]);
    assert_eq!(plan(&world, &[]).claims.len(), 1);
}

// behaviour 02#51
#[test]
fn pod_with_a_constraint_of_its_own_gets_no_default() {
    let mut own = owned_by("web");
    own["spec"]["topologySpreadConstraints"] = json!([{
        "maxSkew": 5, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
    }]);
    let snapshot = web().pod(waiting("a", own)).snapshot();
    let pods: Vec<_> = snapshot.pods.values().cloned().collect();
    let after = with_defaults(pods.clone(), &[zonal()], &snapshot.selector_sources);
    assert_eq!(after, pods);
}

/// A pod of one revision of a Deployment.
fn of_revision(hash: &str) -> Pod {
    let mut changes = owned_by(hash);
    changes["metadata"]["labels"] = json!({ "pod-template-hash": hash, "extra": "x" });
    waiting(hash, changes)
}

fn revisions() -> World {
    ["r1", "r2"].into_iter().fold(World::new(at(0)), |world, hash| {
        let selected = json!({ "app": "web", "pod-template-hash": hash });
        world.replica_set(hash, json!({ "matchLabels": selected }))
    })
}

// behaviour 02#52
#[test]
fn selector_is_that_of_the_replica_set_and_revisions_are_spread_on_their_own() {
    let clauses = selector(&revisions().pod(of_revision("r1"))).expect("a selector");
    let expected = [is_one_of("app", "web"), is_one_of("pod-template-hash", "r1")];
    assert_eq!(clauses.match_expressions, expected);
    assert!(clauses.match_labels.is_empty());
    let both = plan(&revisions().pod(of_revision("r1")).pod(of_revision("r2")), &[zonal()]);
    assert_eq!(zones(&both).values().collect::<Vec<_>>(), ["z1", "z1"]);
}

// behaviour 02#53
#[test]
fn every_kind_of_owner_says_what_it_selects() {
    let mut changes = owned_by("db");
    changes["metadata"]["labels"] = json!({ "statefulset.kubernetes.io/pod-name": "db-0" });
    let ordinal = || waiting("db-0", changes.clone());
    let world = World::new(at(0)).pod(ordinal());
    let by_labels = json!({ "selector": { "matchLabels": { "app": "web" } } });
    let set = object::<SelectingStatefulSet>(("default", "db"), &by_labels);
    let world = world.with(ClusterEvent::SelectorSource(SelectorSourceKind::StatefulSet, set));
    let clauses = selector(&world).expect("a selector").match_expressions;
    assert_eq!(clauses, [is_one_of("app", "web")]);

    let expressions = json!({ "matchExpressions": [
        { "key": "app", "operator": "In", "values": ["web", "api"] },
        { "key": "track", "operator": "DoesNotExist" },
    ] });
    let world = World::new(at(0)).replica_set("web", expressions);
    let clauses = selector(&world.pod(waiting("a", owned_by("web")))).expect("a selector");
    let both = BTreeSet::from(["api".into(), "web".into()]);
    let expected = [LabelClause::In("app".into(), both), LabelClause::DoesNotExist("track".into())];
    assert_eq!(clauses.match_expressions, expected);

    assert_eq!(selector(&controlled(&json!({ "app": "web" }))), Some(labels(&[("app", "web")])));
}

/// A world with a pod of the ReplicationController `rc` that selects `selector`.
fn controlled(selector: &Value) -> World {
    let spec = json!({ "selector": selector });
    let change = object::<SelectingReplicationController>(("default", "rc"), &spec);
    let kind = SelectorSourceKind::ReplicationController;
    let world = World::new(at(0)).with(ClusterEvent::SelectorSource(kind, change));
    let mut changes = owned_by("rc");
    changes["metadata"]["labels"] = json!({ "tier": "a" });
    world.pod(waiting("a", changes))
}

// behaviour 02#54
#[test]
fn pod_nobody_known_selects_gets_no_default_unless_a_service_does() {
    let mut other = owned_by("web");
    other["metadata"]["ownerReferences"][0]["controller"] = json!(false);
    for changes in [owned_by("some-job"), json!({}), other] {
        let world = web().pod(waiting("a", changes.clone()));
        assert_eq!(selector(&world), None, "{changes}");
        let world = world.service("web", json!({ "app": "web" }));
        assert_eq!(selector(&world), Some(labels(&[("app", "web")])), "{changes}");
    }
}

// behaviour 02#55
#[test]
fn services_count_when_they_select_the_pod_and_come_together() {
    let changes = json!({ "metadata": { "labels": { "tier": "a" } } });
    let world = || World::new(at(0)).pod(waiting("a", changes.clone()));
    assert_eq!(selector(&world().service("none", json!(null))), None);
    assert_eq!(selector(&world().service("all", json!({}))), None);
    assert_eq!(selector(&world().service("other", json!({ "app": "api" }))), None);
    let spec = json!({ "selector": { "app": "web" } });
    let elsewhere = object::<SelectingService>(("elsewhere", "web"), &spec);
    let kind = SelectorSourceKind::Service;
    let elsewhere = ClusterEvent::SelectorSource(kind, elsewhere);
    assert_eq!(selector(&world().with(elsewhere)), None);
    let two =
        world().service("app", json!({ "app": "web" })).service("tier", json!({ "tier": "a" }));
    assert_eq!(selector(&two), Some(labels(&[("app", "web"), ("tier", "a")])));
}

// behaviour 02#56
#[test]
fn controller_wins_over_a_service_and_a_replica_set_may_contradict_it() {
    let world = controlled(&json!({ "tier": "b" })).service("s", json!({ "tier": "a" }));
    assert_eq!(selector(&world), Some(labels(&[("tier", "b")])));

    let mut changes = owned_by("web");
    changes["metadata"]["labels"] = json!({ "tier": "a" });
    let world = World::new(at(0))
        .replica_set("web", json!({ "matchLabels": { "tier": "b" } }))
        .service("s", json!({ "tier": "a" }));
    let torn = selector(&world.clone().pod(waiting("0", changes.clone()))).expect("a selector");
    assert_eq!(torn.match_expressions, [is_one_of("tier", "b")]);
    for tier in ["a", "b"] {
        assert!(!torn.matches(&BTreeMap::from([("tier".into(), tier.into())])), "{tier}");
    }
    let world = (1..4).fold(world, |world, n| world.pod(waiting(&n.to_string(), changes.clone())));
    assert_eq!(counts(&plan(&world, &[zonal()])).len(), 1, "nobody is counted, all go to one zone");
}

// behaviour 02#57
#[test]
fn default_that_cannot_be_met_is_given_up_only_when_it_may_be() {
    let world = web().pod(waiting("a", owned_by("web")));
    let by_rack = |default| DefaultSpread { topology_key: "rack".into(), ..default };
    let relaxed = plan(&world, &[by_rack(soft())]);
    assert_eq!((relaxed.claims.len(), relaxed.report.relaxed.len()), (1, 1));
    let refused = plan(&world, &[by_rack(zonal())]);
    assert_eq!((refused.claims.len(), refused.unschedulable.len()), (0, 1));

    let wide = DefaultSpread { min_domains: Some(4), ..zonal() };
    let world = (1..4).fold(world, |world, n| world.pod(waiting(&n.to_string(), owned_by("web"))));
    assert_eq!(counts(&plan(&world, &[wide])), [1, 1, 1], "four domains would be needed for more");
    assert_eq!(counts(&plan(&world, &[zonal()])), [2, 1, 1]);
}

// behaviour 02#58
#[test]
fn pods_that_run_are_counted_and_giving_up_is_each_pods_own_affair() {
    let bound = |name: &str| pod(name, "n", json!({ "metadata": { "labels": { "app": "web" } } }));
    let mut needs_gpu = owned_by("web");
    needs_gpu["spec"]["containers"] = json!([
        { "name": "c", "resources": { "requests": { "cpu": "4", "gpu": "1" } } },
    ]);
    let world = web()
        .node(node("n", json!({})))
        .pod(bound("old-1"))
        .pod(bound("old-2"))
        .pod(waiting("first", needs_gpu))
        .pod(waiting("second", owned_by("web")));
    let plan = plan(&world, &[soft()]);
    let relaxed: Vec<&str> = plan.report.relaxed.iter().map(|pod| &*pod.pod.name).collect();
    assert_eq!(relaxed, ["first"]);
    let zones = zones(&plan);
    assert_eq!((&*zones["first"], &*zones["second"]), ("", "z2"));
}
