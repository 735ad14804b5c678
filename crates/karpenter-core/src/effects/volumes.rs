//! Reads which PersistentVolume a PersistentVolumeClaim is bound to.

use k8s_openapi::api::core::v1 as core;
use kube::Api;

use super::clients::Clients;
use super::error::Error;
use super::patch::{REQUEST_LIMIT, within};
use crate::model::ids::ObjectKey;

/// Name of the volume bound to `claim`; `None` when there is none or the claim is gone. It never changes once set.
///
/// # Errors
/// Any answer of the API but 404.
pub async fn bound_volume(clients: &Clients, claim: &ObjectKey) -> Result<Option<String>, Error> {
    let namespace = claim.namespace.as_str();
    let api = Api::<core::PersistentVolumeClaim>::namespaced(clients.kube.clone(), namespace);
    let action = || format!("get PersistentVolumeClaim {claim}");
    match within(REQUEST_LIMIT, action, api.get_opt(&claim.name)).await? {
        Some(object) => Ok(object.spec.and_then(|spec| spec.volume_name).filter(|n| !n.is_empty())),
        None => Ok(None),
    }
}
