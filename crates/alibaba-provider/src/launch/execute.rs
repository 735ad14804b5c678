//! Trying the offerings of a plan until one works.
//!
//! # Flow
//! For each attempt: take an address, send RunInstances with a client token, and on refusal do what
//! [`crate::errors`] says: mark and go on, take the next disk category, wait and repeat, look the instance up, or stop.
//!
//! # Guarantees
//! At most one instance per claim: equal requests carry equal tokens, and an outcome that is not known is looked up
//! by tag before anything else is tried. Attempts and time are bounded by the options.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use alibaba_sdk::ecs::{EcsApi, Instance as Row, RunInstances};
use alibaba_sdk::error::SdkError;
use jiff::Timestamp;
use karpenter_core::api::labels as core;
use karpenter_core::clock::Clock;
use karpenter_core::cloud_provider::CloudProviderError;
use karpenter_core::model::ids::InstanceTypeName;
use parking_lot::Mutex;

use super::adopt::find_by_claim;
use super::disks::system_categories;
use super::plan::{Attempt, LaunchPlan};
use super::request::{Order, family, run_instances};
use super::token::client_token;
use crate::api::disks::DiskCategory;
use crate::api::labels;
use crate::cluster::Network;
use crate::errors::{self, ACCOUNT_PAUSE, Reaction, Scope};
use crate::network::addresses::Addresses;
use crate::options::Options;
use crate::unavailable::{Asked, Mark, Unavailable};
use crate::userdata::render::{Recipe, user_data};

/// Waits between repeats while the first call with a token is still running.
const SAME_TOKEN_WAITS: [u64; 5] = [1, 2, 4, 8, 15];
/// How long a disk category stays refused.
const DISK_MARK: Duration = Duration::from_secs(24 * 3600);

/// What a launch needs to act.
#[derive(Clone, Copy)]
pub struct Launch<'a> {
    /// The cloud.
    pub ecs: &'a dyn EcsApi,
    /// Time.
    pub clock: &'a Clock,
    /// Settings.
    pub options: &'a Options,
    /// What was refused lately.
    pub unavailable: &'a Mutex<Unavailable>,
    /// Free addresses.
    pub addresses: &'a Mutex<Addresses>,
    /// How pods get addresses.
    pub network: Network,
    /// Claim, class, role and tags.
    pub order: Order<'a>,
    /// Join scripts by architecture; empty when the user's data are all.
    pub scripts: &'a BTreeMap<String, Arc<str>>,
}

/// The instance a claim has got.
#[derive(Debug, Clone)]
pub enum Launched {
    /// A new one.
    New {
        /// Id.
        instance_id: String,
        /// What worked.
        attempt: Box<Attempt>,
    },
    /// One that an earlier launch of the claim had made.
    Adopted(Box<Row>),
}

/// How an attempt ended without instance.
enum Refused {
    /// Go on with the next.
    Next(String),
    /// Give up.
    Stop(CloudProviderError),
}

