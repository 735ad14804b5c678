//! Everything a user can tune in the engine, as plain data; parsing lives with the binary.

use std::time::Duration;

/// Settings of the engine. The defaults are upstream's.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Longest time between the first pending pod of a batch and its planning. Default 10 s.
    pub batch_max_duration: Duration,
    /// A batch is planned when no new pod came for this long. Default 1 s.
    pub batch_idle_duration: Duration,
    /// What becomes of preferences of pods. Default [`PreferencePolicy::Respect`].
    pub preference_policy: PreferencePolicy,
    /// What becomes of `minValues` that cannot be met. Default [`MinValuesPolicy::Strict`].
    pub min_values_policy: MinValuesPolicy,
    /// How much thought goes into the price of new nodes. Default [`PackingPolicy::FirstFit`].
    pub packing_policy: PackingPolicy,
    /// Reserved capacity goes to as many new nodes of a plan as it is enough for, each bound to reservations of its
    /// own; otherwise a new node holds every reservation it could use, and others wait for the next plan. Default no.
    pub reserved_capacity_matching: bool,
    /// When a planned node is narrowed to smaller instance types, the limits of its pool get back what it was charged
    /// too much. Default no.
    pub refund_limits: bool,
    /// Spread constraints of pods that have none, as the scheduler is configured; their selectors are deduced. Default
    /// none.
    pub default_spread: Vec<DefaultSpread>,
    /// Pods that claim devices are refused, and DaemonSets that do take no room of new nodes. Without it devices are
    /// planned for, and such DaemonSets count with their other requests. Default yes.
    pub ignore_dra_requests: bool,
    /// A claim whose instance was not launched after this long is deleted. Default 5 min.
    pub launch_timeout: Duration,
    /// A claim whose node did not register after this long is deleted. Default 15 min.
    pub registration_timeout: Duration,
    /// `terminationGracePeriod` of claims whose NodePool does not say. Default none: the provider's, if it has one.
    pub default_termination_grace_period: Option<Duration>,
    /// Upper bound on instance types listed in one claim. Default 600.
    pub max_instance_types: usize,
    /// Feature gates.
    pub feature_gates: FeatureGates,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            batch_max_duration: Duration::from_secs(10),
            batch_idle_duration: Duration::from_secs(1),
            preference_policy: PreferencePolicy::Respect,
            min_values_policy: MinValuesPolicy::Strict,
            packing_policy: PackingPolicy::FirstFit,
            reserved_capacity_matching: false,
            refund_limits: false,
            default_spread: vec![],
            ignore_dra_requests: true,
            launch_timeout: Duration::from_secs(5 * 60),
            registration_timeout: Duration::from_secs(15 * 60),
            default_termination_grace_period: None,
            max_instance_types: 600,
            feature_gates: FeatureGates::default(),
        }
    }
}

impl Options {
    /// How long a node stays reserved for the pods planned onto it: twice the longest batch, at least 10 s.
    pub fn nomination_period(&self) -> Duration {
        (self.batch_max_duration * 2).max(Duration::from_secs(10))
    }
}

/// A spread constraint of pods that have none, as a scheduler is configured with it. Whom it counts is deduced per pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultSpread {
    /// The node label whose values are the domains.
    pub topology_key: String,
    /// By how many pods a domain may exceed the emptiest one; at least 1.
    pub max_skew: i32,
    /// With fewer domains than this the emptiest one counts as empty.
    pub min_domains: Option<i32>,
    /// A pod that would break it waits; else it goes there all the same.
    pub is_hard: bool,
    /// Nodes that the pod's node selector and affinity exclude do not count. Default yes.
    pub honors_node_affinity: bool,
    /// Nodes with taints that the pod does not tolerate do not count. Default no.
    pub honors_node_taints: bool,
}

/// How preferences of pods (preferred affinity, `ScheduleAnyway`) are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PreferencePolicy {
    /// Treated as requirements first and given up one by one.
    #[default]
    Respect,
    /// Not looked at.
    Ignore,
}

/// How unmet `minValues` of a NodePool are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MinValuesPolicy {
    /// No claim is made.
    #[default]
    Strict,
    /// The claim is made with the values that can be met.
    BestEffort,
}

/// How pods are packed onto new nodes, from the quickest to the most thorough; none is ever dearer than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum PackingPolicy {
    /// A planned node grows while some instance type holds its pods; prices are compared in the end. As upstream.
    #[default]
    FirstFit,
    /// A planned node does not grow out of the instance types that are worth their price.
    CostGuard,
    /// As before, and then planned nodes are packed anew wherever that is cheaper.
    CostOptimized,
}

impl PackingPolicy {
    /// All policies, in their order.
    pub const ALL: [Self; 3] = [Self::FirstFit, Self::CostGuard, Self::CostOptimized];

    /// The policy as settings and annotations spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstFit => "FirstFit",
            Self::CostGuard => "CostGuard",
            Self::CostOptimized => "CostOptimized",
        }
    }

    /// The policy that is spelled `text`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == text)
    }
}

/// Features that can be switched; the defaults are upstream's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeatureGates {
    /// Replace nodes whose conditions say they are broken. Default off.
    pub node_repair: bool,
    /// Use capacity reservations. Default on.
    pub reserved_capacity: bool,
    /// Replace spot nodes by cheaper spot nodes. Default off.
    pub spot_to_spot_consolidation: bool,
    /// NodeOverlay objects. Default off.
    pub node_overlay: bool,
    /// NodePools with `replicas`. Default off.
    pub static_capacity: bool,
    /// CapacityBuffer objects. Default off.
    pub capacity_buffer: bool,
}

impl Default for FeatureGates {
    fn default() -> Self {
        Self {
            node_repair: false,
            reserved_capacity: true,
            spot_to_spot_consolidation: false,
            node_overlay: false,
            static_capacity: false,
            capacity_buffer: false,
        }
    }
}
