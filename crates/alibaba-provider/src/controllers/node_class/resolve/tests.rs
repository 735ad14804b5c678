//! What the terms of a class resolve to, and what is said when they do not.

use std::collections::BTreeMap;
use std::sync::Arc;

use alibaba_sdk::cs::MockCsApi;
use alibaba_sdk::ecs::{
    DescribeImageFromFamilyResponse, DescribeImagesResponse, DescribeSecurityGroupsResponse, Image,
    Instance, MockEcsApi, SecurityGroup,
};
use alibaba_sdk::ram::{GetRoleResponse, MockRamApi, Role};
use alibaba_sdk::vpc::{DescribeVSwitchesResponse, MockVpcApi, VSwitch};
use karpenter_core::clock::Clock;

use super::*;
use crate::api::conditions::{READY, find};
use crate::api::node_class::ECSNodeClassSpec;
use crate::api::selectors::{ImageSelectorTerm, SecurityGroupSelectorTerm, VSwitchSelectorTerm};
use crate::options::Options;
use crate::provider::Parts;
use crate::provider::drift::dynamic_drift;
use crate::testing::{claim, noon};

fn discovery() -> Option<BTreeMap<String, String>> {
    Some(BTreeMap::from([("karpenter.sh/discovery".to_owned(), "my-cluster".to_owned())]))
}

/// The class of the documentation's example.
fn example() -> ECSNodeClass {
    let text = |text: &str| Some(text.to_owned());
    let mut class = ECSNodeClass::new(
        "default",
        ECSNodeClassSpec {
            v_switch_selector_terms: vec![
                VSwitchSelectorTerm { tags: discovery(), ..Default::default() },
                VSwitchSelectorTerm { id: text("vsw-bp1h5w****"), ..Default::default() },
            ],
            security_group_selector_terms: vec![
                SecurityGroupSelectorTerm { tags: discovery(), ..Default::default() },
                SecurityGroupSelectorTerm { id: text("sg-bp1h5w****"), ..Default::default() },
            ],
            image_selector_terms: vec![
                ImageSelectorTerm { image_family: text("acs:family"), ..Default::default() },
                ImageSelectorTerm { id: text("aliyun_3.vhd"), ..Default::default() },
            ],
            ..ECSNodeClassSpec::default()
        },
    );
    class.metadata.generation = Some(1);
    class
}

fn image(id: &str) -> Image {
    let (image_id, architecture) = (id.to_owned(), "x86_64".to_owned());
    Image { image_id, architecture, ..Image::default() }
}

fn ecs() -> MockEcsApi {
    let mut ecs = MockEcsApi::new();
    ecs.expect_describe_security_groups().returning(|_| {
        let group = SecurityGroup { security_group_id: "sg-a".into(), ..Default::default() };
        Ok(DescribeSecurityGroupsResponse { security_groups: vec![group], ..Default::default() })
    });
    ecs.expect_describe_image_from_family().returning(|_| {
        let image = Some(image("latest"));
        Ok(DescribeImageFromFamilyResponse { image, ..Default::default() })
    });
    ecs.expect_describe_images().returning(|_| {
        let images = vec![image("aliyun_3.vhd")];
        Ok(DescribeImagesResponse { images, total_count: 1, ..Default::default() })
    });
    ecs
}

fn provider(vpc: MockVpcApi) -> AlibabaProvider {
    with_ecs(vpc, ecs())
}

fn with_ecs(vpc: MockVpcApi, ecs: MockEcsApi) -> AlibabaProvider {
    with_ram(vpc, ecs, MockRamApi::new())
}

fn with_ram(vpc: MockVpcApi, ecs: MockEcsApi, ram: MockRamApi) -> AlibabaProvider {
    AlibabaProvider::new(Parts {
        ecs: Arc::new(ecs),
        vpc: Arc::new(vpc),
        cs: Arc::new(MockCsApi::new()),
        ram: Arc::new(ram),
        kube: kube::Client::new(axum::Router::new(), "default"),
        clock: Clock::simulated(noon()),
        options: Options::new("cn-hangzhou", "c1"),
    })
}

