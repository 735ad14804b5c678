//! Settings of an ECSNodeClass: what the API server takes, what it refuses and where it says so.

use scenarios::manifests::{self, USER_NODE_CLASS, USER_NODE_POOL};
use scenarios::world::{World, run};
use serde_json::{Value, json};

use super::{admits, refuses};
use crate::support::{CLASSES, node_class, refusal, set, with};

/// A class with every selector in its simplest form.
fn base() -> Value {
    let mut class = node_class("good");
    set(&mut class, "spec.vSwitchSelectorTerms", json!([{ "id": "vsw-1" }]));
    set(&mut class, "spec.securityGroupSelectorTerms", json!([{ "id": "sg-1" }]));
    set(&mut class, "spec.imageSelectorTerms", json!([{ "alias": "AlibabaCloudLinux3" }]));
    class
}

// behaviour 01#139, 01#140
#[test]
fn documents_of_users_are_stored_as_written_and_the_pool_keeps_its_hash() {
    run(async {
        let world = World::new(1);
        let class = manifests::parse(USER_NODE_CLASS).expect("yaml");
        let stored = world.apply(&class).await.expect("taken");
        assert_eq!(stored["spec"], class["spec"], "nothing is defaulted into the class");
        let pool = world.apply_yaml(USER_NODE_POOL).await.expect("taken");
        let pool = serde_json::from_value(pool).expect("a NodePool");
        assert_eq!(karpenter_core::api::v1::hash::hash(&pool), "10885004343285526048");
    });
}

// behaviour 01#141
#[test]
fn class_as_an_older_definition_stores_it_is_taken() {
    let disk = json!({ "category": "cloud_essd", "size": 40, "performanceLevel": "PL0" });
    let data = json!([{
        "category": "cloud_essd", "size": 120, "performanceLevel": "PL0", "deleteWithInstance": true,
    }]);
    let metadata = json!({ "httpTokens": "optional", "httpPutResponseHopLimit": 1, "httpEndpoint": "enabled" });
    let whole = with(base(), "spec.systemDisk", disk.clone());
    let whole = with(whole, "spec.dataDisks", data);
    let whole = with(whole, "spec.clusterName", "prod".into());
    admits(&whole, &[("spec.metadataOptions", metadata), ("spec.role", "Worker".into())]);
    admits(&base(), &[("spec.systemDisk", disk)]);
}

// behaviour 01#142, 01#143, 01#144, 01#185
#[test]
fn each_term_is_judged_on_its_own() {
    let terms = "spec.vSwitchSelectorTerms";
    let tags = json!({ "tags": { "a": "b" } });
    let both = json!({ "id": "vsw-1", "tags": { "a": "b" } });
    let exclusive = "id is mutually exclusive with tags and zoneID";
    refuses(
        &base(),
        &[
            (terms, json!([both, tags]), "spec.vSwitchSelectorTerms[0]", exclusive),
            (terms, json!([both]), "spec.vSwitchSelectorTerms[0]", exclusive),
            (terms, json!([tags, {}]), "spec.vSwitchSelectorTerms[1]", "at least one of"),
            (
                "spec.capacityReservationSelectorTerms",
                json!([{ "id": "crp-1", "tags": { "a": "b" } }]),
                "spec.capacityReservationSelectorTerms[0]",
                "id is mutually exclusive with tags",
            ),
            (
                "spec.capacityReservationSelectorTerms",
                json!([{ "tags": {} }]),
                "spec.capacityReservationSelectorTerms[0]",
                "expected at least one of id or tags",
            ),
        ],
    );
    admits(
        &base(),
        &[
            (terms, json!([{ "zoneID": "cn-hangzhou-h" }])),
            (terms, json!([{ "id": "vsw-bp1h5w****" }])),
        ],
    );
}

// behaviour 01#147
#[test]
fn alias_is_a_family_with_or_without_version_and_stands_alone_in_its_term() {
    let (images, alias) = ("spec.imageSelectorTerms", "spec.imageSelectorTerms[0].alias");
    let text = |text: &str| json!([{ "alias": text }]);
    refuses(
        &base(),
        &[
            (images, text("Ubuntu"), alias, "must be AlibabaCloudLinux3 or ContainerOS"),
            (images, text("a@b@c"), alias, "should match"),
            (
                images,
                json!([{ "alias": "ContainerOS", "id": "m-1" }]),
                "spec.imageSelectorTerms[0]",
                "alias is mutually exclusive",
            ),
        ],
    );
    admits(
        &base(),
        &[
            (images, text("AlibabaCloudLinux3")),
            (images, text("AlibabaCloudLinux3@latest")),
            (images, json!([{ "alias": "ContainerOS" }, { "id": "m-1" }])),
        ],
    );
}

