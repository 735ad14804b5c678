//! Why devices that a pod asks for cannot be had.

use std::sync::Arc;

use super::MAX_DEVICES;
use crate::model::ids::ObjectKey;
use crate::model::requirements::Incompatible;

/// What keeps the claims of a pod from being met.
///
/// Source: Karpenter behaviour, dynamic resource allocation. Differs: a claim is named wherever one is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceProblem {
    /// The claim is not there.
    #[error("resourceclaim \"{0}\" not found")]
    ClaimNotFound(ObjectKey),
    /// What the claim says cannot be planned for.
    #[error("resourceclaim \"{claim}\", {fault}")]
    Claim {
        /// The claim.
        claim: ObjectKey,
        /// What is wrong.
        fault: ClaimFault,
    },
    /// The claim was promised devices of another node that is planned.
    #[error("claim is bound to a different in-flight NodeClaim (ResourceClaim={0})")]
    BoundElsewhere(ObjectKey),
    /// The devices of the claim can be used on one node only, and it is not this one.
    #[error("devices of resourceclaim \"{0}\" are local to another node")]
    LocalElsewhere(ObjectKey),
    /// The devices of the claim cannot be reached.
    #[error("devices of resourceclaim \"{claim}\" cannot be reached, {why}")]
    Unreachable {
        /// The claim.
        claim: ObjectKey,
        /// What keeps the node from them.
        why: Incompatible,
    },
    /// No instance type has devices that would do.
    #[error("no instance type can satisfy the allocation")]
    NoInstanceType,
    /// The devices that are there would not do, or are taken.
    #[error("devices of the node cannot satisfy the allocation")]
    NotOnNode,
    /// Looking for a combination of devices took too long.
    #[error("no combination of devices was found in {0} steps")]
    GaveUp(usize),
}

/// What is wrong with a claim.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimFault {
    /// A DeviceClass is not there.
    #[error("request \"{request}\": deviceclass \"{class}\" not found")]
    ClassNotFound {
        /// The request.
        request: Arc<str>,
        /// Name of the class.
        class: Arc<str>,
    },
    /// An expression cannot be read.
    #[error("request \"{request}\": selector \"{expression}\" cannot be compiled: {problem}")]
    Selector {
        /// The request.
        request: Arc<str>,
        /// The expression, shortened.
        expression: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Something that is not planned for.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// All devices are asked for, and it is not known which those are.
    #[error(
        "request \"{request}\": asks for all devices, but resource pool {driver}/{pool} is {state}"
    )]
    Pool {
        /// The request.
        request: Arc<str>,
        /// Driver of the pool.
        driver: Arc<str>,
        /// The pool.
        pool: Arc<str>,
        /// What is wrong with it.
        state: PoolState,
    },
    /// More devices are asked for than a claim can have.
    #[error("asks for more than {MAX_DEVICES} devices")]
    TooMany,
}

/// Why it is not known which devices a pool has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PoolState {
    /// Its driver is publishing it.
    #[error("incomplete")]
    Incomplete,
    /// It contradicts itself.
    #[error("invalid")]
    Invalid,
}

impl DeviceProblem {
    /// Whether no node at all can help, so that others need not be tried.
    pub(in crate::decide) fn is_final(&self) -> bool {
        match self {
            Self::ClaimNotFound(_) | Self::GaveUp(_) => true,
            Self::Claim { fault, .. } => {
                !matches!(fault, ClaimFault::Pool { .. } | ClaimFault::TooMany)
            }
            Self::BoundElsewhere(_)
            | Self::LocalElsewhere(_)
            | Self::Unreachable { .. }
            | Self::NoInstanceType
            | Self::NotOnNode => false,
        }
    }
}
