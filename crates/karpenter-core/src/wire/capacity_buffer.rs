//! CapacityBuffers.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::meta::{Decoded, Meta, name_of, namespace_of};
use crate::api::problem::Problem;
use crate::api::v1beta1::capacity_buffer::CapacityBuffer as Object;
use crate::model::capacity_buffer::CapacityBuffer;
use crate::model::ids::ObjectKey;

impl Decoded for Object {
    type Model = CapacityBuffer;

    fn key(metadata: &ObjectMeta) -> ObjectKey {
        ObjectKey::new(namespace_of(metadata), name_of(metadata))
    }

    fn decode(self) -> Result<CapacityBuffer, Problem> {
        let (meta, _) = Meta::of(self.metadata.clone());
        Ok(CapacityBuffer {
            key: ObjectKey::new(meta.namespace, meta.name),
            uid: meta.uid,
            resource_version: meta.resource_version,
            object: Arc::new(self),
        })
    }
}
