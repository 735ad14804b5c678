//! Passes of the provisioner over a cluster and a cloud that says what each pool can launch.

use axum::Router;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};

use super::*;
use crate::clock::Clock;
use crate::effects::clients::Clients;
use crate::effects::events::EventSink;
use crate::effects::provision::unusable_pools;
use crate::model::ids::PodKey;
use crate::observe::provisioning::ProvisioningMetrics;
use crate::options::Options;
use crate::state::{Change, ClusterEvent};
use crate::testing::cloud::ScriptedCloud;
use crate::testing::cluster::{World, at, condition, pool, waiting_pod};
use crate::testing::instance_types::{catalog, instance_type};

fn provisioning(world: &World, cloud: ScriptedCloud) -> Provisioning {
    let clock = Clock::simulated(at(0));
    let clients = Clients {
        kube: kube::Client::new(Router::new(), "default"),
        cloud: Arc::new(cloud),
        state: world.state(),
        events: EventSink::new(clock.clone()).0,
        clock,
    };
    let (options, metrics) = (Options::default(), ProvisioningMetrics::default());
    let actor = Provisioner {
        clients,
        options,
        metrics,
        busy: Arc::default(),
        creations: Default::default(),
    };
    Provisioning::new(actor, SchedulerMetrics::default(), 42)
}

/// What a pass comes to that is made so many seconds after the beginning.
async fn pass(provisioning: &mut Provisioning, second: i64) -> Plan<Provision> {
    let input = provisioning.observe().await.expect("everything has been listed");
    provisioning.decide(input, at(second))
}

fn ready(name: &str) -> crate::model::node_pool::NodePool {
    let conditions: Value = json!([condition("Ready", "True", at(-60))]);
    pool(name, json!({ "status": { "conditions": conditions } }))
}

/// A cloud that can launch 4 processors for `default`; for other pools it knows nothing yet.
fn cloud() -> ScriptedCloud {
    let cloud = ScriptedCloud::default();
    let types = catalog([instance_type("t").cpu("4").offering("z1", "on-demand", 1.0).build()]);
    cloud.catalogs.lock().insert("default".to_owned(), Ok(types));
    cloud
}

fn pools(plan: &Plan<Provision>) -> Vec<&str> {
    let claims = plan.steps.iter().flat_map(|step| &step.plan.claims);
    claims.map(|claim| claim.pool.as_str()).collect()
}

// behaviour 02#97
#[tokio::test(start_paused = true)]
async fn pool_whose_catalogue_cannot_be_had_does_not_keep_the_others_from_planning() {
    let world = World::new(at(0)).pool(ready("default")).pool(ready("other"));
    let world = world.pod(waiting_pod("a", "1"));
    let broken = cloud();
    let error = CloudProviderError::Transient("no answer".to_owned());
    broken.catalogs.lock().insert("other".to_owned(), Err(error));
    let mut provisioning = provisioning(&world, broken);
    assert!(pass(&mut provisioning, 0).await.steps.is_empty(), "the batch is open");
    assert_eq!(pools(&pass(&mut provisioning, 1).await), ["default"]);
}

// behaviour 02#97
#[tokio::test(start_paused = true)]
async fn pool_that_is_being_evaluated_is_left_out_after_a_while() {
    let world = World::new(at(0)).pool(ready("default")).pool(ready("other"));
    let mut provisioning = provisioning(&world.pod(waiting_pod("a", "1")), cloud());
    pass(&mut provisioning, 0).await;
    assert!(pass(&mut provisioning, 1).await.steps.is_empty(), "the pool may be known in a moment");
    assert_eq!(pools(&pass(&mut provisioning, 61).await), ["default"]);
}

// behaviour 02#286
#[tokio::test(start_paused = true)]
async fn gauge_of_pods_without_a_place_is_zero_as_soon_as_the_last_one_is_gone() {
    let world = World::new(at(0)).pool(ready("default")).pod(waiting_pod("large", "64"));
    let mut provisioning = provisioning(&world, cloud());
    let gauge = |provisioning: &Provisioning| gauge_of(provisioning, "unschedulable_pods_count");
    pass(&mut provisioning, 0).await;
    pass(&mut provisioning, 1).await;
    assert_eq!(gauge(&provisioning).as_deref(), Some("1"));
    let gone = ClusterEvent::Pod(Change::Delete(PodKey::new("default", "large")));
    world.state().apply(gone, at(2));
    assert!(pass(&mut provisioning, 2).await.steps.is_empty());
    assert_eq!(gauge(&provisioning).as_deref(), Some("0"));
}

