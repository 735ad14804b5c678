use super::{OverlayEffects, PriceChange, TypeEffects};
use crate::model::price::Price;
use crate::testing::devices::{device, device_templates};
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::quantity;

fn adjusted(price: f64, change: &str) -> f64 {
    let change: PriceChange = change.parse().expect("a change");
    change.apply(Price::per_hour(price)).as_f64()
}

// behaviour 01#64
#[test]
fn signed_changes_are_differences_and_never_lead_below_zero() {
    let rows =
        [("+10%", 2.2), ("-50%", 1.0), ("-3", 0.0), ("+.5", 2.5), ("7", 7.0), ("-100%", 0.0)];
    for (change, price) in rows {
        assert_eq!(adjusted(2.0, change), price, "{change}");
    }
}

// behaviour 02#236
#[test]
fn a_price_is_replaced_moved_or_scaled() {
    let rows = [
        (10.0, "-10%", 9.0),
        (10.0, "+100%", 20.0),
        (10.0, "-200%", 0.0),
        (1.25, "+0.75", 2.0),
        (10.0, "-15", 0.0),
        (10.0, "3.5", 3.5),
    ];
    for (price, change, expected) in rows {
        assert_eq!(adjusted(price, change), expected, "{change} of {price}");
    }
}

#[test]
fn what_is_no_number_is_an_error() {
    for text in ["", "+", "10%", "inf", "nan", "1e3", "+-1", "3,14", &"9".repeat(400)] {
        assert!(text.parse::<PriceChange>().is_err(), "{text}");
    }
}

#[test]
fn a_difference_to_an_unknown_price_is_unknown() {
    let change: PriceChange = "+10%".parse().expect("a change");
    assert_eq!(change.apply(Price::UNKNOWN), Price::UNKNOWN);
    let price: PriceChange = "1.5".parse().expect("a price");
    assert_eq!(price.apply(Price::UNKNOWN), Price::per_hour(1.5));
}

// behaviour 04#197
#[test]
fn type_with_more_capacity_keeps_its_devices_and_the_overrides_of_its_offerings() {
    let it = instance_type("a")
        .cpu("4")
        .devices(device_templates([device("gpu-0")]))
        .offering_with("z1", "spot", 1.0, ("x.io/more", "1"));
    let catalog = catalog([it.build()]);
    let more = TypeEffects {
        capacity: [("x.io/fpga".into(), quantity("1"))].into_iter().collect(),
        ..TypeEffects::default()
    };
    let mut effects = OverlayEffects::default();
    effects.evaluated(&"p".into()).insert("a".into(), more);
    let overlaid = effects.apply(&"p".into(), &catalog).expect("the pool was evaluated");
    let (before, after) = (&catalog.types[0], &overlaid.types[0]);
    assert!(after.overlaid.capacity && after.devices.is_some());
    assert_eq!((&after.devices, &after.offerings), (&before.devices, &before.offerings));
}
