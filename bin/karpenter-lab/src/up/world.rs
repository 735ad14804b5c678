//! All parts in this process, each a client of the others over loopback sockets.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use fake_cloud::{FakeCloud, InstanceStatus};
use karpenter_core::clock::Clock;
use kube::Client;
use kube_lite::KubeLite;
use kube_lite::actors::{Actors, spawn_all};
use parking_lot::Mutex;
use scenarios::clocks;
use scenarios::loopback::{CloudAccess, Controller};
use scenarios::machines::{self, Mishaps};
use scenarios::world::REGION;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Arguments;
use super::files::Files;
use crate::parts::cloud::KEY;
use crate::parts::{api, cloud};
use crate::serve::Served;
use crate::view::Prices;
use crate::{crds, examples, kubeconfig};

/// A world that runs; what is dropped stops.
pub(super) struct World {
    /// A client of the API server, as users have one.
    pub(super) client: Client,
    pub(super) api_url: String,
    pub(super) cloud_url: String,
    cloud: FakeCloud,
    server: KubeLite,
    controller: Controller,
    machines: JoinHandle<()>,
    _actors: Actors,
    _served: [Served; 2],
}

/// What was left when the world ended.
pub(super) struct Ended {
    /// How the controller ended.
    pub(super) controller: anyhow::Result<()>,
    pub(super) instances_created: u64,
    pub(super) instances_left: usize,
    pub(super) cloud_calls: u64,
    pub(super) api_writes: usize,
}

impl World {
    /// Starts every part in its turn.
    ///
    /// # Errors
    /// When a port is taken, a file cannot be written, or the API server refuses an object.
    pub(super) async fn start(arguments: &Arguments, files: &Files) -> anyhow::Result<Self> {
        let server = api::server(arguments.seed, None)?;
        let api = Served::start(arguments.listen, server.router()).await?;
        let cloud = cloud::open(cloud::config(arguments.seed, &arguments.nature))?;
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let cloud_served = Served::start(any, cloud.router()).await?;
        kubeconfig::write(&files.kubeconfig, &api.url())?;
        let client = kubeconfig::client(&files.kubeconfig).await?;
        crds::apply(&client).await?;
        if !arguments.no_apply {
            examples::apply(&client).await?;
        }
        let now = clocks::for_api(&Clock::system());
        let actors = spawn_all(&client, &arguments.nature.speed.actors(now));
        let mishaps = Arc::new(Mutex::new(Mishaps::default()));
        let machines = tokio::spawn(machines::run(
            cloud.clone(),
            REGION.to_owned(),
            actors.kubelets.clone(),
            arguments.nature.speed.boot(),
            mishaps,
        ));
        let access = access(&cloud, cloud_served.url());
        Ok(Self {
            controller: Controller::start(client.clone(), &access, arguments.seed)?,
            api_url: api.url(),
            cloud_url: cloud_served.url(),
            client,
            cloud,
            server,
            machines,
            _actors: actors,
            _served: [api, cloud_served],
        })
    }

    /// What every instance costs, as the cloud knows it.
    pub(super) fn prices(&self) -> Prices {
        let cloud = self.cloud.clone();
        Box::new(move || {
            let instances = cloud.instances().into_iter();
            instances.map(|i| (format!("{REGION}.{}", i.id), i.price)).collect()
        })
    }

    /// Told when the controller ends.
    pub(super) fn controller_ended(&self) -> CancellationToken {
        self.controller.ended()
    }

    /// Ends the controller while its peers still answer, then everything else.
    pub(super) async fn end(self) -> Ended {
        let controller = self.controller.stop().await;
        self.machines.abort();
        let alive = |status| !matches!(status, InstanceStatus::Stopping | InstanceStatus::Stopped);
        let left = self.cloud.instances().iter().filter(|i| alive(i.status)).count();
        Ended {
            controller,
            instances_created: self.cloud.instances_ever_created(),
            instances_left: left,
            cloud_calls: self.cloud.counts().values().sum(),
            api_writes: self.server.count_writes(|_| true),
        }
    }
}

fn access(cloud: &FakeCloud, url: String) -> CloudAccess {
    let (id, secret) = KEY;
    CloudAccess {
        url,
        region: REGION.to_owned(),
        cluster_id: cloud.cluster().id,
        key_id: id.to_owned(),
        secret: secret.into(),
    }
}
