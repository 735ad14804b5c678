//! Capacity that was reserved beforehand is used before anything is bought, and is there again when nodes go.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fake_cloud::CapacityReservation;
use karpenter_core::api::v1::nodeclaim::NodeClaim;
use scenarios::audit::Observation;
use scenarios::manifests::{self, USER_NODE_CLASS, two_core_pool};
use scenarios::steps::{LIMIT, label};
use scenarios::world::{World, run};
use serde_json::{Value, json};

const CLASS: &str = "/apis/karpenter.alibabacloud.com/v1alpha1/ecsnodeclasses/default";
const RESERVATION: &str = "crp-bp1reserved000000001";
const TYPE: &str = "ecs.g7.large";
const ZONE: &str = "cn-hangzhou-h";
const CAPACITY_TYPE: &str = "karpenter.sh/capacity-type";
const RESERVATION_LABEL: &str = "karpenter.alibabacloud.com/capacity-reservation-id";
const TYPE_LABEL: &str = "node.kubernetes.io/instance-type";

/// A world with a reservation that the class selects, and a pool of machines for one pod each that takes reserved and
/// on-demand capacity.
pub(crate) async fn world(seed: u64, reserved: u32) -> Result<World> {
    let world = begun(World::new(seed), reserved).await?;
    until_room(&world, reserved).await?;
    Ok(world)
}

/// [`world`] as it is before the class has been read.
async fn begun(mut world: World, reserved: u32) -> Result<World> {
    world.cloud.add_reservation(CapacityReservation::new(RESERVATION, TYPE, ZONE, reserved));
    let mut class = manifests::parse(USER_NODE_CLASS)?;
    class["spec"]["capacityReservationSelectorTerms"] = json!([{ "id": RESERVATION }]);
    let mut pool = two_core_pool()?;
    pool["spec"]["template"]["spec"]["requirements"][0]["values"] =
        json!(["reserved", "on-demand"]);
    world.start_controller()?;
    world.apply(&class).await?;
    world.apply(&pool).await?;
    Ok(world)
}

/// Waits until the class says that there is room for so many instances.
async fn until_room(world: &World, room: u32) -> Result<()> {
    for _ in 0..LIMIT.as_secs() / 5 {
        let class = world.read(CLASS).await?;
        if class["status"]["capacityReservations"][0]["availableInstanceCount"] == json!(room) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    anyhow::bail!("no room for {room} in {}", world.read(CLASS).await?["status"])
}

/// Instances in the reservation.
fn used(world: &World) -> usize {
    let instances = world.cloud.instances();
    let inside = instances.iter().filter(|one| one.reservation_id.as_deref() == Some(RESERVATION));
    inside.count()
}

/// Claims by the capacity type they have got.
fn of_kind<'a>(claims: &'a [NodeClaim], kind: &str) -> Vec<&'a NodeClaim> {
    claims.iter().filter(|claim| label(claim, CAPACITY_TYPE) == kind).collect()
}

/// Values the claim asks for under `key`.
fn asked(claim: &NodeClaim, key: &str) -> Vec<String> {
    let mut entries = claim.spec.requirements.iter().filter(|entry| entry.key == key);
    entries.next().and_then(|entry| entry.values.clone()).unwrap_or_default()
}

// behaviour 01#191, 02#209
#[test]
fn reservation_is_filled_before_on_demand_is_bought_and_is_free_again_afterwards() -> Result<()> {
    run(async {
        let world = world(191, 2).await?;
        let class = world.read(CLASS).await?;
        let entry = &class["status"]["capacityReservations"][0];
        assert_eq!(entry["id"], RESERVATION);
        assert_eq!((&entry["instanceType"], &entry["zone"]), (&json!(TYPE), &json!(ZONE)));
        world.deploy("web", 3).await?;
        world.until_running(3).await?;
        let seen = world.at_rest().await?;
        world.one_instance_per_claim(&seen)?;
        let (reserved, bought) =
            (of_kind(&seen.claims, "reserved"), of_kind(&seen.claims, "on-demand"));
        assert_eq!((reserved.len(), bought.len(), used(&world)), (2, 1, 2));
        for claim in &reserved {
            assert_eq!(asked(claim, CAPACITY_TYPE), ["reserved"]);
            assert_eq!(asked(claim, RESERVATION_LABEL), [RESERVATION]);
            assert_eq!(label(claim, RESERVATION_LABEL), RESERVATION);
            assert_eq!(label(claim, TYPE_LABEL), TYPE);
        }
        assert_eq!(label(bought[0], RESERVATION_LABEL), "");
        let made = |claim: &NodeClaim| claim.metadata.creation_timestamp.clone();
        ensure!(reserved.iter().all(|claim| made(claim) < made(bought[0])), "all in one loop");
        nodes_say_the_same(&world).await?;
        until_room(&world, 0).await?;
        world.wind_down("web").await?;
        assert_eq!(used(&world), 0);
        until_room(&world, 2).await
    })
}

