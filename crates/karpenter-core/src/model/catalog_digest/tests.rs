use super::*;
use crate::model::price::Price;
use crate::testing::instance_types::{catalog, instance_type};

#[test]
fn requirements_are_listed_once_with_all_types_that_have_them() {
    let of =
        |name: &str, zone: &str| instance_type(name).cpu("1").offering(zone, "spot", 1.0).build();
    let types = catalog([of("a", "z1"), of("b", "z2"), of("c", "z1")]).types;
    let zones = types.digest().statements(&labels::ZONE.into());
    let listed: Vec<_> =
        zones.iter().map(|said| (said.requirement.values(), &*said.members)).collect();
    assert_eq!(listed, [(&["z1".into()][..], &[0, 2][..]), (&["z2".into()][..], &[1][..])]);
    assert!(types.digest().statements(&"unheard".into()).is_empty());
}

#[test]
fn offers_know_who_has_them_in_stock() {
    let both = instance_type("both").cpu("1").offering("z1", "spot", 1.0);
    let both = both.offering("z1", "on-demand", 2.0).build();
    let one = instance_type("one").cpu("1").offering("z1", "on-demand", 3.0).build();
    let types = catalog([both, one]).types;
    let offers = &types.digest().offers;
    let sellers = |at: usize| offers[at].sellers[0].ones().collect::<Vec<_>>();
    assert_eq!((offers.len(), sellers(0), sellers(1)), (2, vec![0], vec![0, 1]));
    assert_eq!(types.digest().sold[1][..], [(1, Price::per_hour(3.0))]);
    assert_eq!(offers[1].capacity_type.as_deref(), Some("on-demand"));
}

#[test]
fn a_resource_that_nobody_has_is_enough_for_nothing_but_nothing() {
    let types = catalog([instance_type("a").cpu("2").offering("z1", "spot", 1.0).build()]).types;
    let layer = &types.digest().layers[0];
    let gpus = layer.column(&"gpu".into());
    assert_eq!((gpus.at_least(0), gpus.at_least(1)), (Some(&[1][..]), None));
    let cpu = layer.column(&ResourceName::cpu());
    assert_eq!((cpu.at_least(2_000_000_000), cpu.at_least(2_000_000_001)), (Some(&[1][..]), None));
}
