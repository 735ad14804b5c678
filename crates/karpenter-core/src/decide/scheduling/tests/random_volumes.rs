//! Random small clusters whose pods have volumes: the decision equals the naive reference, can be taken back, and
//! stands up to the auditor.

use std::sync::Arc;

use proptest::prelude::*;

use super::random_clusters::outcome;
use super::{journal, random_clusters, random_topology, reference};
use crate::api::labels;
use crate::decide::audit::audit;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::solve::solve;
use crate::model::persistent_volume::VolumeSource;
use crate::model::pod::{Pod, PodVolumeClaim};
use crate::state::StateNode;
use crate::testing::pods::expression;
use crate::testing::volumes::{DRIVER, storage_class, volume, volume_claim};

const ZONES: [&str; 3] = ["z1", "z2", "z3"];

/// What storage is like: kind and number of each of the claims `c0`, `c1` and so on.
type Claims = Vec<(u8, u8)>;

/// Claims of a pod: two numbers; those that are too large mean none.
type Uses = (u8, u8);

fn with_storage(mut input: SchedulingInput, claims: &Claims) -> SchedulingInput {
    for class in [
        storage_class("any"),
        storage_class("outer").topology(&[(labels::ZONE, &["z1", "z3"])]),
        storage_class("each")
            .topology(&[(labels::ZONE, &["z2"])])
            .topology(&[(labels::ZONE, &["z1"]), ("tier", &["x", "1"])]),
        storage_class("now").immediate(),
        storage_class("other").provisioner("other.test"),
    ] {
        input = input.with_storage_class(class);
    }
    for (at, (kind, n)) in claims.iter().enumerate() {
        let (claim, disk) = (volume_claim(&format!("c{at}")), format!("v{at}"));
        let zone = ZONES[usize::from(*n) % 3];
        let disk_of = || volume(&disk);
        let host = expression(labels::HOSTNAME, "In", ["n0"]);
        let (claim, disk) = match kind % 13 {
            0 | 1 => (claim.bound(&disk), Some(disk_of().zone(zone))),
            2 => (claim.bound(&disk), Some(disk_of().zone(zone).zone("z1"))),
            3 => (claim.class("any"), None),
            4 => (claim.class("outer"), None),
            5 => (claim.class("each"), None),
            6 => (claim.class(if n % 2 == 0 { "now" } else { "missing" }), None),
            7 => {
                let disk = disk_of().source(VolumeSource::OfOneNode);
                (claim.bound(&disk_name(at)), Some(disk.reached([host]).zone(zone)))
            }
            8 => (claim.bound(&disk), Some(disk_of().reached([host]))),
            9 => {
                let tier = expression("tier", "In", ["x"]);
                (claim.bound(&disk), Some(disk_of().reached([tier])))
            }
            10 => {
                let not = expression(labels::ZONE, "NotIn", [zone]);
                let tier = expression("tier", "NotIn", ["x"]);
                (claim.bound(&disk), Some(disk_of().reached([not, tier]).zone("nowhere")))
            }
            11 => (claim.class("other"), None),
            _ if n % 2 == 0 => (claim.bound("gone"), None),
            _ => (claim.bound(&disk), Some(disk_of().zone(zone).terminating())),
        };
        input = input.with_volume_claim(claim);
        input = disk.into_iter().fold(input, SchedulingInput::with_volume);
    }
    input
}

fn disk_name(at: usize) -> String {
    format!("v{at}")
}

fn using(pod: &Arc<Pod>, (a, b): Uses) -> Arc<Pod> {
    let mut pod = (**pod).clone();
    for n in [a, b].into_iter().filter(|n| *n < 9) {
        pod.volume_claims
            .push(PodVolumeClaim { name: format!("c{n}").into(), is_ephemeral: false });
    }
    Arc::new(pod)
}

fn with_uses(node: &mut StateNode, uses: &mut impl Iterator<Item = Uses>) {
    let pods: Vec<_> = node.usage.pods.values().cloned().collect();
    for pod in pods {
        let Some(own) = uses.next() else { return };
        let pod = using(&pod, own);
        let usage = Arc::make_mut(&mut node.usage);
        usage.pods.insert(pod.key.clone(), pod.clone());
        if !pod.volume_claims.is_empty() {
            usage.claiming.insert(pod.key.clone(), pod);
        }
    }
}

/// Small clusters of both other kinds, with volumes.
fn clusters() -> impl Strategy<Value = SchedulingInput> {
    let plain = prop_oneof![random_clusters::clusters(), random_topology::clusters()];
    let claims = proptest::collection::vec((any::<u8>(), any::<u8>()), 7..9);
    let uses = proptest::collection::vec((0..16_u8, 0..24_u8), 24);
    let limits = proptest::collection::vec(0..6_usize, 4);
    (plain, claims, uses, limits).prop_map(|(mut input, claims, uses, limits)| {
        let mut uses = uses.into_iter();
        input.pods = input.pods.iter().zip(&mut uses).map(|(pod, own)| using(pod, own)).collect();
        for node in input.nodes.iter_mut().chain(&mut input.leaving) {
            with_uses(node, &mut uses);
        }
        for pod in &mut input.reschedule {
            let found = input.leaving.iter().find_map(|node| node.usage.pods.get(&pod.key));
            *pod = found.unwrap_or(pod).clone();
        }
        for (at, limit) in limits.iter().enumerate().filter(|(_, limit)| **limit < 4) {
            input = input.with_volume_limits(&format!("n{at}"), &[(DRIVER, *limit)]);
        }
        with_storage(input, &claims)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    // behaviour 02#252
    #[test]
    fn decision_equals_the_naive_reference(input in clusters()) {
        prop_assert_eq!(outcome(&solve(&input)), reference::solve(&input));
    }

    // behaviour 02#253
    #[test]
    fn auditor_finds_nothing(input in clusters()) {
        let plan = solve(&input);
        prop_assert_eq!(audit(&input, &plan), vec![], "{:?}", outcome(&plan));
    }

    #[test]
    fn rollback_restores_volumes(input in clusters(), n_kept in 0..8_usize) {
        journal::check(&input, n_kept)?;
    }
}
