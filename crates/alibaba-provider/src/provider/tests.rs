//! The port, over clouds and a Kubernetes API that answer in process.

mod reservations;
mod restart;

use std::collections::BTreeMap;
use std::sync::Arc;

use alibaba_sdk::cs::MockCsApi;
use alibaba_sdk::ecs::{
    DescribeInstancesResponse, Done, Instance as Row, MockEcsApi, VpcAttributes,
};
use alibaba_sdk::error::SdkError;
use alibaba_sdk::ram::MockRamApi;
use alibaba_sdk::vpc::MockVpcApi;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use karpenter_core::clock::Clock;
use karpenter_core::cloud_provider::{CloudProvider, CloudProviderError, Termination};
use karpenter_core::model::ids::NodeClassKey;
use karpenter_core::model::node_claim::NodeClaim;

use super::drift::{dynamic_drift, static_drift};
use super::{AlibabaProvider, Parts};
use crate::api::conditions::{IMAGES_READY, Verdict, fold};
use crate::api::node_class::ECSNodeClass;
use crate::api::{hash, labels};
use crate::options::Options;
use crate::testing::{claim, class, noon};

fn provider(ecs: MockEcsApi, kube: Router) -> AlibabaProvider {
    AlibabaProvider::new(Parts {
        ecs: Arc::new(ecs),
        vpc: Arc::new(MockVpcApi::new()),
        cs: Arc::new(MockCsApi::new()),
        ram: Arc::new(MockRamApi::new()),
        kube: kube::Client::new(kube, "default"),
        clock: Clock::simulated(noon()),
        options: Options::new("cn-hangzhou", "c1"),
    })
}

fn existing(id: &str) -> Row {
    Row {
        instance_id: id.to_owned(),
        status: "Running".to_owned(),
        tags: BTreeMap::from([(labels::NODE_CLASS.to_owned(), "default".to_owned())]),
        ..Row::default()
    }
}

fn answer(instances: Vec<Row>, next_token: &str) -> DescribeInstancesResponse {
    DescribeInstancesResponse {
        instances,
        next_token: next_token.to_owned(),
        ..DescribeInstancesResponse::default()
    }
}

