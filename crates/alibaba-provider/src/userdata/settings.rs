//! Labels, taints and kubelet settings a node starts with.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use karpenter_core::api::labels as core;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::taints::Taint;
use serde_json::{Map, Value, json};

use crate::api::kubelet::KubeletConfiguration;
use crate::api::labels;

/// Keys under the restricted Kubernetes domains that a kubelet may set on its own node.
const SELF_LABELS: [&str; 4] = [core::ARCH, core::INSTANCE_TYPE, core::REGION, core::ZONE];

/// Labels of the node: those of the claim, its single-valued requirements, `chosen` by this launch, and what ACK expects.
///
/// Keys a kubelet may not set itself are left out; the engine sets them when the node registers.
pub fn node_labels(
    claim: &NodeClaim,
    chosen: &BTreeMap<String, String>,
    cluster_id: &str,
) -> BTreeMap<String, String> {
    let required = claim.requirements.iter().filter(|r| !r.complement()).filter_map(|r| {
        let [only] = r.values() else { return None };
        Some((r.key().to_string(), only.to_string()))
    });
    let own = claim.labels.iter().map(|(key, value)| (key.to_string(), value.to_string()));
    let mut all: BTreeMap<String, String> = required.chain(own).collect();
    all.extend(chosen.iter().map(|(key, value)| (key.clone(), value.clone())));
    all.retain(|key, value| may_self_label(key) && is_label_value(value));
    all.insert(labels::ACK_NODE.0.to_owned(), labels::ACK_NODE.1.to_owned());
    all.insert(labels::ACK_CLUSTER.to_owned(), cluster_id.to_owned());
    all
}

/// Source: Kubernetes API, NodeRestriction.
fn may_self_label(key: &str) -> bool {
    let domain = core::domain(key);
    let is_in = |parent: &str| domain == parent || domain.ends_with(&format!(".{parent}"));
    let is_restricted = is_in("kubernetes.io") || is_in("k8s.io");
    let is_allowed = is_in("kubelet.kubernetes.io") || is_in("node.kubernetes.io");
    !is_restricted || is_allowed || SELF_LABELS.contains(&key)
}

fn is_label_value(value: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_outer = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    value.len() <= 63
        && value.chars().all(is_inner)
        && is_outer(value.chars().next())
        && is_outer(value.chars().next_back())
}

/// Taints of the node, sorted, each once: those of the claim, and the one that keeps pods away until it is registered.
pub fn node_taints(claim: &NodeClaim) -> BTreeSet<String> {
    let own = claim.taints.iter().chain(&claim.startup_taints);
    own.chain([&Taint::unregistered()]).map(ToString::to_string).collect()
}

/// The flag value that carries kubelet settings: base64 of JSON.
///
/// The number of pods is always there, so that kubelet and scheduler agree; it already counts pods per core. What the
/// flag cannot carry is refused when the class is validated.
///
/// Source: ACK, customised kubelet settings of nodes.
pub fn node_config(max_pods: i64, kubelet: Option<&KubeletConfiguration>) -> String {
    let own = kubelet.map(|kubelet| KubeletConfiguration {
        max_pods: None,
        pods_per_core: None,
        eviction_max_pod_grace_period: None,
        ..kubelet.clone()
    });
    let mut config = json!(own.unwrap_or_default());
    if let Some(members) = config.as_object_mut() {
        members.retain(|_, value| !is_empty(value));
    }
    config["maxPods"] = max_pods.into();
    STANDARD.encode(json!({ "kubelet_config": config }).to_string())
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}
