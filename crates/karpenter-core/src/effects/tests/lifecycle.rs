use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use serde_json::Value;

use super::api::FakeApi;
use crate::api::labels;
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::clock::Clock;
use crate::cloud_provider::{CloudProviderError, RegistrationHook, Termination};
use crate::controllers::garbage_collection::GarbageCollection;
use crate::controllers::reconciler::Controller;
use crate::decide::garbage::{GarbageStep, Orphan};
use crate::decide::lifecycle::memory::Launch;
use crate::decide::lifecycle::{LifecycleInput, LifecycleStep, plan};
use crate::effects::clients::Clients;
use crate::effects::events::EventSink;
use crate::effects::garbage::GarbageActor;
use crate::effects::lifecycle::LifecycleActor;
use crate::effects::step::{Actor, Failure, FailureClass, Outcome};
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::observe::metrics::Metrics;
use crate::options::Options;
use crate::state::{Change, ClusterEvent, ClusterState};
use crate::testing::cloud::ScriptedCloud;
use crate::testing::objects::{ClaimBuilder, World, at, instance, node, node_claim};
use crate::wire::Decoded;

const CLAIM: &str = "/apis/karpenter.sh/v1/nodeclaims/a";
const NODE: &str = "/api/v1/nodes/n1";

/// An actor between a cluster with at most one claim and one node, and a cloud.
struct Stage {
    api: FakeApi,
    cloud: Arc<ScriptedCloud>,
    actor: Arc<LifecycleActor>,
    events: tokio::sync::mpsc::Receiver<(crate::observe::events::Event, jiff::Timestamp)>,
}

impl Stage {
    fn new(claim: Option<ClaimBuilder>, node: Option<(Arc<Node>, Value)>) -> Self {
        let api = FakeApi::default();
        let mut world = World::new();
        if let Some(claim) = claim {
            let claim = claim.build();
            api.put(CLAIM, serde_json::to_value(&*claim.object).expect("JSON"));
            world = world.claim(claim);
        }
        if let Some((node, object)) = node {
            api.put(NODE, object);
            world = world.node(node);
        }
        let cloud = Arc::new(ScriptedCloud::default());
        let clock = Clock::simulated(at(60));
        let (sink, events) = EventSink::new(clock.clone());
        let clients = Clients {
            kube: api.client(),
            cloud: cloud.clone(),
            state: world.state(),
            clock,
            events: sink,
        };
        let actor = LifecycleActor {
            clients,
            launches: Arc::default(),
            health: Arc::default(),
            metrics: Metrics::default(),
        };
        Self { api, cloud, actor: Arc::new(actor), events }
    }

    fn of(claim: ClaimBuilder) -> Self {
        Self::new(Some(claim), None)
    }

    fn state(&self) -> &ClusterState {
        &self.actor.clients.state
    }

    fn claim(&self) -> Option<Arc<NodeClaim>> {
        self.state().snapshot().claims.get(&"a".into()).cloned()
    }

    /// The watch shows the claim as the API has it.
    fn watch(&self) {
        let object: ClaimObject =
            serde_json::from_value(self.api.get(CLAIM).expect("the claim")).expect("a NodeClaim");
        let claim = object.decode().expect("a valid NodeClaim");
        self.state().apply(ClusterEvent::NodeClaim(Change::Upsert(claim.into())), at(60));
    }

    /// The next step for the claim as the state shows it.
    fn step(&self) -> LifecycleStep {
        let (snapshot, options) = (self.state().snapshot(), Options::default());
        let launches = self.actor.launches.lock().clone();
        let input = LifecycleInput { snapshot: &snapshot, launches: &launches, options: &options };
        let steps = plan(&input, self.actor.clients.clock.now()).steps;
        steps.into_iter().next().expect("there is something to do")
    }

    async fn act(&self) -> Result<Outcome, Failure> {
        self.actor.act(self.step()).await
    }

    fn metrics(&self) -> String {
        let mut registry = Registry::default();
        self.actor.metrics.register(&mut registry);
        let mut text = String::new();
        encode(&mut text, &registry).expect("metrics encode");
        text
    }

    fn has_finalizer(&self) -> bool {
        let claim = self.api.get(CLAIM);
        claim.is_some_and(|claim| !claim["metadata"]["finalizers"].is_null())
    }
}

fn no_stock() -> CloudProviderError {
    CloudProviderError::InsufficientCapacity("none".to_owned())
}

const AFTER_CONFLICT: Outcome = Outcome::After(Duration::from_millis(250));

