//! The static-drift hash of a NodePool: what a node keeps of its template for life.
//!
//! Bit-exact with the hash clusters already carry in annotations, so that taking one over replaces no node. It covers
//! labels, annotations, taints, startup taints, NodeClass reference, grace period and expiry of the template; it
//! does **not** cover requirements, disruption, limits, weight and replicas.
//!
//! Source: Karpenter behaviour, drift hash version 3. Differs: `timeAdded` of a template's taint is left out.

#[cfg(test)]
mod tests;

use super::node_class_ref::NodeClassReference;
use super::nodepool::{NodeClaimTemplate, NodeClaimTemplateSpec, NodePool, TemplateMetadata};
use super::taint::Taint;
use crate::api::duration::TextDuration;
use crate::api::structural_hash::{Struct, fnv1, list, map, non_empty};
use std::time::Duration;

/// Value of the annotation `karpenter.sh/nodepool-hash-version`.
pub const VERSION: &str = "v3";

/// The hash in the form of the annotation `karpenter.sh/nodepool-hash`: decimal, unsigned, 64 bits.
pub fn hash(pool: &NodePool) -> String {
    template(&pool.spec.template).to_string()
}

fn template(template: &NodeClaimTemplate) -> u64 {
    let metadata = template.metadata.as_ref().filter(|metadata| **metadata != Default::default());
    Struct::new("NodeClaimTemplate")
        .member("ObjectMeta", metadata.map(object_meta))
        .member("Spec", Some(spec(&template.spec)))
        .value()
}

fn object_meta(metadata: &TemplateMetadata) -> u64 {
    Struct::new("ObjectMeta")
        .member("Labels", metadata.labels.as_ref().map(map))
        .member("Annotations", metadata.annotations.as_ref().map(map))
        .value()
}

fn spec(spec: &NodeClaimTemplateSpec) -> u64 {
    let taints = |taints: &Vec<Taint>| list(taints.iter().map(taint));
    Struct::new("NodeClaimTemplateSpec")
        .member("Taints", spec.taints.as_ref().map(taints))
        .member("StartupTaints", spec.startup_taints.as_ref().map(taints))
        .member("NodeClassRef", Some(node_class_ref(&spec.node_class_ref)))
        .member("TerminationGracePeriod", spec.termination_grace_period.as_ref().map(grace_period))
        .member("ExpireAfter", spec.expire_after.duration().map(expire_after))
        .value()
}

fn taint(taint: &Taint) -> u64 {
    Struct::new("Taint")
        .member("Key", non_empty(&taint.key))
        .member("Value", non_empty(&taint.value))
        .member("Effect", non_empty(&taint.effect))
        .value()
}

fn node_class_ref(reference: &NodeClassReference) -> u64 {
    Struct::new("NodeClassReference")
        .member("Kind", non_empty(&reference.kind))
        .member("Name", non_empty(&reference.name))
        .member("Group", non_empty(&reference.group))
        .value()
}

/// A plain number of nanoseconds, left out if zero.
fn grace_period(period: &TextDuration) -> u64 {
    let duration = period.duration();
    Struct::new("Duration")
        .member("Duration", (!duration.is_zero()).then(|| nanos(duration)))
        .value()
}

/// A pointer to a number of nanoseconds, so zero counts; never makes the whole member zero.
fn expire_after(expiry: Duration) -> u64 {
    Struct::new("NillableDuration").member("Duration", Some(nanos(expiry))).value()
}

fn nanos(duration: Duration) -> u64 {
    // A duration that was read fits 63 bits, so both signs have the same bytes.
    fnv1(&u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).to_le_bytes())
}
