use crate::testing::instance_types::{InstanceTypeBuilder, instance_type};
use crate::testing::quantity;

fn memory(it: InstanceTypeBuilder) -> crate::model::quantity::Quantity {
    it.build().allocatable().get_or_zero("memory")
}

// behaviour 02#89
#[test]
fn huge_pages_are_taken_from_memory() {
    let with = |pages: &str| {
        let it = instance_type("t").memory("4Gi").capacity("hugepages-2Mi", pages);
        memory(it.reserved("memory", "10Mi"))
    };
    assert_eq!(with("1Gi"), quantity("3062Mi"));
    assert_eq!(with("4Gi"), quantity("0"));
    assert_eq!(with("5Gi"), quantity("0"));
}

// behaviour 02#90
#[test]
fn offerings_with_equal_overrides_share_a_group_behind_the_one_without() {
    let plain = instance_type("t").cpu("4").offering("z1", "spot", 1.0).offering("z2", "spot", 1.0);
    let groups = plain.build().allocatable_groups();
    assert_eq!(groups.iter().map(|group| &group.offerings[..]).collect::<Vec<_>>(), [[0, 1]]);

    let it = instance_type("t")
        .cpu("4")
        .offering_with("z1", "spot", 1.0, ("slots", "1"))
        .offering_with("z2", "spot", 1.0, ("slots", "2"))
        .offering("z1", "on-demand", 2.0)
        .offering_with("z3", "spot", 1.0, ("slots", "1"))
        .offering("z2", "on-demand", 2.0)
        .offering_with("z3", "on-demand", 2.0, ("slots", "3"));
    let mut it = (*it.build()).clone();
    it.offerings[5].available = false;
    let groups = it.allocatable_groups();
    let offerings: Vec<&[usize]> = groups.iter().map(|group| &group.offerings[..]).collect();
    assert_eq!(offerings, [&[2, 4][..], &[0, 3], &[1]]);
    let slots = |at: usize| groups[at].allocatable.get_or_zero("slots").to_string();
    assert_eq!([slots(0), slots(1), slots(2)], ["0", "1", "2"]);
}
