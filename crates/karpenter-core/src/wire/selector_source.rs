//! Objects that select pods, with nothing but their selectors.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector as WireSelector, ObjectMeta};
use kube::Resource;
use serde::Deserialize;

use super::meta::{Decoded, Meta, name_of, namespace_of, selector};
use crate::api::problem::Problem;
use crate::model::ids::ObjectKey;
use crate::model::label_selector::LabelSelector;
use crate::model::selector_source::SelectorSource;

#[cfg(test)]
mod tests;

/// A selector that is a map of labels.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct ByLabels {
    selector: Option<BTreeMap<String, String>>,
}

/// A selector with expressions.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct ByExpressions {
    selector: Option<WireSelector>,
}

impl From<ByLabels> for Option<LabelSelector> {
    fn from(spec: ByLabels) -> Self {
        let wire = |labels| WireSelector { match_labels: Some(labels), match_expressions: None };
        spec.selector.map(|labels| selector(wire(labels)))
    }
}

impl From<ByExpressions> for Option<LabelSelector> {
    fn from(spec: ByExpressions) -> Self {
        spec.selector.map(selector)
    }
}

macro_rules! sources {
    ($($slim:ident, $inherit:ty, $spec:ident, $kind:literal;)*) => {$(
        #[doc = concat!("A ", $kind, " with the fields we read.")]
        #[derive(Debug, Clone, Default, Deserialize, Resource)]
        #[resource(inherit = $inherit)]
        #[serde(default)]
        pub struct $slim {
            /// Metadata.
            pub metadata: ObjectMeta,
            spec: $spec,
        }

        impl Decoded for $slim {
            type Model = SelectorSource;

            fn key(metadata: &ObjectMeta) -> ObjectKey {
                ObjectKey::new(namespace_of(metadata), name_of(metadata))
            }

            fn decode(self) -> Result<SelectorSource, Problem> {
                let (meta, _) = Meta::of(self.metadata);
                Ok(SelectorSource {
                    key: ObjectKey::new(meta.namespace, meta.name),
                    uid: meta.uid,
                    resource_version: meta.resource_version,
                    selector: self.spec.into(),
                })
            }
        }
    )*};
}

sources! {
    SelectingService, core::Service, ByLabels, "`v1` Service";
    SelectingReplicationController, core::ReplicationController, ByLabels, "`v1` ReplicationController";
    SelectingReplicaSet, apps::ReplicaSet, ByExpressions, "`apps/v1` ReplicaSet";
    SelectingStatefulSet, apps::StatefulSet, ByExpressions, "`apps/v1` StatefulSet";
}
