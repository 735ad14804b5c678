//! Writing NodeClaims, NodePools, NodeOverlays and CapacityBuffers back, and deleting claims.

use std::sync::Arc;

use kube::Api;

use super::clients::Clients;
use super::error::Error;
use super::patch::{self, Deleted, REQUEST_LIMIT, within};
use super::write::write_back;
use crate::api::v1::nodeclaim::NodeClaim as ClaimObject;
use crate::api::v1::nodepool::NodePool as PoolObject;
use crate::api::v1alpha1::node_overlay::NodeOverlay as OverlayObject;
use crate::api::v1beta1::capacity_buffer::CapacityBuffer as BufferObject;
use crate::model::capacity_buffer::CapacityBuffer;
use crate::model::ids::NodeClaimName;
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;
use crate::model::overlay::NodeOverlay;
use crate::state::{Change, ClusterEvent};
use crate::wire::Decoded;

/// Makes the cluster's copy of `before` look like `after`; the answer enters the state.
///
/// # Errors
/// A conflict when the claim has changed since `before`.
pub async fn write_claim(
    clients: &Clients,
    before: &NodeClaim,
    after: &ClaimObject,
) -> Result<(), Error> {
    let api = Api::<ClaimObject>::all(clients.kube.clone());
    if let Some(answer) = write_back(&api, &before.object, after).await? {
        let claim = decoded(answer)?;
        clients.learn(ClusterEvent::NodeClaim(Change::Written(claim.into())));
    }
    Ok(())
}

/// Makes the cluster's copy of `before` look like `after`; the answer enters the state.
///
/// # Errors
/// A conflict when the pool has changed since `before`.
pub async fn write_pool(
    clients: &Clients,
    before: &NodePool,
    after: &PoolObject,
) -> Result<(), Error> {
    let api = Api::<PoolObject>::all(clients.kube.clone());
    if let Some(answer) = write_back(&api, &before.object, after).await? {
        let pool = decoded(answer)?;
        clients.learn(ClusterEvent::NodePool(Change::Written(pool.into())));
    }
    Ok(())
}

/// Makes the cluster's copy of `before` look like `after`; the answer enters the state.
///
/// # Errors
/// A conflict when the overlay has changed since `before`.
pub async fn write_overlay(
    clients: &Clients,
    before: &NodeOverlay,
    after: &OverlayObject,
) -> Result<(), Error> {
    let api = Api::<OverlayObject>::all(clients.kube.clone());
    if let Some(answer) = write_back(&api, &before.object, after).await? {
        let overlay = decoded(answer)?;
        clients.learn(ClusterEvent::NodeOverlay(Change::Written(overlay.into())));
    }
    Ok(())
}

/// Makes the cluster's copy of `before` look like `after`; the answer enters the state.
///
/// # Errors
/// A conflict when the buffer has changed since `before`.
pub async fn write_buffer(
    clients: &Clients,
    before: &CapacityBuffer,
    after: &BufferObject,
) -> Result<(), Error> {
    let api = Api::<BufferObject>::namespaced(clients.kube.clone(), before.key.namespace.as_str());
    if let Some(answer) = write_back(&api, &before.object, after).await? {
        let buffer = decoded(answer)?;
        clients.learn(ClusterEvent::CapacityBuffer(Change::Written(buffer.into())));
    }
    Ok(())
}

/// Creates a claim; the answer enters the state until the watch shows it.
///
/// # Errors
/// A conflict when the name is taken.
pub async fn create_claim(clients: &Clients, object: &ClaimObject) -> Result<NodeClaim, Error> {
    let api = Api::<ClaimObject>::all(clients.kube.clone());
    let name = object.metadata.name.clone().unwrap_or_default();
    let claim = decoded(patch::create(&api, &name, object).await?)?;
    clients.learn(ClusterEvent::NodeClaim(Change::Created(claim.clone().into())));
    Ok(claim)
}

/// Asks for the deletion of `claim`; fine when it is gone. Returns whether it was still there; the answer enters the
/// state.
///
/// # Errors
/// A conflict when another claim has taken the name.
pub async fn delete_claim(clients: &Clients, claim: &NodeClaim) -> Result<bool, Error> {
    let api = Api::<ClaimObject>::all(clients.kube.clone());
    match patch::delete(&api, claim.name.as_str(), &claim.uid, None).await? {
        Deleted::WasGone => Ok(false),
        Deleted::Gone => Ok(true),
        Deleted::Marked(answer) => {
            let claim = decoded(*answer)?;
            clients.learn(ClusterEvent::NodeClaim(Change::Written(claim.into())));
            Ok(true)
        }
    }
}

/// The claim `name` as the API has it now; `None` when there is none. The answer enters the state.
///
/// # Errors
/// The API did not answer.
pub async fn read_claim(
    clients: &Clients,
    name: &NodeClaimName,
) -> Result<Option<NodeClaim>, Error> {
    let api = Api::<ClaimObject>::all(clients.kube.clone());
    let action = || format!("read {name}");
    let claim = match within(REQUEST_LIMIT, action, api.get(name.as_str())).await {
        Ok(answer) => decoded(answer)?,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    clients.learn(ClusterEvent::NodeClaim(Change::Written(claim.clone().into())));
    Ok(Some(claim))
}

fn decoded<K: Decoded>(answer: K) -> Result<K::Model, Error> {
    answer.decode().map_err(|problem| Error::Undecodable {
        action: "read the answer to a write".to_owned(),
        problem: problem.to_string(),
    })
}

/// Looks whether a claim we created is really there; the answer enters the state.
///
/// When the API does not answer, the claim stays and is looked for again.
pub async fn confirm_claim(clients: &Clients, claim: &Arc<NodeClaim>) {
    let change = match read_claim(clients, &claim.name).await {
        Ok(Some(live)) => Change::Created(live.into()),
        Ok(None) => {
            tracing::warn!(nodeclaim = %claim.name, "a created nodeclaim is gone");
            Change::Delete(claim.name.clone())
        }
        Err(error) => {
            let error = super::error::report(&error);
            tracing::warn!(nodeclaim = %claim.name, error, "cannot confirm a created nodeclaim");
            Change::Created(claim.clone())
        }
    };
    clients.learn(ClusterEvent::NodeClaim(change));
}
