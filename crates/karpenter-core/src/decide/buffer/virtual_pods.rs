//! The pods that stand for the chunks of a buffer while nodes are planned. They exist in memory only.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::Resolved;
use crate::api::labels;
use crate::model::ids::{ObjectKey, PodKey, ResourceVersion, Uid};
use crate::model::label_selector::Labels;
use crate::model::pod::{DoNotDisrupt, Pod, PodOwners, PodPhase, PodShape};

/// Every real pod goes before one of these.
const PRIORITY: i32 = i32::MIN;

/// A pod that nobody will ever create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualPod {
    /// The pod as planning sees it: pending, without a node, unschedulable.
    pub pod: Arc<Pod>,
    /// Its annotations, which say what it stands for.
    pub annotations: Labels,
}

/// One pod per chunk of the buffer `key`, in the order of their numbers, from 1.
///
/// Source: Karpenter behaviour, virtual pods of a CapacityBuffer.
pub fn virtual_pods(
    key: &ObjectKey,
    uid: &Uid,
    buffer: &Resolved,
    now: Timestamp,
) -> Vec<VirtualPod> {
    let template = &buffer.template;
    let shape = PodShape { priority: PRIORITY, critical: false, ..(*template.shape).clone() };
    let shape = Arc::new(shape);
    let annotations = annotations(key);
    let pods = (1..=buffer.chunks).map(|number| VirtualPod {
        pod: Arc::new(Pod {
            key: PodKey::new(
                key.namespace.clone(),
                format!("capacity-buffer-{}-{number}", key.name),
            ),
            uid: Uid::from(format!("{uid}-{number}")),
            resource_version: ResourceVersion::from(""),
            shape: shape.clone(),
            requests: template.requests.clone(),
            node_name: None,
            phase: PodPhase::Pending,
            unschedulable: true,
            preempting: false,
            ready: false,
            created: now,
            deleted_at: None,
            started_at: None,
            scheduled_at: None,
            owners: PodOwners::default(),
            do_not_disrupt: DoNotDisrupt::No,
            deletion_cost: 0,
            volume_claims: vec![],
            resource_claims: Box::default(),
        }),
        annotations: annotations.clone(),
    });
    pods.collect()
}

fn annotations(key: &ObjectKey) -> Labels {
    let pairs: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::from([
        (labels::CAPACITY_BUFFER_FAKE_POD.into(), "true".into()),
        (labels::CAPACITY_BUFFER_NAME.into(), key.name.clone()),
        (labels::CAPACITY_BUFFER_NAMESPACE.into(), key.namespace.as_str().into()),
    ]);
    Arc::new(pairs)
}
