//! The port to the cloud: what the engine asks of a provider, and what can go wrong.
//!
//! One trait with few methods. Providers keep their own caches, batching and rate limits behind it; the
//! engine never retries inside a call and acts on [`CloudProviderError::class`], never on text.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::model::ids::{NodeClaimName, ProviderId, Uid};
use crate::model::instance_type::Catalog;
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use crate::model::label_selector::Labels;
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;

use crate::model::resources::Resources;
use crate::model::storage_class::UnsupportedStorage;

/// A cloud that can launch, list and delete instances for NodeClaims.
///
/// All methods may be called concurrently and must be cancel safe: a dropped future may have had its effect,
/// and the next call with the same claim must find it instead of repeating it.
#[async_trait]
pub trait CloudProvider: Send + Sync + 'static {
    /// Facts that never change while the process runs.
    fn traits(&self) -> &ProviderTraits;

    /// Launches one instance that satisfies the requirements and requests of `claim`.
    ///
    /// Idempotent by the uid of the claim: a second call returns the instance of the first, also after a
    /// restart of the process.
    ///
    /// # Errors
    /// [`CloudProviderError::InsufficientCapacity`] when no allowed offering is in stock,
    /// [`CloudProviderError::NodeClassNotReady`], [`CloudProviderError::Create`] with a reason for the
    /// condition `Launched`, or a transient error.
    async fn create(&self, claim: &NodeClaim) -> Result<Instance, CloudProviderError>;

    /// Starts or continues the termination of the claim's instance.
    ///
    /// # Errors
    /// Only when the request failed; an instance that is gone is [`Termination::Gone`], not an error.
    async fn delete(&self, claim: &NodeClaim) -> Result<Termination, CloudProviderError>;

    /// The instance behind `id`, read from the cloud.
    ///
    /// # Errors
    /// [`CloudProviderError::NodeClaimNotFound`] when it has been terminated.
    async fn get(&self, id: &ProviderId) -> Result<Instance, CloudProviderError>;

    /// All instances this cluster owns, in provider id order, terminated ones left out.
    ///
    /// # Errors
    /// A partial list is never returned: any failed page fails the call.
    async fn list(&self) -> Result<Vec<Instance>, CloudProviderError>;

    /// What `pool` can launch, including types without stock; cheap, answered from the provider's caches.
    ///
    /// # Errors
    /// [`CloudProviderError::UnevaluatedNodePool`] while nothing is known yet.
    async fn instance_types(&self, pool: &NodePool) -> Result<Catalog, CloudProviderError>;

    /// Why the instance of `claim` no longer matches its node class; `None` when it does.
    ///
    /// # Errors
    /// [`CloudProviderError::NodeClaimNotFound`] when the instance is gone.
    async fn is_drifted(&self, claim: &NodeClaim) -> Result<Option<String>, CloudProviderError>;

    /// `terminationGracePeriod` of claims whose NodePool does not say; `None` lets their pods take all the time they
    /// need. Asked once, when the engine is put together.
    fn default_termination_grace_period(&self) -> Option<Duration> {
        None
    }

    /// Whether everything the provider does around registration of `claim` is done.
    ///
    /// # Errors
    /// Any; registration waits and tries again.
    async fn registered(&self, _claim: &NodeClaim) -> Result<RegistrationHook, CloudProviderError> {
        Ok(RegistrationHook::Done)
    }
}

/// Facts about a provider that never change while the process runs.
#[derive(Debug, Clone)]
pub struct ProviderTraits {
    /// Value of the metric label `provider`.
    pub name: &'static str,
    /// Node class kinds of this provider, the default first; never empty. An object belongs to us when it
    /// refers to one of them.
    pub node_classes: Vec<NodeClassKind>,
    /// Labels every instance type defines, and what users may not set.
    pub well_known_labels: Arc<WellKnownLabels>,
    /// Spellings of label keys and values that mean another one.
    pub label_normalization: Arc<LabelNormalization>,
    /// Storage that its nodes can never reach.
    pub unsupported_storage: Arc<UnsupportedStorage>,
    /// Conditions of nodes that mean the node is broken.
    pub repair_policies: Vec<RepairPolicy>,
}

impl ProviderTraits {
    /// The kind new users should choose.
    ///
    /// # Panics
    /// When a provider breaks the invariant that it has at least one.
    pub fn default_node_class(&self) -> &NodeClassKind {
        self.node_classes.first().expect("invariant: a provider has a node class kind")
    }

    /// Whether objects that refer to a node class of this `group` and `kind` belong to this provider.
    pub fn supports(&self, group: &str, kind: &str) -> bool {
        self.node_classes.iter().any(|class| class.group == group && class.kind == kind)
    }
}

/// A kind of node class.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeClassKind {
    /// API group.
    pub group: String,
    /// Version served.
    pub version: String,
    /// Kind.
    pub kind: String,
    /// Resource name in paths.
    pub plural: String,
}

