//! CSINodes.

use k8s_openapi::api::storage::v1 as storage;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde::Deserialize;

use super::meta::{Decoded, Meta, name_of};
use crate::api::problem::Problem;
use crate::model::csi_node::CsiNode;
use crate::model::ids::NodeName;

/// A CSINode with the fields we read.
#[derive(Debug, Clone, Default, Deserialize, Resource)]
#[resource(inherit = storage::CSINode)]
pub struct SlimCsiNode {
    /// Metadata.
    pub metadata: ObjectMeta,
    #[serde(default)]
    spec: SlimCsiNodeSpec,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimCsiNodeSpec {
    /// Null when the node has none.
    drivers: Option<Vec<SlimDriver>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimDriver {
    name: String,
    allocatable: Option<SlimAllocatable>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimAllocatable {
    count: Option<i32>,
}

impl Decoded for SlimCsiNode {
    type Model = CsiNode;

    fn key(metadata: &ObjectMeta) -> NodeName {
        NodeName::from(name_of(metadata))
    }

    fn decode(self) -> Result<CsiNode, Problem> {
        let (meta, _) = Meta::of(self.metadata);
        let limit = |driver: SlimDriver| {
            let count = driver.allocatable?.count?;
            Some((driver.name.into(), usize::try_from(count).unwrap_or_default()))
        };
        Ok(CsiNode {
            name: NodeName::from(meta.name),
            uid: meta.uid,
            resource_version: meta.resource_version,
            limits: self.spec.drivers.into_iter().flatten().filter_map(limit).collect(),
        })
    }
}
