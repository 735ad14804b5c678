//! Rows of the cloud become what the engine schedules on.

use std::collections::BTreeMap;

use alibaba_sdk::ecs::{InstanceType as Row, SpotPrice};
use karpenter_core::api::labels as core;
use karpenter_core::model::instance_type::InstanceType;
use karpenter_core::model::price::Price;
use karpenter_core::model::resources::Resources;

use super::CapacityType;
use super::assemble::{Sources, instance_types};
use super::capacity::{Setting, capacity, max_pods};
use super::market::{Market, MarketView};
use super::overhead::overhead;
use super::prices::{Prices, Quoted, SpotQuote};
use super::stock::Stock;
use super::types::{is_offered, requirements};
use crate::api::kubelet::KubeletConfiguration;
use crate::api::labels;
use crate::api::node_class::{ECSNodeClass, ECSNodeClassSpec};
use crate::cluster::{ClusterFacts, Network};
use crate::options::Options;
use crate::reservations::ledger::Ledger;
use crate::testing::{class, market, noon, row, stock};
use crate::unavailable::{Mark, Unavailable};

const FLANNEL: Network = Network::Flannel { node_cidr_mask: 24 };

fn setting(network: Network, spec: &ECSNodeClassSpec) -> Setting<'_> {
    Setting { network, spec, vm_memory_overhead_percent: 0.065, reserved_enis: 0 }
}

fn with_kubelet(kubelet: KubeletConfiguration) -> ECSNodeClassSpec {
    ECSNodeClassSpec { kubelet: Some(kubelet), ..ECSNodeClassSpec::default() }
}

fn label(row: &Row, key: &str) -> Option<String> {
    let requirements = requirements(row, "cn-hangzhou");
    requirements.get(key).and_then(|r| r.any()).map(|value| value.to_string())
}

fn catalog(
    class: &ECSNodeClass,
    market: &MarketView,
    unavailable: &Unavailable,
) -> Vec<std::sync::Arc<InstanceType>> {
    let options = Options::new("cn-hangzhou", "c1");
    instance_types(
        class,
        Sources { market, unavailable, reservations: &Ledger::default(), options: &options },
    )
}

/// Whether the offering of the only type in `zone` is available; `None` when there is no such offering.
fn available(
    types: &[std::sync::Arc<InstanceType>],
    name: &str,
    zone: &str,
    kind: CapacityType,
) -> Option<bool> {
    let it = types.iter().find(|it| it.name.as_str() == name)?;
    let is_it = |r: &karpenter_core::model::requirements::Requirements| {
        r.get(core::ZONE).is_some_and(|r| r.contains(zone))
            && r.get(core::CAPACITY_TYPE).is_some_and(|r| r.contains(kind.as_str()))
    };
    it.offerings.iter().find(|o| is_it(&o.requirements)).map(|o| o.available)
}

// behaviour 05#1
#[test]
fn small_types_are_offered_on_flannel_and_not_on_shared_interfaces() {
    let g6 = Row { eni_quantity: 2, ..row("ecs.g6.large", 2, 8.0) };
    assert!(!is_offered(&g6, Network::TerwayShared, false));
    assert!(is_offered(&g6, FLANNEL, false));
    assert_eq!(max_pods(&g6, setting(FLANNEL, &ECSNodeClassSpec::default())), 256);
}

// behaviour 05#2
#[test]
fn pods_follow_interfaces_less_the_reserved_ones() {
    let (g7, spec) = (row("ecs.g7.large", 2, 8.0), ECSNodeClassSpec::default());
    let own = setting(Network::TerwayShared, &spec);
    assert_eq!(max_pods(&g7, own), 15);
    assert_eq!(max_pods(&g7, Setting { reserved_enis: 1, ..own }), 9);
}

// behaviour 05#3
#[test]
fn allocatable_of_a_known_type_is_exact() {
    let (g7, spec) = (row("ecs.g7.large", 2, 8.0), ECSNodeClassSpec::default());
    let capacity = capacity(&g7, setting(Network::TerwayShared, &spec));
    let total = overhead(2, 8.0, &capacity, true, None).total();
    let left = capacity.subtract(&total);
    let text = |resources: &Resources, name: &str| resources.get_or_zero(name).to_string();
    assert_eq!(text(&capacity, "memory"), "7659Mi");
    assert_eq!(text(&left, "memory"), "6939Mi");
    assert_eq!(text(&left, "cpu"), "1930m");
}

