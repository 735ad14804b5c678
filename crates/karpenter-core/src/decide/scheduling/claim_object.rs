//! The NodeClaim object of a planned claim.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

use crate::api::duration::TextDuration;
use crate::api::labels;
use crate::api::v1::hash;
use crate::api::v1::nodeclaim::{NodeClaim, NodeClaimSpec, ResourceRequirements};
use crate::model::ids::NodeClaimName;
use crate::model::instance_type::Overlaid;
use crate::model::label_rules::WellKnownLabels;
use crate::model::node_pool::NodePool;
use crate::model::requirements::Requirements;
use crate::model::resources::Resources;

/// What distinguishes one kind of claim of a pool from another.
pub(super) struct Particulars<'p> {
    /// What the instance has to be.
    pub(super) requirements: &'p Requirements,
    /// Some `minValues` was lowered.
    pub(super) min_values_relaxed: bool,
    /// Its `terminationGracePeriod` when the pool does not say.
    pub(super) default_grace: Option<Duration>,
    /// What NodeOverlays changed about the instance types it can be.
    pub(super) overlaid: Overlaid,
    /// Drivers whose devices its pods will have, as soon as they are published.
    pub(super) drivers: &'p BTreeSet<Arc<str>>,
}

/// What the objects of planned claims have that the plan does not say.
#[derive(Clone, PartialEq)]
pub(super) struct Origin {
    /// The pool they are made from.
    pub(super) pool: Arc<NodePool>,
    /// Labels that instance types define.
    pub(super) well_known: Arc<WellKnownLabels>,
    /// Their `terminationGracePeriod` when the pool does not say.
    pub(super) default_grace: Option<Duration>,
    /// What NodeOverlays changed about the instance types they can be.
    pub(super) overlaid: Overlaid,
    /// Drivers whose devices their pods will have, as soon as they are published.
    pub(super) drivers: BTreeSet<Arc<str>>,
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Origin");
        shown.field("pool", &self.pool.name).field("default_grace", &self.default_grace);
        shown.field("overlaid", &self.overlaid).field("drivers", &self.drivers);
        shown.finish_non_exhaustive()
    }
}

/// The object to create but for its name and requests. Its finalizer is added by whoever launches it.
///
/// Source: Karpenter behaviour, from NodePool to NodeClaim.
pub(super) fn blueprint(
    pool: &NodePool,
    claim: &Particulars<'_>,
    well_known: &WellKnownLabels,
) -> NodeClaim {
    let template = &pool.object.spec.template.spec;
    NodeClaim {
        metadata: ObjectMeta {
            generate_name: Some(format!("{}-", pool.name)),
            labels: Some(claim_labels(pool, claim.requirements, well_known)),
            annotations: Some(annotations(pool, claim)),
            owner_references: Some(vec![owner(pool)]),
            ..ObjectMeta::default()
        },
        spec: NodeClaimSpec {
            taints: template.taints.clone(),
            startup_taints: template.startup_taints.clone(),
            requirements: claim.requirements.to_spec(),
            resources: None,
            node_class_ref: template.node_class_ref.clone(),
            termination_grace_period: template
                .termination_grace_period
                .clone()
                .or_else(|| claim.default_grace.map(TextDuration::new)),
            expire_after: template.expire_after.clone(),
        },
        status: None,
    }
}

/// The object of one claim. Differs from upstream: the name is chosen by the plan, not by the API server.
pub(super) fn named(like: NodeClaim, name: &NodeClaimName, requests: &Resources) -> NodeClaim {
    let metadata = ObjectMeta { name: Some(name.to_string()), ..like.metadata };
    let resources = Some(ResourceRequirements { requests: Some(requests.to_api()) });
    let spec = NodeClaimSpec { resources, ..like.spec };
    NodeClaim { metadata, spec, status: None }
}

/// Labels of the template, of pool and class, and one value for every requirement on a label of the user's own.
fn claim_labels(
    pool: &NodePool,
    requirements: &Requirements,
    well_known: &WellKnownLabels,
) -> BTreeMap<String, String> {
    let class = &pool.template.node_class;
    let template = pool.template.labels.iter();
    let mut result: BTreeMap<String, String> =
        template.map(|(key, value)| (key.to_string(), value.to_string())).collect();
    for requirement in requirements.iter() {
        let key = requirement.key().as_str();
        if well_known.contains(key) || labels::RESTRICTED.contains(&key) {
            continue;
        }
        if let Some(value) = requirement.any() {
            result.insert(key.to_owned(), value.to_string());
        }
    }
    result.insert(labels::NODEPOOL.to_owned(), pool.name.to_string());
    result.insert(labels::node_class_label(&class.group, &class.kind), class.name.to_string());
    result
}

fn annotations(pool: &NodePool, claim: &Particulars<'_>) -> BTreeMap<String, String> {
    let template = pool.template.annotations.iter();
    let mut result: BTreeMap<String, String> =
        template.map(|(key, value)| (key.to_string(), value.to_string())).collect();
    result.insert(labels::NODEPOOL_HASH.to_owned(), hash::hash(&pool.object));
    result.insert(labels::NODEPOOL_HASH_VERSION.to_owned(), hash::VERSION.to_owned());
    let relaxed = claim.min_values_relaxed.to_string();
    result.insert(labels::NODECLAIM_MIN_VALUES_RELAXED.to_owned(), relaxed);
    let overlaid = [
        (labels::PRICE_OVERLAY_APPLIED, claim.overlaid.price),
        (labels::CAPACITY_OVERLAY_APPLIED, claim.overlaid.capacity),
    ];
    let overlaid = overlaid.into_iter().filter(|(_, is_overlaid)| *is_overlaid);
    result.extend(overlaid.map(|(key, _)| (key.to_owned(), "true".to_owned())));
    if !claim.drivers.is_empty() {
        let drivers: Vec<&str> = claim.drivers.iter().map(|driver| &**driver).collect();
        result.insert(labels::REQUESTED_DRA_DRIVERS.to_owned(), drivers.join(","));
    }
    result
}

fn owner(pool: &NodePool) -> OwnerReference {
    OwnerReference {
        api_version: format!("{}/v1", labels::GROUP),
        kind: "NodePool".to_owned(),
        name: pool.name.to_string(),
        uid: pool.uid.to_string(),
        block_owner_deletion: Some(true),
        controller: None,
    }
}
