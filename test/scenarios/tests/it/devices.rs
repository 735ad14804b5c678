//! Pods that claim devices get nodes from which there are some, when the controller is told to plan for devices.

use anyhow::Result;
use scenarios::manifests::{USER_NODE_CLASS, node_pool};
use scenarios::steps::{LIMIT, label};
use scenarios::world::{World, run};
use serde_json::{Value, json};

const ZONE: &str = "topology.kubernetes.io/zone";
const PODS: &str = "/api/v1/namespaces/default/pods";
const CLAIMS: &str = "/apis/resource.k8s.io/v1/namespaces/default/resourceclaims";
const DRIVER: &str = "fabric.example.com";

/// Where the fabric can be reached.
const HERE: &str = "cn-hangzhou-i";

/// Two devices of a fabric that nodes of one zone can reach.
fn fabric(zone: &str) -> Value {
    let device = |name: &str| json!({ "name": name, "attributes": { "speed": { "int": 100 } } });
    json!({
        "apiVersion": "resource.k8s.io/v1", "kind": "ResourceSlice",
        "metadata": { "name": "fabric" },
        "spec": {
            "driver": DRIVER,
            "pool": { "name": "fabric", "generation": 1, "resourceSliceCount": 1 },
            "nodeSelector": { "nodeSelectorTerms": [{
                "matchExpressions": [{ "key": ZONE, "operator": "In", "values": [zone] }],
            }] },
            "devices": [device("port-0"), device("port-1")],
        },
    })
}

fn class(expression: &str) -> Value {
    json!({
        "apiVersion": "resource.k8s.io/v1", "kind": "DeviceClass", "metadata": { "name": "port" },
        "spec": { "selectors": [{ "cel": { "expression": expression } }] },
    })
}

fn claim(name: &str, count: u32) -> Value {
    json!({
        "apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaim",
        "metadata": { "name": name, "namespace": "default" },
        "spec": { "devices": { "requests": [
            { "name": "ports", "exactly": { "deviceClassName": "port", "count": count } },
        ] } },
    })
}

/// A pod of the zone; the scheduler of worlds knows nothing of devices and would put it anywhere.
fn pod(name: &str, claim: &str, zone: &str, cpu: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": name, "namespace": "default" },
        "spec": {
            "nodeSelector": { ZONE: zone },
            "resourceClaims": [{ "name": "ports", "resourceClaimName": claim }],
            "containers": [{
                "name": "main", "image": "app",
                "resources": { "requests": { "cpu": cpu }, "claims": [{ "name": "ports" }] },
            }],
        },
    })
}

/// A pod that could run in any zone.
fn user(claim: &str) -> Value {
    let mut user = pod("user", claim, "", "1");
    user["spec"]["nodeSelector"] = json!({});
    user
}

/// A world where a fabric can be reached from one zone.
async fn world(seed: u64, ignore_devices: bool) -> Result<World> {
    let mut world = World::new(seed);
    world.options.ignore_dra_requests = ignore_devices;
    world.apply_yaml(USER_NODE_CLASS).await?;
    world.apply(&node_pool("wide", &json!({}))?).await?;
    let speed = format!("device.attributes['{DRIVER}'].speed >= 100");
    world.apply(&class(&speed)).await?;
    world.apply(&fabric(HERE)).await?;
    world.start_controller()?;
    Ok(world)
}

/// What the controller says of the pods it has no node for.
async fn refusals(world: &World) -> Result<Vec<String>> {
    let events = world.events().await?.into_iter();
    let ours = events.filter(|event| event.reason.as_deref() == Some("FailedScheduling"));
    let messages = ours.filter_map(|event| event.message);
    Ok(messages.filter(|message| message.contains("Failed to schedule pod")).collect())
}

// behaviour 02#222, behaviour 02#224
#[test]
fn pods_that_claim_devices_run_where_the_devices_can_be_reached() -> Result<()> {
    run(async {
        let world = world(161, false).await?;
        world.apply(&claim("two", 2)).await?;
        world.apply(&user("two")).await?;
        world.apply(&pod("lost", "gone", "cn-hangzhou-h", "1")).await?;
        world.until("one runs", LIMIT, |seen| seen.n_running() == 1).await?;
        let seen = world.observe().await?;
        assert_eq!(seen.claims.len(), 1);
        assert_eq!(label(&seen.claims[0], ZONE), HERE);
        let refused = refusals(&world).await?;
        let expected = "resourceclaim \"default/gone\" not found";
        assert!(refused.iter().any(|message| message.contains(expected)), "{refused:?}");
        // The driver and the scheduler say who has the devices now; nobody else gets them.
        let results: Vec<Value> = ["port-0", "port-1"]
            .iter()
            .map(|port| json!({ "request": "ports", "driver": DRIVER, "pool": "fabric", "device": port }))
            .collect();
        let status = json!({ "status": {
            "allocation": { "devices": { "results": results } },
            "reservedFor": [{ "resource": "pods", "name": "user", "uid": "user" }],
        } });
        world.merge(&format!("{CLAIMS}/two/status"), &status).await?;
        world.apply(&claim("more", 1)).await?;
        world.apply(&pod("late", "more", HERE, "7")).await?;
        world.pass(std::time::Duration::from_secs(120)).await?;
        let refused = refusals(&world).await?;
        let expected = "allocating dynamic resources, no instance type can satisfy the allocation";
        assert!(refused.iter().any(|message| message.contains(expected)), "{refused:?}");
        wind_down(&world, &["user", "lost", "late"]).await
    })
}

// behaviour 02#221
#[test]
fn pods_that_claim_devices_are_refused_by_default() -> Result<()> {
    run(async {
        let world = world(162, true).await?;
        world.apply(&claim("two", 2)).await?;
        world.apply(&user("two")).await?;
        world.pass(std::time::Duration::from_secs(60)).await?;
        let refused = refusals(&world).await?;
        let expected = "Dynamic Resource Allocation requirements that are not yet supported";
        assert!(refused.iter().any(|message| message.contains(expected)), "{refused:?}");
        assert_eq!(world.observe().await?.claims.len(), 0);
        wind_down(&world, &["user"]).await
    })
}

async fn wind_down(world: &World, pods: &[&str]) -> Result<()> {
    for pod in pods {
        world.delete(&format!("{PODS}/{pod}")).await?;
    }
    world.until_empty().await?;
    world.at_rest().await?;
    world.nothing_is_left().await
}