// behaviour 05#4
#[test]
fn reserved_cpu_grows_in_steps() {
    let expected =
        [(1, 60), (2, 70), (4, 80), (8, 90), (16, 110), (32, 150), (64, 230), (128, 390)];
    for (cpu, milli) in expected {
        let reserved = overhead(cpu, 1024.0, &Resources::new(), true, None).kube_reserved;
        assert_eq!(reserved.get_or_zero("cpu").milli_ceil(), milli, "{cpu} vCPUs");
    }
}

// behaviour 05#5
#[test]
fn eviction_threshold_takes_a_share_of_capacity_and_all_means_none() {
    let (g7, plain) = (row("ecs.g7.large", 2, 8.0), ECSNodeClassSpec::default());
    let capacity = capacity(&g7, setting(FLANNEL, &plain));
    let memory = |text: &str| {
        let map = BTreeMap::from([("memory.available".to_owned(), text.to_owned())]);
        let kubelet = KubeletConfiguration { eviction_hard: Some(map), ..Default::default() };
        let threshold = overhead(2, 8.0, &capacity, true, Some(&kubelet)).eviction_threshold;
        threshold.get_or_zero("memory").units_ceil()
    };
    // 7659 MiB are 8031043584 bytes, a twentieth is 401552179.2.
    assert_eq!(memory("5%"), 401_552_180);
    assert_eq!(memory("100%"), 0);
}

// behaviour 05#6
#[test]
fn reservation_of_the_user_wins() {
    let map = BTreeMap::from([("memory".to_owned(), "1Gi".to_owned())]);
    let kubelet = KubeletConfiguration { kube_reserved: Some(map), ..Default::default() };
    let reserved = overhead(2, 8.0, &Resources::new(), true, Some(&kubelet)).kube_reserved;
    assert_eq!(reserved.get_or_zero("memory").to_string(), "1Gi");
    assert_eq!(reserved.get_or_zero("cpu").to_string(), "70m");
}

// behaviour 05#7
#[test]
fn pods_per_core_bounds_the_number_of_pods() {
    let spec = with_kubelet(KubeletConfiguration { pods_per_core: Some(5), ..Default::default() });
    assert_eq!(max_pods(&row("ecs.g7.large", 2, 8.0), setting(FLANNEL, &spec)), 10);
}

// behaviour 05#8
#[test]
fn type_without_gpu_name_has_no_gpu() {
    let odd = Row { gpu_amount: 1, ..row("ecs.gn5.large", 4, 30.0) };
    let capacity = capacity(&odd, setting(FLANNEL, &ECSNodeClassSpec::default()));
    assert!(!capacity.iter().any(|(name, _)| name.as_str().ends_with("/gpu")));
    assert_eq!(label(&odd, labels::INSTANCE_GPU_NAME), None);
}

// behaviour 05#9
#[test]
fn family_without_generation_has_no_generation_label() {
    let e = Row { instance_type_family: "ecs.e".into(), ..row("ecs.e-c1m2.large", 2, 4.0) };
    assert_eq!(label(&e, labels::INSTANCE_CATEGORY).as_deref(), Some("e"));
    assert_eq!(label(&e, labels::INSTANCE_GENERATION), None);
    assert_eq!(label(&e, labels::INSTANCE_FAMILY).as_deref(), Some("ecs.e"));
}

// behaviour 05#10
#[test]
fn gpu_type_names_its_parts() {
    let gpu = Row {
        instance_type_family: "ecs.gn7i".to_owned(),
        gpu_amount: 1,
        gpu_spec: "NVIDIA A10".to_owned(),
        ..row("ecs.gn7i-c8g1.2xlarge", 8, 30.0)
    };
    let expected = [
        (labels::INSTANCE_CATEGORY, "gn"),
        (labels::INSTANCE_GENERATION, "7"),
        (labels::INSTANCE_FAMILY, "ecs.gn7i"),
        (labels::INSTANCE_SIZE, "2xlarge"),
        (labels::INSTANCE_GPU_NAME, "nvidia-a10"),
        (labels::INSTANCE_GPU_MANUFACTURER, "nvidia"),
    ];
    for (key, value) in expected {
        assert_eq!(label(&gpu, key).as_deref(), Some(value), "{key}");
    }
}

