//! Why a pod found no place, as data; the text is made when somebody wants to read it.

use std::fmt;
use std::sync::Arc;

use super::no_instance_type::{MinValues, NoInstanceType};
use super::pod_validation::PodProblem;
use super::refusal_core::RefusalCore;
use super::reservations::NotReserved;
use super::volumes::VolumeProblem;
use crate::api::labels;
use crate::decide::devices::DeviceProblem;
use crate::model::ids::{LabelKey, NodePoolName};
use crate::model::pod::UnsupportedConstraint;
use crate::model::requirement::Requirement;
use crate::model::requirements::{Incompatible, UnsupportedOperator};
use crate::model::taints::Untolerated;

/// Why a pod found no place.
///
/// Source: Karpenter behaviour, scheduling errors. Differs: every refusal names its pool; counts and the nearest instance type are added.
#[derive(Debug, Clone, PartialEq)]
pub enum Unschedulable {
    /// The pod has constraints that are not planned for; in order, never empty.
    Unsupported(Vec<UnsupportedConstraint>),
    /// The pod asks not to run on nodes that a NodePool makes.
    OptedOut,
    /// The pod asks for something it must not; in order, never empty.
    Invalid(Vec<PodProblem>),
    /// At every step of its ladder the pod's own constraints exclude each other; this is the first key.
    Contradiction(LabelKey),
    /// What the pod asks for cannot be read.
    Unreadable(Unreadable),
    /// A volume of a pod that waits for a node cannot be had.
    Volume(Box<VolumeProblem>),
    /// A volume of a pod that has to move cannot be had.
    VolumeTopology(Box<VolumeProblem>),
    /// Devices that the pod claims cannot be had, whatever nodes there are.
    Devices(Box<DeviceProblem>),
    /// No NodePool is ready to make nodes for pods.
    NoNodePool,
    /// NodePools are there, but none has an instance type it could use.
    NoTemplate,
    /// Every NodePool refuses, in the order they were tried; never empty.
    Refused(Vec<PoolRefusal>),
    /// The claim made for the pod fell short of `minValues` when its list of instance types was cut.
    Truncated {
        /// NodePool of the claim.
        pool: NodePoolName,
        /// Keys that fell short, sorted.
        labels: Vec<LabelKey>,
    },
}

/// Why the requirements of a pod cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// An operator nobody knows.
    #[error(transparent)]
    Operator(#[from] UnsupportedOperator),
    /// A required term that names nodes by their fields, which nodes that do not exist yet cannot satisfy.
    #[error("node selector term with matchFields is not supported")]
    MatchFields,
    /// Required affinity whose alternatives have no expression: it matches no node.
    #[error("required node affinity has no term with matchExpressions")]
    NoExpression,
}

/// Why one NodePool cannot take a pod.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolRefusal {
    /// The pool.
    pub pool: NodePoolName,
    /// Why.
    pub why: Refusal,
    /// The smallest set of constraints that does; `None` where nobody looked for it.
    pub core: Option<Arc<RefusalCore>>,
}

/// What keeps a pod off new nodes of a pool.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The limit on the number of nodes is reached.
    NodeLimit,
    /// Every instance type would exceed a limit.
    Limits,
    /// Taints of the pool.
    Taints(Untolerated),
    /// Labels of the pool.
    Requirements(Incompatible),
    /// Labels of the pool, asked for a place from which the pod's volumes can be reached.
    Volumes(Incompatible),
    /// No instance type has the devices that the pod claims.
    Devices(Box<DeviceProblem>),
    /// Instance types that have the devices do not do otherwise.
    DevicesOrRoom,
    /// Where other pods are.
    Topology(Box<Unmet>),
    /// Labels of the pool, asked for a domain that topology chose.
    Domains(Incompatible),
    /// No instance type is left.
    InstanceTypes(Box<NoInstanceType>),
    /// Reserved capacity would do, but is held by others until they are launched; pools after this one are not asked.
    Reserved(NotReserved),
}

/// A group that leaves a bin no domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// What the group does, in the words of the pod's spec.
    pub kind: &'static str,
    /// The node label whose values are the domains.
    pub key: LabelKey,
    /// Pods per domain, by name, as many as a message lists.
    pub counts: Vec<(Arc<str>, u32)>,
    /// How many more domains there are.
    pub n_others: usize,
    /// What the pod insists on for the label.
    pub pod_domains: Requirement,
    /// What the node may be.
    pub node_domains: Requirement,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> =
            self.counts.iter().map(|(domain, n)| format!("{domain}: {n}")).collect();
        let others = match self.n_others {
            0 => String::new(),
            n => format!(" and {n} other(s)"),
        };
        write!(
            f,
            "unsatisfiable topology constraint for {}, key={} (counts = {}{others}, podDomains = {}, nodeDomains = {}",
            self.kind,
            self.key,
            counts.join(", "),
            self.pod_domains,
            self.node_domains
        )
    }
}

