//! What must hold of devices together.

use super::{Loop, PLANNED, text, types};
use crate::decide::devices::problem::DeviceProblem;
use crate::decide::scheduling::input::SchedulingInput;
use crate::model::device_templates::{AttributeBinding, DeviceTemplates};
use crate::model::resource_claim::ConstraintRule;
use crate::testing::devices::{
    DRIVER, DeviceBuilder, ask, device, device_templates, resource_claim,
};
use crate::testing::scenario::cluster;

const ROOT: &str = "gpu.example.com/root";

fn pair() -> SchedulingInput {
    let claim = resource_claim("pair").request("a", ask("any", 1)).request("b", ask("any", 1));
    cluster().with_device_class("any", "true").with_resource_claim(claim.matching(&[], ROOT))
}

fn bound(devices: Vec<DeviceBuilder>, groups: &[&[&str]]) -> DeviceTemplates {
    let binding = |names: &&[&str]| AttributeBinding {
        attribute: ROOT.into(),
        driver: DRIVER.into(),
        pool: "node".into(),
        devices: names.iter().map(|name| (*name).into()).collect(),
    };
    DeviceTemplates { bindings: groups.iter().map(binding).collect(), ..device_templates(devices) }
}

fn can_be_had(templates: DeviceTemplates) -> bool {
    let (input, types) = (pair(), types([templates]));
    match Loop::new(&input, &types).planned(PLANNED, &["pair"]) {
        Ok(_) => true,
        Err(DeviceProblem::NoInstanceType) => false,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn devices_must_agree_on_an_attribute() {
    let on = |name, root| device(name).text("root", root);
    assert!(can_be_had(bound(vec![on("a", "0"), on("b", "1"), on("c", "0")], &[])));
    assert!(!can_be_had(bound(vec![on("a", "0"), on("b", "1")], &[])));
    let full = device("b").text(ROOT, "0");
    assert!(can_be_had(bound(vec![on("a", "0"), full], &[])));
}

// behaviour 02#225
#[test]
fn devices_bound_to_each_other_agree_on_what_only_their_node_will_know() {
    let bare = || vec![device("a"), device("b"), device("c")];
    assert!(!can_be_had(bound(bare(), &[])));
    assert!(can_be_had(bound(bare(), &[&["a", "c"]])));
    assert!(!can_be_had(bound(bare(), &[&["a"]])));
    assert!(!can_be_had(bound(bare(), &[&["a", "x"], &["b", "y"]])));
    assert!(can_be_had(bound(bare(), &[&["a", "x"], &["b", "x"]])));
    assert!(can_be_had(bound(bare(), &[&["a", "x"], &["b", "y"], &["x", "y"]])));
    let mixed = vec![device("a"), device("b").text("root", "0")];
    assert!(!can_be_had(bound(mixed, &[&["a", "b"]])));
}

// behaviour 02#225
#[test]
fn rules_that_are_not_understood_are_refused_by_name() {
    let distinct = ConstraintRule::DistinctAttribute(ROOT.into());
    for (rule, name) in [
        (distinct, "constraint distinctAttribute"),
        (ConstraintRule::Unknown, "a constraint of an unknown kind"),
    ] {
        let claim = resource_claim("c").request("r", ask("any", 1)).constraint(&[], rule);
        let input = pair().with_resource_claim(claim);
        let problem = Loop::new(&input, &[]).planned(PLANNED, &["c"]);
        let expected = format!("resourceclaim \"default/c\", {name} is not supported");
        assert_eq!(text(problem), expected);
    }
}

#[test]
fn rule_for_some_requests_leaves_the_others_alone() {
    let claim = resource_claim("pair")
        .request("a", ask("any", 1))
        .first_available("b", vec![("s", ask("any", 1))]);
    let on = |name, root| device(name).text("root", root);
    for (named, is_met) in [(&["a"][..], true), (&["a", "b"], false), (&["a", "b/s"], false)] {
        let claim = claim.clone().matching(named, ROOT);
        let input = cluster().with_device_class("any", "true").with_resource_claim(claim);
        let types = types([bound(vec![on("a", "0"), on("b", "1")], &[])]);
        let found = Loop::new(&input, &types).planned(PLANNED, &["pair"]);
        assert_eq!(found.is_ok(), is_met, "{named:?}");
    }
}

#[test]
fn claims_that_cannot_be_planned_for_say_why() {
    let mut admin = ask("any", 1);
    admin.admin_access = true;
    let input = pair()
        .with_device_class("odd", "device.driver ==")
        .with_resource_claim(resource_claim("admin").request("r", admin))
        .with_resource_claim(resource_claim("class").request("r", ask("nobody", 1)))
        .with_resource_claim(resource_claim("odd").request("r", ask("odd", 1)));
    let mut devices = Loop::new(&input, &[]);
    for (claim, problem) in [
        ("missing", "resourceclaim \"default/missing\" not found"),
        ("admin", "resourceclaim \"default/admin\", adminAccess is not supported"),
        (
            "class",
            "resourceclaim \"default/class\", request \"r\": deviceclass \"nobody\" not found",
        ),
        (
            "odd",
            "resourceclaim \"default/odd\", request \"r\": selector \"device.driver ==\" cannot be compiled: \
             ERROR: <input>:1:17: Syntax error: mismatched input '<EOF>'",
        ),
    ] {
        let found = devices.planned(PLANNED, &[claim]).expect_err(claim);
        assert!(found.is_final(), "{claim}");
        assert!(found.to_string().starts_with(problem), "{found}");
    }
}
