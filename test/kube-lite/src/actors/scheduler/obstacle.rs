//! Why a node does not take a pod, in the words of kube-scheduler.

use std::collections::BTreeMap;
use std::fmt;

/// One reason of one node.
///
/// Source: Kubernetes API (scheduler plugins).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Obstacle {
    Unschedulable,
    Taint { key: String, value: String },
    NodeAffinity,
    Ports,
    TooManyPods,
    Insufficient(String),
    VolumeLimit,
    VolumeAffinity,
    NoVolume,
    SpreadLabel,
    Spread,
    PodAffinity,
    PodAntiAffinity,
    ExistingAntiAffinity,
}

impl Obstacle {
    /// Whether the node could take the pod if other pods went away.
    pub(super) fn yields_to_preemption(&self) -> bool {
        match self {
            Self::Unschedulable
            | Self::Taint { .. }
            | Self::NodeAffinity
            | Self::VolumeAffinity
            | Self::NoVolume
            | Self::SpreadLabel
            | Self::PodAffinity => false,
            Self::Ports
            | Self::TooManyPods
            | Self::Insufficient(_)
            | Self::VolumeLimit
            | Self::Spread
            | Self::PodAntiAffinity
            | Self::ExistingAntiAffinity => true,
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unschedulable => "node(s) were unschedulable",
            Self::Taint { key, value } => {
                return write!(f, "node(s) had untolerated taint {{{key}: {value}}}");
            }
            Self::NodeAffinity => "node(s) didn't match Pod's node affinity/selector",
            Self::Ports => "node(s) didn't have free ports for the requested pod ports",
            Self::TooManyPods => "Too many pods",
            Self::Insufficient(resource) => return write!(f, "Insufficient {resource}"),
            Self::VolumeLimit => "node(s) exceed max volume count",
            Self::VolumeAffinity => "node(s) had volume node affinity conflict",
            Self::NoVolume => "node(s) didn't find available persistent volumes to bind",
            Self::SpreadLabel => {
                "node(s) didn't match pod topology spread constraints (missing required label)"
            }
            Self::Spread => "node(s) didn't match pod topology spread constraints",
            Self::PodAffinity => "node(s) didn't match pod affinity rules",
            Self::PodAntiAffinity => "node(s) didn't match pod anti-affinity rules",
            Self::ExistingAntiAffinity => {
                "node(s) didn't satisfy existing pods anti-affinity rules"
            }
        })
    }
}

/// Why a pod has no node.
#[derive(Debug, Default)]
pub(super) struct Diagnosis {
    /// Number of nodes in the cluster.
    pub(super) nodes: usize,
    /// Something about the pod itself that no node can mend.
    pub(super) pod: Option<String>,
    /// Nodes by obstacle; one node may have several.
    pub(super) obstacles: BTreeMap<Obstacle, usize>,
    /// Nodes that would not take the pod even if all others left.
    pub(super) hopeless: usize,
}

impl Diagnosis {
    /// The whole message; `preemption` replaces the usual last part, empty for none.
    pub(super) fn message(&self, preemption: Option<&str>) -> String {
        if self.nodes == 0 {
            return "no nodes available to schedule pods".to_owned();
        }
        let head = format!("0/{} nodes are available", self.nodes);
        let preemption = preemption.map_or_else(|| self.preemption(&head), str::to_owned);
        let preemption = match preemption.as_str() {
            "" => String::new(),
            text => format!(" preemption: {text}"),
        };
        if let Some(pod) = &self.pod {
            return format!("{head}: {pod}.{preemption}");
        }
        let count = |(obstacle, count): (&Obstacle, &usize)| format!("{count} {obstacle}");
        let mut parts: Vec<String> = self.obstacles.iter().map(count).collect();
        parts.sort_unstable();
        format!("{head}: {}.{preemption}", parts.join(", "))
    }

    /// What came of preemption where it found nobody to send away.
    fn preemption(&self, head: &str) -> String {
        let hopeless = if self.pod.is_some() { self.nodes } else { self.hopeless };
        let counts = [
            (self.nodes - hopeless, "No preemption victims found for incoming pod"),
            (hopeless, "Preemption is not helpful for scheduling"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let mut parts: Vec<String> =
            counts.map(|(count, text)| format!("{count} {text}")).collect();
        parts.sort_unstable();
        format!("{head}: {}.", parts.join(", "))
    }
}