// behaviour 04#68
#[tokio::test(start_paused = true)]
async fn nothing_is_launched_when_the_finalizer_could_not_be_written() {
    let stage = Stage::of(node_claim("a").set("/metadata/finalizers", Vec::<&str>::new()));
    stage.api.refuse(&format!("PATCH {CLAIM}"), 409);
    assert_eq!(stage.act().await.expect("a conflict is normal"), AFTER_CONFLICT);
    assert!(stage.cloud.calls().is_empty());
    assert!(matches!(stage.step(), LifecycleStep::Write(_)), "the finalizer is tried again");
}

// behaviour 04#69
// behaviour 04#70
// behaviour 02#102
#[tokio::test(start_paused = true)]
async fn a_launch_whose_write_failed_is_written_later_and_not_repeated() {
    let stage = Stage::of(node_claim("a"));
    stage.cloud.create.lock().push_back(Ok(instance("p-1", "a")));
    stage.api.refuse(&format!("PATCH {CLAIM}/status"), 500);
    let failure = stage.act().await.expect_err("the write failed");
    assert_eq!(failure.class, FailureClass::Retry { after: None });

    stage.watch();
    stage.act().await.expect("the remembered launch is written");
    assert_eq!(stage.cloud.calls(), ["create a"]);
    let claim = stage.claim().expect("the claim");
    assert!(claim.launched, "the state knows at once");
    assert_eq!(claim.provider_id().map(|id| id.as_str()), Some("p-1"));
    assert!(stage.actor.launches.lock().get(&claim.uid).is_none());
}