/// What new claims of `class` are marked with.
fn marks(class: &ECSNodeClass) -> [(&'static str, String); 2] {
    let hash = hash::hash(&class.spec);
    [(labels::HASH, hash), (labels::HASH_VERSION, hash::VERSION.to_owned())]
}

fn launched(id: &str) -> NodeClaim {
    NodeClaim { provider: Some(id.into()), ..claim([]) }
}

// behaviour 05#67
#[tokio::test(start_paused = true)]
async fn list_follows_pages_of_a_hundred_to_the_end() {
    let mut ecs = MockEcsApi::new();
    ecs.expect_describe_instances().times(3).returning(|request| {
        assert_eq!((request.max_results, request.tag.len()), (Some(100), 2));
        let page: usize = request.next_token.as_deref().map_or(0, |t| t.parse().expect("a page"));
        let end = [100, 200, 250][page];
        let rows = (page * 100..end).map(|n| existing(&format!("i-{n:03}"))).collect();
        let next = if page < 2 { (page + 1).to_string() } else { String::new() };
        Ok(answer(rows, &next))
    });
    let listed = provider(ecs, Router::new()).list().await.expect("a list");
    assert_eq!(listed.len(), 250);
    assert!(listed.is_sorted_by(|a, b| a.provider_id < b.provider_id));
}

// behaviour 05#69
#[tokio::test(start_paused = true)]
async fn list_asks_for_this_cluster_and_drops_what_no_class_made() {
    let mut ecs = MockEcsApi::new();
    ecs.expect_describe_instances()
        .withf(|request| request.tag[0].key == "kubernetes.io/cluster/c1")
        .returning(|_| {
            let foreign = Row { tags: BTreeMap::new(), ..existing("i-b") };
            Ok(answer(vec![existing("i-a"), foreign], ""))
        });
    let listed = provider(ecs, Router::new()).list().await.expect("a list");
    let ids: Vec<&str> = listed.iter().map(|i| i.provider_id.as_str()).collect();
    assert_eq!(ids, ["cn-hangzhou.i-a"]);
}

// behaviour 05#70
#[tokio::test(start_paused = true)]
async fn instance_that_is_still_starting_is_deleted_later() {
    let mut ecs = MockEcsApi::new();
    ecs.expect_describe_instances().returning(|_| Ok(answer(vec![existing("i-a")], "")));
    ecs.expect_delete_instances().times(1).returning(|_| {
        let code = "IncorrectInstanceStatus.Initializing";
        Err(SdkError::service("DeleteInstances", 403, code, "initializing"))
    });
    let ended = provider(ecs, Router::new()).delete(&launched("cn-hangzhou.i-a")).await;
    assert!(matches!(ended, Ok(Termination::InProgress { .. })), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn running_instance_is_released_by_force() {
    let mut ecs = MockEcsApi::new();
    ecs.expect_describe_instances().returning(|_| Ok(answer(vec![existing("i-a")], "")));
    ecs.expect_delete_instances()
        .withf(|r| r.instance_id == ["i-a"] && r.force == Some(true) && r.force_stop.is_none())
        .times(1)
        .returning(|_| Ok(Done::default()));
    let ended = provider(ecs, Router::new()).delete(&launched("cn-hangzhou.i-a")).await;
    assert!(matches!(ended, Ok(Termination::InProgress { .. })), "{ended:?}");
}

// behaviour 05#71
#[tokio::test(start_paused = true)]
async fn deletion_by_a_foreign_id_fails_without_a_call() {
    let ended =
        provider(MockEcsApi::new(), Router::new()).delete(&launched("cn-hangzhou.node1")).await;
    assert!(matches!(ended, Err(CloudProviderError::Other(_))), "{ended:?}");
}

// behaviour 05#72
#[tokio::test(start_paused = true)]
async fn missing_instance_is_gone() {
    let mut ecs = MockEcsApi::new();
    ecs.expect_describe_instances().returning(|_| Ok(answer(vec![], "")));
    let provider = provider(ecs, Router::new());
    let got = provider.get(&"cn-hangzhou.i-a".into()).await;
    assert!(matches!(got, Err(CloudProviderError::NodeClaimNotFound(_))), "{got:?}");
    let ended = provider.delete(&launched("cn-hangzhou.i-a")).await;
    assert!(matches!(ended, Ok(Termination::Gone)), "{ended:?}");
}

const CLASSES: &str = "/apis/karpenter.alibabacloud.com/v1alpha1/ecsnodeclasses/default";

// behaviour 05#75
#[tokio::test(start_paused = true)]
async fn failure_of_the_api_server_leaves_the_claim_alone() {
    let broken = Router::new().route(CLASSES, get(|| async { StatusCode::INTERNAL_SERVER_ERROR }));
    let created = provider(MockEcsApi::new(), broken).create(&claim([])).await;
    assert!(matches!(created, Err(CloudProviderError::Transient(_))), "{created:?}");
}

#[tokio::test(start_paused = true)]
async fn class_that_is_not_ready_is_named_with_its_problem() {
    let mut class = class(&["h"]);
    let status = class.status.as_mut().expect("a status");
    let verdict = Verdict::failed(IMAGES_READY, "ImagesNotFound", "no image matches");
    status.conditions = fold(&status.conditions, &[verdict], 1, noon());
    let body = serde_json::to_string(&class).expect("JSON");
    let kube = Router::new().route(CLASSES, get(move || async move { body }));
    let created = provider(MockEcsApi::new(), kube).create(&claim([])).await;
    let Err(CloudProviderError::NodeClassNotReady(text)) = created else { panic!("{created:?}") };
    assert!(text.contains("no image matches"), "{text}");
}

// behaviour 05#76
#[test]
fn hashes_of_different_versions_are_not_compared() {
    let class = class(&["h"]);
    let drift = |own: &str, version: &str| {
        let annotations = BTreeMap::from([
            (labels::HASH.into(), own.into()),
            (labels::HASH_VERSION.into(), version.into()),
        ]);
        let claim = NodeClaim { annotations: Arc::new(annotations), ..claim([]) };
        static_drift(&claim, &marks(&class))
    };
    assert_eq!(drift("0000000000000000", "v0"), None);
    assert_eq!(drift("0000000000000000", hash::VERSION), Some("NodeClassDrift"));
    assert_eq!(drift(&hash::hash(&class.spec), hash::VERSION), None);
}

// behaviour 05#77, 05#78
#[test]
fn instance_drifts_from_what_the_class_resolves_to() {
    let mut class = class(&["h"]);
    let more = crate::api::status::SecurityGroupStatus { id: "sg-b".into(), name: None };
    class.status.as_mut().expect("a status").security_groups.push(more);
    let row = |image: &str, v_switch: &str, groups: &[&str]| Row {
        image_id: image.to_owned(),
        vpc_attributes: VpcAttributes { v_switch_id: v_switch.to_owned(), ..Default::default() },
        security_group_ids: groups.iter().map(|id| (*id).to_owned()).collect(),
        ..Row::default()
    };
    let both = ["sg-b", "sg-a"];
    let cases = [
        (row("img-amd64", "vsw-h", &both), None),
        (row("img-amd64", "vsw-h", &["sg-a"]), Some("SecurityGroupDrift")),
        (row("img-amd64", "vsw-x", &both), Some("VSwitchDrift")),
        (row("img-old", "vsw-x", &both), Some("ImageDrift")),
    ];
    for (row, expected) in cases {
        assert_eq!(dynamic_drift(&claim([]), &row, &class), expected, "{row:?}");
    }
    let status = class.status.as_mut().expect("a status");
    let unknown = Verdict::unknown(IMAGES_READY, "CloudAPIError", "no answer");
    status.conditions = fold(&status.conditions, &[unknown], 1, noon());
    assert_eq!(dynamic_drift(&claim([]), &row("img-old", "vsw-h", &both), &class), None);
}

// behaviour 01#158, 01#159
#[test]
fn drift_follows_what_the_class_says_and_what_it_resolves_to() {
    let mut class = class(&["h"]);
    let annotations = BTreeMap::from([
        (labels::HASH.into(), hash::hash(&class.spec).into()),
        (labels::HASH_VERSION.into(), hash::VERSION.into()),
    ]);
    let claim = NodeClaim { annotations: Arc::new(annotations), ..claim([]) };
    assert_eq!(static_drift(&claim, &marks(&class)), None);
    let before = hash::hash(&class.spec);
    class.spec.role = Some("Worker".to_owned());
    assert_ne!(hash::hash(&class.spec), before);
    assert_eq!(static_drift(&claim, &marks(&class)), Some("NodeClassDrift"));
    let row = |groups: &[&str]| Row {
        image_id: "img-amd64".to_owned(),
        security_group_ids: groups.iter().map(|id| (*id).to_owned()).collect(),
        ..Row::default()
    };
    assert_eq!(dynamic_drift(&claim, &row(&["sg-a", "sg-x"]), &class), Some("SecurityGroupDrift"));
    let status = class.status.as_mut().expect("a status");
    status.images.insert(0, crate::testing::image("img-newer", "amd64"));
    assert_eq!(
        dynamic_drift(&claim, &row(&["sg-a"]), &class),
        None,
        "the old image is still listed"
    );
    class.status.as_mut().expect("a status").images.truncate(1);
    assert_eq!(dynamic_drift(&claim, &row(&["sg-a"]), &class), Some("ImageDrift"));
}

// behaviour 01#169
#[test]
fn node_taken_over_may_lack_security_groups_and_a_new_one_may_not() {
    let mut class = class(&["h"]);
    let more = crate::api::status::SecurityGroupStatus { id: "sg-b".into(), name: None };
    class.status.as_mut().expect("a status").security_groups.push(more);
    let annotations = BTreeMap::from([(labels::OLD_HASH.into(), "86029c5e5831277d".into())]);
    let old = NodeClaim { annotations: Arc::new(annotations), ..claim([]) };
    let row = |group: &str| Row {
        image_id: "img-amd64".to_owned(),
        security_group_ids: vec![group.to_owned()],
        ..Row::default()
    };
    assert_eq!(dynamic_drift(&old, &row("sg-a"), &class), None);
    assert_eq!(dynamic_drift(&claim([]), &row("sg-a"), &class), Some("SecurityGroupDrift"));
    assert_eq!(dynamic_drift(&old, &row("sg-x"), &class), Some("SecurityGroupDrift"));
}

// behaviour 01#167
#[test]
fn claim_without_our_hash_is_not_drifted() {
    let class = class(&["h"]);
    let annotations = BTreeMap::from([(labels::OLD_HASH.into(), "86029c5e5831277d".into())]);
    let old = NodeClaim { annotations: Arc::new(annotations), ..claim([]) };
    assert_eq!(static_drift(&old, &marks(&class)), None);
    assert_eq!(static_drift(&claim([]), &marks(&class)), None);
}

// behaviour 01#170
#[tokio::test(start_paused = true)]
async fn claim_of_the_older_group_is_compared_by_the_hash_of_that_group() {
    let provider = provider(MockEcsApi::new(), Router::new());
    let object = serde_json::json!({
        "apiVersion": "karpenter.k8s.alibabacloud/v1alpha1",
        "kind": "ECSNodeClass",
        "metadata": { "name": "default" },
        "spec": {
            "vSwitchSelectionPolicy": "cheapest",
            "systemDisk": {
                "categories": [
                    "cloud", "cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto",
                    "cloud_essd_entry",
                ],
                "volumeSize": "60Gi",
                "performanceLevel": "PL0",
            },
        },
    });
    let object = serde_json::from_value(object).expect("an object");
    provider.legacy_classes.learn(crate::legacy::object::decode(object).expect("a class"));
    let of = |hash: &str| {
        let annotations = BTreeMap::from([
            (crate::legacy::HASH.into(), hash.into()),
            (crate::legacy::HASH_VERSION.into(), "v3".into()),
        ]);
        let node_class = NodeClassKey::new(crate::legacy::GROUP, crate::legacy::KIND, "default");
        NodeClaim { node_class, annotations: Arc::new(annotations), ..claim([]) }
    };
    assert_eq!(provider.is_drifted(&of("7133411235148966188")).await.expect("an answer"), None);
    let other = provider.is_drifted(&of("1")).await.expect("an answer");
    assert_eq!(other.as_deref(), Some("NodeClassDrift"));
}
