//! What must hold of a world at any time, and what must be left at its end.
//!
//! The auditor reads the API and the cloud as a stranger would and shares no code with the controller.

use std::collections::{BTreeMap, BTreeSet};

use fake_cloud::{FakeCloud, InstanceStatus};
use k8s_openapi::api::core::v1::{Node, Pod};
use karpenter_core::api::v1::nodeclaim::NodeClaim;
use karpenter_core::api::v1::nodepool::NodePool;
use karpenter_core::model::resources::{ResourceName, Resources};
use kube::{Api, Client, ResourceExt};

/// Everything the auditor looks at, read at one moment.
pub struct Observation {
    /// Pods of all namespaces.
    pub pods: Vec<Pod>,
    /// Nodes.
    pub nodes: Vec<Node>,
    /// NodeClaims.
    pub claims: Vec<NodeClaim>,
    /// NodePools.
    pub pools: Vec<NodePool>,
    /// Provider ids of instances that exist and are not going away.
    pub instances: BTreeSet<String>,
}

impl Observation {
    /// Reads the world.
    ///
    /// # Errors
    /// When the API does not answer.
    pub async fn of(client: &Client, cloud: &FakeCloud, region: &str) -> anyhow::Result<Self> {
        let all = Default::default();
        let live = cloud.instances().into_iter().filter(|instance| {
            matches!(
                instance.status,
                InstanceStatus::Pending | InstanceStatus::Starting | InstanceStatus::Running
            )
        });
        Ok(Self {
            pods: Api::all(client.clone()).list(&all).await?.items,
            nodes: Api::all(client.clone()).list(&all).await?.items,
            claims: Api::all(client.clone()).list(&all).await?.items,
            pools: Api::all(client.clone()).list(&all).await?.items,
            instances: live.map(|instance| format!("{region}.{}", instance.id)).collect(),
        })
    }

    /// Everything that is wrong at any time: nodes that hold more than they have, pods on nodes that their
    /// selectors exclude, pools over their limits.
    pub fn violations(&self) -> Vec<String> {
        let mut found = self.overfull_nodes();
        found.extend(self.misplaced_pods());
        found.extend(self.pools_over_limit());
        found
    }

    /// What does not belong together once the world has come to rest: instances without claim, claims without
    /// instance.
    pub fn leaks(&self) -> Vec<String> {
        let claimed: BTreeSet<String> = self.claims.iter().filter_map(provider_id).collect();
        let orphans = self.instances.difference(&claimed);
        let mut found: Vec<_> = orphans.map(|id| format!("instance {id} has no claim")).collect();
        for claim in &self.claims {
            let there = provider_id(claim).is_some_and(|id| self.instances.contains(&id));
            if !there {
                found.push(format!("claim {} has no instance", claim.name_any()));
            }
        }
        found
    }

    /// Pods that are bound.
    pub fn n_bound(&self) -> usize {
        let bound = |pod: &&Pod| pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
        self.pods.iter().filter(bound).count()
    }

    /// Pods whose phase is `Running`.
    pub fn n_running(&self) -> usize {
        let phase = |pod: &Pod| pod.status.as_ref().and_then(|status| status.phase.clone());
        self.pods.iter().filter(|pod| phase(pod).as_deref() == Some("Running")).count()
    }

    fn overfull_nodes(&self) -> Vec<String> {
        let mut used: BTreeMap<&str, Resources> = BTreeMap::new();
        for pod in &self.pods {
            if let Some(node) = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()) {
                used.entry(node).or_default().add_in_place(&requests(pod));
            }
        }
        let nodes = self.nodes.iter().filter_map(|node| {
            let wanted = used.get(node.name_any().as_str())?.clone();
            let status = node.status.as_ref()?;
            let have = Resources::from_api(status.allocatable.as_ref()?).ok()?;
            let unfit = wanted.first_unfit(&have)?;
            Some(format!("node {} is overfull: {unfit:?}", node.name_any()))
        });
        nodes.collect()
    }

    fn misplaced_pods(&self) -> Vec<String> {
        let labels: BTreeMap<String, &BTreeMap<String, String>> =
            self.nodes.iter().map(|node| (node.name_any(), node.labels())).collect();
        let pods = self.pods.iter().filter_map(|pod| {
            let spec = pod.spec.as_ref()?;
            let node = labels.get(spec.node_name.as_ref()?)?;
            let selector = spec.node_selector.as_ref()?;
            let (key, value) =
                selector.iter().find(|(key, value)| node.get(*key) != Some(value))?;
            Some(format!("pod {} wants {key}={value} of its node", pod.name_any()))
        });
        pods.collect()
    }

    fn pools_over_limit(&self) -> Vec<String> {
        let mut found = vec![];
        for pool in &self.pools {
            let Some(limits) = &pool.spec.limits else { continue };
            let Ok(limits) = Resources::from_api(limits) else { continue };
            let mut used = Resources::default();
            for claim in self.claims.iter().filter(|claim| is_of_pool(claim, &pool.name_any())) {
                let capacity = claim.status.as_ref().and_then(|status| status.capacity.as_ref());
                if let Some(Ok(capacity)) = capacity.map(Resources::from_api) {
                    used.add_in_place(&capacity);
                }
            }
            for (name, limit) in limits.iter().filter(|(name, _)| **name != ResourceName::nodes()) {
                let usage = used.get_or_zero(name.as_str());
                if usage > limit {
                    found.push(format!("pool {} uses {usage} {name} of {limit}", pool.name_any()));
                }
            }
        }
        found
    }
}

fn provider_id(claim: &NodeClaim) -> Option<String> {
    claim.status.as_ref()?.provider_id.clone().filter(|id| !id.is_empty())
}

fn is_of_pool(claim: &NodeClaim, pool: &str) -> bool {
    let counted = claim.metadata.deletion_timestamp.is_none();
    counted && claim.labels().get("karpenter.sh/nodepool").is_some_and(|name| name == pool)
}

/// Requests of the containers, which is all that the pods of our worlds have.
fn requests(pod: &Pod) -> Resources {
    let mut sum = Resources::default();
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    for container in containers {
        let requests = container.resources.as_ref().and_then(|r| r.requests.as_ref());
        if let Some(Ok(requests)) = requests.map(Resources::from_api) {
            sum.add_in_place(&requests);
        }
    }
    sum.with_pods(1)
}
