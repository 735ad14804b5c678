//! The suite every provider runs, on that of Alibaba Cloud: several processes in turn, over one API server and one
//! fake cloud.

use std::sync::Arc;
use std::time::Duration;

use alibaba_provider::api;
use alibaba_provider::api::node_class::ECSNodeClass;
use alibaba_provider::controllers::catalog_refresh::CatalogRefresh;
use alibaba_provider::controllers::node_class::NodeClassController;
use alibaba_provider::provider::{AlibabaProvider, Parts};
use alibaba_sdk::credentials::StaticCredentials;
use anyhow::{Context, Result};
use async_trait::async_trait;
use karpenter_core::cloud_provider::CloudProvider;
use karpenter_core::controllers::reconciler::Controller;
use karpenter_core::effects::events::EventSink;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::node_pool::NodePool;
use karpenter_core::state::ClusterState;
use karpenter_core::testing::conformance::{Subject, check};
use karpenter_core::testing::objects;
use karpenter_core::wire::node_class;
use kube::Api;
use kube::api::{ApiResource, DynamicObject};
use parking_lot::Mutex;
use scenarios::cloud_service::InProcess;
use scenarios::world::{World, run};
use serde_json::{Value, json};

use crate::reservations;

/// Processes the suite can start.
const PROCESSES: u64 = 12;

/// Passes of a row after which everything that is read once has been read.
const PASSES: usize = 5;

/// How long the cloud needs for a launch or a deletion.
const SETTLED: Duration = Duration::from_secs(120);

struct Alibaba {
    world: World,
    /// Those that have not been handed out.
    processes: Mutex<Vec<Arc<AlibabaProvider>>>,
}

#[async_trait]
impl Subject for Alibaba {
    fn provider(&self) -> Arc<dyn CloudProvider> {
        self.processes.lock().pop().expect("a process that has not been handed out")
    }

    fn claim(&self, name: &str) -> NodeClaim {
        let now = self.world.clock.now().to_string();
        let claim = objects::node_claim(name).set("/metadata/creationTimestamp", now);
        let claim = claim.set("/spec/nodeClassRef", class_ref());
        (*claim.requests("cpu", "1").build()).clone()
    }

    fn pool(&self) -> NodePool {
        (*pool()).clone()
    }

    async fn settle(&self) {
        tokio::time::sleep(SETTLED).await;
    }
}

fn class_ref() -> Value {
    json!({ "group": api::GROUP, "kind": api::KIND, "name": "default" })
}

/// A pool of few types, so that prices are read soon.
fn pool() -> Arc<NodePool> {
    let family = "karpenter.alibabacloud.com/instance-family";
    objects::node_pool("general")
        .set("/spec/template/spec/nodeClassRef", class_ref())
        .set(
            "/spec/template/spec/requirements",
            json!([{ "key": family, "operator": "In", "values": ["ecs.g7"] }]),
        )
        .build()
}

/// The cluster as a watch would show it: [`pool`] and the class of `world`.
async fn state(world: &World) -> Result<ClusterState> {
    let kind = ApiResource::erase::<ECSNodeClass>(&());
    let classes: Api<DynamicObject> = Api::all_with(world.client.clone(), &kind);
    let class = node_class::decode(api::GROUP, api::KIND, classes.get("default").await?);
    Ok(objects::World::new().pool(pool()).class(class).state())
}

/// A process that has just read what it needs.
async fn process(world: &World, seed: u64) -> Result<Arc<AlibabaProvider>> {
    let cloud = controller::cloud::client_over(
        &world.options.alibaba,
        &world.clock,
        seed,
        Arc::new(StaticCredentials(world.credentials.clone())),
        Arc::new(InProcess(world.cloud.router())),
    )?;
    let sdk = Arc::new(cloud);
    let provider = Arc::new(AlibabaProvider::new(Parts {
        ecs: sdk.clone(),
        vpc: sdk.clone(),
        cs: sdk.clone(),
        ram: sdk,
        kube: world.client.clone(),
        clock: world.clock.clone(),
        options: controller::cloud::provider_options(&world.options.alibaba)?,
    }));
    let state = state(world).await?;
    let (events, _queue) = EventSink::new(world.clock.clone());
    read(&mut CatalogRefresh::new(provider.clone(), state.clone()), world).await?;
    read(&mut NodeClassController::new(provider.clone(), state, events), world).await?;
    Ok(provider)
}

/// Lets `row` do what is due at the start of a process.
async fn read(row: &mut impl Controller, world: &World) -> Result<()> {
    for _ in 0..PASSES {
        let input = row.observe().await.context("every list has been seen")?;
        let plan = row.decide(input, world.clock.now());
        for step in plan.steps {
            row.actor().act(step).await?;
        }
    }
    Ok(())
}

/// What the suite finds in processes that begin in `world`.
async fn violations(mut world: World) -> Result<Vec<String>> {
    world.stop_controller().await?;
    let mut processes = vec![];
    for seed in 0..PROCESSES {
        processes.push(process(&world, seed).await?);
    }
    let found = check(&Alibaba { world, processes: Mutex::new(processes) }).await;
    Ok(found.iter().map(ToString::to_string).collect())
}

// behaviour 04#247
#[test]
fn the_provider_of_alibaba_cloud_conforms() -> Result<()> {
    run(async {
        let found = violations(World::elastic(247).await?).await?;
        assert!(found.is_empty(), "{}", found.join("\n"));
        Ok(())
    })
}

// behaviour 04#247
#[test]
fn the_provider_of_alibaba_cloud_conforms_with_reserved_capacity() -> Result<()> {
    run(async {
        let world = reservations::world(248, 20).await?;
        let cloud = world.cloud.clone();
        let found = violations(world).await?;
        assert!(found.is_empty(), "{}", found.join("\n"));
        let instances = cloud.instances();
        assert!(!instances.is_empty());
        assert!(instances.iter().all(|one| one.reservation_id.is_some()), "{instances:?}");
        Ok(())
    })
}
