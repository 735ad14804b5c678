//! Wrong ECSNodeClasses.

use serde_json::{Value, json};

use super::{admits, refuses};
use crate::support::{node_class, set};

/// A class with every selector in its simplest form.
fn base() -> Value {
    let mut class = node_class("good");
    set(&mut class, "spec.vSwitchSelectorTerms", json!([{ "id": "vsw-1" }]));
    set(&mut class, "spec.securityGroupSelectorTerms", json!([{ "id": "sg-1" }]));
    set(&mut class, "spec.imageSelectorTerms", json!([{ "alias": "AlibabaCloudLinux3" }]));
    class
}

#[test]
fn wrong_selector_term_is_refused_with_its_path() {
    let (switches, switch) = ("spec.vSwitchSelectorTerms", "spec.vSwitchSelectorTerms[0]");
    let (groups, group) = ("spec.securityGroupSelectorTerms", "spec.securityGroupSelectorTerms[0]");
    let (images, image) = ("spec.imageSelectorTerms", "spec.imageSelectorTerms[0]");
    let both = json!({ "id": "x-1", "tags": { "a": "b" } });
    refuses(
        &base(),
        &[
            (switches, Value::Null, switches, "Required value"),
            (switches, json!([]), switches, "at least 1 items"),
            (switch, json!({}), switch, "expected at least one of id, tags or zoneID"),
            (switch, json!({ "tags": {} }), switch, "expected at least one of id, tags or zoneID"),
            (
                switch,
                json!({ "id": "vsw-1", "tags": { "a": "b" } }),
                switch,
                "id is mutually exclusive with tags and zoneID",
            ),
            (
                switch,
                json!({ "tags": { "": "b" } }),
                "spec.vSwitchSelectorTerms[0].tags",
                "empty tag keys",
            ),
            (switches, json!(vec![json!({ "zoneID": "z" }); 31]), switches, "at most 30"),
            (groups, Value::Null, groups, "Required value"),
            (group, json!({}), group, "expected at least one of id, tags or name"),
            (
                group,
                json!({ "id": "sg-1", "name": "web" }),
                group,
                "id is mutually exclusive with tags and name",
            ),
            (images, Value::Null, images, "Required value"),
            (
                image,
                json!({}),
                image,
                "expected at least one of alias, id, imageFamily, name or tags",
            ),
            (image, both, image, "id is mutually exclusive"),
            (
                image,
                json!({ "alias": "Windows2025" }),
                "spec.imageSelectorTerms[0].alias",
                "must be AlibabaCloudLinux3 or ContainerOS",
            ),
            (
                image,
                json!({ "alias": "ContainerOS", "id": "m-1" }),
                image,
                "alias is mutually exclusive",
            ),
            (image, json!({ "alias": "a b" }), "spec.imageSelectorTerms[0].alias", "should match"),
            (
                image,
                json!({ "imageFamily": "x" }),
                "spec.imageSelectorTerms[0].imageFamily",
                "at least 2 chars",
            ),
            (
                image,
                json!({ "name": "n", "imageOwnerAlias": "nobody" }),
                "spec.imageSelectorTerms[0].imageOwnerAlias",
                "\"marketplace\"",
            ),
        ],
    );
}

