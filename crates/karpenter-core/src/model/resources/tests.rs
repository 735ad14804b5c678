use super::*;
use proptest::prelude::*;

fn resources(entries: &[(&str, &str)]) -> Resources {
    entries.iter().map(|(name, text)| ((*name).into(), text.parse().unwrap())).collect()
}

#[test]
fn sum_and_maximum_keep_the_names_of_either_side() {
    let (a, b) =
        (resources(&[("cpu", "1"), ("pods", "0")]), resources(&[("cpu", "500m"), ("x", "2")]));
    assert_eq!(a.add(&b).to_string(), r#"{"cpu":"1500m","pods":"0","x":"2"}"#);
    assert_eq!(a.max(&b).to_string(), r#"{"cpu":"1","pods":"0","x":"2"}"#);
    let mut sum = a.clone();
    sum.add_in_place(&b);
    assert_eq!(sum, a.add(&b));
}

#[test]
fn minimum_keeps_the_names_of_both_sides_only() {
    let (a, b) =
        (resources(&[("cpu", "1"), ("y", "1")]), resources(&[("cpu", "500m"), ("x", "2")]));
    assert_eq!(a.min(&b).to_string(), r#"{"cpu":"500m"}"#);
}

#[test]
fn difference_keeps_own_names_and_subtracting_in_place_creates_negative_ones() {
    let (a, b) = (resources(&[("cpu", "1")]), resources(&[("cpu", "3"), ("x", "2")]));
    assert_eq!(a.subtract(&b).to_string(), r#"{"cpu":"-2"}"#);
    let mut left = a;
    left.subtract_from(&b);
    assert_eq!(left.to_string(), r#"{"cpu":"-2","x":"-2"}"#);
}

#[test]
fn overriding_replaces_only_what_the_other_side_names() {
    let (a, b) = (resources(&[("cpu", "1"), ("y", "1")]), resources(&[("cpu", "0")]));
    assert_eq!(a.override_with(&b).to_string(), r#"{"cpu":"0","y":"1"}"#);
}

// behaviour 02#69
#[test]
fn nothing_fits_where_an_entry_is_negative() {
    let have = resources(&[("cpu", "4"), ("memory", "-1")]);
    assert!(!Resources::new().fits(&have));
    assert_eq!(Resources::new().unfits(&have)[0].name.as_str(), "memory");
}

// behaviour 02#67
#[test]
fn a_zero_request_for_an_absent_resource_fits_and_a_positive_one_does_not() {
    let have = resources(&[("cpu", "4")]);
    assert!(resources(&[("gpu", "0")]).fits(&have));
    assert!(!resources(&[("gpu", "1")]).fits(&have));
}

#[test]
fn what_exceeds_is_listed_by_name_with_the_amount() {
    let want = resources(&[("cpu", "3"), ("memory", "2Gi"), ("pods", "1")]);
    let have = resources(&[("cpu", "2"), ("memory", "2Gi")]);
    let excess = |unfit: &Unfit| format!("{} {}", unfit.name, unfit.excess());
    let unfits = want.unfits(&have);
    assert_eq!(unfits.iter().map(excess).collect::<Vec<_>>(), ["cpu 1", "pods 1"]);
    assert_eq!(want.first_unfit(&have), unfits.first().cloned());
}

#[test]
fn empty_resources_print_as_an_empty_object() {
    assert_eq!(Resources::new().to_string(), "{}");
}

#[test]
fn an_object_map_is_read_and_written_with_canonical_amounts() {
    let map = BTreeMap::from([
        ("memory".to_owned(), ApiQuantity("1024Mi".into())),
        ("cpu".to_owned(), ApiQuantity("0.5".into())),
    ]);
    let resources = Resources::from_api(&map).unwrap();
    assert_eq!(resources.to_string(), r#"{"cpu":"500m","memory":"1Gi"}"#);
    assert_eq!(Resources::from_api(&resources.to_api()), Ok(resources));
    let broken = BTreeMap::from([("cpu".to_owned(), ApiQuantity("1e1.5".into()))]);
    assert!(Resources::from_api(&broken).is_err());
}

fn small() -> impl Strategy<Value = Resources> {
    prop::collection::btree_map("[a-d]", -3_i64..9, 0..4).prop_map(|map| {
        map.into_iter().map(|(name, n)| (name.into(), Quantity::from_units(n))).collect()
    })
}

proptest! {
    #[test]
    fn fits_exactly_when_nothing_is_listed_as_unfit(want in small(), have in small()) {
        prop_assert_eq!(want.fits(&have), want.unfits(&have).is_empty());
        prop_assert_eq!(want.first_unfit(&have), want.unfits(&have).into_iter().next());
        prop_assert!(want.unfits(&have).iter().all(|unfit| unfit.excess() > Quantity::ZERO));
    }

    #[test]
    fn addition_commutes_and_subtracting_undoes_it(a in small(), b in small()) {
        prop_assert_eq!(a.add(&b), b.add(&a));
        let mut back = a.add(&b);
        back.subtract_from(&b);
        prop_assert!(a.iter().all(|(name, amount)| back.get(name.as_str()) == Some(amount)));
    }
}