fn answering() -> MockVpcApi {
    let mut vpc = MockVpcApi::new();
    vpc.expect_describe_v_switches().returning(|_| {
        let (v_switch_id, zone_id) = ("vsw-a".to_owned(), "cn-hangzhou-h".to_owned());
        let status = "Available".to_owned();
        let found = VSwitch { v_switch_id, zone_id, status, ..VSwitch::default() };
        let v_switches = vec![VSwitch { available_ip_address_count: 250, ..found }];
        Ok(DescribeVSwitchesResponse { v_switches, total_count: 1, ..Default::default() })
    });
    vpc
}

fn failing(code: &'static str) -> MockVpcApi {
    let mut vpc = MockVpcApi::new();
    vpc.expect_describe_v_switches()
        .returning(move |_| Err(SdkError::service("DescribeVSwitches", 403, code, "refused")));
    vpc
}

fn said(resolution: &Resolution, kind: &str) -> (String, String) {
    let condition = find(&resolution.status.conditions, kind);
    condition.map(|c| (c.status.clone(), c.message.clone())).unwrap_or_default()
}

// behaviour 01#144, 01#146
#[tokio::test(start_paused = true)]
async fn example_of_the_documentation_becomes_ready_and_names_its_placeholders() {
    let provider = provider(answering());
    let resolution = resolve(&provider, &example(), Memory::default(), noon()).await;
    assert_eq!(said(&resolution, READY).0, "True", "{:?}", resolution.status.conditions);
    assert!(said(&resolution, V_SWITCHES_READY).1.contains("vsw-bp1h5w****"));
    assert!(said(&resolution, SECURITY_GROUPS_READY).1.contains("sg-bp1h5w****"));
    let images: Vec<&str> = resolution.status.images.iter().map(|i| i.id.as_str()).collect();
    assert_eq!(images, ["latest", "aliyun_3.vhd"]);
    assert_eq!(provider.addresses.lock().free("vsw-a"), 250);
}

// behaviour 01#162
#[tokio::test(start_paused = true)]
async fn passing_failures_keep_the_list_and_show_after_the_third() {
    let first = resolve(&provider(answering()), &example(), Memory::default(), noon()).await;
    let mut class = ECSNodeClass { status: Some(first.status), ..example() };
    let (provider, mut memory) = (provider(failing("ServiceUnavailable")), first.memory);
    let mut seen = vec![];
    for _ in 0..3 {
        memory.due.clear();
        let resolution = resolve(&provider, &class, memory, noon()).await;
        seen.push(said(&resolution, V_SWITCHES_READY).0);
        assert_eq!(resolution.status.v_switches.len(), 1);
        class.status = Some(resolution.status);
        memory = resolution.memory;
    }
    assert_eq!(seen, ["True", "True", "Unknown"]);
}

#[tokio::test(start_paused = true)]
async fn missing_permission_shows_at_once_with_its_fix() {
    let provider = provider(failing("Forbidden.RAM"));
    let resolution = resolve(&provider, &example(), Memory::default(), noon()).await;
    let (status, message) = said(&resolution, V_SWITCHES_READY);
    assert_eq!(status, "Unknown");
    assert!(message.contains("Forbidden.RAM") && message.contains("RAM policy"), "{message}");
    assert_eq!(said(&resolution, READY).0, "Unknown");
}

#[tokio::test(start_paused = true)]
async fn unreadable_cluster_shows_in_the_validation() {
    let provider = provider(answering());
    provider.market.set_cluster_problem("ErrorClusterNotFound".to_owned());
    let resolution = resolve(&provider, &example(), Memory::default(), noon()).await;
    let (status, message) = said(&resolution, VALIDATION_SUCCEEDED);
    assert_eq!(status, "Unknown");
    assert!(message.contains("ErrorClusterNotFound"), "{message}");
}

#[test]
fn part_that_keeps_failing_is_read_less_and_less_often() {
    let waits = [0, 3, 4, 5, 6, 7, u32::MAX].map(|n| backed_off(Duration::from_secs(15), n));
    assert_eq!(waits.map(|wait| wait.as_secs()), [15, 15, 30, 60, 120, 120, 120]);
}

