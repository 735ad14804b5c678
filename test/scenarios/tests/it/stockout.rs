//! Types and zones that are sold out when they are asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use fake_cloud::{CallRecord, Outcome, Stock};
use scenarios::manifests;
use scenarios::world::{World, run};
use serde_json::json;

const ZONE: &str = "cn-hangzhou-h";
const ZONE_LABEL: &str = "topology.kubernetes.io/zone";
const TYPE_LABEL: &str = "node.kubernetes.io/instance-type";

/// How long a refused offering is left alone, seconds.
const UNAVAILABLE: i64 = 3 * 60;

/// How long a request that was decided on before the refusal may wait for its turn, seconds.
const QUEUED: i64 = 30;

#[test]
fn pods_run_in_other_zones_while_one_is_sold_out() -> Result<()> {
    run(async {
        let world = World::elastic(21).await?;
        sell(&world, ZONE, Stock::Units(0));
        world.deploy("web", 40).await?;
        world.until_running(40).await?;
        let seen = world.at_rest().await?;
        let zones =
            seen.nodes.iter().filter_map(|node| node.metadata.labels.as_ref()?.get(ZONE_LABEL));
        assert!(zones.clone().count() > 0);
        assert_eq!(zones.filter(|zone| *zone == ZONE).count(), 0);
        refused_offerings_are_left_alone(&world);
        world.wind_down("web").await
    })
}

// behaviour 05#23
#[test]
fn zone_that_was_sold_out_is_asked_again_after_its_time_and_used_when_it_sells() -> Result<()> {
    run(async {
        let world = World::elastic(22).await?;
        sell(&world, ZONE, Stock::Units(0));
        let mut web = manifests::deployment("web", 4, "1", "1536Mi");
        web["spec"]["template"]["spec"]["nodeSelector"] = json!({ ZONE_LABEL: ZONE });
        world.apply(&web).await?;
        world.pass(Duration::from_secs(20 * 60)).await?;
        let seen = world.observe().await?;
        assert_eq!((seen.n_bound(), seen.instances.len()), (0, 0));
        assert!(!refused(&world).is_empty());
        refused_offerings_are_left_alone(&world);
        sell(&world, ZONE, Stock::Unlimited);
        world.until_running(4).await?;
        world.at_rest().await?;
        world.wind_down("web").await
    })
}

#[test]
fn next_type_is_taken_when_the_cheapest_is_sold_out() -> Result<()> {
    run(async {
        let world = World::elastic(23).await?;
        world.deploy("first", 1).await?;
        world.until_running(1).await?;
        let seen = world.at_rest().await?;
        let labels = seen.nodes[0].metadata.labels.clone().unwrap_or_default();
        let cheapest = labels.get(TYPE_LABEL).cloned().unwrap_or_default();
        world.scale("first", 0).await?;
        world.until_empty().await?;
        for zone in ["cn-hangzhou-h", "cn-hangzhou-i", "cn-hangzhou-j"] {
            world.cloud.set_stock(&cheapest, zone, Stock::Units(0));
        }
        world.scale("first", 1).await?;
        world.until_running(1).await?;
        let seen = world.at_rest().await?;
        let labels = seen.nodes[0].metadata.labels.clone().unwrap_or_default();
        assert_ne!(labels.get(TYPE_LABEL), Some(&cheapest));
        refused_offerings_are_left_alone(&world);
        world.wind_down("first").await
    })
}

/// Sets the stock of every type in `zone`.
fn sell(world: &World, zone: &str, stock: Stock) {
    for of in world.cloud.instance_types() {
        world.cloud.set_stock(&of.id, zone, stock);
    }
}

fn refused(world: &World) -> Vec<CallRecord> {
    let calls = world.cloud.calls_of("RunInstances").into_iter();
    calls.filter(|call| matches!(call.outcome, Outcome::Refused(_))).collect()
}

/// No offering is asked for again within the time it is marked unavailable.
fn refused_offerings_are_left_alone(world: &World) {
    let mut last = BTreeMap::new();
    for call in refused(world) {
        let text = |name: &str| call.params.get(name).cloned().unwrap_or_default();
        let offering = (text("InstanceType"), text("VSwitchId"), text("SpotStrategy"));
        if let Some(before) = last.insert(offering.clone(), call.at) {
            let pause = (call.at - before).num_seconds();
            assert!(
                !(QUEUED..UNAVAILABLE).contains(&pause),
                "{offering:?} asked again after {pause} s"
            );
        }
    }
}
