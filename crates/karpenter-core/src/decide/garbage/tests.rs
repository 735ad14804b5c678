use std::collections::BTreeSet;

use super::{Found, GarbageStep, Orphan, OrphanVerdict, Sweep, judge_orphan, sweep};
use crate::api::labels;
use crate::cloud_provider::Instance;
use crate::decide::lifecycle::memory::{Launch, LaunchMemory};
use crate::decide::plan::Step;
use crate::model::ids::ProviderId;
use crate::observe::metrics::Sample;
use crate::testing::objects::{
    ClaimBuilder, NodeBuilder, World, at, bound_pod, class_label, instance, node, node_claim,
};

/// Long after every launch.
const NOW: i64 = 3600;

struct Case {
    before: World,
    after: World,
    instances: Vec<Instance>,
    launches: LaunchMemory,
    suspects: BTreeSet<ProviderId>,
    now: i64,
}

impl Case {
    fn new(world: &World, instances: &[Instance]) -> Self {
        Self {
            before: world.clone(),
            after: world.clone(),
            instances: instances.to_vec(),
            launches: LaunchMemory::default(),
            suspects: instances.iter().map(|instance| instance.provider_id.clone()).collect(),
            now: NOW,
        }
    }

    fn found(&self) -> Found {
        let (before, after) = (self.before.snapshot(), self.after.snapshot());
        let class_labels = [class_label()];
        let input = Sweep {
            before: &before,
            instances: &self.instances,
            after: &after,
            launches: &self.launches,
            suspects: &self.suspects,
            class_labels: &class_labels,
            launch_timeout: std::time::Duration::from_secs(300),
        };
        sweep(&input, at(self.now))
    }

    fn objects(&self) -> Vec<String> {
        self.found().steps.iter().map(Step::object).collect()
    }
}

fn registered(name: &str) -> ClaimBuilder {
    node_claim(name).launched(&format!("p-{name}"), 1).registered(2)
}

// behaviour 04#160
#[test]
fn a_registered_claim_without_instance_is_deleted_unless_its_kubelet_reports() {
    let lost = World::new().claim(registered("a").build());
    let with = |node: NodeBuilder| Case::new(&lost.clone().node(node.build()), &[]).objects();
    assert_eq!(Case::new(&lost, &[]).objects(), ["nodeclaim/a"]);
    assert_eq!(with(node("n1", "p-a").not_ready()), ["nodeclaim/a"]);
    assert!(with(node("n1", "p-a")).is_empty());
    assert!(Case::new(&lost, &[instance("p-a", "a")]).objects().is_empty());
}

// behaviour 04#160
#[test]
fn the_pods_of_a_lost_node_are_counted() {
    let world = World::new()
        .claim(registered("a").build())
        .node(node("n1", "p-a").not_ready().build())
        .pod(bound_pod("x", "n1", 5, &[]));
    let steps = Case::new(&world, &[]).found().steps;
    let [GarbageStep::DeleteClaim(deletion)] = &*steps else { panic!("one deletion: {steps:?}") };
    let [Sample::ClaimDisrupted(labels), Sample::PodsDisrupted(_, pods)] =
        &*deletion.announcement.samples
    else {
        panic!("two samples were expected");
    };
    assert_eq!((labels.reason, *pods), ("garbage_collected", 1));
}

// behaviour 04#161
#[test]
fn claims_that_have_not_registered_or_are_going_away_are_kept() {
    let world = World::new()
        .claim(node_claim("a").build())
        .claim(node_claim("b").launched("p-b", 1).build())
        .claim(registered("c").deleting(5).build());
    assert!(Case::new(&world, &[]).objects().is_empty());
}

// behaviour 04#162
#[test]
fn an_instance_that_is_terminating_counts_as_gone() {
    let world = World::new().claim(registered("a").build());
    let terminating = Instance { terminating: true, ..instance("p-a", "a") };
    assert_eq!(Case::new(&world, &[terminating]).objects(), ["nodeclaim/a"]);
}

// behaviour 04#164
#[test]
fn what_is_launched_during_the_list_is_kept() {
    let launched = World::new().claim(registered("a").build());
    let during = Case { before: World::new(), ..Case::new(&launched, &[]) };
    assert!(during.objects().is_empty(), "the claim was not there when the list was made");
    let seen = Case { before: World::new(), ..Case::new(&launched, &[instance("p-a", "a")]) };
    assert!(seen.objects().is_empty(), "the claim was there when the list had been made");
}

fn orphaned() -> Case {
    let world = World::new().node(node("n1", "p-1").build());
    Case::new(&world, &[instance("p-1", "a")])
}

// behaviour 04#165
#[test]
fn an_instance_without_claim_is_reaped_in_the_second_sweep() {
    let first = Case { suspects: BTreeSet::new(), ..orphaned() }.found();
    assert!(first.steps.is_empty());
    assert_eq!(first.suspects, BTreeSet::from(["p-1".into()]));

    let second = Case { suspects: first.suspects, ..orphaned() }.found();
    let [GarbageStep::Reap(orphan)] = &*second.steps else { panic!("one reap was expected") };
    assert_eq!(orphan.nodes.len(), 1);
}

// behaviour 04#165
#[test]
fn young_launching_terminating_and_untagged_instances_are_kept() {
    assert!(Case { now: 300, ..orphaned() }.objects().is_empty());
    assert_eq!(Case { now: 301, ..orphaned() }.objects(), ["instance/p-1"]);

    let mut launches = LaunchMemory::default();
    launches.insert("uid-a".into(), Launch::Uncertain);
    assert!(Case { launches, ..orphaned() }.objects().is_empty());

    let changed = |instance| Case { instances: vec![instance], ..orphaned() }.objects();
    assert!(changed(Instance { terminating: true, ..instance("p-1", "a") }).is_empty());
    assert!(changed(Instance { claim: None, ..instance("p-1", "a") }).is_empty());
    assert!(changed(Instance { claim_uid: None, ..instance("p-1", "a") }).is_empty());
}

// behaviour 04#165
// behaviour 04#166
#[test]
fn the_live_claim_decides_about_an_orphan() {
    let orphan = Orphan { instance: instance("p-1", "a"), claim: "a".into(), nodes: vec![] };
    let judge = |claim: ClaimBuilder| judge_orphan(&orphan, Some(&claim.build()));
    assert_eq!(judge_orphan(&orphan, None), OrphanVerdict::Terminate);
    let newer = node_claim("a").set("/metadata/uid", "another");
    assert_eq!(judge(newer), OrphanVerdict::Terminate);
    assert_eq!(judge(node_claim("a")), OrphanVerdict::Adopt);
    assert_eq!(judge(node_claim("a").launched("p-2", 1)), OrphanVerdict::Keep);
}

#[test]
fn a_node_that_lost_claim_and_instance_is_deleted() {
    let ours = || {
        let finalizers = vec![labels::TERMINATION_FINALIZER];
        let node = node("n1", "p-1").label(&class_label(), "default").not_ready();
        node.set("/metadata/finalizers", finalizers)
    };
    let objects = |node: NodeBuilder, instances: &[Instance]| {
        Case::new(&World::new().node(node.build()), instances).objects()
    };
    assert_eq!(objects(ours(), &[]), ["node/n1"]);
    assert!(objects(ours().deleting(5), &[]).is_empty());
    assert!(objects(ours().set("/metadata/finalizers", Vec::<&str>::new()), &[]).is_empty());
    let terminating = Instance { terminating: true, ..instance("p-1", "a") };
    assert!(objects(ours(), &[terminating]).is_empty());
}
