//! How places of several volumes are combined.

use super::alternatives::{self, Place};
use crate::model::label_rules::LabelNormalization;
use crate::testing::pods::expression;
use crate::testing::volumes::volume;

/// A volume that can be reached where `key` has one of `n` values, each by itself.
fn places(key: &str, n: usize) -> Vec<Place> {
    let disk = (0..n).fold(volume("v"), |disk, at| {
        disk.reached([expression(key, "In", [at.to_string().as_str()])])
    });
    alternatives::of_volume(&disk.build(), &LabelNormalization::core()).expect("known operators")
}

fn texts(places: &[Place]) -> Vec<String> {
    places.iter().map(|place| place.requirements.to_string()).collect()
}

#[test]
fn last_volume_varies_fastest() {
    let combined = alternatives::product([places("a", 2), vec![], places("b", 2)]);
    assert_eq!(
        texts(&combined),
        ["a In [0], b In [0]", "a In [0], b In [1]", "a In [1], b In [0]", "a In [1], b In [1]"]
    );
}

#[test]
fn volumes_that_ask_for_the_same_leave_each_place_once() {
    let combined = alternatives::product([places("a", 3), places("a", 2)]);
    assert_eq!(texts(&combined), ["a In [0]", "a In [1]"]);
    assert_eq!(alternatives::product([vec![], vec![]]), []);
}

#[test]
fn number_of_combinations_is_bounded() {
    let combined = alternatives::product(["a", "b", "c", "d"].map(|key| places(key, 10)));
    assert_eq!(combined.len(), 256);
    assert_eq!(places("a", 1000).len(), 256);
    let one = |value: &str| {
        let disk = volume("v").reached([expression("a", "In", [value])]).build();
        alternatives::of_volume(&disk, &LabelNormalization::core()).expect("a known operator")
    };
    let torn = alternatives::product([one("x"), one("y"), places("b", 1)]);
    assert_eq!(texts(&torn), ["a DoesNotExist, b In [0]"]);
    assert!(torn.iter().all(|place| place.is_impossible));
}
