//! DeviceClasses.

use std::sync::Arc;

use k8s_openapi::ClusterResourceScope;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use super::device::{SlimSelector, resource_kind, selectors};
use super::meta::{Decoded, Meta, name_of};
use crate::api::problem::Problem;
use crate::model::device_class::DeviceClass;

/// A DeviceClass with the fields we read.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SlimDeviceClass {
    /// Metadata.
    pub metadata: ObjectMeta,
    #[serde(default)]
    spec: SlimDeviceClassSpec,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimDeviceClassSpec {
    selectors: Vec<SlimSelector>,
}

resource_kind! {
    SlimDeviceClass, ClusterResourceScope, "DeviceClass", "deviceclasses";
}

impl Decoded for SlimDeviceClass {
    type Model = DeviceClass;

    fn key(metadata: &ObjectMeta) -> Arc<str> {
        Arc::from(name_of(metadata))
    }

    fn decode(self) -> Result<DeviceClass, Problem> {
        let (meta, _) = Meta::of(self.metadata);
        Ok(DeviceClass {
            name: meta.name.into(),
            uid: meta.uid,
            resource_version: meta.resource_version,
            selectors: selectors(self.spec.selectors),
        })
    }
}