impl NodeClassKind {
    /// Key of the label that says which node class a node was made from: `<group>/<lower case kind>`.
    pub fn label_key(&self) -> String {
        format!("{}/{}", self.group, self.kind.to_lowercase())
    }
}

/// A node whose condition has this status for longer than the toleration is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairPolicy {
    /// Node condition type.
    pub condition_type: String,
    /// Status that means broken.
    pub condition_status: String,
    /// How long it is tolerated.
    pub toleration: Duration,
}

/// An instance as the cloud reports it.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Joins the instance with its Node.
    pub provider_id: ProviderId,
    /// Claim the instance was launched for, as tagged; `None` when the tag is missing.
    pub claim: Option<NodeClaimName>,
    /// Uid of that claim, when tagged.
    pub claim_uid: Option<Uid>,
    /// Image it was started from.
    pub image_id: Option<String>,
    /// When it was launched; providers may round to whole minutes.
    pub created: Timestamp,
    /// The cloud is taking it away.
    pub terminating: bool,
    /// Labels its node will have: instance type, zone, capacity type and whatever the provider adds.
    pub labels: Labels,
    /// Annotations for the claim.
    pub annotations: Labels,
    /// Expected full capacity; zero entries left out.
    pub capacity: Resources,
    /// Expected allocatable resources; zero entries left out.
    pub allocatable: Resources,
}

/// Progress of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Termination {
    /// Under way; ask again after this long.
    InProgress {
        /// Suggested wait before the next look.
        check_after: Duration,
    },
    /// Nothing is left of the instance.
    Gone,
}

/// Answer of a provider's registration hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationHook {
    /// The node may register.
    Done,
    /// Not yet; ask again after this long.
    Wait(Duration),
}

/// What can go wrong in a call to the cloud.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CloudProviderError {
    /// The instance does not exist (any more).
    #[error("nodeclaim not found, {0}")]
    NodeClaimNotFound(String),
    /// No allowed offering is in stock; the message lists what was tried.
    #[error("insufficient capacity, {0}")]
    InsufficientCapacity(String),
    /// The node class cannot be used; a person has to change something.
    #[error("NodeClassRef not ready, {0}")]
    NodeClassNotReady(String),
    /// The launch was refused for a reason that belongs into the condition `Launched`.
    #[error("creating nodeclaim, {message}")]
    Create {
        /// CamelCase reason for the condition.
        reason: String,
        /// What happened and how to mend it.
        message: String,
    },
    /// Nothing is known about this NodePool yet.
    #[error("nodepool \"{0}\" is awaiting evaluation")]
    UnevaluatedNodePool(String),
    /// The cloud asks us to slow down.
    #[error("throttled, {message}")]
    Throttled {
        /// When the cloud will listen again, if it said so.
        retry_after: Option<Duration>,
        /// Code and message of the cloud.
        message: String,
    },
    /// Credentials are wrong or lack a permission.
    #[error("denied, {0}")]
    Denied(String),
    /// Worth another try: network, server error, time-out.
    #[error("{0}")]
    Transient(String),
    /// Anything else; a bug on one of the two sides.
    #[error("{0}")]
    Other(String),
}

/// What the engine does about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// Try again, not before `after`.
    Retry {
        /// Shortest wait; `None` leaves it to the caller's backoff.
        after: Option<Duration>,
    },
    /// Only a person can mend it: slow down, say so.
    WaitForUser,
    /// The object is not there.
    Gone,
    /// Unexpected: report as a defect.
    Bug,
}

impl CloudProviderError {
    /// What to do about it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::NodeClaimNotFound(_) => ErrorClass::Gone,
            Self::NodeClassNotReady(_) | Self::Denied(_) => ErrorClass::WaitForUser,
            Self::Throttled { retry_after, .. } => ErrorClass::Retry { after: *retry_after },
            Self::InsufficientCapacity(_)
            | Self::Create { .. }
            | Self::UnevaluatedNodePool(_)
            | Self::Transient(_) => ErrorClass::Retry { after: None },
            Self::Other(_) => ErrorClass::Bug,
        }
    }

    /// Value of the metric label `error`.
    pub fn metric_label(&self) -> &'static str {
        match self {
            Self::NodeClaimNotFound(_) => "NodeClaimNotFoundError",
            Self::InsufficientCapacity(_) => "InsufficientCapacityError",
            Self::NodeClassNotReady(_) => "NodeClassNotReadyError",
            Self::Create { .. }
            | Self::UnevaluatedNodePool(_)
            | Self::Throttled { .. }
            | Self::Denied(_)
            | Self::Transient(_)
            | Self::Other(_) => "",
        }
    }
}

impl fmt::Display for NodeClassKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind, self.group)
    }
}
