//! How many volumes a node can have.

use std::sync::Arc;

use super::bins::{place, plan, sizes};
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::solve::Solver;
use crate::model::persistent_volume::VolumeSource;
use crate::model::pod::Pod;
use crate::testing::node_pools::node_pool;
use crate::testing::nodes::{StateNodeBuilder, state_node};
use crate::testing::pods::pod;
use crate::testing::scenario::cluster;
use crate::testing::volumes::{DRIVER, storage_class, volume, volume_claim};

/// A pool, and a class of disks that are made anywhere.
fn disks() -> SchedulingInput {
    cluster().with_pool(node_pool("p"), sizes()).with_storage_class(storage_class("ssd"))
}

/// A node that has just come, with plenty of room.
fn roomy() -> StateNodeBuilder {
    state_node("n").capacity("cpu", "100").uninitialized("p")
}

/// With a pod and its claims of the class of disks.
fn with_disks(input: SchedulingInput, name: &str, claims: &[&str]) -> SchedulingInput {
    let input = input.with_pods([claims.iter().fold(pod(name).cpu("1"), |p, c| p.claims(c))]);
    claims.iter().fold(input, |input, c| input.with_volume_claim(volume_claim(c).class("ssd")))
}

/// How many pods go to the node `n`, and how many claims are made.
fn split(input: &SchedulingInput) -> (usize, usize) {
    let plan = plan(input);
    (plan.placements.iter().map(|one| one.pods.len()).sum(), plan.claims.len())
}

// behaviour 02#45
#[test]
fn node_takes_as_many_volumes_as_its_driver_attaches() {
    let mut input = disks().with_node(roomy()).with_volume_limits("n", &[(DRIVER, 10)]);
    for at in 0..6 {
        let claims = [format!("a{at}"), format!("b{at}")];
        input = with_disks(input, &format!("p{at}"), &[&claims[0], &claims[1]]);
    }
    assert_eq!(split(&input), (5, 1));
    let pods = input.all_pods();
    let solver = Solver::of(&input, &pods).unwrap();
    assert_eq!(solver.classes.all.len(), 1);
}

// behaviour 02#46
#[test]
fn claim_that_many_pods_use_counts_once() {
    let mut input = disks().with_node(roomy()).with_volume_limits("n", &[(DRIVER, 1)]);
    for at in 0..100 {
        input = with_disks(input, &format!("p{at}"), &["shared"]);
    }
    assert_eq!(split(&input), (100, 0));
    let bound = pod("there").claims("shared").bound_to("n").build();
    let taken = disks().with_node(roomy().bind(bound)).with_volume_limits("n", &[(DRIVER, 1)]);
    assert_eq!(split(&with_disks(taken.clone(), "p", &["shared"])), (1, 0));
    let taken = taken.with_volume_claim(volume_claim("shared").class("ssd"));
    assert_eq!(split(&with_disks(taken, "p", &["own"])), (0, 1));
}

// behaviour 02#47
#[test]
fn volume_that_nothing_attaches_is_not_limited() {
    let mut input = disks().with_node(roomy()).with_volume_limits("n", &[(DRIVER, 0)]);
    for at in 0..3 {
        let (claim, share) = (format!("c{at}"), format!("v{at}"));
        input = input
            .with_pods([pod(&format!("p{at}")).claims(&claim)])
            .with_volume_claim(volume_claim(&claim).bound(&share))
            .with_volume(volume(&share).source(VolumeSource::Other));
    }
    assert_eq!(split(&input), (3, 0));
}

// behaviour 02#48
#[test]
fn in_tree_plugins_count_as_the_drivers_that_replace_them() {
    let limited = cluster()
        .with_pool(node_pool("p"), sizes())
        .with_node(roomy())
        .with_volume_limits("n", &[("ebs.csi.aws.com", 1)])
        .with_storage_class(storage_class("gp").provisioner("kubernetes.io/aws-ebs"))
        .with_volume(volume("v").source(VolumeSource::AwsElasticBlockStore))
        .with_volume_claim(volume_claim("new").class("gp"))
        .with_volume_claim(volume_claim("old").bound("v"))
        .with_pods([pod("a").cpu("2").claims("new"), pod("b").cpu("1").claims("old")]);
    let plan = plan(&limited);
    assert_eq!((place(&plan, "a"), place(&plan, "b")), ("node/n".to_owned(), "new 0".to_owned()));
}

/// A pod on `n` with a disk.
fn bound(name: &str, claim: &str) -> Arc<Pod> {
    pod(name).claims(claim).bound_to("n").build()
}

// behaviour 02#49
#[test]
fn node_over_its_limit_takes_no_pod_at_all() {
    let node = roomy().bind(bound("x", "a")).bind(bound("y", "b"));
    let input = disks().with_node(node).with_pods([pod("plain").cpu("1")]);
    let input = input
        .with_volume_claim(volume_claim("a").class("ssd"))
        .with_volume_claim(volume_claim("b").class("ssd"));
    assert_eq!(split(&input.clone().with_volume_limits("n", &[(DRIVER, 2)])), (1, 0));
    assert_eq!(split(&input.with_volume_limits("n", &[(DRIVER, 1)])), (0, 1));
}

#[test]
fn claim_of_a_running_pod_that_is_gone_is_not_counted() {
    let input = disks().with_node(roomy().bind(bound("x", "gone")));
    let input = with_disks(input.with_volume_limits("n", &[(DRIVER, 1)]), "p", &["own"]);
    assert_eq!(split(&input), (1, 0));
}
