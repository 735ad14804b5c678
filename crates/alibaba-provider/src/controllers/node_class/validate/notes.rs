//! What a spec says that has no effect, or that is better said otherwise.

use crate::api::metadata::DEFAULT_HOP_LIMIT;
use crate::api::node_class::ECSNodeClassSpec;

/// One note per field, in the order of the spec.
pub(super) fn of(spec: &ECSNodeClassSpec) -> Vec<String> {
    let unused = unused(spec);
    let mut notes = vec![];
    if !unused.is_empty() {
        notes.push(format!("not used yet: {}", unused.join(", ")));
    }
    if spec.password.is_some() {
        notes.push("password is deprecated, use passwordSecretRef".to_owned());
    }
    notes
}

/// Fields that are set and not acted on.
fn unused(spec: &ECSNodeClassSpec) -> Vec<&'static str> {
    let is_given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    let hops = spec.metadata_options.as_ref().and_then(|m| m.http_put_response_hop_limit);
    let fields = [
        ("clusterName", is_given(&spec.cluster_name)),
        ("clusterEndpoint", is_given(&spec.cluster_endpoint)),
        ("instanceStorePolicy", spec.instance_store_policy.is_some()),
        (
            "metadataOptions.httpPutResponseHopLimit",
            hops.is_some_and(|hops| hops != DEFAULT_HOP_LIMIT),
        ),
        ("deletionProtection", spec.deletion_protection == Some(true)),
    ];
    fields.into_iter().filter(|(_, is_set)| *is_set).map(|(field, _)| field).collect()
}
