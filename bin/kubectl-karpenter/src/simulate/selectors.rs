//! Objects that say which pods belong together, for spread constraints that a scheduler gives to pods without any.

use std::sync::Arc;

use karpenter_core::model::ids::ObjectKey;
use karpenter_core::model::selector_source::{SelectorSource, SelectorSourceKind};
use karpenter_core::state::{Change, ClusterEvent};
use karpenter_core::wire::Decoded;
use karpenter_core::wire::selector_source::{
    SelectingReplicaSet, SelectingService, SelectingStatefulSet,
};
use serde_json::Value;

use super::objects::{Mistake, read_members};

/// An object with its kind.
pub type Source = (SelectorSourceKind, Arc<SelectorSource>);

/// What the object `value` says; `None` for kinds that say nothing.
///
/// A Deployment stands for the ReplicaSet it would make.
pub(super) fn source(group: &str, kind: &str, value: &Value) -> Result<Option<Source>, Mistake> {
    let value = || value.clone();
    let (kind, source) = match (group, kind) {
        ("", "Service") => (SelectorSourceKind::Service, decoded::<SelectingService>(value())?),
        ("apps", "ReplicaSet") => {
            (SelectorSourceKind::ReplicaSet, decoded::<SelectingReplicaSet>(value())?)
        }
        ("apps", "Deployment") => {
            let set = decoded::<SelectingReplicaSet>(value())?;
            let name = format!("{} of its Deployment", set.key.name);
            let key = ObjectKey::new(set.key.namespace.clone(), name);
            (SelectorSourceKind::ReplicaSet, SelectorSource { key, ..set })
        }
        ("apps", "StatefulSet") => {
            (SelectorSourceKind::StatefulSet, decoded::<SelectingStatefulSet>(value())?)
        }
        _ => return Ok(None),
    };
    Ok(Some((kind, Arc::new(source))))
}

/// What a cluster learns of `sources`.
pub(super) fn events(sources: Vec<Source>) -> impl Iterator<Item = ClusterEvent> {
    SelectorSourceKind::ALL.into_iter().map(move |kind| {
        let own = sources.iter().filter(|(own, _)| *own == kind);
        let own = own.map(|(_, source)| source.clone()).collect();
        ClusterEvent::SelectorSource(kind, Change::Reset(own))
    })
}

fn decoded<K: Decoded<Model = SelectorSource> + serde::de::DeserializeOwned>(
    value: Value,
) -> Result<SelectorSource, Mistake> {
    read_members::<K>(value)?.decode().map_err(|problem| Mistake {
        field: problem.field,
        problem: problem.message,
        fix: "write the member as the kind defines it".to_owned(),
    })
}