impl Launch<'_> {
    /// Tries the attempts of `plan` in order.
    ///
    /// # Errors
    /// [`CloudProviderError::InsufficientCapacity`] with every distinct refusal, or what stopped the launch.
    pub async fn execute(&self, plan: &LaunchPlan) -> Result<Launched, CloudProviderError> {
        let deadline = self.clock.now() + self.options.launch_limit;
        let mut refusals = BTreeSet::new();
        let mut tries = 0;
        for attempt in &plan.attempts {
            if tries >= self.options.launch_attempts || self.clock.now() >= deadline {
                break;
            }
            if self.is_blocked(attempt) {
                continue;
            }
            tries += 1;
            match self.attempt(attempt).await {
                Ok(launched) => return Ok(launched),
                Err(Refused::Next(text)) => refusals.insert(text),
                Err(Refused::Stop(error)) => return Err(error),
            };
        }
        let texts: Vec<String> = refusals.into_iter().collect();
        let text = if texts.is_empty() {
            "every offering was just refused".to_owned()
        } else {
            texts.join("; ")
        };
        Err(CloudProviderError::InsufficientCapacity(text))
    }

    fn is_blocked(&self, attempt: &Attempt) -> bool {
        let unavailable = self.unavailable.lock();
        let image = Mark::Image {
            image: attempt.image.id.clone(),
            instance_type: attempt.instance_type.name.clone(),
        };
        unavailable.blocks(asked(attempt, &family(attempt)))
            || unavailable.contains(&scope_mark(Scope::Offering, attempt))
            || unavailable.contains(&Mark::VSwitch(attempt.v_switch.clone()))
            || unavailable.contains(&image)
    }

    async fn attempt(&self, attempt: &Attempt) -> Result<Launched, Refused> {
        let count = addresses_of(attempt, self.network);
        let taken = self.addresses.lock().take(&attempt.v_switch, count);
        let result = self.any_disk(attempt).await;
        if result.is_err() {
            self.addresses.lock().give_back(taken);
        }
        result
    }

    /// The attempt with each disk category in turn.
    async fn any_disk(&self, attempt: &Attempt) -> Result<Launched, Refused> {
        let data = self.user_data(attempt)?;
        let categories = system_categories(&self.order.class.spec, &family(attempt));
        let mut refusal = "no disk category allows the size of systemDisk".to_owned();
        for category in categories {
            let mark = disk_mark(attempt, category);
            if self.unavailable.lock().contains(&mark) {
                continue;
            }
            let request = run_instances(self.order, attempt, category, &data);
            match self.run(attempt, request).await {
                Ok(launched) => return Ok(launched),
                Err(error) if errors::meaning(error.kind).reaction == Reaction::NextDisk => {
                    self.mark(mark, DISK_MARK);
                    refusal = errors::describe(&error);
                }
                Err(error) => return Err(self.judge(attempt, &error)),
            }
        }
        Err(Refused::Next(refusal))
    }

    /// Labels of the node `attempt` makes, in every spelling the settings ask for.
    pub(crate) fn labels(&self, attempt: &Attempt) -> BTreeMap<String, String> {
        let labels = attempt.labels();
        if self.options.legacy_labels { labels::with_aliases(labels) } else { labels }
    }

    fn user_data(&self, attempt: &Attempt) -> Result<String, Refused> {
        let requirements = &attempt.instance_type.requirements;
        let arch = requirements.get(core::ARCH).and_then(|arch| arch.any()).unwrap_or_default();
        let recipe = Recipe {
            spec: &self.order.class.spec,
            claim: self.order.claim,
            cluster_id: self.order.class.spec.effective_cluster_id(&self.options.cluster_id),
            chosen: &self.labels(attempt),
            max_pods: attempt.instance_type.capacity.get_or_zero("pods").units_ceil(),
        };
        let script = self.scripts.get(&*arch).map(AsRef::as_ref);
        user_data(recipe, script).map_err(|error| {
            Refused::Stop(CloudProviderError::Create {
                reason: "InvalidUserData".to_owned(),
                message: error.to_string(),
            })
        })
    }

    /// Sends one request until its outcome is known.
    async fn run(&self, attempt: &Attempt, request: RunInstances) -> Result<Launched, SdkError> {
        let mut waits = SAME_TOKEN_WAITS.into_iter();
        let mut generation = 0;
        loop {
            let identity = self.options.cluster_identity();
            let uid = self.order.claim.uid.as_str();
            let token = client_token(identity, uid, generation, &request);
            let request = RunInstances { client_token: Some(token), ..request.clone() };
            let error = match self.ecs.run_instances(&request).await {
                Ok(answer) => return started(attempt, answer.instance_id_sets),
                Err(error) => error,
            };
            match errors::meaning(error.kind).reaction {
                Reaction::SameToken => match waits.next() {
                    Some(seconds) => self.sleep(Duration::from_secs(seconds)).await,
                    None => return Err(error),
                },
                Reaction::LookUp => {
                    match find_by_claim(self.ecs, identity, self.order.claim).await? {
                        Some(row) => return Ok(Launched::Adopted(Box::new(row))),
                        None if is_token_conflict(&error) && generation == 0 => generation += 1,
                        None => return Err(error),
                    }
                }
                _ => return Err(error),
            }
        }
    }

    fn judge(&self, attempt: &Attempt, error: &SdkError) -> Refused {
        let meaning = errors::meaning(error.kind);
        tracing::warn!(
            claim = self.order.claim.name.as_str(),
            instance_type = attempt.instance_type.name.as_str(),
            zone = attempt.zone.as_str(),
            capacity_type = attempt.capacity_type.as_str(),
            reason = meaning.reason,
            error = errors::describe(error),
            "launch refused"
        );
        match meaning.reaction {
            Reaction::NextOffering { scope, seconds } => {
                let pause = Duration::from_secs(seconds);
                let mark = scope_mark(scope, attempt);
                self.unavailable.lock().refuse(mark, self.now(), pause);
                if scope == Scope::VSwitch {
                    self.addresses.lock().exhausted(&attempt.v_switch);
                }
                Refused::Next(errors::describe(error))
            }
            Reaction::StopAccount => {
                self.mark(Mark::Account, ACCOUNT_PAUSE);
                Refused::Stop(errors::of_launch(error))
            }
            Reaction::NextDisk
            | Reaction::Stop
            | Reaction::SlowDown
            | Reaction::SameToken
            | Reaction::LookUp => Refused::Stop(errors::of_launch(error)),
        }
    }

    fn mark(&self, mark: Mark, lasts: Duration) {
        self.unavailable.lock().mark(mark, self.now() + lasts);
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn sleep(&self, wait: Duration) {
        self.clock.sleep_until(self.now() + wait).await;
    }
}

