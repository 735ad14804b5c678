//! Throttling, broken connections and broken answers.

use fake_cloud::{FaultAnswer, FaultSpec, RateLimit};
use scenarios::world::{World, run};

use super::{hour_is_quiet, one_pod};
use crate::support::{until_condition, until_event, until_running};

const CLASS: &str = "/apis/karpenter.alibabacloud.com/v1alpha1/ecsnodeclasses/default";

/// Every action the controller reads with before it can launch anything.
const READS: [&str; 6] = [
    "DescribeClusterDetail",
    "DescribeInstanceTypes",
    "DescribeAvailableResource",
    "DescribeVSwitches",
    "DescribeSecurityGroups",
    "DescribeImageFromFamily",
];

fn break_all(world: &World, answer: &FaultAnswer) {
    for action in READS {
        world.cloud.fail(action, FaultSpec::once(answer.clone()).always());
    }
}

fn heal_all(world: &World) {
    for action in READS {
        world.cloud.heal(action);
    }
}

#[test]
fn cloud_that_breaks_every_answer_is_told_and_recovered_from() {
    let error = FaultAnswer::Error {
        status: 503,
        code: "ServiceUnavailable".to_owned(),
        message: "The service is down.".to_owned(),
    };
    for (seed, answer, text) in [
        (70, FaultAnswer::ConnectionReset, "no usable answer"),
        (71, FaultAnswer::MalformedJson, "failed"),
        (72, FaultAnswer::BadGateway, "502"),
        (73, error, "ServiceUnavailable"),
    ] {
        run(async {
            let mut world = one_pod(seed).await;
            break_all(&world, &answer);
            world.start_controller().expect("options hold together");
            until_condition(&world, CLASS, "VSwitchesReady", &["Unknown/CloudAPIError", text])
                .await;
            let why = ["NodePool=general", "NodeClassReadinessUnknown", "cannot be read"];
            until_event(&world, "FailedScheduling", "p", &why).await;
            hour_is_quiet(&world).await;
            heal_all(&world);
            until_running(&world, "p").await;
        });
    }
}

#[test]
fn outage_of_a_cloud_that_was_fine_changes_nothing_but_new_launches() {
    run(async {
        let mut world = one_pod(74).await;
        world.start_controller().expect("options hold together");
        until_running(&world, "p").await;
        break_all(&world, &FaultAnswer::ConnectionReset);
        let instances = world.cloud.instances().len();
        hour_is_quiet(&world).await;
        assert_eq!(world.cloud.instances().len(), instances, "nothing is lost in an outage");
        heal_all(&world);
        world.apply(&crate::support::pod_for("general", "later")).await.expect("a pod");
        until_running(&world, "later").await;
    });
}

// behaviour 05#60
#[test]
fn throttled_cloud_is_asked_less_and_the_pod_runs_in_the_end() {
    run(async {
        let mut world = one_pod(75).await;
        for action in ["RunInstances", "DescribeInstances", "DescribePrice", "DescribeVSwitches"] {
            world.cloud.throttle(action, RateLimit::per_minute(2));
        }
        world.start_controller().expect("options hold together");
        until_running(&world, "p").await;
        hour_is_quiet(&world).await;
    });
}

#[test]
fn throttling_that_never_ends_is_told_with_its_code() {
    run(async {
        let mut world = one_pod(76).await;
        world.cloud.fail("RunInstances", FaultSpec::error(400, "Throttling.User").always());
        world.start_controller().expect("options hold together");
        let (path, name) = super::account::claim_of(&world).await;
        let texts = ["Throttling.User", "calls slow down by themselves"];
        until_condition(&world, &path, "Launched", &texts).await;
        until_event(&world, "LaunchFailed", &name, &texts).await;
        hour_is_quiet(&world).await;
        world.cloud.heal("RunInstances");
        until_running(&world, "p").await;
    });
}
