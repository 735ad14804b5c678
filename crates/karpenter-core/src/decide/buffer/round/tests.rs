//! How rounds of planning treat the pods of buffers, and what they leave behind.

use serde_json::{Value, json};

use super::*;
use crate::api::v1beta1::capacity_buffer::CapacityBuffer as Object;
use crate::decide::buffer::writes::writes;
use crate::decide::scheduling::solve::{solve, solve_until};
use crate::model::chunk_source::ChunkSourceKind;
use crate::model::pod::Pod as Model;
use crate::state::{Change, ClusterEvent, Intent};
use crate::testing::cluster::{World, at, claim};
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::node_pools::node_pool;
use crate::testing::nodes::{StateNodeBuilder, state_node};
use crate::testing::pods::pod;
use crate::testing::scenario::cluster;
use crate::wire::Decoded;
use crate::wire::chunk_template::SlimPodTemplate;

fn buffer(metadata: &Value, replicas: i32) -> ClusterEvent {
    let mut object = json!({
        "apiVersion": "autoscaling.x-k8s.io/v1beta1", "kind": "CapacityBuffer",
        "metadata": { "name": "b", "namespace": "default", "uid": "b", "resourceVersion": "1" },
        "spec": { "podTemplateRef": { "name": "t" }, "replicas": replicas },
    });
    object["metadata"]
        .as_object_mut()
        .expect("metadata")
        .extend(metadata.as_object().expect("members").clone());
    let object: Object = serde_json::from_value(object).expect("a buffer");
    ClusterEvent::CapacityBuffer(Change::Upsert(object.decode().expect("a buffer").into()))
}

/// A buffer of pods of one processor.
fn world(replicas: i32) -> World {
    let template = json!({
        "metadata": { "name": "t", "namespace": "default", "uid": "t" },
        "template": { "spec": { "containers": [{ "name": "c",
            "resources": { "requests": { "cpu": "1" } } }] } },
    });
    let template: SlimPodTemplate = serde_json::from_value(template).expect("a template");
    let template = Change::Upsert(template.decode().expect("a template").into());
    let template = ClusterEvent::ChunkSource(ChunkSourceKind::PodTemplate, template);
    World::new(at(0)).with(template).with(buffer(&json!({}), replicas))
}

/// A plan for the pods of all buffers, for `real` pods of one processor, and for nodes of some processors.
fn round(world: &World, real: usize, nodes: Vec<StateNodeBuilder>) -> (SchedulingPlan, Room) {
    let types = catalog([instance_type("t").cpu("4").offering("z1", "on-demand", 1.0).build()]);
    let mut input = cluster().with_pool(node_pool("p"), types);
    input = input.with_pods((0..real).map(|n| pod(&format!("real-{n}")).cpu("1")));
    input = nodes.into_iter().fold(input, |input, node| input.with_node(node));
    let reserve = Reserve::of(&world.snapshot(), at(0));
    input.virtual_pods.clone_from(&reserve.pods);
    let mut plan = solve(&input);
    let room = reserve.settle(&mut plan);
    (plan, room)
}

fn node(cpu: &str) -> StateNodeBuilder {
    state_node("n").managed("p").capacity("cpu", cpu)
}

fn of_buffer(room: &Room) -> Option<(usize, usize, usize)> {
    room.rounds.get(&ObjectKey::new("default", "b")).map(|r| (r.pods, r.on_new_nodes, r.failed))
}