/// Labels of nodes are those of their claims.
async fn nodes_say_the_same(world: &World) -> Result<()> {
    let seen = world.observe().await?;
    for claim in &seen.claims {
        let name = claim.status.as_ref().and_then(|status| status.node_name.as_deref());
        let name = name.context("a node")?;
        let node = world.read(&format!("/api/v1/nodes/{name}")).await?;
        for key in [CAPACITY_TYPE, RESERVATION_LABEL] {
            let own = node["metadata"]["labels"][key].as_str().unwrap_or_default();
            assert_eq!(own, label(claim, key), "{key} of {name}");
        }
    }
    Ok(())
}

// behaviour 05#90
#[test]
fn node_that_falls_out_of_its_reservation_stays_and_is_labelled_on_demand() -> Result<()> {
    run(async {
        let world = world(194, 1).await?;
        world.deploy("web", 1).await?;
        world.until_running(1).await?;
        let before = world.at_rest().await?;
        assert_eq!(of_kind(&before.claims, "reserved").len(), 1);
        world.cloud.remove_reservation(RESERVATION);
        let is_relabelled = |seen: &Observation| {
            let of_claim = of_kind(&seen.claims, "on-demand");
            of_claim.len() == 1 && label(of_claim[0], RESERVATION_LABEL).is_empty()
        };
        world.until("the claim is relabelled", LIMIT, is_relabelled).await?;
        let seen = world.at_rest().await?;
        nodes_say_the_same(&world).await?;
        assert_eq!(seen.claims[0].metadata.name, before.claims[0].metadata.name);
        world.wind_down("web").await
    })
}

#[test]
fn node_leaves_a_reservation_before_it_ends() -> Result<()> {
    run(async {
        let world = world(195, 1).await?;
        // Half an hour after the world began.
        let ends = "2026-01-05T08:30:00Z".parse().ok();
        let reservation = CapacityReservation::new(RESERVATION, TYPE, ZONE, 1);
        world.cloud.add_reservation(CapacityReservation { ends, ..reservation });
        world.deploy("web", 1).await?;
        world.until_running(1).await?;
        assert_eq!(used(&world), 1);
        let is_replaced = |seen: &Observation| {
            of_kind(&seen.claims, "on-demand").len() == 1
                && seen.claims.len() == 1
                && seen.n_running() == 1
        };
        world.until("the node is replaced", Duration::from_secs(29 * 60), is_replaced).await?;
        ensure!(world.clock.now() < "2026-01-05T08:30:00Z".parse()?, "only after the end");
        assert_eq!(used(&world), 0);
        let events = world.events().await?;
        let told = |reason: Option<&str>| reason == Some("CapacityReservationExpiring");
        assert!(events.iter().any(|event| told(event.reason.as_deref())));
        world.at_rest().await?;
        world.wind_down("web").await
    })
}

#[test]
fn reservation_that_others_have_filled_is_no_obstacle() -> Result<()> {
    run(async {
        let world = world(192, 1).await?;
        // Somebody else uses it up before the class is read again.
        world.cloud.add_reservation(CapacityReservation::new(RESERVATION, TYPE, ZONE, 0));
        world.deploy("web", 1).await?;
        world.until_running(1).await?;
        let seen = world.at_rest().await?;
        assert_eq!(of_kind(&seen.claims, "on-demand").len(), 1);
        let refused = world.cloud.calls_of("RunInstances");
        let first = &refused.first().context("a launch")?.params;
        let pool = first.get("PrivatePoolOptions.Id").map(String::as_str);
        assert_eq!(pool, Some(RESERVATION), "the reservation was tried first");
        world.wind_down("web").await
    })
}

#[test]
fn class_without_a_matching_reservation_says_so_and_is_used_all_the_same() -> Result<()> {
    run(async {
        let world = world(193, 1).await?;
        world.cloud.remove_reservation(RESERVATION);
        let is_told = |class: &Value| {
            let conditions = class["status"]["conditions"].as_array().into_iter().flatten();
            let mut own = conditions.filter(|c| c["type"] == "CapacityReservationsReady");
            own.any(|c| c["reason"] == "CapacityReservationsNotFound" && c["status"] == "False")
        };
        world.pass(Duration::from_secs(90)).await?;
        let class = world.read(CLASS).await?;
        assert!(is_told(&class), "{}", class["status"]);
        assert_eq!(class["status"]["capacityReservations"], Value::Null);
        world.deploy("web", 1).await?;
        world.until_running(1).await?;
        let seen = world.at_rest().await?;
        assert_eq!(of_kind(&seen.claims, "on-demand").len(), 1);
        world.wind_down("web").await
    })
}

#[test]
fn without_the_gate_reservations_are_not_looked_at() -> Result<()> {
    run(async {
        let mut world = World::new(196);
        world.options.feature_gates.gates.reserved_capacity = false;
        let world = begun(world, 1).await?;
        world.deploy("web", 1).await?;
        world.until_running(1).await?;
        let seen = world.at_rest().await?;
        assert_eq!((of_kind(&seen.claims, "on-demand").len(), used(&world)), (1, 0));
        assert!(world.cloud.calls_of("DescribeCapacityReservations").is_empty());
        world.wind_down("web").await
    })
}
