//! The Node of a launched claim, and the instance it stands for.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::api::core::v1 as core;
use karpenter_core::api::labels as core_labels;
use karpenter_core::cloud_provider::Instance;
use karpenter_core::model::ids::ProviderId;
use karpenter_core::model::label_rules::WellKnownLabels;
use karpenter_core::model::label_selector::Labels;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::requirements::Requirements;
use karpenter_core::model::resources::Resources;
use kube::api::ObjectMeta;

use crate::choice::{Choice, Lot};
use crate::labels;

/// What provider ids begin with; the name of the Node follows.
const SCHEME: &str = "kwok://";

/// The id of the instance whose Node is called `name`.
pub fn provider_id(name: &str) -> ProviderId {
    format!("{SCHEME}{name}").into()
}

/// The name of the Node in `id`; `None` for instances of others.
pub fn node_name(id: &str) -> Option<&str> {
    id.strip_prefix(SCHEME).filter(|name| !name.is_empty())
}

/// The name the Node of `claim` has, now and after a restart.
pub fn name_for(claim: &NodeClaim, lot: Lot) -> String {
    format!("kwok-{}-{}", claim.name, lot.suffix())
}

/// The Node of `claim` as it joins the cluster: not ready, with the taint that keeps pods off until it has registered.
///
/// Source: Karpenter behaviour, KWOK provider. Differs: capacity and allocatable are those of the type.
pub fn node(claim: &NodeClaim, choice: &Choice, name: &str) -> core::Node {
    let capacity = without_zeros(&choice.instance_type.capacity);
    let allocatable = without_zeros(&choice.instance_type.allocatable());
    core::Node {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some(node_labels(claim, choice)),
            annotations: Some(annotations(claim)),
            ..ObjectMeta::default()
        },
        spec: Some(core::NodeSpec {
            provider_id: Some(provider_id(name).to_string()),
            taints: Some(vec![core::Taint {
                key: core_labels::UNREGISTERED_TAINT.to_owned(),
                effect: "NoExecute".to_owned(),
                ..core::Taint::default()
            }]),
            ..core::NodeSpec::default()
        }),
        status: Some(core::NodeStatus {
            phase: Some("Pending".to_owned()),
            capacity: Some(capacity.to_api()),
            allocatable: Some(allocatable.to_api()),
            ..core::NodeStatus::default()
        }),
    }
}

fn node_labels(claim: &NodeClaim, choice: &Choice) -> BTreeMap<String, String> {
    let own = claim.labels.iter().map(|(key, value)| (key.to_string(), value.to_string()));
    let mut all: BTreeMap<String, String> = own.collect();
    all.extend(single_values(&claim.requirements));
    all.extend(single_values(&choice.instance_type.requirements));
    all.extend(single_values(&choice.offering.requirements));
    all.extend(
        [
            (core_labels::HOSTNAME, claim.name.to_string()),
            (labels::PRICE, choice.offering.price.as_f64().to_string()),
            (labels::PARTITION, "a".to_owned()),
            (labels::FAKE_NODE, "fake".to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value)),
    );
    all
}

/// Labels that can have one value only.
fn single_values(requirements: &Requirements) -> impl Iterator<Item = (String, String)> {
    let single = requirements.iter().filter(|r| !r.complement() && r.values().len() == 1);
    single.map(|r| (r.key().to_string(), r.values()[0].to_string()))
}

fn annotations(claim: &NodeClaim) -> BTreeMap<String, String> {
    let own = claim.annotations.iter().map(|(key, value)| (key.to_string(), value.to_string()));
    let marks = [
        (labels::FAKE_NODE, "fake".to_owned()),
        (labels::NODE_CLAIM, claim.name.to_string()),
        (labels::NODE_CLAIM_UID, claim.uid.to_string()),
    ];
    own.chain(marks.map(|(key, value)| (key.to_owned(), value))).collect()
}

/// The instance `node` stands for: a Node of ours that is not being deleted. `created` counts while the API has not said.
pub fn instance(
    node: &core::Node,
    well_known: &WellKnownLabels,
    created: Timestamp,
) -> Option<Instance> {
    let id = node.spec.as_ref()?.provider_id.as_deref()?;
    node_name(id)?;
    if node.metadata.deletion_timestamp.is_some() {
        return None;
    }
    let none = BTreeMap::new();
    let marks = node.metadata.annotations.as_ref().unwrap_or(&none);
    let status = node.status.as_ref();
    let read = |list: Option<&BTreeMap<String, _>>| {
        list.and_then(|list| Resources::from_api(list).ok()).unwrap_or_default()
    };
    let labels_of = node.metadata.labels.iter().flatten();
    let own = labels_of.filter(|(key, _)| well_known.contains(key) || *key == labels::PRICE);
    let shared: BTreeMap<_, _> =
        own.map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect();
    Some(Instance {
        provider_id: ProviderId::from(id),
        claim: marks.get(labels::NODE_CLAIM).map(|name| name.as_str().into()),
        claim_uid: marks.get(labels::NODE_CLAIM_UID).map(|uid| uid.as_str().into()),
        image_id: None,
        created: node.metadata.creation_timestamp.as_ref().map_or(created, |time| time.0),
        terminating: false,
        labels: Arc::new(shared),
        annotations: Labels::default(),
        capacity: without_zeros(&read(status.and_then(|status| status.capacity.as_ref()))),
        allocatable: without_zeros(&read(status.and_then(|status| status.allocatable.as_ref()))),
    })
}

fn without_zeros(resources: &Resources) -> Resources {
    resources.iter().filter(|(_, q)| !q.is_zero()).map(|(name, q)| (name.clone(), q)).collect()
}