// behaviour 01#148, 01#150, 01#152
#[test]
fn sizes_and_kinds_of_disks_are_bounded() {
    let size = "spec.systemDisk.volumeSize";
    let wrong = ["Ti", "0Gi", "100Mi", "60.5Gi", "60"];
    let sizes = wrong.map(|text| (size, json!(text), size, "should match"));
    refuses(&base(), &sizes);
    let (disk, data) = ("spec.systemDisk", "spec.dataDisks[0]");
    let essd = json!({ "category": "cloud_essd", "provisionedIOPS": 100 });
    refuses(
        &base(),
        &[
            (
                disk,
                json!({ "category": "cloud", "categories": ["cloud"] }),
                disk,
                "category and categories are mutually exclusive",
            ),
            ("spec.dataDisks", json!(vec![json!({}); 17]), "spec.dataDisks", "at most 16"),
            (
                disk,
                json!({ "category": "elastic_ephemeral_disk_standard" }),
                "spec.systemDisk.category",
                "\"cloud_essd\"",
            ),
            (disk, essd.clone(), disk, "need cloud_auto among the categories"),
            (data, essd, data, "need cloud_auto among the categories"),
            (
                disk,
                json!({ "category": "cloud_auto", "provisionedIOPS": 50_001 }),
                "spec.systemDisk.provisionedIOPS",
                "less than or equal to 50000",
            ),
        ],
    );
    admits(
        &base(),
        &[
            ("spec.dataDisks", json!([{ "volumeSize": "18Ti" }])),
            (
                "spec.dataDisks",
                json!([{ "category": "elastic_ephemeral_disk_premium", "size": 64 }]),
            ),
            (disk, json!({ "categories": ["cloud_essd", "cloud_auto"], "burstingEnabled": true })),
        ],
    );
}

// behaviour 01#153, 01#154
#[test]
fn spot_limits_and_passwords_are_consistent() {
    let secret = json!({ "name": "login", "key": "password" });
    let plain = "Plain-text-1";
    let limited = with(base(), "spec.spotStrategy", "SpotWithPriceLimit".into());
    let of_percent = with(limited, "spec.spotPriceLimitPercent", json!(50));
    let inherits = with(base(), "spec.passwordInherit", true.into());
    let set = "password cannot be set when passwordInherit is true";
    refuses(
        &base(),
        &[
            ("spec.spotStrategy", json!("SpotWithPriceLimit"), "spec", "needs spotPriceLimit"),
            ("spec.spotPriceLimit", json!(0), "spec.spotPriceLimit", "greater than"),
            ("spec.spotPriceLimitPercent", json!(50), "spec", "needs spotStrategy"),
            ("spec.password", json!("short"), "spec.password", "should match"),
            ("spec.launchTemplateVersion", json!(2), "spec", "needs launchTemplateID"),
            ("spec.bootstrapMode", json!("Custom"), "spec", "needs userData"),
            ("spec.bootstrapMode", json!("Manual"), "spec.bootstrapMode", "\"Kubeadm\""),
        ],
    );
    refuses(&of_percent, &[("spec.spotPriceLimit", json!(1), "spec", "excludes spotPriceLimit")]);
    refuses(
        &inherits,
        &[
            ("spec.password", json!(plain), "spec", set),
            ("spec.passwordSecretRef", secret.clone(), "spec", set),
        ],
    );
    let with_secret = with(base(), "spec.passwordSecretRef", secret);
    refuses(&with_secret, &[("spec.password", json!(plain), "spec", "mutually exclusive")]);
    admits(&base(), &[("spec.password", json!(plain)), ("spec.spotDuration", json!(1))]);
}

// behaviour 01#155
#[test]
fn tags_of_the_cloud_and_ours_cannot_be_set() {
    let tags = "spec.tags";
    let many: Value =
        (0..21).map(|n| (format!("t{n}"), json!("v"))).collect::<serde_json::Map<_, _>>().into();
    refuses(
        &base(),
        &[
            (tags, json!({ "kubernetes.io/cluster/x": "v" }), tags, "must not begin with"),
            (tags, json!({ "acs:x": "v" }), tags, "must not begin with"),
            (tags, json!({ "karpenter.sh/nodepool": "v" }), tags, "restricted key"),
            (tags, json!({ "": "v" }), tags, "empty tag keys"),
            (tags, json!({ "page": "http://a" }), tags, "contain a URL"),
            (tags, many, tags, "at most 20"),
        ],
    );
    admits(&base(), &[(tags, json!({ "karpenter.sh/discovery": "prod" }))]);
}

