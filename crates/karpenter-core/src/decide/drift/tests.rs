use jiff::Timestamp;
use serde_json::json;

use super::{Drift, LabelRules, Sold, instance_type, pool};
use crate::api::labels::{
    CAPACITY_TYPE, INSTANCE_TYPE, NODEPOOL_HASH, NODEPOOL_HASH_VERSION, ZONE,
};
use crate::model::ids::LabelKey;
use crate::model::instance_type::Catalog;
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use crate::testing::instance_types::{catalog, instance_type as it};
use crate::testing::objects::{ClaimBuilder, PoolBuilder, at, node_claim, node_pool};

const RESERVATION: &str = "example.com/reservation";

fn with_rules<T>(ask: impl FnOnce(LabelRules<'_>) -> T) -> T {
    let well_known = WellKnownLabels::core().with([RESERVATION]);
    let normalization = LabelNormalization::core();
    let reservations = [LabelKey::from(RESERVATION)];
    ask(LabelRules {
        well_known: &well_known,
        normalization: &normalization,
        reservations: &reservations,
    })
}

fn drift(claim: ClaimBuilder, of: PoolBuilder) -> Option<&'static str> {
    with_rules(|rules| pool(&claim.build(), &of.build(), rules)).map(Drift::reason)
}

// behaviour 01#85
#[test]
fn another_hash_of_the_same_version_is_drift() {
    let hashed = |hash: &str, version: &str| {
        let pool = node_pool("general").annotation(NODEPOOL_HASH, hash);
        pool.annotation(NODEPOOL_HASH_VERSION, version)
    };
    let claim = || node_claim("a").annotation(NODEPOOL_HASH_VERSION, "v3");
    assert_eq!(drift(claim(), hashed("1", "v3")), None, "the claim has no hash");
    let claim = || claim().annotation(NODEPOOL_HASH, "1");
    assert_eq!(drift(claim(), hashed("2", "v4")), None, "the versions differ");
    assert_eq!(drift(claim(), hashed("1", "v3")), None);
    assert_eq!(drift(claim(), hashed("2", "v3")), Some("NodePoolDrifted"));
    assert_eq!(drift(claim(), node_pool("general")), None, "the pool has no hash");
}

// behaviour 01#86
#[test]
fn labels_that_miss_a_requirement_are_drift() {
    let requiring = |key: &str, operator: &str, values: &[&str]| {
        let entry = json!([{ "key": key, "operator": operator, "values": values }]);
        node_pool("general").set("/spec/template/spec/requirements", entry)
    };
    let claim = || node_claim("a").label("team", "a");
    assert_eq!(drift(claim(), requiring("team", "In", &["a"])), None);
    let drifted = Some("RequirementsDrifted");
    assert_eq!(drift(claim(), requiring("team", "In", &["b"])), drifted);
    assert_eq!(drift(claim(), requiring("tier", "In", &["x"])), drifted);
    assert_eq!(drift(claim(), requiring("tier", "Exists", &[])), drifted);
    assert_eq!(drift(claim(), requiring("tier", "NotIn", &["x"])), None);
}

fn sold(claim: ClaimBuilder, catalog: &Catalog, found: Option<i64>, now: Timestamp) -> Sold {
    with_rules(|rules| instance_type(&claim.build(), catalog, found.map(at), rules, now))
}

fn minutes(minutes: i64) -> Timestamp {
    at(60 * minutes)
}

/// A claim of type `t`, created at zero.
fn of_type(zone: &str, capacity_type: &str) -> ClaimBuilder {
    let claim = node_claim("a").label(INSTANCE_TYPE, "t");
    claim.label(ZONE, zone).label(CAPACITY_TYPE, capacity_type)
}

// behaviour 01#87
#[test]
fn a_vanished_type_is_noticed_after_an_hour_and_one_that_is_there_asked_about_every_half() {
    let (gone, there) = (catalog([]), catalog([it("t").sold_out("z1", "spot", 1.0).build()]));
    let claim = || of_type("z1", "spot");
    assert_eq!(sold(claim(), &gone, None, minutes(59)), Sold::NotBefore(minutes(60)));
    assert_eq!(sold(claim(), &gone, None, minutes(61)), Sold::NoLonger);
    assert_eq!(sold(claim(), &there, None, minutes(61)), Sold::Still, "stock does not matter");
    let found = Some(61 * 60);
    assert_eq!(sold(claim(), &gone, found, minutes(90)), Sold::NotBefore(minutes(91)));
    assert_eq!(sold(claim(), &gone, found, minutes(91)), Sold::NoLonger);
}

#[test]
fn a_type_without_an_offering_that_suits_the_labels_is_not_sold() {
    let only_z2 = catalog([it("t").offering("z2", "spot", 1.0).build()]);
    assert_eq!(sold(of_type("z1", "spot"), &only_z2, None, minutes(61)), Sold::NoLonger);
    assert_eq!(sold(of_type("z2", "spot"), &only_z2, None, minutes(61)), Sold::Still);
    let nameless = node_claim("a").label(ZONE, "z2");
    assert_eq!(sold(nameless, &only_z2, None, minutes(61)), Sold::NoLonger);
}

#[test]
fn reserved_capacity_is_still_sold_as_long_as_it_is_on_demand() {
    let claim = || of_type("z1", "reserved").label(RESERVATION, "r1");
    let with = |capacity_type: &str| catalog([it("t").offering("z1", capacity_type, 1.0).build()]);
    assert_eq!(sold(claim(), &with("on-demand"), None, minutes(61)), Sold::Still);
    assert_eq!(sold(claim(), &with("reserved"), None, minutes(61)), Sold::Still);
    assert_eq!(sold(claim(), &with("spot"), None, minutes(61)), Sold::NoLonger);
}
