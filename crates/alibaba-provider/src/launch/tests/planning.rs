//! Filters, order and requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use alibaba_sdk::ecs::InstanceType as Row;
use karpenter_core::api::labels as core;
use karpenter_core::cloud_provider::CloudProviderError;
use karpenter_core::model::instance_type::InstanceType;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::quantity::Quantity;
use karpenter_core::model::requirement::Requirement;
use karpenter_core::model::resources::{ResourceName, Resources};

use crate::api::disks::{DiskCategory, PerformanceLevel, SystemDisk};
use crate::api::labels;
use crate::api::metadata::{HttpTokens, MetadataOptions};
use crate::api::node_class::ECSNodeClass;
use crate::catalog::assemble::{Sources, instance_types};
use crate::catalog::market::MarketView;
use crate::launch::disks::system_categories;
use crate::launch::plan::{Attempt, LaunchInput, LaunchPlan, plan};
use crate::launch::request::{Order, run_instances};
use crate::launch::tags::tags;
use crate::launch::token::client_token;
use crate::network::addresses::Addresses;
use crate::options::Options;
use crate::reservations::ledger::Ledger;
use crate::testing::{claim, class, market, row};
use crate::unavailable::Unavailable;

pub(super) fn types(class: &ECSNodeClass, market: &MarketView) -> Vec<Arc<InstanceType>> {
    let options = Options::new("cn-hangzhou", "c1");
    let unavailable = Unavailable::default();
    let reservations = &Ledger::default();
    let sources = Sources { market, unavailable: &unavailable, reservations, options: &options };
    instance_types(class, sources)
}

pub(super) fn addresses(zones: &[&str]) -> Addresses {
    let mut addresses = Addresses::default();
    for zone in zones {
        addresses.learn(&format!("vsw-{zone}"), 100);
    }
    addresses
}

/// The plan for `claim` in zones h and i.
pub(super) fn planned(
    claim: &NodeClaim,
    rows: &[(Row, f64)],
) -> Result<LaunchPlan, CloudProviderError> {
    let (class, market) = (class(&["h", "i"]), market(&["h", "i"], rows));
    plan(LaunchInput {
        claim,
        class: &class,
        types: &types(&class, &market),
        well_known: &labels::well_known(false),
        addresses: &addresses(&["h", "i"]),
    })
}

fn summary(plan: &LaunchPlan) -> Vec<String> {
    let text =
        |a: &Attempt| format!("{}/{}/{}", a.instance_type.name, a.zone, a.capacity_type.as_str());
    plan.attempts.iter().map(text).collect()
}

pub(super) fn on_demand() -> Requirement {
    Requirement::in_values(core::CAPACITY_TYPE, ["on-demand"])
}

fn zone_h() -> Requirement {
    Requirement::in_values(core::ZONE, ["h"])
}

// behaviour 05#28
#[test]
fn attempts_stay_in_the_zones_of_the_claim() {
    let plan = planned(&claim([on_demand(), zone_h()]), &[(row("ecs.g7.large", 2, 8.0), 1.0)]);
    assert_eq!(summary(&plan.expect("a plan")), ["ecs.g7.large/h/on-demand"]);
}

// behaviour 05#49
#[test]
fn cheapest_offering_is_tried_first() {
    let rows = [(row("ecs.g7.large", 2, 8.0), 2.0), (row("ecs.c7.large", 2, 4.0), 1.0)];
    let plan = planned(&claim([on_demand(), zone_h()]), &rows).expect("a plan");
    assert_eq!(summary(&plan), ["ecs.c7.large/h/on-demand", "ecs.g7.large/h/on-demand"]);
}

#[test]
fn spot_comes_before_on_demand() {
    let plan = planned(&claim([zone_h()]), &[(row("ecs.g7.large", 2, 8.0), 1.0)]).expect("a plan");
    assert_eq!(summary(&plan), ["ecs.g7.large/h/spot", "ecs.g7.large/h/on-demand"]);
}

// behaviour 05#50
#[test]
fn spot_dearer_than_the_cheapest_on_demand_is_not_tried() {
    let rows = [(row("ecs.g7.large", 2, 8.0), 2.0), (row("ecs.c7.large", 2, 4.0), 1.0)];
    let plan = planned(&claim([zone_h()]), &rows).expect("a plan");
    assert!(!summary(&plan).contains(&"ecs.g7.large/h/spot".to_owned()));
    assert!(summary(&plan).contains(&"ecs.c7.large/h/spot".to_owned()));
}

// behaviour 05#51
#[test]
fn minimum_of_values_keeps_dear_spot_and_exotic_types() {
    let family = Requirement::exists(labels::INSTANCE_FAMILY).with_min_values(Some(2));
    let rows = [(row("ecs.ebmg7.large", 2, 8.0), 2.0), (row("ecs.c7.large", 2, 4.0), 1.0)];
    let plan = planned(&claim([zone_h(), family]), &rows).expect("a plan");
    assert!(summary(&plan).contains(&"ecs.ebmg7.large/h/spot".to_owned()));
}

#[test]
fn minimum_of_values_that_stock_cannot_meet_is_insufficient_capacity() {
    let family = Requirement::exists(labels::INSTANCE_FAMILY).with_min_values(Some(2));
    let plan = planned(&claim([family]), &[(row("ecs.c7.large", 2, 4.0), 1.0)]);
    assert!(matches!(plan, Err(CloudProviderError::InsufficientCapacity(_))));
}

