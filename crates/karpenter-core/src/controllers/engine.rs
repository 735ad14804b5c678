//! Every task of the engine in one table.

use std::sync::Arc;

use futures::FutureExt;
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;

use super::capacity_buffer::CapacityBuffers;
use super::disruption::Disruption;
use super::eviction::PodEviction;
use super::garbage_collection::GarbageCollection;
use super::node_claim_disruption::NodeClaimDisruption;
use super::node_claim_lifecycle::NodeClaimLifecycle;
use super::node_overlay::NodeOverlays;
use super::node_pool_status::NodePoolStatus;
use super::provisioning::Provisioning;
use super::reconciler::{Controller, Surroundings, run};
use super::static_capacity::StaticCapacity;
use super::termination::NodeTermination;
use super::unreadable::UnreadableObjects;
use super::watch::{Named, Watching, watch_all, watch_devices, watch_selector_sources};
use crate::clock::Clock;
use crate::cloud_provider::CloudProvider;
use crate::decide::termination::TerminationSettings;
use crate::effects::clients::Clients;
use crate::effects::events::{self, EventSink};
use crate::effects::garbage::GarbageActor;
use crate::effects::lifecycle::LifecycleActor;
use crate::effects::metered_cloud::MeteredCloud;
use crate::effects::overlaid_cloud::{OverlaidCloud, Overlays};
use crate::effects::own::confirm_claim;
use crate::effects::provision::Provisioner;
use crate::effects::static_capacity::StaticActor;
use crate::effects::status::StatusActor;
use crate::effects::unreadable::UnreadableActor;
use crate::model::validation::ValidationRules;
use crate::observe::cluster::ClusterGauges;
use crate::observe::families::Families;
use crate::options::Options;
use crate::state::{ClusterState, Unreadable};

/// Name of this program in Kubernetes Events.
const COMPONENT: &str = "karpenter";

/// What the engine is built from.
pub struct Parts {
    /// Client for everything the engine writes.
    pub api: kube::Client,
    /// Client for watches.
    pub watch: kube::Client,
    /// The cloud.
    pub cloud: Arc<dyn CloudProvider>,
    /// What is known; shared with whoever wants to look.
    pub state: ClusterState,
    /// Time.
    pub clock: Clock,
    /// Settings.
    pub options: Options,
    /// Source of all randomness.
    pub seed: u64,
    /// Ends everything.
    pub cancel: CancellationToken,
}

/// The tasks of the engine.
pub struct Tasks {
    /// Controllers: told to end, they finish the steps under way and end by themselves.
    pub rows: Vec<Named>,
    /// Watches and housekeeping: run for ever and may be dropped at any time.
    pub background: Vec<Named>,
}

/// The engine before it runs: handles that providers' own controllers share.
pub struct Engine {
    /// Handles of all effects.
    pub clients: Clients,
    options: Options,
    seed: u64,
    around: Surroundings,
    families: Families,
    background: Vec<Named>,
    overlays: Overlays,
    unreadable: Unreadable,
}

impl Engine {
    /// Puts the engine together; registers all metrics.
    pub fn new(parts: Parts, registry: &mut Registry) -> Self {
        let families = Families::default();
        families.register(registry);
        registry.register_collector(Box::new(ClusterGauges::new(parts.state.clone())));
        let (events, queue) = EventSink::new(parts.clock.clone());
        let watching = Watching {
            client: parts.watch,
            state: parts.state.clone(),
            clock: parts.clock.clone(),
            metrics: families.watch.clone(),
            unreadable: Unreadable::default(),
            seed: parts.seed,
        };
        let mut background =
            watch_all(&watching, parts.cloud.traits(), &parts.options.feature_gates);
        let needs_selectors = !parts.options.default_spread.is_empty();
        background.extend(watch_selector_sources(&watching, needs_selectors));
        background.extend(watch_devices(&watching, !parts.options.ignore_dra_requests));
        let writer = events::write(parts.api.clone(), COMPONENT, queue);
        background.push(("events", writer.boxed()));
        let around = Surroundings {
            clock: parts.clock.clone(),
            changes: parts.state.subscribe(),
            seed: parts.seed,
            metrics: families.runner.clone(),
            cancel: parts.cancel,
        };
        let clients = Clients {
            kube: parts.api,
            cloud: parts.cloud,
            state: parts.state,
            clock: parts.clock,
            events,
        };
        background.push(("expire-intents", expire(clients.clone()).boxed()));
        let overlays = Overlays::default();
        let (mut options, seed) = (parts.options, parts.seed);
        let of_provider = clients.cloud.default_termination_grace_period();
        options.default_termination_grace_period =
            options.default_termination_grace_period.or(of_provider);
        let unreadable = watching.unreadable;
        Self { clients, options, seed, around, families, background, overlays, unreadable }
    }

    /// The task that runs `controller`, woken by changes of the cluster state.
    pub fn row<C: Controller>(&self, controller: C) -> Named {
        (controller.name(), run(controller, self.around.clone()).boxed())
    }

