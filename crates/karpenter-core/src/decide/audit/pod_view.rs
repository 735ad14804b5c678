//! What a pod asks for, read for the audit.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::decide::scheduling::input::SchedulingInput;
use crate::model::ids::LabelKey;
use crate::model::pod::{HostPort, NodeSelectorTerm, PodShape};
use crate::model::requirement::{Operator, Requirement};
use crate::model::requirements::Requirements;
use crate::model::taints::{Taint, TaintEffect, is_tolerated};

/// Whether the pod may be on a node with `taints`; preferences may have been given up.
pub(super) fn tolerates(shape: &PodShape, taints: &[Taint]) -> bool {
    taints.iter().all(|taint| {
        taint.effect == TaintEffect::PreferNoSchedule || is_tolerated(&shape.tolerations, taint)
    })
}

/// The alternatives of which one must hold; none for a pod that can be nowhere.
pub(super) fn alternatives(shape: &PodShape, input: &SchedulingInput) -> Vec<Requirements> {
    if shape.required_node_affinity.is_empty() {
        return alternative(shape, &NodeSelectorTerm::default(), input).into_iter().collect();
    }
    let terms = shape.required_node_affinity.iter();
    terms.filter_map(|term| alternative(shape, term, input)).collect()
}

/// Node selector and term together; `None` if they cannot be read or exclude each other.
fn alternative(
    shape: &PodShape,
    term: &NodeSelectorTerm,
    input: &SchedulingInput,
) -> Option<Requirements> {
    let selector = shape.node_selector.iter();
    let mut asked: Vec<Requirement> = selector
        .map(|(key, value)| Requirement::new(key, Operator::In, [value], &input.normalization))
        .collect();
    for expression in &term.expressions {
        let operator = Operator::parse(&expression.operator)?;
        let values = &expression.values;
        asked.push(Requirement::new(&expression.key, operator, values, &input.normalization));
    }
    let is_absent = |one: &Requirement| one.operator() == Operator::DoesNotExist;
    let absent: BTreeSet<LabelKey> =
        asked.iter().filter(|one| is_absent(one)).map(|one| one.key().clone()).collect();
    let set: Requirements = asked.into_iter().collect();
    let is_possible = set.iter().all(|one| !is_absent(one) || absent.contains(one.key()));
    is_possible.then_some(set)
}

/// Whether two pods want one port.
pub(super) fn clash(a: &[HostPort], b: &[HostPort]) -> bool {
    let same_address = |a: &str, b: &str| match (a.parse::<IpAddr>(), b.parse::<IpAddr>()) {
        (Ok(a), Ok(b)) => a.is_unspecified() || b.is_unspecified() || a == b,
        (Ok(_), Err(_)) | (Err(_), Ok(_) | Err(_)) => a == b,
    };
    a.iter().any(|a| {
        b.iter()
            .any(|b| (a.port, &a.protocol) == (b.port, &b.protocol) && same_address(&a.ip, &b.ip))
    })
}