// behaviour 01#156
#[test]
fn kubelet_settings_fit_together() {
    let at = "spec.kubelet";
    let soft = json!({ "memory.available": "5%" });
    let reserved = "spec.kubelet.systemReserved";
    refuses(
        &base(),
        &[
            (at, json!({ "evictionSoft": soft }), at, "needs a matching evictionSoftGracePeriod"),
            (at, json!({ "evictionSoftGracePeriod": soft }), at, "needs a matching evictionSoft"),
            (
                at,
                json!({ "imageGCHighThresholdPercent": 50, "imageGCLowThresholdPercent": 50 }),
                at,
                "must be greater than imageGCLowThresholdPercent",
            ),
            (reserved, json!({ "cpu": "-1" }), reserved, "cannot be a negative"),
            (reserved, json!({ "foo": "1" }), reserved, "valid keys for systemReserved"),
            (
                "spec.kubelet.evictionHard",
                json!({ "disk": "5%" }),
                "spec.kubelet.evictionHard",
                "valid keys for evictionHard",
            ),
        ],
    );
    let paired =
        json!({ "evictionSoft": soft, "evictionSoftGracePeriod": { "memory.available": "2m" } });
    admits(&base(), &[(at, paired), (reserved, json!({ "cpu": "100m", "pid": "1000" }))]);
}

const CRD: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ecsnodeclasses.karpenter.alibabacloud.com";

/// Takes the rules about vSwitch terms out of the definition, as in an older one, and answers the versions with them.
async fn without_rules(world: &World) -> Value {
    let definition = world.read(CRD).await.expect("the definition");
    let versions = definition["spec"]["versions"].clone();
    let mut older = versions.clone();
    let term = "/0/schema/openAPIV3Schema/properties/spec/properties/vSwitchSelectorTerms/items";
    let term = older.pointer_mut(term).and_then(Value::as_object_mut).expect("a schema");
    assert!(term.remove("x-kubernetes-validations").is_some());
    world.patch(CRD, &json!({ "spec": { "versions": older } })).await.expect("patched");
    versions
}

// behaviour 01#186
#[test]
fn class_older_than_the_rules_can_be_edited_elsewhere_and_corrected() {
    run(async {
        let world = World::new(1);
        let versions = without_rules(&world).await;
        let both = json!({ "id": "vsw-1", "tags": { "a": "b" } });
        let mut old = with(base(), "spec.vSwitchSelectorTerms", json!([both]));
        world.apply(&old).await.expect("taken by the older definition");
        world.patch(CRD, &json!({ "spec": { "versions": versions } })).await.expect("patched");
        let class = format!("{CLASSES}/good");
        let edit = async |patch: Value| world.patch(&class, &patch).await;
        edit(json!({ "spec": { "role": "Worker" } })).await.expect("a field elsewhere");
        edit(json!({ "metadata": { "finalizers": ["example.com/f"] } })).await.expect("metadata");
        let more = json!({ "spec": { "vSwitchSelectorTerms": [both, { "id": "vsw-2" }] } });
        let refused = edit(more).await.expect_err("the list is judged as soon as it changes");
        assert!(format!("{refused:#}").contains("mutually exclusive"), "{refused:#}");
        old["metadata"]["name"] = "again".into();
        assert!(refusal(&world, &old).await.contains("id is mutually exclusive"));
        let mended = json!({ "spec": { "vSwitchSelectorTerms": [{ "id": "vsw-1" }] } });
        edit(mended).await.expect("a correction");
    });
}

// behaviour 01#166
#[test]
fn labels_of_our_domain_are_those_we_define() {
    let wide = crate::support::wide_pool("good");
    let key = "spec.template.spec.requirements[0].key";
    let restricted = "label domain \"karpenter.alibabacloud.com\" is restricted";
    let labels = "spec.template.metadata.labels";
    let class = json!({ "karpenter.alibabacloud.com/ecsnodeclass": "default" });
    refuses(
        &wide,
        &[
            (key, json!("karpenter.alibabacloud.com/foo"), key, restricted),
            (labels, json!({ "karpenter.alibabacloud.com/foo": "a" }), labels, restricted),
            (labels, class, labels, restricted),
        ],
    );
    admits(&wide, &[(key, json!("karpenter.alibabacloud.com/instance-category"))]);
    let claim = json!({
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodeClaim",
        "metadata": { "name": "good" },
        "spec": {
            "requirements": [{
                "key": "karpenter.alibabacloud.com/ecsnodeclass",
                "operator": "In",
                "values": ["default"],
            }],
            "nodeClassRef": {
                "group": "karpenter.alibabacloud.com", "kind": "ECSNodeClass", "name": "default",
            },
        },
    });
    admits(&claim, &[("metadata.name", json!("good"))]);
}
