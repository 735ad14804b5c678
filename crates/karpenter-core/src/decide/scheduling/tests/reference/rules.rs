//! What pods ask for and what bins offer, worked out anew at every question.

use super::*;

/// Of every resource the most that any of `types` has.
pub(super) fn most(types: &[Arc<InstanceType>]) -> Resources {
    types.iter().fold(Resources::new(), |most, it| most.max(&it.capacity))
}

/// What the node selector and `terms` ask for, one by one.
pub(super) fn asked<'t>(
    shape: &PodShape,
    terms: impl Iterator<Item = &'t NodeSelectorTerm>,
    input: &SchedulingInput,
) -> Vec<Requirement> {
    let one = |key: &str, operator: &str, values: &[Arc<str>]| {
        Requirement::new(key, Operator::parse(operator).unwrap(), values, &input.normalization)
    };
    let selector = shape.node_selector.iter();
    let selector = selector.map(|(key, value)| one(key, "In", std::slice::from_ref(value)));
    let expressions = terms.flat_map(|term| &term.expressions);
    selector.chain(expressions.map(|e| one(&e.key, &e.operator, &e.values))).collect()
}

/// Whether nothing is left of some label that nobody wants absent.
pub(in super::super) fn contradicts(asked: &[Requirement]) -> bool {
    let is_absence = |one: &Requirement| !one.complement() && one.values().is_empty();
    asked.iter().any(|first| {
        let mut same = asked.iter().filter(|one| one.key() == first.key());
        let left = same.clone().fold(first.clone(), |left, one| left.intersection(one));
        is_absence(&left) && !same.any(is_absence)
    })
}

/// Alternatives of what a DaemonSet requires, as far as they can be met.
pub(in super::super) fn alternatives(
    shape: &PodShape,
    input: &SchedulingInput,
) -> Vec<Requirements> {
    let terms = shape.required_node_affinity.iter();
    let mut all: Vec<_> = terms.map(|term| asked(shape, std::iter::once(term), input)).collect();
    if all.is_empty() {
        all.push(asked(shape, std::iter::empty(), input));
    }
    all.retain(|asked| !contradicts(asked));
    all.into_iter().map(|asked| asked.into_iter().collect()).collect()
}

pub(super) fn patient(tolerations: &[Toleration]) -> Vec<Toleration> {
    let soft = Toleration {
        key: "".into(),
        operator: TolerationOperator::Exists,
        value: "".into(),
        effect: Some(TaintEffect::PreferNoSchedule),
    };
    let mut all = tolerations.to_vec();
    if !all.contains(&soft) {
        all.push(soft);
    }
    all
}

pub(super) fn clash(wanted: &[HostPort], used: &[HostPort]) -> bool {
    let any = |ip: &str| ip == "0.0.0.0" || ip == "::";
    wanted.iter().any(|a| {
        used.iter().any(|b| {
            a.port == b.port
                && a.protocol == b.protocol
                && (a.ip == b.ip || any(&a.ip) || any(&b.ip))
        })
    })
}

pub(super) fn offered(types: &[Arc<InstanceType>], requirement: &Requirement) -> u32 {
    let mut values: Vec<&str> = types
        .iter()
        .filter_map(|it| it.requirements.get(requirement.key().as_str()))
        .flat_map(|offered| offered.values().iter().map(|value| &**value))
        .filter(|value| requirement.contains(value))
        .collect();
    values.sort_unstable();
    values.dedup();
    u32::try_from(values.len()).unwrap()
}

pub(super) fn falls_short(types: &[Arc<InstanceType>], set: &Requirements) -> bool {
    set.iter().any(|r| r.min_values().is_some_and(|min| offered(types, r) < min))
}

/// Whether some label would have to be an integer below zero.
pub(super) fn is_below_zero(set: &Requirements) -> bool {
    set.iter().any(|r| r.complement() && r.lte().is_some_and(|lte| lte < 0))
}