#[tokio::test(start_paused = true)]
async fn full_v_switch_is_named_in_the_condition_and_withheld_until_it_is_read_again() {
    let mut vpc = MockVpcApi::new();
    vpc.expect_describe_v_switches().returning(|_| {
        let (v_switch_id, zone_id) = ("vsw-a".to_owned(), "cn-hangzhou-h".to_owned());
        let full =
            VSwitch { v_switch_id, zone_id, status: "Available".into(), ..VSwitch::default() };
        Ok(DescribeVSwitchesResponse {
            v_switches: vec![full],
            total_count: 1,
            ..Default::default()
        })
    });
    let provider = provider(vpc);
    let resolution = resolve(&provider, &example(), Memory::default(), noon()).await;
    let (status, message) = said(&resolution, V_SWITCHES_READY);
    assert_eq!(status, "True");
    assert!(message.contains("no free address in vsw-a; select a larger"), "{message}");
    let mark = crate::unavailable::Mark::VSwitch("vsw-a".to_owned());
    assert!(provider.unavailable().contains(&mark));
    tokio::time::sleep(provider.parts.options.v_switch_refresh * 2).await;
    assert!(!provider.unavailable().contains(&mark));
}

// behaviour 01#168
#[tokio::test(start_paused = true)]
async fn conditions_of_an_earlier_provider_go_once_a_policy_is_chosen() {
    let provider = provider(answering());
    let mut class = example();
    class.spec.user_data = Some("#!/bin/sh".to_owned());
    let old = conditions::fold(&[], &[Verdict::ok("VSwitchResolved", "")], 1, noon());
    class.status = Some(ECSNodeClassStatus { conditions: old, ..ECSNodeClassStatus::default() });
    let waiting = resolve(&provider, &class, Memory::default(), noon()).await;
    assert_eq!(said(&waiting, VALIDATION_SUCCEEDED).0, "False");
    assert_eq!(said(&waiting, "VSwitchResolved").0, "True", "it is what asks for the policy");
    class.spec.user_data_policy = Some(crate::api::bootstrap::UserDataPolicy::Merge);
    let answered = resolve(&provider, &class, Memory::default(), noon()).await;
    assert_eq!(said(&answered, VALIDATION_SUCCEEDED).0, "True");
    assert_eq!(said(&answered, "VSwitchResolved").0, "");
}

// behaviour 01#144, 01#192
#[tokio::test(start_paused = true)]
async fn placeholder_alone_selects_nothing_and_an_unknown_term_beside_a_known_one_is_noted() {
    let mut vpc = MockVpcApi::new();
    vpc.expect_describe_v_switches().never();
    let mut class = example();
    class.spec.v_switch_selector_terms.remove(0);
    let alone = resolve(&provider(vpc), &class, Memory::default(), noon()).await;
    let condition = find(&alone.status.conditions, V_SWITCHES_READY).expect("a condition");
    assert_eq!(condition.reason, "VSwitchesNotFound");
    let mut class = example();
    let unknown = ImageSelectorTerm { id: Some("m-gone".into()), ..Default::default() };
    class.spec.image_selector_terms[1] = unknown;
    let provider = with_ecs(answering(), no_image_by_id());
    let resolution = resolve(&provider, &class, Memory::default(), noon()).await;
    let (status, message) = said(&resolution, IMAGES_READY);
    assert_eq!(status, "True");
    assert!(message.contains("no match: imageSelectorTerms[1] id m-gone"), "{message}");
}

/// The cloud where images are found by family and none by id.
fn no_image_by_id() -> MockEcsApi {
    let mut ecs = MockEcsApi::new();
    ecs.expect_describe_security_groups().returning(|_| {
        let group = SecurityGroup { security_group_id: "sg-a".into(), ..Default::default() };
        Ok(DescribeSecurityGroupsResponse { security_groups: vec![group], ..Default::default() })
    });
    ecs.expect_describe_image_from_family().returning(|_| {
        let image = Some(image("latest"));
        Ok(DescribeImageFromFamilyResponse { image, ..Default::default() })
    });
    ecs.expect_describe_images().returning(|_| Ok(DescribeImagesResponse::default()));
    ecs
}

