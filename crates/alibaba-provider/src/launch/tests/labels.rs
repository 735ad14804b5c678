//! Labels in other spellings, in what is asked for and on nodes.

use std::collections::BTreeMap;

use alibaba_sdk::ecs::InstanceType as Row;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::requirement::{Operator, Requirement};

use super::planning::addresses;
use crate::api::labels::{self, with_aliases};
use crate::catalog::assemble::{Sources, instance_types};
use crate::launch::plan::{LaunchInput, plan};
use crate::options::Options;
use crate::reservations::ledger::Ledger;
use crate::testing::{claim, class, market, row};
use crate::unavailable::Unavailable;

/// What a pod asks for with `key: value`.
fn asked(key: &str, value: &str) -> NodeClaim {
    claim([Requirement::new(key, Operator::In, [value], &labels::normalization())])
}

/// Types and zones a claim is launched with, sorted, with the older labels known or not.
fn chosen(claim: &NodeClaim, rows: &[Row], legacy: bool) -> Vec<(String, String)> {
    let rows: Vec<(Row, f64)> = rows.iter().map(|row| (row.clone(), 1.0)).collect();
    let (class, market) = (class(&["h", "i"]), market(&["h", "i"], &rows));
    let options = Options { legacy_labels: legacy, ..Options::new("cn-hangzhou", "c1") };
    let unavailable = Unavailable::default();
    let reservations = &Ledger::default();
    let (market, unavailable, options) = (&market, &unavailable, &options);
    let sources = Sources { market, unavailable, reservations, options };
    let planned = plan(LaunchInput {
        claim,
        class: &class,
        types: &instance_types(&class, sources),
        well_known: &labels::well_known(legacy),
        addresses: &addresses(&["h", "i"]),
    });
    let attempts = planned.map(|plan| plan.attempts).unwrap_or_default();
    let mut all: Vec<_> =
        attempts.iter().map(|a| (a.instance_type.name.to_string(), a.zone.to_string())).collect();
    all.sort();
    all.dedup();
    all
}

fn names(claim: &NodeClaim, rows: &[Row], legacy: bool) -> Vec<String> {
    let mut names: Vec<String> = chosen(claim, rows, legacy).into_iter().map(|c| c.0).collect();
    names.dedup();
    names
}

fn of_maker(name: &str, model: &str) -> Row {
    Row { physical_processor_model: model.to_owned(), ..row(name, 2, 8.0) }
}

// behaviour 01#163
#[test]
fn older_spelling_selects_by_the_same_values() {
    let rows = [of_maker("ecs.g7.large", "Intel Xeon"), of_maker("ecs.g7a.large", "AMD EPYC")];
    let claim = asked("karpenter.k8s.alibabacloud/instance-cpu-model", "intel");
    assert_eq!(names(&claim, &rows, false), ["ecs.g7.large"]);
    let labels = with_aliases(BTreeMap::from([(
        labels::INSTANCE_CPU_MANUFACTURER.to_owned(),
        "intel".to_owned(),
    )]));
    let older = labels.get("karpenter.k8s.alibabacloud/instance-cpu-model");
    assert_eq!(older.map(String::as_str), Some("intel"), "and nodes carry it");
}

#[test]
fn zone_key_of_the_disk_driver_means_the_zone() {
    let rows = [row("ecs.g7.large", 2, 8.0)];
    let claim = asked("topology.diskplugin.csi.alibabacloud.com/zone", "h");
    assert_eq!(chosen(&claim, &rows, false), [("ecs.g7.large".to_owned(), "h".to_owned())]);
}

// behaviour 01#195
#[test]
fn memory_of_a_gpu_is_asked_for_in_the_unit_of_the_label() {
    let gpu = |name: &str, gib: f64| Row {
        gpu_amount: 1,
        gpu_spec: "NVIDIA T4".to_owned(),
        gpu_memory_size: gib,
        ..row(name, 4, 16.0)
    };
    let rows = [gpu("ecs.gn6i-c4g1.xlarge", 16.0), gpu("ecs.gn7i-c8g1.2xlarge", 24.0)];
    let older = asked(labels::LEGACY_GPU_MEMORY, "16");
    assert_eq!(names(&older, &rows, true), ["ecs.gn6i-c4g1.xlarge"]);
    assert!(names(&older, &rows, false).is_empty(), "unknown without the setting");
    let ours = asked(labels::INSTANCE_GPU_MEMORY, "16384");
    assert_eq!(names(&ours, &rows, true), ["ecs.gn6i-c4g1.xlarge"]);
    let family = asked(labels::LEGACY_FAMILY, "ecs.gn7i-c8g1");
    assert_eq!(names(&family, &rows, true), ["ecs.gn7i-c8g1.2xlarge"]);
    let maker = asked(labels::LEGACY_GPU_MANUFACTURER, "NVIDIA");
    assert_eq!(names(&maker, &rows, true).len(), 2);
}

#[test]
fn label_of_the_class_has_no_other_spelling_on_nodes() {
    let labels = with_aliases(BTreeMap::from([(labels::NODE_CLASS.to_owned(), "a".to_owned())]));
    assert_eq!(labels.len(), 1);
}