// behaviour 05#11
#[test]
fn architecture_is_known_or_the_type_is_skipped() {
    let arm = Row { cpu_architecture: "ARM".into(), ..row("ecs.g8y.large", 2, 8.0) };
    assert_eq!(label(&arm, core::ARCH).as_deref(), Some("arm64"));
    let odd = Row { cpu_architecture: "RISCV".into(), ..arm };
    assert!(!is_offered(&odd, FLANNEL, false));
}

// behaviour 05#12
#[test]
fn memory_label_is_a_whole_number_of_mebibytes() {
    for (gib, mib) in [(0.5, "512"), (3.75, "3840"), (1024.0, "1048576")] {
        let own = label(&row("ecs.g7.large", 2, gib), labels::INSTANCE_MEMORY);
        assert_eq!(own.as_deref(), Some(mib));
    }
}

// behaviour 05#15
#[test]
fn scratch_space_follows_the_class() {
    let disk =
        crate::api::disks::SystemDisk { volume_size: Some("60Gi".into()), ..Default::default() };
    let large = ECSNodeClassSpec { system_disk: Some(disk), ..Default::default() };
    let storage = |spec: &ECSNodeClassSpec| {
        let capacity = capacity(&row("ecs.g7.large", 2, 8.0), setting(FLANNEL, spec));
        capacity.get_or_zero("ephemeral-storage").to_string()
    };
    assert_eq!(
        (storage(&ECSNodeClassSpec::default()), storage(&large)),
        ("40Gi".into(), "60Gi".into())
    );
}

// behaviour 05#16
#[test]
fn sold_out_offering_is_unavailable_and_its_zone_stays_supported() {
    let base = market(&["h", "i"], &[(row("ecs.g7.large", 2, 8.0), 1.0)]);
    let rows = [
        ("h", "ecs.g7.large", "SoldOut", "WithoutStock"),
        ("i", "ecs.g7.large", "Available", "WithStock"),
    ];
    let sold_out = Stock { on_demand: stock(&rows), spot: stock(&[]) };
    let view = MarketView { stock: sold_out.into(), ..base };
    let types = catalog(&class(&["h", "i"]), &view, &Unavailable::default());
    let seen = |zone| available(&types, "ecs.g7.large", zone, CapacityType::OnDemand);
    assert_eq!((seen("h"), seen("i")), (Some(false), Some(true)));
    assert!(types[0].requirements.get(core::ZONE).is_some_and(|zones| zones.contains("h")));
}

// behaviour 05#18
#[test]
fn empty_spot_stock_leaves_on_demand_alone() {
    let base = market(&["h"], &[(row("ecs.g7.large", 2, 8.0), 1.0)]);
    let on_demand = base.stock.on_demand.clone();
    let view = MarketView { stock: Stock { on_demand, spot: stock(&[]) }.into(), ..base };
    let types = catalog(&class(&["h"]), &view, &Unavailable::default());
    let seen = |kind| available(&types, "ecs.g7.large", "h", kind);
    assert_eq!(seen(CapacityType::OnDemand), Some(true));
    assert_eq!(seen(CapacityType::Spot), Some(false));
}

fn spot_row(zone: &str, price: f64) -> SpotPrice {
    SpotPrice {
        instance_type: "ecs.g7.large".to_owned(),
        zone_id: zone.to_owned(),
        spot_price: price,
        ..SpotPrice::default()
    }
}

// behaviour 05#19
#[test]
fn spot_costs_as_on_demand_until_read_and_is_absent_where_no_price_came() {
    let unread = market(&["h", "i"], &[(row("ecs.g7.large", 2, 8.0), 1.0)]);
    let types = catalog(&class(&["h", "i"]), &unread, &Unavailable::default());
    assert!(types[0].offerings.iter().all(|o| o.price == Price::per_hour(1.0)));
    let mut prices = (*unread.prices).clone();
    prices.learn_spot("ecs.g7.large", "CNY", &[spot_row("h", 0.2)], noon());
    let read = MarketView { prices: prices.into(), ..unread };
    let types = catalog(&class(&["h", "i"]), &read, &Unavailable::default());
    let seen = |zone| available(&types, "ecs.g7.large", zone, CapacityType::Spot);
    assert_eq!((seen("h"), seen("i")), (Some(true), Some(false)));
}

#[test]
fn newest_spot_price_of_a_zone_counts() {
    let newer = SpotPrice { timestamp: Some(crate::time::to_chrono(noon())), ..spot_row("h", 0.3) };
    let mut prices = Prices::default();
    prices.learn_spot("ecs.g7.large", "CNY", &[newer, spot_row("h", 0.2)], noon());
    assert_eq!(prices.spot("ecs.g7.large", "h"), SpotQuote::Known(0.3));
}