/// Addresses of the vSwitch a node takes: one for itself, or one for each of its pods.
fn addresses_of(attempt: &Attempt, network: Network) -> u64 {
    match network {
        Network::TerwayShared | Network::TerwayExclusive => {
            let pods = attempt.instance_type.capacity.get_or_zero("pods").units_ceil();
            u64::try_from(pods).unwrap_or(1)
        }
        Network::Flannel { .. } | Network::Unknown => 1,
    }
}

fn started(attempt: &Attempt, ids: Vec<String>) -> Result<Launched, SdkError> {
    let attempt = Box::new(attempt.clone());
    match ids.into_iter().next() {
        Some(instance_id) => Ok(Launched::New { instance_id, attempt }),
        None => Err(SdkError::service(
            "RunInstances",
            200,
            "ResourceNotAvailable",
            "no instance in the answer",
        )),
    }
}

fn is_token_conflict(error: &SdkError) -> bool {
    error.kind == alibaba_sdk::ErrorKind::TokenConflict
}

fn asked<'a>(attempt: &'a Attempt, family: &'a str) -> Asked<'a> {
    Asked {
        instance_type: &attempt.instance_type.name,
        family,
        cpu: cpu(attempt),
        zone: &attempt.zone,
        capacity_type: attempt.capacity_type,
    }
}

fn cpu(attempt: &Attempt) -> u32 {
    let cpu = attempt.instance_type.capacity.get_or_zero("cpu").units_ceil();
    u32::try_from(cpu).unwrap_or_default()
}

fn disk_mark(attempt: &Attempt, category: DiskCategory) -> Mark {
    let (instance_type, zone) = (attempt.instance_type.name.clone(), attempt.zone.clone());
    Mark::Disk { instance_type, zone, category }
}

fn scope_mark(scope: Scope, attempt: &Attempt) -> Mark {
    let name: InstanceTypeName = attempt.instance_type.name.clone();
    match scope {
        Scope::Offering => match &attempt.reservation {
            Some(slot) => Mark::Reservation(slot.clone()),
            None => Mark::Offering(name, attempt.zone.clone(), attempt.capacity_type),
        },
        Scope::InstanceType => Mark::InstanceType(name),
        Scope::CapacityType => Mark::CapacityType(attempt.capacity_type),
        Scope::VSwitch => Mark::VSwitch(attempt.v_switch.clone()),
        Scope::Image => Mark::Image { image: attempt.image.id.clone(), instance_type: name },
        Scope::Family => Mark::Family {
            family: family(attempt),
            capacity_type: attempt.capacity_type,
            min_cpu: cpu(attempt),
        },
    }
}