    /// Every controller of the engine, and what runs beside them.
    pub fn tasks(self) -> Tasks {
        let options = Arc::new(self.options.clone());
        let lifecycle = Arc::new(self.lifecycle_actor("nodeclaim.lifecycle"));
        // Two controllers adopt what the other launched: they share what has been launched.
        let collecting = LifecycleActor {
            clients: self.clients_of("nodeclaim.garbagecollection"),
            ..(*lifecycle).clone()
        };
        let garbage = Arc::new(GarbageActor { lifecycle: Arc::new(collecting) });
        let health = lifecycle.health.clone();
        let status = Arc::new(StatusActor { clients: self.clients.clone() });
        let (termination, eviction) = self.termination();
        let mut rows = vec![
            self.row(NodePoolStatus::new(status.clone(), health, self.validation_rules())),
            self.row(self.provisioning()),
            self.row(NodeClaimLifecycle::new(lifecycle, options.clone())),
            self.row(NodeClaimDisruption::new(status)),
            self.row(self.disruption()),
            self.row(termination),
            self.row(eviction),
            self.row(GarbageCollection::new(garbage, options)),
            self.row(UnreadableObjects::new(UnreadableActor {
                clients: self.clients.clone(),
                unreadable: self.unreadable.clone(),
            })),
        ];
        rows.extend(self.node_overlays());
        rows.extend(self.capacity_buffers());
        rows.extend(self.static_capacity());
        Tasks { rows, background: self.background }
    }

    /// Handles for one controller: its calls to the cloud are counted under its name.
    fn clients_of(&self, controller: &'static str) -> Clients {
        let cloud = MeteredCloud {
            inner: self.clients.cloud.clone(),
            controller,
            metrics: self.families.cloud.clone(),
            clock: self.clients.clock.clone(),
        };
        Clients { cloud: Arc::new(cloud), ..self.clients.clone() }
    }

    /// Handles for a controller that plans: it sees instance types as NodeOverlays make them.
    fn planning_clients_of(&self, controller: &'static str) -> Clients {
        let clients = self.clients_of(controller);
        if !self.options.feature_gates.node_overlay {
            return clients;
        }
        let overlays = self.overlays.clone();
        let cloud = OverlaidCloud { inner: clients.cloud, overlays };
        Clients { cloud: Arc::new(cloud), ..clients }
    }

    /// The controller of NodeOverlays; none while their feature gate is closed.
    fn node_overlays(&self) -> Option<Named> {
        let is_open = self.options.feature_gates.node_overlay;
        is_open.then(|| {
            let actor = Arc::new(StatusActor { clients: self.clients_of("nodeoverlay") });
            self.row(NodeOverlays::new(actor, self.overlays.clone(), self.validation_rules()))
        })
    }

    /// The controller of CapacityBuffers; none while their feature gate is closed.
    fn capacity_buffers(&self) -> Option<Named> {
        let is_open = self.options.feature_gates.capacity_buffer;
        is_open.then(|| {
            let actor = Arc::new(StatusActor { clients: self.clients_of("capacitybuffer") });
            self.row(CapacityBuffers::new(actor))
        })
    }

    /// The controller of static pools; none while their feature gate is closed.
    fn static_capacity(&self) -> Option<Named> {
        let is_open = self.options.feature_gates.static_capacity;
        is_open.then(|| {
            let clients = self.clients_of("static.capacity");
            let actor = StaticActor { clients, metrics: self.families.provisioning.clone() };
            self.row(StaticCapacity::new(actor, self.options.clone(), self.seed))
        })
    }

    /// What users may write: the core's rules with the labels and domains of the provider.
    fn validation_rules(&self) -> ValidationRules {
        let traits = self.clients.cloud.traits();
        let mut rules = ValidationRules::core();
        rules.well_known = (*traits.well_known_labels).clone();
        rules.normalization = (*traits.label_normalization).clone();
        let groups = traits.node_classes.iter().map(|class| class.group.clone());
        rules.restricted_domains.extend(groups);
        rules
    }

    fn provisioning(&self) -> Provisioning {
        let actor = Provisioner {
            clients: self.planning_clients_of("provisioner"),
            options: self.options.clone(),
            metrics: self.families.provisioning.clone(),
            busy: Arc::default(),
            creations: Default::default(),
        };
        Provisioning::new(actor, self.families.scheduler.clone(), self.seed)
    }

    fn lifecycle_actor(&self, controller: &'static str) -> LifecycleActor {
        LifecycleActor {
            clients: self.clients_of(controller),
            launches: Arc::default(),
            health: Arc::default(),
            metrics: self.families.claims.clone(),
        }
    }

    fn disruption(&self) -> Disruption {
        Disruption::new(self.planning_clients_of("disruption"), self.families.disruption.clone())
    }

    fn termination(&self) -> (NodeTermination, PodEviction) {
        let settings = TerminationSettings::default();
        let metrics = self.families.termination.clone();
        (
            NodeTermination::new(self.clients_of("node.termination"), metrics.clone(), settings),
            PodEviction::new(self.clients.clone(), metrics, settings),
        )
    }
}

/// Drops intentions of ours whose time is over, and looks for claims the watch does not show, for ever.
async fn expire(clients: Clients) {
    let mut changes = clients.state.subscribe();
    loop {
        for claim in clients.state.expire(clients.clock.now()) {
            confirm_claim(&clients, &claim).await;
        }
        let next = clients.state.next_expiry();
        tokio::select! {
            biased;
            () = async {
                match next {
                    Some(at) => clients.clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            } => {}
            () = changes.changed() => {}
        }
    }
}
