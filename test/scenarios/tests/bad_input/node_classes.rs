//! Classes that name what the cloud does not have: the class says so, pods hear of it, other classes go on.

use fake_cloud::SecurityGroup;
use scenarios::world::{World, run};
use serde_json::{Value, json};

use crate::support::{
    CLASSES, HOUR, POOLS, create, n_calls, node_class, of_class, pass, pod_for, set,
    until_condition, until_event, until_running, wide_pool,
};

/// A field of the class, its value, the condition that fails, and what it says.
type Case = (&'static str, Value, &'static str, &'static [&'static str]);

fn cases() -> Vec<Case> {
    let (switches, groups, images) =
        ("spec.vSwitchSelectorTerms", "spec.securityGroupSelectorTerms", "spec.imageSelectorTerms");
    let tags = json!([{ "tags": { "team": "nobody" } }]);
    vec![
        (
            switches,
            tags.clone(),
            "VSwitchesReady",
            &["False/", "vSwitchSelectorTerms[0]", "team=nobody"],
        ),
        (switches, json!([{ "id": "vsw-gone" }]), "VSwitchesReady", &["False/", "vsw-gone"]),
        (switches, json!([{ "id": "vsw-bp1****" }]), "VSwitchesReady", &["False/", "placeholder"]),
        (
            groups,
            tags,
            "SecurityGroupsReady",
            &["False/", "securityGroupSelectorTerms[0]", "team=nobody"],
        ),
        (groups, json!([{ "id": "sg-gone" }]), "SecurityGroupsReady", &["False/", "sg-gone"]),
        (images, json!([{ "id": "m-gone" }]), "ImagesReady", &["False/ImagesNotFound", "m-gone"]),
        (
            images,
            json!([{ "imageFamily": "acs:no_such_family" }]),
            "ImagesReady",
            &["False/ImagesNotFound", "imageSelectorTerms[0]", "acs:no_such_family"],
        ),
        (
            images,
            json!([{ "alias": "AlibabaCloudLinux3@1999" }]),
            "ImagesReady",
            &["False/ImageVersionNotFound", "1999"],
        ),
        (
            "spec.systemDisk",
            json!({ "size": 50, "volumeSize": "60Gi" }),
            "ValidationSucceeded",
            &["False/DiskSizeInvalid", "systemDisk", "keep one of them"],
        ),
        (
            "spec.kubelet",
            json!({ "kubeReserved": { "memory": "much" } }),
            "ValidationSucceeded",
            &["False/KubeletInvalid", "kubelet.kubeReserved[memory]", "much"],
        ),
    ]
}

#[test]
fn class_that_names_nothing_says_so_and_other_classes_go_on() {
    for (number, (at, value, kind, texts)) in cases().into_iter().enumerate() {
        run(async {
            let mut world = World::new(20 + number as u64);
            let mut bad = node_class("bad");
            set(&mut bad, at, value);
            let pools = [of_class(wide_pool("lame"), "bad"), wide_pool("good")];
            create(&world, &[bad, node_class("default")]).await;
            create(&world, &pools).await;
            world.start_controller().expect("options hold together");
            create(&world, &[pod_for("lame", "waits"), pod_for("good", "goes-on")]).await;
            until_condition(&world, &format!("{CLASSES}/bad"), kind, texts).await;
            until_condition(&world, &format!("{POOLS}/lame"), "NodeClassReady", &texts[1..]).await;
            until_event(&world, "FailedResolvingNodeClass", "bad", &texts[1..]).await;
            let told = ["NodePool=lame", "NodeClassReady=False", texts[1]];
            until_event(&world, "FailedScheduling", "waits", &told).await;
            until_running(&world, "goes-on").await;
        });
    }
}

#[test]
fn class_that_cannot_be_used_costs_few_calls_and_recovers() {
    run(async {
        let mut world = World::new(40);
        let mut class = node_class("default");
        set(&mut class, "spec.securityGroupSelectorTerms", json!([{ "tags": { "team": "web" } }]));
        create(&world, &[class, wide_pool("general"), pod_for("general", "p")]).await;
        world.start_controller().expect("options hold together");
        let path = format!("{CLASSES}/default");
        until_condition(&world, &path, "SecurityGroupsReady", &["False/"]).await;
        pass(std::time::Duration::from_secs(120)).await;
        let (writes, calls) = (world.controller_writes(), n_calls(&world));
        pass(HOUR).await;
        assert_eq!(world.controller_writes(), writes, "nothing changed, nothing is written");
        assert!(n_calls(&world) - calls < 1000, "{:?}", world.cloud.counts());
        let group = world.cloud.security_groups().into_iter().next().expect("a group");
        let tags = [("team".to_owned(), "web".to_owned())].into();
        world.cloud.add_security_group(SecurityGroup { tags, ..group });
        until_running(&world, "p").await;
    });
}

#[test]
fn v_switch_that_is_deleted_later_leaves_the_class_and_the_last_one_leaves_it_unready() {
    run(async {
        let mut world = World::new(41);
        create(&world, &[node_class("default"), wide_pool("general")]).await;
        world.start_controller().expect("options hold together");
        until_condition(&world, &format!("{POOLS}/general"), "Ready", &["True/"]).await;
        let switches = world.cloud.vswitches();
        for switch in &switches {
            assert!(world.cloud.remove_vswitch(&switch.id));
        }
        create(&world, &[pod_for("general", "p")]).await;
        let path = format!("{CLASSES}/default");
        until_condition(&world, &path, "VSwitchesReady", &["False/", "vSwitchSelectorTerms"]).await;
        until_event(&world, "FailedScheduling", "p", &["NodePool=general", "VSwitchesReady"]).await;
        for switch in switches {
            world.cloud.add_vswitch(switch);
        }
        until_running(&world, "p").await;
    });
}