impl Unschedulable {
    /// Whether the pod was never planned for, because of what it asks.
    pub fn is_ignored(&self) -> bool {
        matches!(self, Self::OptedOut | Self::Invalid(_))
    }

    /// Whether the owner of the pod should hear of it: not when the pod asked for it, nor when it is too early to say.
    pub fn is_worth_an_event(&self) -> bool {
        !matches!(self, Self::OptedOut) && !self.is_deferred()
    }

    /// The reason in one line, as short as can be: one [`PoolRefusal::brief`] for each pool.
    pub fn brief(&self) -> String {
        match self {
            Self::Refused(refusals) => {
                let briefs: Vec<String> = refusals.iter().map(PoolRefusal::brief).collect();
                briefs.join("; ")
            }
            other => other.to_string(),
        }
    }

    /// Whether the pod is left to a later plan because of reserved capacity that others may turn out not to need.
    pub fn is_deferred(&self) -> bool {
        let is_reserved = |refusal: &PoolRefusal| matches!(refusal.why, Refusal::Reserved(_));
        matches!(self, Self::Refused(refusals) if refusals.iter().any(is_reserved))
    }
}

impl fmt::Display for Unschedulable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(constraints)
                if constraints[..] == [UnsupportedConstraint::ResourceClaim] =>
            {
                f.write_str(
                    "pod has Dynamic Resource Allocation requirements that are not yet supported by Karpenter",
                )
            }
            Self::Unsupported(constraints) => {
                let names: Vec<&str> = constraints.iter().map(|c| constraint_name(*c)).collect();
                write!(f, "pod has constraints that are not supported yet: {}", names.join(", "))
            }
            Self::OptedOut => write!(
                f,
                "configured to not run on a Karpenter provisioned node (requirement={} DoesNotExist)",
                labels::NODEPOOL
            ),
            Self::Invalid(problems) => {
                let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join("; "))
            }
            Self::Contradiction(key) => {
                write!(f, "constraints of the pod on label \"{key}\" exclude each other")
            }
            Self::Unreadable(why) => write!(f, "{why}"),
            Self::Volume(why) => write!(f, "{why}"),
            Self::VolumeTopology(why) => {
                write!(f, "getting volume topology requirements, {why}")
            }
            Self::Devices(why) => write!(f, "{why}"),
            Self::NoNodePool => f.write_str("no dynamic nodepools found"),
            Self::NoTemplate => {
                f.write_str("nodepool requirements filtered out all available instance types")
            }
            Self::Refused(refusals) => {
                for (at, refusal) in refusals.iter().enumerate() {
                    write!(f, "{}{refusal}", if at == 0 { "" } else { "; " })?;
                }
                Ok(())
            }
            Self::Truncated { pool, labels } => write!(
                f,
                "pod didn’t schedule because NodePool couldn’t meet minValues requirements, \
                 validating minValues, {} (NodePool={pool})",
                MinValues(labels)
            ),
        }
    }
}

impl PoolRefusal {
    /// The refusal without what a node would have to be, for readers who have a line: the head of the sentence, the
    /// pool, the core, and what the nearest instance type lacks. Without a core it is the whole sentence.
    pub fn brief(&self) -> String {
        match (&self.why, &self.core) {
            (Refusal::InstanceTypes(why), Some(core)) => {
                format!("{} (NodePool={}) [{core}{}]", why.head(), self.pool, why.nearest_lacks())
            }
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for PoolRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pool = &self.pool;
        match &self.why {
            Refusal::NodeLimit => {
                write!(f, "node limits have been exhausted for nodepool (NodePool={pool})")
            }
            Refusal::Limits => {
                write!(
                    f,
                    "all available instance types exceed limits for nodepool (NodePool={pool})"
                )
            }
            Refusal::Taints(untolerated) => write!(f, "{untolerated} (NodePool={pool})"),
            Refusal::Requirements(why) => {
                write!(f, "incompatible requirements, {why} (NodePool={pool})")
            }
            Refusal::Volumes(why) => {
                write!(f, "incompatible volume requirements, {why} (NodePool={pool})")
            }
            Refusal::Devices(why) => {
                write!(f, "allocating dynamic resources, {why} (NodePool={pool})")
            }
            Refusal::DevicesOrRoom => write!(
                f,
                "no instance type satisfies both scheduling and dynamic resource requirements (NodePool={pool})"
            ),
            Refusal::Topology(why) => write!(f, "{why} (NodePool={pool})"),
            Refusal::Domains(why) => write!(f, "{why} (NodePool={pool})"),
            Refusal::InstanceTypes(why) => write!(f, "{why} (NodePool={pool})"),
            Refusal::Reserved(why) => write!(f, "{why} (NodePool={pool})"),
        }?;
        self.core.as_ref().map_or(Ok(()), |core| write!(f, " [{core}]"))
    }
}

fn constraint_name(constraint: UnsupportedConstraint) -> &'static str {
    match constraint {
        UnsupportedConstraint::ResourceClaim => "resourceClaims",
    }
}