// behaviour 05#21
#[test]
fn prices_of_another_currency_drop_the_former() {
    let quoted = |currency: &str| Quoted { per_hour: 1.0, currency: currency.to_owned() };
    let mut prices = Prices::default();
    prices.learn_on_demand("ecs.g7.large", 2, &quoted("CNY"), noon());
    prices.learn_on_demand("ecs.g8i.large", 2, &quoted("USD"), noon());
    assert_eq!(prices.on_demand("ecs.g7.large"), None);
    assert_eq!(prices.on_demand("ecs.g8i.large"), Some(1.0));
}

// behaviour 05#22
#[test]
fn type_without_price_ranks_behind_every_priced_type_of_its_size() {
    let mut view =
        market(&["h"], &[(row("ecs.g7.large", 2, 8.0), 1.0), (row("ecs.r7.large", 2, 16.0), 3.0)]);
    let mut types = (*view.types).clone();
    types.insert("ecs.g9.large".to_owned(), row("ecs.g9.large", 2, 8.0));
    view.types = types.into();
    assert_eq!(view.prices.on_demand_or_estimate("ecs.g9.large", 2), Price::per_hour(3.0));
}

// behaviour 05#26
#[test]
fn zone_is_closed_only_when_all_its_vswitches_are_full() {
    let view = market(&["h"], &[(row("ecs.g7.large", 2, 8.0), 1.0)]);
    let mut two = class(&["h"]);
    let status = two.status.as_mut().expect("a status");
    let second = crate::api::status::VSwitchStatus {
        id: "vsw-2".into(),
        zone: "h".into(),
        ..Default::default()
    };
    status.v_switches.push(second);
    let mut full = Unavailable::default();
    full.mark(Mark::VSwitch("vsw-h".to_owned()), noon());
    let seen = |class: &ECSNodeClass| {
        available(&catalog(class, &view, &full), "ecs.g7.large", "h", CapacityType::OnDemand)
    };
    assert_eq!((seen(&class(&["h"])), seen(&two)), (Some(false), Some(true)));
}

// behaviour 05#65
#[test]
fn spot_offering_above_the_limit_of_the_class_is_unavailable() {
    let mut view = market(&["h", "i"], &[(row("ecs.g7.large", 2, 8.0), 1.0)]);
    let mut prices = (*view.prices).clone();
    let rows = [spot_row("h", 0.12), spot_row("i", 0.09)];
    prices.learn_spot("ecs.g7.large", "CNY", &rows, noon());
    view.prices = prices.into();
    let mut limited = class(&["h", "i"]);
    limited.spec.spot_strategy = Some(crate::api::spot::SpotStrategy::SpotWithPriceLimit);
    limited.spec.spot_price_limit = Some(0.10);
    let types = catalog(&limited, &view, &Unavailable::default());
    let seen = |zone| available(&types, "ecs.g7.large", zone, CapacityType::Spot);
    assert_eq!((seen("h"), seen("i")), (Some(false), Some(true)));
}

#[test]
fn zones_without_vswitch_are_offered_but_not_available() {
    let view = market(&["h", "i"], &[(row("ecs.g7.large", 2, 8.0), 1.0)]);
    let types = catalog(&class(&["h"]), &view, &Unavailable::default());
    assert_eq!(available(&types, "ecs.g7.large", "i", CapacityType::OnDemand), Some(false));
    assert!(types[0].requirements.get(core::ZONE).is_some_and(|zones| !zones.contains("i")));
}

// behaviour 05#13
#[test]
fn equal_tables_do_not_move_the_sequence() {
    let market = Market::default();
    market.set_types(vec![row("ecs.g7.large", 2, 8.0)], noon());
    let first = market.view().sequence;
    market.set_types(vec![row("ecs.g7.large", 2, 8.0)], noon());
    market.set_cluster(ClusterFacts::default(), noon());
    assert_eq!(market.view().sequence, first);
    market.set_types(vec![row("ecs.g7.xlarge", 4, 16.0)], noon());
    assert_eq!(market.view().sequence, first + 1);
}

// behaviour 01#164
#[test]
fn memory_of_a_tebibyte_is_a_whole_number() {
    let label = label(&row("ecs.re6.52xlarge", 208, 1024.0), labels::INSTANCE_MEMORY);
    assert_eq!(label.as_deref(), Some("1048576"));
}
