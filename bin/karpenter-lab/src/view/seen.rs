//! Everything the view is made from, read from the API at one moment.

use k8s_openapi::api::core::v1::{Event, Node, Pod};
use karpenter_core::api::v1::nodeclaim::NodeClaim;
use karpenter_core::api::v1::nodepool::NodePool;
use kube::api::ListParams;
use kube::{Api, Client};

/// Objects of all namespaces, each kind in the order of its names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) pods: Vec<Pod>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) claims: Vec<NodeClaim>,
    pub(crate) pools: Vec<NodePool>,
    pub(crate) events: Vec<Event>,
}

impl Seen {
    /// Reads everything.
    ///
    /// # Errors
    /// When the API does not answer, or the definitions of our kinds are missing.
    pub(crate) async fn read(client: &Client) -> Result<Self, kube::Error> {
        let all = ListParams::default();
        Ok(Self {
            pods: Api::all(client.clone()).list(&all).await?.items,
            nodes: Api::all(client.clone()).list(&all).await?.items,
            claims: Api::all(client.clone()).list(&all).await?.items,
            pools: Api::all(client.clone()).list(&all).await?.items,
            events: Api::all(client.clone()).list(&all).await?.items,
        })
    }
}
