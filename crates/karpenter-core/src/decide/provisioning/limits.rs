//! Limits of NodePools, looked at once more when a claim is about to be created.
//!
//! A plan keeps within the limits as they were when it was made. Between then and the creation others may have created
//! claims of the same pool, so the claims that exist and those whose creation is under way are added up again.
//!
//! Source: Karpenter behaviour, limits. Differs: claims that have no instance yet count, and so does the new one.

use std::collections::BTreeMap;

use crate::model::ids::{NodeClaimName, NodePoolName};
use crate::model::quantity::Quantity;
use crate::model::resources::{ResourceName, Resources};
use crate::state::ClusterSnapshot;

/// A claim as it counts against the limits of its pool.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// Its pool.
    pub pool: NodePoolName,
    /// What it is made for.
    pub requests: Resources,
}

/// A limit that a claim would exceed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("resource usage exceeds limit (limit={limit}, resource-name={name}, usage={usage})")]
pub struct LimitExceeded {
    /// What is limited.
    pub name: ResourceName,
    /// How much of it the pool may use.
    pub limit: Quantity,
    /// How much of it the pool would use, the claim included.
    pub usage: Quantity,
}

/// Whether `claim` may still be created beside the claims of the snapshot and those of `creating`; of the latter, those
/// the snapshot knows already are not counted twice.
///
/// # Errors
/// The first limit, by name, that would be exceeded.
pub fn admit(
    claim: &Counted,
    creating: &BTreeMap<NodeClaimName, Counted>,
    snapshot: &ClusterSnapshot,
) -> Result<(), LimitExceeded> {
    let pool = snapshot.pools.get(&claim.pool);
    let Some(limits) = pool.and_then(|pool| pool.limits.as_ref()) else { return Ok(()) };
    let unknown = creating.iter().filter(|(name, _)| snapshot.claims.get(name).is_none());
    let others = unknown.map(|(_, other)| other).filter(|other| other.pool == claim.pool);
    let mut usage = snapshot.pool_usage(&claim.pool);
    for counted in others.chain([claim]) {
        let one = Resources::from_iter([(ResourceName::nodes(), Quantity::from_units(1))]);
        usage.add_in_place(&one.add(&counted.requests));
    }
    let exceeded = limits.iter().find_map(|(name, limit)| {
        let usage = usage.get_or_zero(name.as_str());
        (usage > limit).then(|| LimitExceeded { name: name.clone(), limit, usage })
    });
    exceeded.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests;
