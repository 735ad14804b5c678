//! How many instance types it takes to offer enough distinct values.

use std::sync::Arc;

use crate::decide::scheduling::min_values::variety;
use crate::model::instance_type::InstanceType;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;
use crate::testing::instance_types::instance_type;

const TYPE: &str = "node.kubernetes.io/instance-type";
const FAMILY: &str = "family";

fn types(names: &[&str]) -> Vec<Arc<InstanceType>> {
    let family = |name: &str| name.split('.').next().unwrap().to_owned();
    names.iter().map(|name| instance_type(name).label(FAMILY, [&*family(name)]).build()).collect()
}

/// A minimum of three types and three families.
fn three_of_each() -> Requirements {
    [TYPE, FAMILY]
        .map(|key| Requirement::exists(key).with_min_values(Some(3)))
        .into_iter()
        .collect()
}

/// How many of the types are needed, and `key count` of every minimum that is not reached.
fn judged(names: &[&str], set: &Requirements) -> (usize, Vec<String>) {
    let types = types(names);
    let variety = variety(types.iter().map(AsRef::as_ref), set);
    let text = variety.shortfalls.iter().map(|short| format!("{} {}", short.key, short.offered));
    (variety.n_needed, text.collect())
}

// behaviour 01#130
#[test]
fn every_type_of_a_family_of_its_own_is_needed() {
    let all = judged(&["c4.large", "c5.xlarge", "m4.2xlarge"], &three_of_each());
    assert_eq!(all, (3, vec![]));
}

// behaviour 01#131
#[test]
fn a_family_that_repeats_counts_once() {
    let short = judged(&["c4.large", "c4.xlarge", "c5.2xlarge"], &three_of_each());
    assert_eq!(short, (3, vec!["family 2".to_owned()]));
}

// behaviour 01#132
#[test]
fn the_list_is_walked_no_further_than_it_has_to_be() {
    let two = Requirements::from_iter([Requirement::exists(FAMILY).with_min_values(Some(2))]);
    let names = ["c4.large", "c5.xlarge", "m4.2xlarge"];
    assert_eq!(judged(&names, &two), (2, vec![]));
    assert_eq!(judged(&names, &Requirements::new()), (0, vec![]));
    assert_eq!(judged(&[], &three_of_each()), (0, vec![]));
}

#[test]
fn values_the_requirement_excludes_and_keys_a_type_lacks_do_not_count() {
    let not_c4 = Requirement::not_in_values(FAMILY, ["c4"]).with_min_values(Some(2));
    let of_set = |requirement| {
        judged(&["c4.large", "c5.large", "m4.large"], &Requirements::from_iter([requirement]))
    };
    assert_eq!(of_set(not_c4), (3, vec![]));
    let unknown = Requirement::exists("colour").with_min_values(Some(1));
    assert_eq!(of_set(unknown), (3, vec!["colour 0".to_owned()]));
}
