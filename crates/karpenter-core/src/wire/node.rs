//! Nodes.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde::Deserialize;

use super::meta::{Decoded, Meta, name_of, resources, taints};
use crate::api::problem::Problem;
use crate::model::ids::{NodeName, ProviderId};
use crate::model::node::{Node, ReadyState};

/// A node with the fields we read.
#[derive(Debug, Clone, Default, Deserialize, Resource)]
#[resource(inherit = core::Node)]
pub struct SlimNode {
    /// Metadata.
    pub metadata: ObjectMeta,
    #[serde(default)]
    spec: SlimNodeSpec,
    #[serde(default)]
    status: SlimNodeStatus,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimNodeSpec {
    #[serde(rename = "providerID")]
    provider_id: Option<String>,
    unschedulable: bool,
    taints: Vec<core::Taint>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimNodeStatus {
    capacity: Option<BTreeMap<String, Quantity>>,
    allocatable: Option<BTreeMap<String, Quantity>>,
    conditions: Vec<SlimNodeCondition>,
}

#[derive(Debug, Clone, Deserialize)]
struct SlimNodeCondition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
}

impl Decoded for SlimNode {
    type Model = Node;

    fn key(metadata: &ObjectMeta) -> NodeName {
        NodeName::from(name_of(metadata))
    }

    fn decode(self) -> Result<Node, Problem> {
        let (meta, rest) = Meta::of(self.metadata);
        let object = format!("Node {}", meta.name);
        let ready = self.status.conditions.iter().find(|condition| condition.kind == "Ready");
        Ok(Node {
            uid: meta.uid,
            resource_version: meta.resource_version,
            labels: meta.labels,
            annotations: meta.annotations,
            taints: taints(self.spec.taints),
            provider_id: self.spec.provider_id.filter(|id| !id.is_empty()).map(ProviderId::from),
            unschedulable: self.spec.unschedulable,
            capacity: resources(&object, "status.capacity", self.status.capacity.as_ref())?,
            allocatable: resources(
                &object,
                "status.allocatable",
                self.status.allocatable.as_ref(),
            )?,
            ready: match ready.map(|condition| condition.status.as_str()) {
                Some("True") => ReadyState::True,
                Some("False") => ReadyState::False,
                Some(_) | None => ReadyState::Unknown,
            },
            finalizers: rest.finalizers,
            owner_references: rest.owners,
            created: meta.created,
            deleted_at: meta.deleted_at,
            name: NodeName::from(meta.name),
        })
    }
}
