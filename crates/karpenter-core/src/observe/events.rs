//! Reasons of the Kubernetes Events we publish. They are API: alerts and people match on them.

/// An Event to publish, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What it is about.
    pub about: ObjectRef,
    /// Normal or warning.
    pub severity: Severity,
    /// CamelCase reason, one of the constants of this module.
    pub reason: &'static str,
    /// One sentence for people.
    pub message: String,
}

/// The object an [`Event`] is attached to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectRef {
    /// `apiVersion` of the object.
    pub api_version: String,
    /// Kind.
    pub kind: String,
    /// Namespace; empty for objects of the cluster.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Uid.
    pub uid: String,
}

/// Whether somebody should look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Told for information.
    Normal,
    /// A person may need to act.
    Warning,
}

/// A pod has been planned onto a node or claim.
pub const NOMINATED: &str = "Nominated";
/// Why a NodeClaim was made: told of the claim, and of its Node once that has registered.
pub const PROVISIONED: &str = "Provisioned";
/// No NodePool can hold the pod.
pub const FAILED_SCHEDULING: &str = "FailedScheduling";
/// No allowed offering is in stock.
pub const INSUFFICIENT_CAPACITY: &str = "InsufficientCapacityError";
/// The node class of the claim cannot be used.
pub const NODE_CLASS_NOT_READY: &str = "NodeClassNotReady";
/// The launch failed and will be repeated.
pub const LAUNCH_FAILED: &str = "LaunchFailed";
/// A node registered without the taint that keeps pods away until it is ready.
pub const UNREGISTERED_TAINT_MISSING: &str = "UnregisteredTaintMissing";
/// A pod has been evicted.
pub const EVICTED: &str = "Evicted";
/// A pod has been deleted because the grace period of its node ends.
pub const DISRUPTED: &str = "Disrupted";
/// Pods keep a node from being drained.
pub const FAILED_DRAINING: &str = "FailedDraining";
/// The node will be terminated at a given time, come what may.
pub const TERMINATION_GRACE_PERIOD_EXPIRING: &str = "TerminationGracePeriodExpiring";
/// Volumes are still attached.
pub const AWAITING_VOLUME_DETACHMENT: &str = "AwaitingVolumeDetachment";
/// A node is about to be deleted by a disruption command.
pub const DISRUPTION_TERMINATING: &str = "DisruptionTerminating";
/// Why a node that could be removed is left alone.
pub const DISRUPTION_BLOCKED: &str = "DisruptionBlocked";
/// Why a node cannot be consolidated.
pub const UNCONSOLIDATABLE: &str = "Unconsolidatable";
/// A NodePool whose requirements leave no instance type.
pub const NO_COMPATIBLE_INSTANCE_TYPES: &str = "NoCompatibleInstanceTypes";
/// Until when the annotation of a pod protects it.
pub const DO_NOT_DISRUPT_UNTIL: &str = "DoNotDisruptUntil";
/// The annotation of a pod protects it no longer.
pub const DO_NOT_DISRUPT_ELAPSED: &str = "DoNotDisruptGracePeriodElapsed";
/// The instant at which a node ends cannot be read.
pub const INVALID_TERMINATION_TIMESTAMP: &str = "InvalidTerminationTimestamp";
/// An annotation of a pod cannot be understood.
pub const INVALID_DO_NOT_DISRUPT: &str = "InvalidDoNotDisruptAnnotation";
