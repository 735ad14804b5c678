//! The drift hash on pools, and the move of claims to a new version of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::labels::{NODEPOOL_HASH, NODEPOOL_HASH_VERSION};
use crate::api::v1::conditions::{self, HasConditions};
use crate::api::v1::hash::{VERSION, hash};
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::api::v1::nodepool::NodePool as PoolObject;
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;
use crate::state::ClusterSnapshot;

/// Writes hash and version into the annotations of a pool.
pub(super) fn stamp(pool: &mut PoolObject) {
    let hash = hash(pool);
    let annotations = pool.metadata.annotations.get_or_insert_default();
    insert(annotations, NODEPOOL_HASH, &hash);
    insert(annotations, NODEPOOL_HASH_VERSION, VERSION);
}

/// Claims of a pool with another version that have to change before the pool may, in name order.
///
/// A claim that has drifted keeps its hash, and so stays drifted.
///
/// Source: Karpenter behaviour, hash controller.
pub(super) fn restamps(
    snapshot: &ClusterSnapshot,
    pool: &NodePool,
) -> Vec<(Arc<NodeClaim>, Box<ClaimObject>)> {
    if version(pool.object.metadata.annotations.as_ref()) == Some(VERSION) {
        return vec![];
    }
    let hash = hash(&pool.object);
    let claims = snapshot.claims.values().filter(|claim| claim.pool().as_ref() == Some(&pool.name));
    let old = claims.filter(|claim| claim.annotation(NODEPOOL_HASH_VERSION) != Some(VERSION));
    old.map(|claim| (claim.clone(), Box::new(restamped(&claim.object, &hash)))).collect()
}

fn restamped(object: &ClaimObject, hash: &str) -> ClaimObject {
    let mut object = object.clone();
    let has_drifted = object.condition(conditions::DRIFTED).is_some();
    let annotations = object.metadata.annotations.get_or_insert_default();
    insert(annotations, NODEPOOL_HASH_VERSION, VERSION);
    if !has_drifted {
        insert(annotations, NODEPOOL_HASH, hash);
    }
    object
}

fn version(annotations: Option<&BTreeMap<String, String>>) -> Option<&str> {
    annotations?.get(NODEPOOL_HASH_VERSION).map(String::as_str)
}

fn insert(annotations: &mut BTreeMap<String, String>, key: &str, value: &str) {
    annotations.insert(key.to_owned(), value.to_owned());
}