// behaviour 05#52
#[test]
fn bare_metal_is_tried_only_when_nothing_else_fits() {
    let metal = (row("ecs.ebmg7.large", 2, 8.0), 0.5);
    let both = [metal.clone(), (row("ecs.g7.large", 2, 8.0), 1.0)];
    let claim = claim([on_demand(), zone_h()]);
    assert_eq!(summary(&planned(&claim, &both).expect("a plan")), ["ecs.g7.large/h/on-demand"]);
    assert_eq!(
        summary(&planned(&claim, &[metal]).expect("a plan")),
        ["ecs.ebmg7.large/h/on-demand"]
    );
}

#[test]
fn types_too_small_for_the_requests_are_not_tried() {
    let mut claim = claim([on_demand()]);
    claim.requests = Resources::from_iter([(ResourceName::cpu(), Quantity::from_units(2))]);
    let plan = planned(&claim, &[(row("ecs.g7.large", 2, 8.0), 1.0)]);
    assert!(matches!(plan, Err(CloudProviderError::InsufficientCapacity(_))));
}

// behaviour 05#31
#[test]
fn equal_offerings_are_spread_over_zones() {
    let zones = ["h", "i", "j"];
    let (class, market) = (class(&zones), market(&zones, &[(row("ecs.g7.large", 2, 8.0), 1.0)]));
    let (types, well_known) = (types(&class, &market), labels::well_known(false));
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for n in 0..300 {
        let mut claim = claim([on_demand()]);
        claim.uid = format!("uid-{n}").into();
        let addresses = addresses(&zones);
        let input = LaunchInput {
            claim: &claim,
            class: &class,
            types: &types,
            well_known: &well_known,
            addresses: &addresses,
        };
        let plan = plan(input).expect("a plan");
        *counts.entry(plan.attempts[0].zone.to_string()).or_default() += 1;
    }
    assert!(counts.len() == 3 && counts.values().all(|n| (75..=126).contains(n)), "{counts:?}");
}

fn first(plan: &LaunchPlan, kind: &str) -> Attempt {
    let found = plan.attempts.iter().find(|a| a.capacity_type.as_str() == kind);
    found.expect("an attempt").clone()
}

// behaviour 05#96, 05#97, 05#62
#[test]
fn request_says_what_the_service_would_otherwise_choose_differently() {
    let claim = claim([zone_h()]);
    let plan = planned(&claim, &[(row("ecs.g7.large", 2, 8.0), 1.0)]).expect("a plan");
    let mut class = class(&["h"]);
    class.spec.metadata_options =
        Some(MetadataOptions { http_tokens: Some(HttpTokens::Required), ..Default::default() });
    let order =
        Order { claim: &claim, class: &class, default_role: "worker", password: None, tags: &[] };
    let spot = run_instances(order, &first(&plan, "spot"), DiskCategory::CloudEssd, "");
    assert_eq!(
        (spot.spot_strategy.as_deref(), spot.spot_duration),
        (Some("SpotAsPriceGo"), Some(0))
    );
    assert_eq!(spot.http_tokens.as_deref(), Some("required"));
    let level = |request: &alibaba_sdk::ecs::RunInstances| {
        request.system_disk.as_ref().and_then(|disk| disk.performance_level.clone())
    };
    assert_eq!(level(&spot).as_deref(), Some("PL0"));
    let auto = run_instances(order, &first(&plan, "on-demand"), DiskCategory::CloudAuto, "");
    assert_eq!(
        (level(&auto), auto.spot_strategy.clone(), auto.key_pair_name.clone()),
        (None, None, None)
    );
    // behaviour 05#105
    assert_eq!(auto.ram_role_name.as_deref(), Some("worker"));
}

#[test]
fn disk_categories_that_refuse_the_size_or_family_are_dropped() {
    let mut spec = class(&["h"]).spec;
    let names = |spec: &crate::api::node_class::ECSNodeClassSpec, family: &str| -> Vec<&str> {
        system_categories(spec, family).into_iter().map(DiskCategory::as_str).collect()
    };
    assert!(!names(&spec, "ecs.g7").contains(&"cloud_essd_entry"));
    assert!(names(&spec, "ecs.u1").contains(&"cloud_essd_entry"));
    let disk = SystemDisk {
        size: Some(100),
        performance_level: Some(PerformanceLevel::Pl2),
        ..Default::default()
    };
    spec.system_disk = Some(disk);
    assert!(!names(&spec, "ecs.g7").contains(&"cloud_essd"));
}

// behaviour 05#63, 05#104
#[test]
fn our_tags_win_and_their_number_is_bounded() {
    let (mut class, claim) = (class(&["h"]), claim([]));
    class.spec.cluster_id = Some("other".to_owned());
    let user = |n: u32| (0..n).map(|i| (format!("k{i}"), "v".to_owned()));
    class.spec.tags =
        Some(user(14).chain([("ecs:ecs-cluster-id".into(), "mine".into())]).collect());
    let all = tags(&class, &claim, "c1").expect("tags");
    let value = |key: &str| all.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str());
    assert_eq!(value("ecs:ecs-cluster-id"), Some("c1"));
    assert_eq!(value("kubernetes.io/cluster/c1"), Some("owned"));
    assert_eq!(value("karpenter.sh/nodeclaim"), Some("claim-1"));
    class.spec.tags = Some(user(16).collect());
    assert!(tags(&class, &claim, "c1").is_err());
}

#[test]
fn client_token_depends_on_claim_attempt_and_request() {
    let request = |name: &str| alibaba_sdk::ecs::RunInstances {
        instance_type: name.to_owned(),
        ..Default::default()
    };
    let token =
        |uid: &str, attempt: u32, name: &str| client_token("c1", uid, attempt, &request(name));
    let own = token("uid-1", 0, "a");
    assert_eq!(own, token("uid-1", 0, "a"));
    assert_eq!(own.len(), 56);
    for other in [token("uid-2", 0, "a"), token("uid-1", 1, "a"), token("uid-1", 0, "b")] {
        assert_ne!(own, other);
    }
}
