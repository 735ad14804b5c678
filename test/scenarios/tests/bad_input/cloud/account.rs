//! Keys, permissions and the clock.

use alibaba_sdk::credentials::Credentials;
use fake_cloud::FaultSpec;
use scenarios::world::run;

use super::{hour_is_quiet, one_pod};
use crate::support::{CLASSES, POOLS, until_condition, until_event, until_running};

const CLASS: &str = "/apis/karpenter.alibabacloud.com/v1alpha1/ecsnodeclasses/default";

#[test]
fn wrong_keys_are_told_at_the_class_and_to_the_pod() {
    for (seed, id, secret, code) in [
        (50, "nobody", "testsecret", "InvalidAccessKeyId"),
        (51, "testid", "wrong-secret", "SignatureDoesNotMatch"),
    ] {
        run(async {
            let mut world = one_pod(seed).await;
            world.credentials = Credentials::access_key(id, secret.into());
            world.start_controller().expect("options hold together");
            let fix = "check that the access key or RRSA role exists";
            assert!(CLASS.starts_with(CLASSES));
            until_condition(&world, CLASS, "Ready", &["Unknown/", code, fix]).await;
            let pool = format!("{POOLS}/general");
            until_condition(&world, &pool, "NodeClassReady", &[code, fix]).await;
            until_event(&world, "FailedResolvingNodeClass", "default", &[code, fix]).await;
            until_event(&world, "FailedScheduling", "p", &["NodePool=general", code]).await;
            hour_is_quiet(&world).await;
            // The user mends the secret, which restarts the controller.
            world.stop_controller().await.expect("an orderly end");
            world.credentials = Credentials::access_key("testid", "testsecret".into());
            world.start_controller().expect("options hold together");
            until_running(&world, "p").await;
        });
    }
}

#[test]
fn missing_permission_to_read_is_told_with_the_action_and_recovers_once_it_is_given() {
    for (seed, action, kind) in [
        (52, "DescribeVSwitches", "VSwitchesReady"),
        (53, "DescribeSecurityGroups", "SecurityGroupsReady"),
        (54, "DescribeImageFromFamily", "ImagesReady"),
        (55, "DescribeClusterDetail", "ValidationSucceeded"),
        (56, "DescribeInstanceTypes", "ValidationSucceeded"),
    ] {
        run(async {
            let mut world = one_pod(seed).await;
            world.cloud.deny(action);
            world.start_controller().expect("options hold together");
            let said = ["Unknown/CloudAPIError", action, "Forbidden.RAM", "RAM policy"];
            until_condition(&world, CLASS, kind, &said).await;
            until_event(&world, "FailedScheduling", "p", &["NodePool=general", action]).await;
            hour_is_quiet(&world).await;
            world.cloud.allow(action);
            until_running(&world, "p").await;
        });
    }
}

// behaviour 05#55
#[test]
fn missing_permission_to_launch_is_told_at_the_claim() {
    run(async {
        let mut world = one_pod(57).await;
        world.cloud.deny("RunInstances");
        world.start_controller().expect("options hold together");
        let claim = claim_of(&world).await;
        let texts = ["Unknown/Unauthorized", "RunInstances", "Forbidden.RAM", "RAM policy"];
        until_condition(&world, &claim.0, "Launched", &texts).await;
        until_event(&world, "LaunchFailed", &claim.1, &texts[1..]).await;
        hour_is_quiet(&world).await;
        world.cloud.allow("RunInstances");
        until_running(&world, "p").await;
    });
}

#[test]
fn clock_that_is_wrong_is_told_with_the_fix() {
    run(async {
        let mut world = one_pod(58).await;
        let actions = ["DescribeVSwitches", "DescribeSecurityGroups", "DescribeInstanceTypes"];
        for action in actions {
            world.cloud.fail(action, FaultSpec::error(400, "InvalidTimeStamp.Expired").always());
        }
        world.start_controller().expect("options hold together");
        let texts = ["InvalidTimeStamp.Expired", "synchronise the clock"];
        until_condition(&world, CLASS, "VSwitchesReady", &texts).await;
        until_event(&world, "FailedScheduling", "p", &["NodePool=general", texts[0]]).await;
        hour_is_quiet(&world).await;
        for action in actions {
            world.cloud.heal(action);
        }
        until_running(&world, "p").await;
    });
}

/// Path and name of the first claim that appears.
pub(super) async fn claim_of(world: &scenarios::world::World) -> (String, String) {
    use crate::support::{CLAIMS, LIMIT};
    let there = world.until("a claim is made", LIMIT, |seen| !seen.claims.is_empty()).await;
    there.expect("a claim");
    let seen = world.observe().await.expect("the API answers");
    let name = seen.claims[0].metadata.name.clone().unwrap_or_default();
    (format!("{CLAIMS}/{name}"), name)
}
