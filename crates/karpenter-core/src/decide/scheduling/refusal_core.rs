//! The smallest set of constraints that keeps a pod off new nodes of a pool.
//!
//! A refusal says at which test an attempt ended; that is not yet what somebody has to change. Here the constraints of
//! the pod and of the pool are taken apart ([`Constraint`]), and some of them are left out: a set of constraints is a
//! **core** when the pool refuses a pod that has these and no others. Each trial asks the filter that made the decision.
//!
//! # Flow
//!
//! `probe` names the constraints, `reduced` asks how many instance types are left under some of them, `search` finds
//! a smallest core with few questions, and `cores` does so for the refusals of a plan, once for all pods that are equal.
//!
//! # Guarantees
//!
//! Deterministic, and bounded: at most 128 questions besides a few for each constraint, and 4096 in a plan; refusals
//! beyond that have no core. Without any one of its members a core is none any more, and when it says that it is
//! smallest, no smaller set of the constraints is one.
//!
//! # Caveats
//!
//! A core speaks of the last step of the pod's ladder, like the refusal it belongs to: of the last alternative of a
//! required node affinity, and of no preference. What topology counts, and what is left of limits, is as it was at the
//! end of planning.
//!
//! Source: ours; the field knows it as the minimal unsatisfiable core.

use std::fmt;

use crate::model::ids::LabelKey;
use crate::model::pod::HostPort;
use crate::model::quantity::Quantity;
use crate::model::requirement::Requirement;
use crate::model::resources::ResourceName;
use crate::model::taints::Taint;

pub(super) mod cores;
mod probe;
mod reduced;
mod search;

#[cfg(test)]
mod tests;

/// A smallest set of constraints that no instance type of a pool can meet together.
#[derive(Debug, Clone, PartialEq)]
pub struct RefusalCore {
    /// The set, in the order of [`Constraint`]; never empty.
    pub constraints: Vec<Constraint>,
    /// Per member how many instance types the others leave; never zero.
    pub left_without: Vec<usize>,
    /// Constraints outside the set each of which rules everything out by itself, too; empty when the set has several.
    pub as_well: Vec<Constraint>,
    /// Instance types the pool has without any of the constraints.
    pub n_types: usize,
    /// No smaller set would do; `false` when not all smaller sets could be tried.
    pub is_smallest: bool,
}

/// One constraint of a pod or of a pool, which can be left out by itself. Prints as its owner would name it.
#[derive(Debug, Clone, PartialEq)]
pub enum Constraint {
    /// A limit of the pool.
    Limit(ResourceName),
    /// A taint of the pool that the pod does not tolerate.
    Taint(Taint),
    /// What the pod requires of one node label, by selector and affinity together.
    Label(Requirement),
    /// Where the pod's volumes can be reached from: one entry for each place.
    Volumes(Vec<String>),
    /// A topology term of the pod, or of pods that keep it away.
    Topology {
        /// What it is, in the words of the pod's spec.
        kind: &'static str,
        /// The node label whose values are the domains.
        key: LabelKey,
    },
    /// Host ports of the pod.
    HostPorts(Vec<HostPort>),
    /// A request of the pod; never zero, and never `pods`, which it cannot do without.
    Request {
        /// Of what.
        resource: ResourceName,
        /// How much.
        amount: Quantity,
    },
    /// What DaemonSets take of every new node: resources and ports.
    DaemonSets,
    /// `minValues` of the pool for one label.
    MinValues(LabelKey),
    /// Offerings that are not to be had at the moment.
    OutOfStock,
}

/// Places of volumes named in a text, at most.
const PLACES: usize = 3;

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(resource) => write!(f, "the limit of {resource}"),
            Self::Taint(taint) => write!(f, "taint {taint}"),
            Self::Label(requirement) => write!(f, "{requirement}"),
            Self::Volumes(places) => {
                let named = &places[..places.len().min(PLACES)];
                let more = if places.len() > PLACES { " or others" } else { "" };
                write!(f, "volumes ({}{more})", named.join(" or "))
            }
            Self::Topology { kind, key } => write!(f, "{kind} by {key}"),
            Self::HostPorts(ports) => {
                let numbers: Vec<String> = ports.iter().map(|port| port.port.to_string()).collect();
                write!(f, "hostPort {}", numbers.join(" and "))
            }
            Self::Request { resource, amount } => write!(f, "{resource} {amount}"),
            Self::DaemonSets => f.write_str("what DaemonSets take"),
            Self::MinValues(key) => write!(f, "minValues of {key}"),
            Self::OutOfStock => f.write_str("what is out of stock"),
        }
    }
}

impl fmt::Display for RefusalCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = match self.n_types {
            1 => "the only type".to_owned(),
            n => format!("all {n} types"),
        };
        let names: Vec<String> = self.constraints.iter().map(ToString::to_string).collect();
        let left = &self.left_without;
        match &names[..] {
            [only] => write!(f, "{only} alone rules out {of}")?,
            [first, second] => write!(
                f,
                "{first} and {second} together rule out {of} (either alone leaves {} / {})",
                left[1], left[0]
            )?,
            several => {
                let left: Vec<String> = left.iter().map(ToString::to_string).collect();
                let (text, left) = (listed(several), left.join(" / "));
                write!(
                    f,
                    "{text} together rule out {of} (leaving out each in turn leaves {left})"
                )?;
            }
        }
        if !self.as_well.is_empty() {
            let names: Vec<String> = self.as_well.iter().map(ToString::to_string).collect();
            let verb = if names.len() == 1 { "does" } else { "does each of" };
            write!(f, ", and so {verb} {}", listed(&names))?;
        }
        if self.is_smallest { Ok(()) } else { f.write_str(" (fewer may do)") }
    }
}

/// `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}