#[test]
fn wrong_disk_is_refused_with_its_path() {
    let (disk, size) = ("spec.systemDisk", "spec.systemDisk.size");
    let data = "spec.dataDisks[0].size";
    refuses(
        &base(),
        &[
            (disk, json!({ "size": 0 }), size, "greater than or equal to 1"),
            (disk, json!({ "size": 4096 }), size, "less than or equal to 2048"),
            (disk, json!({ "size": "40" }), size, "must be of type integer"),
            (disk, json!({ "volumeSize": "60GB" }), "spec.systemDisk.volumeSize", "should match"),
            (
                disk,
                json!({ "category": "cloud_fast" }),
                "spec.systemDisk.category",
                "\"cloud_essd\"",
            ),
            (
                disk,
                json!({ "category": "cloud_essd", "categories": ["cloud_auto"] }),
                disk,
                "category and categories are mutually exclusive",
            ),
            (
                disk,
                json!({ "categories": ["cloud_auto", "cloud_auto"] }),
                disk,
                "categories must be unique",
            ),
            (
                disk,
                json!({ "performanceLevel": "PL9" }),
                "spec.systemDisk.performanceLevel",
                "\"PL3\"",
            ),
            (
                disk,
                json!({ "kmsKeyID": "k", "encrypted": false }),
                disk,
                "kmsKeyID needs encrypted not to be false",
            ),
            (data, json!(70_000), data, "less than or equal to 65536"),
            (
                "spec.dataDisks",
                json!(vec![json!({ "size": 20 }); 17]),
                "spec.dataDisks",
                "at most 16",
            ),
        ],
    );
}

#[test]
fn wrong_setting_is_refused_with_its_path() {
    let tags = "spec.tags";
    let long = "x".repeat(129);
    let many: Value =
        (0..21).map(|n| (format!("t{n}"), json!("v"))).collect::<serde_json::Map<_, _>>().into();
    refuses(
        &base(),
        &[
            (tags, many, tags, "at most 20"),
            (tags, json!({ "team": long }), "spec.tags.team", "may not be more than 128"),
            (tags, json!({ long: "v" }), tags, "at most 128 characters"),
            (
                tags,
                json!({ "acs:x": "v" }),
                tags,
                "must not begin with kubernetes.io/cluster, acs:",
            ),
            (tags, json!({ "karpenter.sh/nodepool": "v" }), tags, "restricted key"),
            (tags, json!({ "page": "http://a" }), tags, "contain a URL"),
            ("spec.spotStrategy", json!("SpotWithPriceLimit"), "spec", "needs spotPriceLimit"),
            ("spec.spotStrategy", json!("Cheap"), "spec.spotStrategy", "\"SpotAsPriceGo\""),
            ("spec.spotPriceLimit", json!(0), "spec.spotPriceLimit", "greater than"),
            ("spec.spotDuration", json!(6), "spec.spotDuration", "less than or equal to 1"),
            ("spec.userDataPolicy", json!("Append"), "spec.userDataPolicy", "\"Replace\""),
            ("spec.userData", json!("x".repeat(32_769)), "spec.userData", "more than 32768"),
            (
                "spec.vSwitchSelectionPolicy",
                json!("random"),
                "spec.vSwitchSelectionPolicy",
                "\"cheapest\"",
            ),
            ("spec.resourceGroupID", json!("group"), "spec.resourceGroupID", "should match"),
            (
                "spec.kubelet",
                json!({ "maxPods": -1 }),
                "spec.kubelet.maxPods",
                "greater than or equal to 0",
            ),
            (
                "spec.metadataOptions",
                json!({ "httpTokens": "maybe" }),
                "spec.metadataOptions.httpTokens",
                "\"required\"",
            ),
        ],
    );
}

#[test]
fn every_form_of_a_term_is_taken() {
    admits(
        &base(),
        &[
            (
                "spec.vSwitchSelectorTerms[0]",
                json!({ "tags": { "team": "*" }, "zoneID": "cn-hangzhou-h" }),
            ),
            ("spec.vSwitchSelectorTerms[0]", json!({ "id": "vsw-bp1h5w****" })),
            ("spec.imageSelectorTerms[0]", json!({ "alias": "ContainerOS@3.4.2" })),
            (
                "spec.imageSelectorTerms[0]",
                json!({ "imageFamily": "acs:alibaba_cloud_linux_3_2104_lts_x64" }),
            ),
            (
                "spec.systemDisk",
                json!({ "categories": ["cloud_auto", "cloud_essd"], "volumeSize": "60Gi" }),
            ),
        ],
    );
}