/// What the buffer says of its room after the round.
fn said(world: World, room: Room) -> String {
    let world = world.with(ClusterEvent::Intent(Intent::KeepRoom(Arc::new(room))));
    let plan = writes(&world.snapshot(), at(0));
    let [step] = &plan.steps[..] else { panic!("{plan:?}") };
    let status = step.after.status.as_ref().expect("a status");
    let last = status.conditions.last().expect("conditions");
    format!("{}={} {}", last.r#type, last.status.as_str(), last.reason)
}

// behaviour 02#245
#[test]
fn nodes_are_made_for_a_buffer_and_then_it_fits() {
    let (plan, room) = round(&world(3), 0, vec![]);
    assert_eq!((plan.claims.len(), plan.claims[0].pods.len()), (1, 3));
    assert_eq!(of_buffer(&room), Some((3, 3, 0)));
    assert!(room.claims.contains_key(&plan.claims[0].name));
    assert_eq!(said(world(3), room), "Provisioning=False RequiresNewCapacity");
    let (plan, room) = round(&world(3), 0, vec![node("4")]);
    assert_eq!((plan.claims.len(), plan.placements.len()), (0, 0), "nobody is nominated");
    assert_eq!(of_buffer(&room), Some((3, 0, 0)));
    assert!(room.nodes.contains_key("n"));
    assert_eq!(said(world(3), room), "Provisioning=True FitsExistingCapacity");
}

#[test]
fn a_buffer_not_all_of_whose_pods_were_tried_learns_nothing() {
    let reserve = Reserve::of(&world(3).snapshot(), at(0));
    let mut input = cluster().with_pool(node_pool("p"), catalog([])).with_node(node("4"));
    input.virtual_pods.clone_from(&reserve.pods);
    let n_asked = std::cell::Cell::new(0);
    let stop = || n_asked.replace(n_asked.get() + 1) == 2;
    let mut plan = solve_until(&input, Some(&stop));
    assert_eq!((plan.placements[0].pods.len(), plan.unattempted.len()), (2, 1));
    let room = reserve.settle(&mut plan);
    assert_eq!((of_buffer(&room), plan.unattempted), (None, vec![]));
    assert!(room.nodes.contains_key("n"), "the two found room there");
}

// behaviour 02#245
#[test]
fn a_virtual_pod_that_fits_nowhere_is_counted_by_its_buffer_only() {
    let vast = world(1).with({
        let template = json!({
            "metadata": { "name": "t", "namespace": "default", "uid": "t" },
            "template": { "spec": { "containers": [{ "name": "c",
                "resources": { "requests": { "cpu": "1000" } } }] } },
        });
        let template: SlimPodTemplate = serde_json::from_value(template).expect("a template");
        let template = Change::Upsert(template.decode().expect("a template").into());
        ClusterEvent::ChunkSource(ChunkSourceKind::PodTemplate, template)
    });
    let (plan, room) = round(&vast, 0, vec![]);
    assert_eq!((plan.n_unschedulable(), plan.unschedulable.len()), (0, 0));
    assert_eq!(of_buffer(&room), Some((1, 0, 1)));
}

// behaviour 02#246
#[test]
fn a_real_pod_takes_the_place_of_a_virtual_one() {
    let (plan, room) = round(&world(3), 1, vec![node("3")]);
    let [placement] = &plan.placements[..] else { panic!("{:?}", plan.placements) };
    assert_eq!(placement.pods, [PodKey::new("default", "real-0")]);
    assert_eq!(of_buffer(&room), Some((3, 1, 0)));
    assert_eq!(said(world(3), room), "Provisioning=False RequiresNewCapacity");
}

// behaviour 02#244
#[test]
fn a_buffer_that_is_gone_or_going_has_no_virtual_pods() {
    let key = ObjectKey::new("default", "b");
    let gone = world(3).with(ClusterEvent::CapacityBuffer(Change::Delete(key)));
    assert_eq!(Reserve::of(&gone.snapshot(), at(0)), Reserve::default());
    let going = json!({ "deletionTimestamp": "2026-01-01T00:00:00Z", "resourceVersion": "2" });
    let going = world(3).with(buffer(&going, 3));
    assert_eq!(Reserve::of(&going.snapshot(), at(0)), Reserve::default());
}

#[test]
fn pods_whose_node_is_being_launched_are_not_planned_again() {
    let waiting = world(3);
    let planned: Vec<Arc<Model>> = Reserve::of(&waiting.snapshot(), at(0)).pods[..2].to_vec();
    let intent = Intent::PlanPods { claim: "c".into(), pods: planned };
    let launching = claim("c", json!({ "status": { "providerID": "" } }));
    let waiting = waiting.with(ClusterEvent::Intent(intent)).claim(launching);
    let (plan, room) = round(&waiting, 0, vec![]);
    assert_eq!(plan.claims[0].pods, [PodKey::new("default", "capacity-buffer-b-3")]);
    assert_eq!(of_buffer(&room), Some((3, 3, 0)));
}

#[test]
fn a_number_whose_name_a_real_pod_has_is_left_out_and_no_buffer_grows_without_bound() {
    let taken = crate::testing::cluster::pod("capacity-buffer-b-1", "n", json!({}));
    let reserve = Reserve::of(&world(2).pod(taken).snapshot(), at(0));
    let names: Vec<&str> = reserve.pods.iter().map(|pod| &*pod.key.name).collect();
    assert_eq!(names, ["capacity-buffer-b-2"]);
    let endless = Reserve::of(&world(i32::MAX).snapshot(), at(0));
    assert_eq!(i32::try_from(endless.pods.len()), Ok(MOST_PODS));
}
