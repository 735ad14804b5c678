//! What a pool can launch.

use std::collections::BTreeSet;

use super::{Findings, Subject};
use crate::api::labels;
use crate::model::instance_type::InstanceType;
use crate::model::label_rules::WellKnownLabels;
use crate::model::quantity::Quantity;

/// Labels of the core every instance type defines.
const ALWAYS: [&str; 5] =
    [labels::INSTANCE_TYPE, labels::ARCH, labels::OS, labels::ZONE, labels::CAPACITY_TYPE];

const ANSWERS: &str = "instance types of a usable pool are known";
const STABLE: &str = "asked twice, instance types are the same and so is their generation";
const SORTED: &str = "instance types are in name order, names are unique, and there are some";
const NAMED: &str = "the name of a type is the value of its label";
const DEFINED: &str = "a type has an entry for every well-known label of the provider";
const PLACED: &str = "an offering has one zone and one capacity type, and its type supports both";
const DISTINCT: &str = "offerings of a type differ in their requirements";
const SIZED: &str = "a type has processors, memory and pods, and less of it for pods";
const CLASSES: &str = "a provider has a kind of node class";
const KNOWS_CORE: &str = "the provider knows the well-known labels of the core";

pub(super) async fn check(subject: &dyn Subject, findings: &mut Findings) {
    let (provider, pool) = (subject.provider(), subject.pool());
    let traits = provider.traits();
    findings.expect(CLASSES, !traits.node_classes.is_empty(), || "none".to_owned());
    let core = WellKnownLabels::core();
    let missing = core.iter().find(|key| !traits.well_known_labels.contains(key.as_str()));
    findings.expect(KNOWS_CORE, missing.is_none(), || format!("{missing:?} is missing"));

    let Some(first) = findings.answer(ANSWERS, provider.instance_types(&pool).await) else {
        return;
    };
    let Some(again) = findings.answer(ANSWERS, provider.instance_types(&pool).await) else {
        return;
    };
    findings.expect(
        STABLE,
        first.types == again.types && first.generation == again.generation,
        || format!("generations {} and {}", first.generation, again.generation),
    );
    let is_sorted = first.types.windows(2).all(|pair| pair[0].name < pair[1].name);
    findings.expect(SORTED, is_sorted && !first.types.is_empty(), || {
        format!("{} types", first.types.len())
    });
    for it in first.types.iter() {
        check_type(it, &traits.well_known_labels, findings);
    }
}

fn check_type(it: &InstanceType, well_known: &WellKnownLabels, findings: &mut Findings) {
    let name = it.requirements.get(labels::INSTANCE_TYPE);
    findings.expect(NAMED, name.is_some_and(|r| r.contains(it.name.as_str())), || {
        format!("{} has {name:?}", it.name)
    });
    let of_core = WellKnownLabels::core();
    let own = well_known.iter().map(|key| key.as_str()).filter(|key| !of_core.contains(key));
    let undefined: Vec<&str> = ALWAYS
        .into_iter()
        .chain(own)
        .filter(|key| !it.requirements.has(key) && !is_of_nodes(key))
        .collect();
    findings.expect(DEFINED, undefined.is_empty(), || format!("{} lacks {undefined:?}", it.name));
    check_offerings(it, findings);
    let allocatable = it.allocatable();
    let is_sized = ["cpu", "memory", "pods"].iter().all(|name| {
        let has = it.capacity.get_or_zero(name);
        has > Quantity::ZERO && allocatable.get_or_zero(name) <= has
    });
    findings.expect(SIZED, is_sized, || format!("{} has {}", it.name, it.capacity));
}

/// Labels that name a node class say what made a node, not what a type is.
fn is_of_nodes(key: &str) -> bool {
    key.ends_with("nodeclass")
}

fn check_offerings(it: &InstanceType, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for offering in &it.offerings {
        let is_placed = [labels::ZONE, labels::CAPACITY_TYPE].iter().all(|key| {
            let (own, all) = (offering.requirements.get(key), it.requirements.get(key));
            own.is_some_and(|own| {
                own.values().len() == 1 && all.is_some_and(|all| all.has_intersection(own))
            })
        });
        let text = || format!("{}: {}", it.name, offering.requirements);
        findings.expect(PLACED, is_placed, text);
        findings.expect(DISTINCT, seen.insert(&offering.requirements), text);
    }
}
