//! Why a static pool grows, shrinks or rests.

use std::fmt;

use crate::model::ids::NodePoolName;

/// Every static pool with its verdict, in name order. Prints one line each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StaticReport {
    /// The pools.
    pub pools: Vec<PoolReport>,
}

/// What was found of one pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolReport {
    /// The pool.
    pub pool: NodePoolName,
    /// How many nodes it is to have.
    pub replicas: i64,
    /// Claims that stay.
    pub n_active: usize,
    /// Claims that a disruption command has taken.
    pub n_pending: usize,
    /// Claims being deleted.
    pub n_deleting: usize,
    /// What follows.
    pub verdict: Verdict,
}

/// What follows from the claims of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It has what it is to have, or will have once a command under way has ended.
    Complete,
    /// Claims are missing.
    Grows {
        /// So many.
        wanted: usize,
        /// So many of them does the limit on nodes allow.
        granted: usize,
    },
    /// So many claims are too many.
    Shrinks(usize),
    /// Claims are missing, but the pool is not ready to make any.
    NotReady,
    /// The pool is being deleted.
    Deleting,
}

impl fmt::Display for StaticReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pools.iter().try_for_each(|pool| writeln!(f, "{pool}"))
    }
}

impl fmt::Display for PoolReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "nodepool {}: {} of {} nodes, {} about to be replaced, {} being deleted: ",
            self.pool, self.n_active, self.replicas, self.n_pending, self.n_deleting
        )?;
        match self.verdict {
            Verdict::Complete => f.write_str("complete"),
            Verdict::Grows { wanted, granted } if granted < wanted => {
                write!(f, "{wanted} missing, the limit on nodes allows {granted}")
            }
            Verdict::Grows { wanted, .. } => write!(f, "{wanted} missing"),
            Verdict::Shrinks(excess) => write!(f, "{excess} too many"),
            Verdict::NotReady => f.write_str("nodes are missing, but it is not ready"),
            Verdict::Deleting => f.write_str("it is being deleted"),
        }
    }
}