/// The cloud that has the role `Worker`, which instances may take on.
fn one_role() -> MockRamApi {
    let mut ram = MockRamApi::new();
    ram.expect_get_role().returning(|request| {
        if request.role_name != "Worker" {
            return Err(SdkError::service("GetRole", 404, "EntityNotExist.Role", "none"));
        }
        let assume_role_policy_document = r#"{"Statement":[{"Action":"sts:AssumeRole",
            "Effect":"Allow","Principal":{"Service":["ecs.aliyuncs.com"]}}]}"#
            .to_owned();
        let role = Role { assume_role_policy_document, ..Role::default() };
        Ok(GetRoleResponse { role, ..GetRoleResponse::default() })
    });
    ram
}

// behaviour 01#161
#[tokio::test(start_paused = true)]
async fn role_that_does_not_exist_keeps_the_class_back_and_none_is_fine() {
    let mut class = example();
    let none = resolve(&provider(answering()), &class, Memory::default(), noon()).await;
    assert_eq!(said(&none, RAM_ROLE_READY).0, "True", "nobody is asked");
    let provider = with_ram(answering(), ecs(), one_role());
    class.spec.role = Some("Missing".to_owned());
    let missing = resolve(&provider, &class, Memory::default(), noon()).await;
    let condition = find(&missing.status.conditions, RAM_ROLE_READY).expect("a condition");
    assert_eq!((&*condition.status, &*condition.reason), ("False", "RoleNotFound"));
    assert!(condition.message.contains("Missing"), "{}", condition.message);
    assert_eq!(said(&missing, READY).0, "False");
    assert_eq!(missing.memory.due[&Part::Role], noon() + ROLE_CHECK);
    class.spec.role = Some("Worker".to_owned());
    let found = resolve(&provider, &class, Memory::default(), noon()).await;
    assert_eq!(said(&found, RAM_ROLE_READY).0, "True");
    assert_eq!(found.status.ram_role.as_deref(), Some("Worker"));
    assert_eq!(said(&found, READY).0, "True");
    assert_eq!(found.memory.due[&Part::Role], noon() + provider.parts.options.role_refresh);
}

/// The cloud whose family has `latest`, and which has every image by id.
fn publishing(latest: &'static str) -> MockEcsApi {
    let mut ecs = MockEcsApi::new();
    ecs.expect_describe_security_groups().returning(|_| {
        let group = SecurityGroup { security_group_id: "sg-a".into(), ..Default::default() };
        Ok(DescribeSecurityGroupsResponse { security_groups: vec![group], ..Default::default() })
    });
    ecs.expect_describe_image_from_family().returning(move |_| {
        let image = Some(image(latest));
        Ok(DescribeImageFromFamilyResponse { image, ..Default::default() })
    });
    ecs.expect_describe_images().returning(|request| {
        let images: Vec<Image> = request.image_id.iter().map(|id| image(id)).collect();
        let total_count = 1;
        Ok(DescribeImagesResponse { images, total_count, ..Default::default() })
    });
    ecs
}

/// Whether an instance with image `monday` has drifted once the family of `terms` has `tuesday`.
async fn drift_after_a_new_image(terms: Vec<ImageSelectorTerm>) -> Option<&'static str> {
    let mut class = example();
    class.spec.image_selector_terms = terms;
    let instance = Instance {
        image_id: "monday".to_owned(),
        security_group_ids: vec!["sg-a".to_owned()],
        ..Instance::default()
    };
    let mut drift = Some("never resolved");
    for latest in ["monday", "tuesday"] {
        let provider = with_ecs(answering(), publishing(latest));
        let resolution = resolve(&provider, &class, Memory::default(), noon()).await;
        assert_eq!(resolution.status.images[0].id, latest);
        class.status = Some(resolution.status);
        drift = dynamic_drift(&claim([]), &instance, &class);
        assert!(latest == "tuesday" || drift.is_none(), "{drift:?}");
    }
    drift
}

// behaviour 01#158
#[tokio::test(start_paused = true)]
async fn new_image_of_the_family_is_drift_only_when_the_old_one_leaves_the_status() {
    let family =
        ImageSelectorTerm { image_family: Some("acs:family".into()), ..Default::default() };
    let pinned = ImageSelectorTerm { id: Some("monday".into()), ..Default::default() };
    assert_eq!(drift_after_a_new_image(vec![family.clone()]).await, Some("ImageDrift"));
    assert_eq!(drift_after_a_new_image(vec![family, pinned]).await, None);
}
