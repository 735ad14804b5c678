//! Launches the cloud refuses.

use fake_cloud::{FaultSpec, Stock};
use scenarios::world::{World, run};
use serde_json::json;

use super::account::claim_of;
use super::{hour_is_quiet, one_pod};
use crate::support::{
    CLASSES, create, n_calls, node_class, node_pool, of_class, pass, pod_for, set, until_condition,
    until_event, until_running, wide_pool,
};

/// A world whose pool `lame` knows one type only, and whose pool `good` many.
async fn two_pools(seed: u64) -> World {
    let world = World::new(seed);
    let mut lame = node_pool("lame");
    set(&mut lame, "spec.template.spec.requirements[1].values", json!(["ecs.g6.large"]));
    let pods = [pod_for("lame", "waits"), pod_for("good", "goes-on")];
    create(&world, &[node_class("default"), lame, wide_pool("good")]).await;
    create(&world, &pods).await;
    world
}

fn sell_out(world: &World, stock: Stock) {
    for zone in ["h", "i", "j"] {
        world.cloud.set_stock("ecs.g6.large", &format!("cn-hangzhou-{zone}"), stock);
    }
}

#[test]
fn pool_without_stock_anywhere_tells_its_pods_while_another_pool_goes_on() {
    run(async {
        let mut world = two_pools(60).await;
        sell_out(&world, Stock::Units(0));
        world.start_controller().expect("options hold together");
        until_running(&world, "goes-on").await;
        until_event(&world, "FailedScheduling", "waits", &["NodePool=lame", "instance type"]).await;
        hour_is_quiet(&world).await;
        sell_out(&world, Stock::Unlimited);
        until_running(&world, "waits").await;
    });
}

// behaviour 02#101
#[test]
fn refusal_of_a_launch_names_code_and_fix_and_recovers() {
    for (seed, code, texts) in [
        (61, "QuotaExceed.ElasticQuota", ["QuotaExceed.ElasticQuota", "raise the vCPU quota"]),
        (62, "OperationDenied.NoStock", ["OperationDenied.NoStock", "allow more instance types"]),
        (63, "InvalidVSwitchId.IpNotEnough", ["IpNotEnough", "larger or another vSwitch"]),
    ] {
        run(async {
            let mut world = World::new(seed);
            let pool = node_pool("general");
            create(&world, &[node_class("default"), pool, pod_for("general", "p")]).await;
            let refusal = FaultSpec::error(403, code).always();
            world.cloud.fail("RunInstances", refusal.clone());
            world.cloud.fail("CreateAutoProvisioningGroup", refusal);
            world.start_controller().expect("options hold together");
            let (_, name) = claim_of(&world).await;
            until_event(&world, "InsufficientCapacityError", &name, &texts).await;
            hour_is_quiet(&world).await;
            world.cloud.heal("RunInstances");
            world.cloud.heal("CreateAutoProvisioningGroup");
            until_running(&world, "p").await;
        });
    }
}

#[test]
fn many_offerings_that_stay_out_of_stock_are_asked_for_less_and_less() {
    run(async {
        let mut world = one_pod(65).await;
        let refusal = FaultSpec::error(403, "OperationDenied.NoStock").always();
        world.cloud.fail("RunInstances", refusal);
        world.start_controller().expect("options hold together");
        let mut hours = vec![];
        for _ in 0..3 {
            let before = world.cloud.count("RunInstances");
            pass(std::time::Duration::from_secs(3600)).await;
            hours.push(world.cloud.count("RunInstances") - before);
        }
        // Every offering of every type is asked for at first, and then once in 24 minutes.
        assert!(hours[0] > hours[1] && hours[2] < hours[0] / 2, "{hours:?}");
    });
}

// behaviour 05#64
#[test]
fn account_without_balance_pauses_launches_and_says_what_to_settle() {
    run(async {
        let mut world = one_pod(64).await;
        let refusal = FaultSpec::error(403, "InvalidAccountStatus.NotEnoughBalance").always();
        world.cloud.fail("RunInstances", refusal);
        world.start_controller().expect("options hold together");
        let (path, name) = claim_of(&world).await;
        let texts = ["NotEnoughBalance", "settle the balance"];
        until_event(&world, "LaunchFailed", &name, &texts).await;
        until_condition(&world, &path, "Launched", &["Unknown/"]).await;
        let before = world.cloud.count("RunInstances");
        pass(std::time::Duration::from_secs(240)).await;
        assert_eq!(world.cloud.count("RunInstances"), before, "launches pause");
        hour_is_quiet(&world).await;
        world.cloud.heal("RunInstances");
        until_running(&world, "p").await;
    });
}

#[test]
fn v_switch_without_addresses_is_passed_over_and_named_when_it_is_the_only_one() {
    run(async {
        let mut world = World::new(65);
        let only = world.cloud.vswitches().into_iter().next().expect("a vSwitch");
        let mut class = node_class("narrow");
        set(&mut class, "spec.vSwitchSelectorTerms", json!([{ "id": only.id }]));
        let lame = of_class(wide_pool("lame"), "narrow");
        create(&world, &[class, node_class("default"), lame, wide_pool("good")]).await;
        world.cloud.set_available_ips(&only.id, 0);
        world.start_controller().expect("options hold together");
        create(&world, &[pod_for("lame", "waits"), pod_for("good", "goes-on")]).await;
        until_running(&world, "goes-on").await;
        until_event(&world, "FailedScheduling", "waits", &["NodePool=lame"]).await;
        let texts = ["True/", only.id.as_str(), "select a larger or another vSwitch"];
        until_condition(&world, &format!("{CLASSES}/narrow"), "VSwitchesReady", &texts).await;
        let calls = n_calls(&world);
        hour_is_quiet(&world).await;
        assert!(n_calls(&world) > calls, "free addresses are looked at again");
        world.cloud.set_available_ips(&only.id, 200);
        until_running(&world, "waits").await;
    });
}
