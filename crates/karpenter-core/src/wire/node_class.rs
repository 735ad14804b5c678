//! Node classes of whatever provider, reduced to whether they can be used.

use kube::api::DynamicObject;
use serde_json::Value;

use super::meta::Meta;
use crate::model::ids::NodeClassKey;
use crate::model::node_class::{NodeClass, Readiness};

/// What the engine needs of a node class object of this `group` and `kind`.
pub fn decode(group: &str, kind: &str, object: DynamicObject) -> NodeClass {
    let (meta, rest) = Meta::of(object.metadata);
    NodeClass {
        key: NodeClassKey::new(group, kind, meta.name),
        uid: meta.uid,
        resource_version: meta.resource_version,
        generation: rest.generation,
        deleted_at: meta.deleted_at,
        readiness: readiness(&object.data),
    }
}

fn readiness(data: &Value) -> Readiness {
    let conditions = data.pointer("/status/conditions").and_then(Value::as_array);
    let ready = conditions
        .into_iter()
        .flatten()
        .find(|condition| condition.get("type").and_then(Value::as_str) == Some("Ready"));
    let text = |field: &str| {
        let value = ready.and_then(|condition| condition.get(field)).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    match text("status").as_str() {
        "True" => Readiness::Ready,
        "False" => Readiness::NotReady { reason: text("reason"), message: text("message") },
        _ => Readiness::Unknown { message: text("message") },
    }
}
