//! ResourceSlices.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::ClusterResourceScope;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as WireQuantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use super::device::{amounts, quantity, resource_kind};
use super::meta::{Decoded, Meta, name_of, taints};
use super::pod_template::term;
use crate::api::problem::Problem;
use crate::model::device::{
    AttributeValue, CapacityRange, CounterSet, CounterUse, Device, DeviceCapacity, Reach,
    RequestPolicy,
};
use crate::model::ids::NodeName;
use crate::model::resource_slice::ResourceSlice;

/// A ResourceSlice with the fields we read.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SlimResourceSlice {
    /// Metadata.
    pub metadata: ObjectMeta,
    #[serde(default)]
    spec: SlimSliceSpec,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimSliceSpec {
    driver: String,
    pool: SlimPool,
    #[serde(flatten)]
    reach: SlimReach,
    per_device_node_selection: Option<bool>,
    devices: Vec<SlimDevice>,
    shared_counters: Vec<SlimCounters>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimPool {
    name: String,
    generation: i64,
    resource_slice_count: i64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimReach {
    node_name: Option<String>,
    node_selector: Option<core::NodeSelector>,
    all_nodes: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimDevice {
    name: String,
    attributes: BTreeMap<String, SlimAttribute>,
    capacity: BTreeMap<String, SlimCapacity>,
    consumes_counters: Vec<SlimCounterUse>,
    allow_multiple_allocations: Option<bool>,
    taints: Vec<core::Taint>,
    #[serde(flatten)]
    reach: SlimReach,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimAttribute {
    bool: Option<bool>,
    int: Option<i64>,
    string: Option<String>,
    version: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimCapacity {
    value: WireQuantity,
    request_policy: Option<SlimPolicy>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimPolicy {
    default: Option<WireQuantity>,
    valid_values: Vec<WireQuantity>,
    valid_range: Option<SlimRange>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimRange {
    min: Option<WireQuantity>,
    max: Option<WireQuantity>,
    step: Option<WireQuantity>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimCounters {
    name: String,
    counters: BTreeMap<String, SlimCounter>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimCounterUse {
    counter_set: String,
    counters: BTreeMap<String, SlimCounter>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimCounter {
    value: WireQuantity,
}

resource_kind! {
    SlimResourceSlice, ClusterResourceScope, "ResourceSlice", "resourceslices";
}

impl Decoded for SlimResourceSlice {
    type Model = ResourceSlice;

    fn key(metadata: &ObjectMeta) -> Arc<str> {
        Arc::from(name_of(metadata))
    }

    fn decode(self) -> Result<ResourceSlice, Problem> {
        let (meta, rest) = Meta::of(self.metadata);
        let object = format!("ResourceSlice {}", meta.name);
        let spec = self.spec;
        let per_device = spec.per_device_node_selection == Some(true);
        let reach = if per_device { Reach::PerDevice } else { spec.reach.decode() };
        let owners = rest.owners.into_iter().filter(|o| o.api_version == "v1" && o.kind == "Node");
        let devices = spec.devices.into_iter().map(|device| device.decode(&object));
        let sets = spec.shared_counters.into_iter().map(|set| {
            let counters = counters(&object, "spec.sharedCounters", set.counters)?;
            Ok(CounterSet { name: set.name.into(), counters })
        });
        Ok(ResourceSlice {
            devices: devices.collect::<Result<_, _>>()?,
            counter_sets: sets.collect::<Result<_, _>>()?,
            name: meta.name.into(),
            uid: meta.uid,
            resource_version: meta.resource_version,
            owner_nodes: owners.map(|owner| owner.name.into()).collect(),
            driver: spec.driver.into(),
            pool: spec.pool.name.into(),
            generation: spec.pool.generation,
            n_slices: spec.pool.resource_slice_count,
            reach,
        })
    }
}

impl SlimReach {
    fn decode(self) -> Reach {
        match self {
            Self { node_name: Some(name), .. } if !name.is_empty() => {
                Reach::Node(NodeName::from(name))
            }
            Self { all_nodes: Some(true), .. } => Reach::Everywhere,
            Self { node_selector: Some(selector), .. } => {
                Reach::Selected(selector.node_selector_terms.into_iter().map(term).collect())
            }
            Self { .. } => Reach::Unsaid,
        }
    }
}

impl SlimDevice {
    fn decode(self, object: &str) -> Result<Device, Problem> {
        let attributes = self.attributes.into_iter();
        let attributes =
            attributes.filter_map(|(name, value)| Some((name.into(), value.decode()?)));
        let capacity = self.capacity.into_iter();
        let capacity = capacity.map(|(name, own)| Ok((name.into(), own.decode(object)?)));
        let uses = self.consumes_counters.into_iter().map(|own| {
            let counters = counters(object, "spec.devices.consumesCounters", own.counters)?;
            Ok(CounterUse { set: own.counter_set.into(), counters })
        });
        Ok(Device {
            name: self.name.into(),
            attributes: attributes.collect(),
            capacity: capacity.collect::<Result<_, _>>()?,
            consumes: uses.collect::<Result<_, _>>()?,
            is_shareable: self.allow_multiple_allocations == Some(true),
            taints: taints(self.taints),
            reach: Some(self.reach.decode()),
        })
    }
}

impl SlimAttribute {
    /// `None` for a type this version does not know.
    fn decode(self) -> Option<AttributeValue> {
        match self {
            Self { bool: Some(value), .. } => Some(AttributeValue::Bool(value)),
            Self { int: Some(value), .. } => Some(AttributeValue::Int(value)),
            Self { string: Some(value), .. } => Some(AttributeValue::Text(value.into())),
            Self { version: Some(value), .. } => Some(AttributeValue::Version(value.into())),
            Self { .. } => None,
        }
    }
}

impl SlimCapacity {
    fn decode(self, object: &str) -> Result<DeviceCapacity, Problem> {
        let read = |wire: &WireQuantity| quantity(object, "spec.devices.capacity", wire);
        let optional = |wire: Option<&WireQuantity>| wire.map(read).transpose();
        let policy = self.request_policy.map(|policy| {
            let values = policy.valid_values.iter().map(read).collect::<Result<Vec<_>, _>>();
            let range = policy.valid_range.map(|range| {
                Ok(CapacityRange {
                    min: optional(range.min.as_ref())?.unwrap_or_default(),
                    max: optional(range.max.as_ref())?,
                    step: optional(range.step.as_ref())?,
                })
            });
            let mut valid_values = values?;
            valid_values.sort();
            Ok(RequestPolicy {
                default: optional(policy.default.as_ref())?,
                valid_values,
                valid_range: range.transpose()?,
            })
        });
        Ok(DeviceCapacity { value: read(&self.value)?, policy: policy.transpose()? })
    }
}

fn counters(
    object: &str,
    field: &str,
    wire: BTreeMap<String, SlimCounter>,
) -> Result<BTreeMap<Arc<str>, crate::model::quantity::Quantity>, Problem> {
    amounts(object, field, wire.into_iter().map(|(name, one)| (name, one.value)).collect())
}