// behaviour 04#71, 02#101
#[tokio::test(start_paused = true)]
async fn without_stock_the_claim_goes_and_is_counted() {
    let mut stage = Stage::of(node_claim("a"));
    stage.cloud.create.lock().push_back(Err(no_stock()));
    assert_eq!(stage.act().await.expect("no failure"), Outcome::Done);
    assert!(stage.metrics().contains(r#"reason="insufficient_capacity""#));
    let (event, _) = stage.events.try_recv().expect("an event");
    assert_eq!(event.reason, "InsufficientCapacityError");
    assert!(stage.claim().is_some_and(|claim| claim.deleted_at.is_some()));
}

// behaviour 04#72
#[tokio::test(start_paused = true)]
async fn a_claim_that_was_gone_already_is_not_counted() {
    let stage = Stage::of(node_claim("a"));
    stage.cloud.create.lock().push_back(Err(no_stock()));
    stage.api.refuse(&format!("DELETE {CLAIM}"), 404);
    assert_eq!(stage.act().await.expect("no failure"), Outcome::Done);
    assert!(!stage.metrics().contains("insufficient_capacity"));
}

// behaviour 04#74
#[tokio::test(start_paused = true)]
async fn a_failed_launch_is_written_down_and_backs_off() {
    let stage = Stage::of(node_claim("a"));
    let after = Some(Duration::from_secs(7));
    let throttled =
        CloudProviderError::Throttled { retry_after: after, message: "slow down".to_owned() };
    stage.cloud.create.lock().push_back(Err(throttled));
    let failure = stage.act().await.expect_err("the launch failed");
    assert_eq!(failure.class, FailureClass::Retry { after });
    assert_eq!(failure.message, "launch a: throttled, slow down");
    let conditions = stage.api.get(CLAIM).expect("the claim")["status"]["conditions"].clone();
    assert!(conditions.to_string().contains("LaunchFailed"));
}

// behaviour 02#101
#[tokio::test(start_paused = true)]
async fn a_refused_launch_is_repeated_and_after_five_minutes_the_claim_goes() {
    let stage = Stage::of(node_claim("a"));
    let refused = || CloudProviderError::Create {
        reason: "ImageNotFound".to_owned(),
        message: "no image matches".to_owned(),
    };
    for attempt in 1..=2 {
        stage.cloud.create.lock().push_back(Err(refused()));
        let failure = stage.act().await.expect_err("the launch failed");
        assert_eq!(failure.class, FailureClass::Retry { after: None });
        assert_eq!(stage.cloud.calls(), vec!["create a"; attempt]);
        stage.watch();
    }
    let launched = |object: &Value| {
        let conditions = object["status"]["conditions"].as_array().expect("conditions").clone();
        let own =
            conditions.into_iter().find(|one| one["type"] == "Launched").expect("it is there");
        (own["status"].clone(), own["reason"].clone())
    };
    let shown = launched(&stage.api.get(CLAIM).expect("the claim"));
    assert_eq!(shown, ("Unknown".into(), "ImageNotFound".into()));
    tokio::time::advance(Duration::from_secs(5 * 60)).await;
    assert_eq!(stage.act().await.expect("no failure"), Outcome::Done);
    assert!(stage.claim().is_none_or(|claim| claim.deleted_at.is_some()));
    assert!(stage.metrics().contains(r#"reason="launch_timeout""#));
}

// behaviour 02#101
#[tokio::test(start_paused = true)]
async fn without_a_ready_node_class_the_claim_goes_and_is_counted() {
    let stage = Stage::of(node_claim("a"));
    let error = CloudProviderError::NodeClassNotReady("no vSwitch".to_owned());
    stage.cloud.create.lock().push_back(Err(error));
    assert_eq!(stage.act().await.expect("no failure"), Outcome::Done);
    assert!(stage.metrics().contains(r#"reason="nodeclass_not_ready""#));
    assert!(stage.claim().is_some_and(|claim| claim.deleted_at.is_some()));
}

fn fresh_node() -> (Arc<Node>, Value) {
    let builder = node("n1", "p-1").unregistered();
    (builder.clone().build(), builder.object())
}

// behaviour 04#80
#[tokio::test(start_paused = true)]
async fn registration_writes_the_node_and_then_the_claim() {
    let stage = Stage::new(Some(node_claim("a").launched("p-1", 10)), Some(fresh_node()));
    stage.cloud.registered.lock().push_back(Ok(RegistrationHook::Done));
    assert_eq!(stage.act().await.expect("it registers"), Outcome::Done);
    let writes = [format!("PATCH {NODE}"), format!("PATCH {CLAIM}/status")];
    assert_eq!(stage.api.requests(), writes);
    assert!(stage.claim().is_some_and(|claim| claim.registered && claim.initialized));
    let node = stage.api.get(NODE).expect("the node");
    assert_eq!(node["metadata"]["labels"][labels::REGISTERED], "true");
    assert!(stage.metrics().contains("karpenter_nodes_created_total{"));
}

// behaviour 04#87
#[tokio::test(start_paused = true)]
async fn a_conflict_on_the_node_leaves_the_claim_unregistered() {
    let stage = Stage::new(Some(node_claim("a").launched("p-1", 10)), Some(fresh_node()));
    stage.cloud.registered.lock().push_back(Ok(RegistrationHook::Done));
    stage.api.refuse(&format!("PATCH {NODE}"), 409);
    assert_eq!(stage.act().await.expect("a conflict is normal"), AFTER_CONFLICT);
    assert!(stage.claim().is_some_and(|claim| !claim.registered));
}

// behaviour 04#88
// behaviour 04#89
#[tokio::test(start_paused = true)]
async fn a_hook_decides_when_to_look_again() {
    let stage = Stage::new(Some(node_claim("a").launched("p-1", 10)), Some(fresh_node()));
    let wait = Duration::from_secs(2);
    stage.cloud.registered.lock().push_back(Ok(RegistrationHook::Wait(wait)));
    assert_eq!(stage.act().await.expect("it waits"), Outcome::After(wait));

    let error = CloudProviderError::Transient("no answer".to_owned());
    stage.cloud.registered.lock().push_back(Err(error));
    let failure = stage.act().await.expect_err("the hook failed");
    assert_eq!(failure.message, "registration hook for a: no answer");
}

fn ending() -> ClaimBuilder {
    node_claim("a").deleting(30).launched("p-1", 10)
}

// behaviour 04#117
#[tokio::test(start_paused = true)]
async fn the_finalizer_stays_until_the_instance_is_gone() {
    let stage = Stage::of(ending());
    let check_after = Duration::from_secs(5);
    stage.cloud.delete.lock().push_back(Ok(Termination::InProgress { check_after }));
    assert_eq!(stage.act().await.expect("under way"), Outcome::After(check_after));
    assert!(stage.has_finalizer());
    assert!(stage.claim().is_some_and(|claim| claim.instance_terminating));

    let gone = CloudProviderError::NodeClaimNotFound("p-1".to_owned());
    stage.cloud.delete.lock().push_back(Err(gone));
    assert_eq!(stage.act().await.expect("gone"), Outcome::Done);
    assert!(stage.api.get(CLAIM).is_none());
    assert!(stage.metrics().contains("karpenter_nodeclaims_terminated_total{"));
}

// behaviour 04#118
#[tokio::test(start_paused = true)]
async fn a_failed_deletion_of_the_instance_keeps_the_finalizer() {
    let stage = Stage::of(ending());
    let denied = CloudProviderError::Denied("no permission".to_owned());
    stage.cloud.delete.lock().push_back(Err(denied));
    let failure = stage.act().await.expect_err("it failed");
    assert_eq!(failure.class, FailureClass::WaitForUser);
    assert!(stage.has_finalizer());
}

// behaviour 04#115
#[tokio::test(start_paused = true)]
async fn the_deletion_of_a_node_is_known_at_once() {
    let finalizers = vec![labels::TERMINATION_FINALIZER];
    let builder = node("n1", "p-1").set("/metadata/finalizers", finalizers);
    let node = (builder.clone().build(), builder.object());
    let stage = Stage::new(Some(ending().registered(20)), Some(node));
    stage.act().await.expect("the node is deleted");
    let snapshot = stage.state().snapshot();
    assert!(snapshot.nodes.get(&"n1".into()).is_some_and(|node| node.deleted_at.is_some()));
}

// behaviour 04#120
#[tokio::test(start_paused = true)]
async fn an_uncertain_launch_of_a_deleted_claim_is_looked_up_and_terminated() {
    let stage = Stage::of(node_claim("a").deleting(30));
    let uid = stage.claim().expect("the claim").uid.clone();
    stage.actor.launches.lock().insert(uid.clone(), Launch::Uncertain);
    stage.cloud.list.lock().push_back(Ok(vec![instance("p-0", "b"), instance("p-1", "a")]));
    stage.cloud.delete.lock().push_back(Ok(Termination::Gone));
    stage.act().await.expect("it is found");
    stage.act().await.expect("it is terminated");
    assert_eq!(stage.cloud.calls(), ["list", "delete p-1"]);
    assert!(stage.actor.launches.lock().get(&uid).is_none());
    assert!(!stage.has_finalizer());
}

async fn reap(stage: &Stage) -> Result<Outcome, Failure> {
    let orphan = Orphan {
        instance: instance("p-1", "a"),
        claim: "a".into(),
        nodes: stage.state().snapshot().nodes.values().cloned().collect(),
    };
    let actor = GarbageActor { lifecycle: stage.actor.clone() };
    actor.act(GarbageStep::Reap(Box::new(orphan))).await
}

// behaviour 04#165
#[tokio::test(start_paused = true)]
async fn an_orphan_is_terminated_with_its_node_when_its_claim_is_gone() {
    let stage = Stage::new(None, Some(fresh_node()));
    stage.cloud.delete.lock().push_back(Ok(Termination::Gone));
    reap(&stage).await.expect("it is reaped");
    assert_eq!(stage.cloud.calls(), ["delete p-1"]);
    assert!(stage.api.get(NODE).is_none());
}

// behaviour 04#165
#[tokio::test(start_paused = true)]
async fn an_orphan_is_kept_when_its_claim_cannot_be_read() {
    let stage = Stage::new(None, Some(fresh_node()));
    stage.api.refuse(&format!("GET {CLAIM}"), 500);
    reap(&stage).await.expect_err("the read failed");
    assert!(stage.cloud.calls().is_empty());
}

// behaviour 04#166
#[tokio::test(start_paused = true)]
async fn an_orphan_goes_back_to_the_claim_that_lost_it() {
    let stage = Stage::of(node_claim("a"));
    reap(&stage).await.expect("it is adopted");
    assert!(stage.cloud.calls().is_empty());
    let claim = stage.claim().expect("the claim");
    assert_eq!(claim.provider_id().map(|id| id.as_str()), Some("p-1"));
    assert!(claim.launched);
}

#[tokio::test(start_paused = true)]
async fn a_stale_node_is_deleted_only_if_the_cloud_confirms_that_its_instance_is_gone() {
    let stage = Stage::new(None, Some(fresh_node()));
    let actor = GarbageActor { lifecycle: stage.actor.clone() };
    let step = GarbageStep::DeleteNode(fresh_node().0, "p-1".into());
    stage.cloud.get.lock().push_back(Ok(instance("p-1", "a")));
    actor.act(step.clone()).await.expect("nothing to do");
    assert!(stage.api.get(NODE).is_some());

    let gone = CloudProviderError::NodeClaimNotFound("p-1".to_owned());
    stage.cloud.get.lock().push_back(Err(gone));
    actor.act(step).await.expect("it is deleted");
    assert!(stage.api.get(NODE).is_none());
}

// behaviour 04#163
#[tokio::test(start_paused = true)]
async fn nothing_is_garbage_after_a_failed_list() {
    let stage = Stage::of(node_claim("a").launched("p-1", 10).registered(20));
    let actor = GarbageActor { lifecycle: stage.actor.clone() };
    let mut row = GarbageCollection::new(Arc::new(actor), Arc::default());
    let seen = row.observe().await.expect("the state is complete");
    let plan = row.decide(seen, at(60));
    assert!(plan.steps.is_empty());
    assert_eq!(plan.wake_at, Some(at(90)));

    tokio::time::advance(Duration::from_secs(30)).await;
    stage.cloud.list.lock().push_back(Ok(vec![]));
    let seen = row.observe().await.expect("the state is complete");
    assert_eq!(row.decide(seen, at(90)).steps.len(), 1);
    assert_eq!(stage.cloud.calls(), ["list", "list"]);
}
