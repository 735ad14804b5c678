use karpenter_core::api::labels as core;
use karpenter_core::model::price::Price;
use karpenter_core::model::requirements::Requirements;

use super::file::{InstanceTypeRow, read, write};
use super::{InstanceTypes, generic};

fn rows_of(name: &str) -> Vec<InstanceTypeRow> {
    let mut row = generic::rows().swap_remove(0);
    row.name = name.to_owned();
    vec![row]
}

fn label(types: &InstanceTypes, name: &str, key: &str) -> String {
    let it = types.catalog.get(name).expect("the type is there");
    it.requirements.get(key).map(|r| r.values().join(" ")).unwrap_or_default()
}

fn problem(change: impl FnOnce(&mut InstanceTypeRow)) -> String {
    let mut rows = rows_of("x");
    change(&mut rows[0]);
    InstanceTypes::from_rows(&rows).expect_err("the row is wrong").to_string()
}

// behaviour 04#242
#[test]
fn the_default_types_are_144_with_8_offerings_each_and_a_price_by_size() {
    let types = InstanceTypes::generic().catalog.types;
    assert_eq!(types.len(), 144);
    assert_eq!(types.iter().map(|it| it.offerings.len()).sum::<usize>(), 1152);
    let smallest = types.iter().find(|it| it.name.as_str() == "c-1x-amd64-linux");
    let smallest = smallest.expect("the smallest type is there");
    let price_of = |capacity_type: &str| {
        let is = |r: &Requirements| {
            r.get(core::CAPACITY_TYPE).is_some_and(|r| r.contains(capacity_type))
        };
        smallest.offerings.iter().find(|o| is(&o.requirements)).map(|o| o.price)
    };
    let on_demand = 0.025 + 0.001 * 2_147_483_648.0 / 1e9;
    assert_eq!(price_of("on-demand"), Some(Price::per_hour(on_demand)));
    assert_eq!(price_of("spot"), Some(Price::per_hour(on_demand * 0.7)));
}

#[test]
fn pods_of_the_default_types_stop_at_1024() {
    let types = InstanceTypes::generic();
    let pods = |name: &str| {
        let it = types.catalog.get(name).expect("the type is there");
        it.capacity.get_or_zero("pods").to_string()
    };
    assert_eq!(pods("s-48x-arm64-windows"), "768");
    assert_eq!(pods("m-256x-amd64-linux"), "1024");
}

#[test]
fn a_file_that_was_written_is_read_as_it_was() {
    let written = generic::rows();
    let mut back = read(&write(&written)).expect("it is a catalogue");
    let pairs =
        back.iter_mut().zip(&written).flat_map(|(a, b)| a.offerings.iter_mut().zip(&b.offerings));
    for (read, written) in pairs {
        // Reading a decimal number may miss the last bit.
        assert!((read.price - written.price).abs() <= written.price * f64::EPSILON);
        read.price = written.price;
    }
    assert!(back == written);
}

#[test]
fn lower_case_members_are_read_and_stock_is_not() {
    let text = r#"[{"name": "m5.2xlarge", "architecture": "amd64", "operatingSystems": ["linux"],
        "resources": {"cpu": "8", "memory": "32Gi"},
        "offerings": [{"price": 1, "available": false, "requirements": [
            {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]},
            {"key": "failure-domain.beta.kubernetes.io/zone", "operator": "In", "values": ["z"]},
            {"key": "example.com/rack", "operator": "In", "values": ["r1"]}]}]}]"#;
    let types = InstanceTypes::read(text).expect("it is a catalogue");
    let it = types.catalog.get("m5.2xlarge").expect("the type is there");
    assert!(it.offerings[0].available);
    assert_eq!(it.capacity.get_or_zero("pods").to_string(), "110");
    assert_eq!(it.allocatable().get_or_zero("cpu").to_string(), "7900m");
    assert_eq!(label(&types, "m5.2xlarge", core::ZONE), "z");
    assert!(types.well_known.contains("example.com/rack"));
}

#[test]
fn names_say_family_and_size() {
    for (name, family, size) in [
        ("m5.2xlarge", "m5", "2xlarge"),
        ("m5.metal", "m5", "metal"),
        ("m5.huge", "m5", "1"),
        ("n2-standard-4", "n2", "1"),
        ("Standard_D4", "S", "1"),
    ] {
        let types = InstanceTypes::from_rows(&rows_of(name)).expect("it is a catalogue");
        assert_eq!(label(&types, name, crate::labels::INSTANCE_FAMILY), family, "{name}");
        assert_eq!(label(&types, name, crate::labels::INSTANCE_SIZE), size, "{name}");
    }
}

#[test]
fn a_label_that_only_some_types_have_is_absent_from_the_others() {
    let mut rows = rows_of("plain");
    let mut special = rows_of("special").swap_remove(0);
    let mut rack = special.offerings[0].requirements[0].clone();
    rack.key = "example.com/rack".to_owned();
    special.offerings[0].requirements.push(rack);
    rows.push(special);
    let types = InstanceTypes::from_rows(&rows).expect("it is a catalogue");
    let plain = types.catalog.get("plain").expect("the type is there");
    let rack = plain.requirements.get("example.com/rack").map(ToString::to_string);
    assert_eq!(rack.as_deref(), Some("example.com/rack DoesNotExist"));
}

#[test]
fn what_is_no_catalogue_is_named_with_its_member() {
    let twice = [rows_of("x"), rows_of("x")].concat();
    let twice = InstanceTypes::from_rows(&twice).expect_err("one name").to_string();
    assert_eq!(twice, "instance type x: is listed twice; names have to be unique");
    assert_eq!(
        InstanceTypes::read("[]").expect_err("empty").to_string(),
        "there is no instance type in it"
    );
    let text = r#"[{"name": "x", "offerings": [{"Price": "dear"}]}]"#;
    let problem_of_text = InstanceTypes::read(text).expect_err("not a price").to_string();
    assert!(
        problem_of_text.starts_with("[0].offerings[0].Price: invalid type"),
        "{problem_of_text}"
    );
    assert!(InstanceTypes::read("[] 1").is_err());
    assert_eq!(
        problem(|row| row.offerings[1].requirements.truncate(1)),
        "instance type x: offerings[1]: Requirements lack one with key topology.kubernetes.io/zone, operator In and \
         one value"
    );
    assert_eq!(
        problem(|row| drop(row.resources.remove("cpu"))),
        "instance type x: resources.cpu: is missing or not positive; every node has some"
    );
    assert_eq!(
        problem(|row| row.offerings[0].price = -1.0),
        "instance type x: offerings[0]: Price -1 is not a price per hour"
    );
}
