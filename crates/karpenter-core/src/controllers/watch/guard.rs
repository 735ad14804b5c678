//! Objects that may fail to decode without failing the list they are in.

use kube::Resource;
use kube::core::DeserializeGuard;

use super::Watching;
use crate::wire::Decoded;

/// An object as the watch sees it: decoded, or its metadata and what is wrong with it.
pub type Lenient<K> = DeserializeGuard<K>;

/// The model of `object`; `None`, a warning and a count when it cannot be understood.
pub(super) fn decode<K>(watching: &Watching, kind: &'static str, object: Lenient<K>) -> Option<K::Model>
where
    K: Decoded + Resource,
{
    let decoded = match object.0 {
        Ok(object) => object.decode().map_err(|problem| problem.to_string()),
        Err(invalid) => {
            let name = invalid.metadata.name.clone().unwrap_or_default();
            let namespace = invalid.metadata.namespace.clone();
            let prefix = namespace.map(|text| format!("{text}/")).unwrap_or_default();
            Err(format!("{kind} {prefix}{name}: {}", invalid.error))
        }
    };
    decoded
        .map_err(|problem| {
            watching.metrics.skipped(kind);
            tracing::warn!(kind, %problem, "object skipped");
        })
        .ok()
}
