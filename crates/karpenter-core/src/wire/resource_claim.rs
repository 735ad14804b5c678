//! ResourceClaims.

use std::collections::BTreeMap;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as WireQuantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use super::device::{SlimSelector, amounts, resource_kind, selectors};
use super::meta::{Decoded, Meta, name_of, namespace_of, shared_texts};
use super::pod_template::{term, toleration};
use crate::api::problem::Problem;
use crate::model::device::DeviceId;
use crate::model::ids::{NodeName, ObjectKey};
use crate::model::resource_claim::{
    AllocatedDevice, ConstraintRule, Consumer, DeviceAllocation, DeviceAsk, DeviceConstraint,
    DeviceCount, DeviceRequest, RequestKind, ResourceClaim,
};

/// A ResourceClaim with the fields we read.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SlimResourceClaim {
    /// Metadata.
    pub metadata: ObjectMeta,
    #[serde(default)]
    spec: SlimClaimSpec,
    #[serde(default)]
    status: SlimClaimStatus,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimClaimSpec {
    devices: SlimDeviceClaim,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimDeviceClaim {
    requests: Vec<SlimRequest>,
    constraints: Vec<SlimConstraint>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimRequest {
    name: String,
    exactly: Option<SlimAsk>,
    first_available: Option<Vec<SlimAsk>>,
}

/// What is asked for; a name where it is one of several.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimAsk {
    name: String,
    device_class_name: String,
    selectors: Vec<SlimSelector>,
    allocation_mode: Option<String>,
    count: Option<i64>,
    admin_access: Option<bool>,
    tolerations: Vec<core::Toleration>,
    capacity: SlimCapacityRequests,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimCapacityRequests {
    requests: BTreeMap<String, WireQuantity>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimConstraint {
    requests: Vec<String>,
    match_attribute: Option<String>,
    distinct_attribute: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimClaimStatus {
    allocation: Option<SlimAllocation>,
    reserved_for: Vec<SlimConsumer>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimAllocation {
    devices: SlimAllocatedDevices,
    node_selector: Option<core::NodeSelector>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimAllocatedDevices {
    results: Vec<SlimResult>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimResult {
    driver: String,
    pool: String,
    device: String,
    admin_access: Option<bool>,
    consumed_capacity: Option<BTreeMap<String, WireQuantity>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimConsumer {
    api_group: Option<String>,
    resource: String,
    uid: String,
}

resource_kind! {
    SlimResourceClaim, NamespaceResourceScope, "ResourceClaim", "resourceclaims";
}

impl Decoded for SlimResourceClaim {
    type Model = ResourceClaim;

    fn key(metadata: &ObjectMeta) -> ObjectKey {
        ObjectKey::new(namespace_of(metadata), name_of(metadata))
    }

    fn decode(self) -> Result<ResourceClaim, Problem> {
        let (meta, _) = Meta::of(self.metadata);
        let key = ObjectKey::new(meta.namespace, meta.name);
        let object = format!("ResourceClaim {key}");
        let SlimDeviceClaim { requests, constraints } = self.spec.devices;
        let requests = requests.into_iter().map(|request| request.decode(&object));
        let allocation = self.status.allocation.map(|allocation| allocation.decode(&object));
        Ok(ResourceClaim {
            requests: requests.collect::<Result<_, _>>()?,
            constraints: constraints.into_iter().map(SlimConstraint::decode).collect(),
            allocation: allocation.transpose()?,
            consumers: self.status.reserved_for.into_iter().map(SlimConsumer::decode).collect(),
            key,
            uid: meta.uid,
            resource_version: meta.resource_version,
        })
    }
}

impl SlimRequest {
    fn decode(self, object: &str) -> Result<DeviceRequest, Problem> {
        let ask = match (self.exactly, self.first_available) {
            (Some(ask), _) => RequestKind::Exactly(ask.decode(object)?),
            (None, Some(asks)) => {
                let asks = asks.into_iter().map(|ask| {
                    let name = ask.name.as_str().into();
                    Ok((name, ask.decode(object)?))
                });
                RequestKind::FirstAvailable(asks.collect::<Result<_, _>>()?)
            }
            (None, None) => RequestKind::Unknown,
        };
        Ok(DeviceRequest { name: self.name.into(), ask })
    }
}

impl SlimAsk {
    fn decode(self, object: &str) -> Result<DeviceAsk, Problem> {
        let count = match self.allocation_mode.as_deref() {
            None | Some("" | "ExactCount") => {
                DeviceCount::Exact(self.count.unwrap_or(1).try_into().unwrap_or(1))
            }
            Some("All") => DeviceCount::All,
            Some(other) => DeviceCount::Unknown(other.into()),
        };
        let field = "spec.devices.requests.capacity";
        Ok(DeviceAsk {
            class: self.device_class_name.into(),
            selectors: selectors(self.selectors),
            count,
            admin_access: self.admin_access == Some(true),
            tolerations: self.tolerations.into_iter().map(toleration).collect(),
            capacity: amounts(object, field, self.capacity.requests)?,
        })
    }
}

impl SlimConstraint {
    fn decode(self) -> DeviceConstraint {
        let rule = match (self.match_attribute, self.distinct_attribute) {
            (Some(attribute), _) => ConstraintRule::MatchAttribute(attribute.into()),
            (None, Some(attribute)) => ConstraintRule::DistinctAttribute(attribute.into()),
            (None, None) => ConstraintRule::Unknown,
        };
        DeviceConstraint { requests: shared_texts(self.requests), rule }
    }
}

impl SlimAllocation {
    /// Devices that administrators look at are not in use by that.
    fn decode(self, object: &str) -> Result<DeviceAllocation, Problem> {
        let field = "status.allocation.devices.results.consumedCapacity";
        let results = self.devices.results.into_iter();
        let devices = results.filter(|result| result.admin_access != Some(true)).map(|result| {
            let consumed = result.consumed_capacity.map(|wire| amounts(object, field, wire));
            Ok(AllocatedDevice {
                id: DeviceId::new(result.driver, result.pool, result.device),
                consumed: consumed.transpose()?,
            })
        });
        let terms = self.node_selector.map(|selector| selector.node_selector_terms);
        let terms = terms.unwrap_or_default();
        Ok(DeviceAllocation {
            devices: devices.collect::<Result<_, _>>()?,
            node: node_of(&terms),
            terms: terms.into_iter().map(term).collect(),
        })
    }
}

impl SlimConsumer {
    fn decode(self) -> Consumer {
        let is_core = self.api_group.unwrap_or_default().is_empty();
        Consumer { is_pod: is_core && self.resource == "pods", uid: self.uid.into() }
    }
}

/// The node that `terms` select by its name.
fn node_of(terms: &[core::NodeSelectorTerm]) -> Option<NodeName> {
    let fields = terms.iter().flat_map(|term| term.match_fields.iter().flatten());
    let mut names = fields.filter(|field| field.key == "metadata.name" && field.operator == "In");
    match names.next()?.values.as_deref() {
        Some([name]) => Some(NodeName::from(name.as_str())),
        Some(_) | None => None,
    }
}