/// The value of a gauge of the scheduler.
fn gauge_of(provisioning: &Provisioning, name: &str) -> Option<String> {
    let (mut registry, mut text) = (Registry::default(), String::new());
    provisioning.metrics.register(&mut registry);
    encode(&mut text, &registry).expect("metrics are text");
    let name = format!("karpenter_scheduler_{name}{{controller=\"provisioner\"}} ");
    text.lines().find_map(|line| line.strip_prefix(&name).map(ToOwned::to_owned))
}

// behaviour 02#134
#[tokio::test(start_paused = true)]
async fn pods_that_a_plan_did_not_come_to_in_time_are_counted_and_planned_at_once() {
    let world = (0..25).fold(World::new(at(0)).pool(ready("default")), |world, n| {
        world.pod(waiting_pod(&format!("p{n:02}"), "3"))
    });
    let mut provisioning = provisioning(&world, cloud());
    pass(&mut provisioning, 0).await;
    let counts = |plan: &Plan<Provision>| {
        let plan = &plan.steps[0].plan;
        (plan.claims.len(), plan.unschedulable.len(), plan.unattempted.len())
    };
    tokio::time::advance(Duration::from_secs(62)).await;
    let first = pass(&mut provisioning, 1).await;
    assert_eq!(counts(&first), (15, 0, 10), "the clock is looked at before the sixteenth pod");
    assert_eq!(gauge_of(&provisioning, "unattempted_pods_count").as_deref(), Some("10"));
    assert_eq!(gauge_of(&provisioning, "unschedulable_pods_count").as_deref(), Some("0"));
    assert_eq!(first.wake_at, Some(at(1)));
    // Another second: nobody asks again yet, and no new pod has come.
    let next = pass(&mut provisioning, 3).await;
    assert_eq!(counts(&next), (25, 0, 0), "nothing was launched, so all of them still wait");
    assert_eq!(gauge_of(&provisioning, "unattempted_pods_count").as_deref(), Some("0"));
    assert!(pass(&mut provisioning, 4).await.steps.is_empty(), "everybody was tried");
}

// behaviour 02#97
#[tokio::test(start_paused = true)]
async fn a_pool_without_a_catalogue_is_not_told_that_it_rules_out_every_type() {
    let world = World::new(at(0)).pool(ready("default")).pool(ready("other")).pool(ready("third"));
    let world = world.pod(waiting_pod("a", "1"));
    let broken = cloud();
    let error = CloudProviderError::Transient("no answer".to_owned());
    broken.catalogs.lock().insert("third".to_owned(), Err(error));
    let mut provisioning = provisioning(&world, broken);
    pass(&mut provisioning, 0).await;
    pass(&mut provisioning, 1).await;
    let plan = pass(&mut provisioning, 61).await;
    let report = &plan.steps[0].plan.report;
    let left_out: Vec<&str> = report.unusable_pools.iter().map(|one| one.pool.as_str()).collect();
    assert_eq!(left_out, ["third", "other"]);
    assert_eq!(unusable_pools(report, &world.snapshot()), vec![]);
}

// behaviour 02#233
#[tokio::test(start_paused = true)]
async fn pending_pods_are_counted_by_the_zone_they_are_bound_to_get() {
    let zone = |name: &str, zone: &str| {
        let mut pod = waiting_pod(name, "1");
        let shape = Arc::make_mut(&mut pod.shape);
        shape.node_selector.insert("topology.kubernetes.io/zone".into(), zone.into());
        pod
    };
    let world = World::new(at(0)).pool(ready("default"));
    let world = world.pod(waiting_pod("a", "1")).pod(waiting_pod("b", "1"));
    let mut provisioning = provisioning(&world.pod(zone("c", "z1")), cloud());
    pass(&mut provisioning, 0).await;
    pass(&mut provisioning, 1).await;
    let (mut registry, mut text) = (Registry::default(), String::new());
    provisioning.metrics.register(&mut registry);
    encode(&mut text, &registry).expect("metrics are text");
    let name = "karpenter_scheduler_pending_pods_by_effective_zone_count";
    let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(name)).collect();
    let mut lines: Vec<&str> = lines.into_iter().map(str::trim).collect();
    lines.sort_unstable();
    let of = |zone: &str, n: u32| format!("{{controller=\"provisioner\",zone=\"{zone}\"}} {n}");
    assert_eq!(lines, [of("flexible", 2), of("z1", 1)]);
}
