//! Requests on the wire and answers decoded, action by action.

use super::{
    CreateAutoProvisioningGroup, DeleteInstance, DescribeCapacityReservations,
    DescribeElasticityAssurances, DescribeImageFromFamily, DescribeImages, DescribeInstanceTypes,
    DescribeInstances, DescribeSpotPriceHistory, EcsApi as _, LaunchConfiguration, LaunchDataDisk,
    LaunchTemplateConfig, ListTagResources, ResourcePoolOptions, RunInstances, TagFilter,
    capacity_reservations, elasticity_assurances, images, instance_types, instances,
    instances_by_id, spot_prices, tag_rows,
};
use crate::{
    action::Action as _,
    error::{ErrorKind, classify},
    testing::{Script, client, ok},
};

// behaviour 06#13
#[tokio::test(start_paused = true)]
async fn many_ids_are_asked_for_in_hundreds() {
    let script = Script::new((0..3).map(|_| ok("{}")));
    let ids: Vec<_> = (0..250).map(|n| format!("i-{n}")).collect();
    instances_by_id(&client(&script), &ids).await.unwrap();
    let asked: Vec<Vec<String>> = script
        .sent()
        .iter()
        .map(|sent| serde_json::from_str(&sent.params()["InstanceIds"]).unwrap())
        .collect();
    assert_eq!(asked.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 50]);
    assert_eq!(asked.concat(), ids);
}

// behaviour 06#38
#[tokio::test(start_paused = true)]
async fn instances_follow_the_token_and_refuse_a_repeated_one() {
    let page = |id: &str, next: &str| {
        ok(&format!(
            r#"{{"Instances":{{"Instance":[{{"InstanceId":"{id}"}}]}},"NextToken":"{next}"}}"#
        ))
    };
    let script = Script::new([page("i-1", "t1"), page("i-2", "")]);
    let found = instances(&client(&script), &DescribeInstances::default()).await.unwrap();
    assert_eq!(found.iter().map(|i| &*i.instance_id).collect::<Vec<_>>(), ["i-1", "i-2"]);
    assert_eq!(script.sent()[1].params()["NextToken"], "t1");
    let script = Script::new([page("i-1", "t1"), page("i-2", "t1")]);
    assert!(instances(&client(&script), &DescribeInstances::default()).await.is_err());
}

// behaviour 06#39
#[tokio::test(start_paused = true)]
async fn tag_rows_are_listed_beyond_a_thousand_resources() {
    let row = |n: usize| format!(r#"{{"ResourceId":"i-{n}","TagKey":"k","TagValue":"v"}}"#);
    let script = Script::new((0..24).map(|page| {
        let rows = (page * 50..page * 50 + 50).map(row).collect::<Vec<_>>().join(",");
        let next = if page < 23 { format!("t{page}") } else { String::new() };
        ok(&format!(r#"{{"TagResources":{{"TagResource":[{rows}]}},"NextToken":"{next}"}}"#))
    }));
    let tag = vec![TagFilter { key: "k".to_owned(), value: None }];
    let request =
        ListTagResources { resource_type: "instance".to_owned(), tag, ..Default::default() };
    let rows = tag_rows(&client(&script), &request).await.unwrap();
    assert_eq!((rows.len(), &*rows[1199].resource_id), (1200, "i-1199"));
}

#[tokio::test(start_paused = true)]
async fn images_are_counted_by_page_number() {
    let page = |ids: &str| ok(&format!(r#"{{"TotalCount":3,"Images":{{"Image":[{ids}]}}}}"#));
    let script =
        Script::new([page(r#"{"ImageId":"a"},{"ImageId":"b"}"#), page(r#"{"ImageId":"c"}"#)]);
    let image_id = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let request = DescribeImages { image_id, ..Default::default() };
    let found = images(&client(&script), &request).await.unwrap();
    assert_eq!(found.len(), 3);
    let sent = script.sent();
    assert_eq!(sent[1].params()["PageNumber"], "2");
    assert_eq!(sent[1].params()["ImageId"], "a,b,c");
}

#[tokio::test(start_paused = true)]
async fn spot_prices_end_when_the_offset_stands_still() {
    let page = |next: &str| {
        ok(&format!(
            r#"{{"SpotPrices":{{"SpotPriceType":[{{"SpotPrice":"0.1","OriginPrice":0.5,
            "Timestamp":"2026-01-02T03:00:00Z"}}]}}{next}}}"#
        ))
    };
    let script = Script::new([page(r#","NextOffset":1000"#), page(r#","NextOffset":1000"#)]);
    let rows = spot_prices(&client(&script), &DescribeSpotPriceHistory::default()).await.unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(script.sent()[1].params()["Offset"], "1000");
    let script = Script::new([page("")]);
    let rows = spot_prices(&client(&script), &DescribeSpotPriceHistory::default()).await.unwrap();
    assert_eq!(rows[0].spot_price.total_cmp(&0.1), std::cmp::Ordering::Equal);
}

#[tokio::test(start_paused = true)]
async fn actions_without_a_region_parameter_send_none() {
    let script = Script::new([ok("{}"), ok("{}")]);
    let client = client(&script);
    instance_types(&client, &DescribeInstanceTypes::default()).await.unwrap();
    client.delete_instance(&DeleteInstance::default()).await.unwrap();
    assert!(script.sent().iter().all(|sent| !sent.params().contains_key("RegionId")));
}

#[test]
fn an_instance_decodes_with_all_its_parts() {
    let body = br#"{"Instances":{"Instance":[{"InstanceId":"i-1","Status":"Running","Memory":8192,"Cpu":2,
        "CreationTime":"2017-12-10T04:04Z","SpotPriceLimit":"0.165","DeletionProtection":"true",
        "VpcAttributes":{"VpcId":"v","VSwitchId":"vsw","PrivateIpAddress":{"IpAddress":["10.0.0.1"]}},
        "SecurityGroupIds":{"SecurityGroupId":["sg-1"]},"Tags":{"Tag":[{"TagKey":"a","TagValue":"b"}]},
        "OperationLocks":{"LockReason":[{"LockReason":"Recycling"}]}}]}}"#;
    let instance = DescribeInstances::decode(body).unwrap().instances.remove(0);
    assert_eq!(instance.creation_time.unwrap().to_rfc3339(), "2017-12-10T04:04:00+00:00");
    assert_eq!(instance.vpc_attributes.private_ip_address, ["10.0.0.1"]);
    assert_eq!(instance.vpc_attributes.v_switch_id, "vsw");
    assert_eq!(instance.tags["a"], "b");
    assert_eq!(instance.operation_locks[0].lock_reason, "Recycling");
    assert_eq!((instance.memory, instance.deletion_protection), (8192, true));
}

#[test]
fn an_empty_family_has_no_image() {
    for body in ["{}", r#"{"Image":{}}"#, r#"{"Image":null}"#] {
        assert_eq!(DescribeImageFromFamily::decode(body.as_bytes()).unwrap().image, None, "{body}");
    }
    let some = DescribeImageFromFamily::decode(br#"{"Image":{"ImageId":"m-1"}}"#).unwrap();
    assert_eq!(some.image.unwrap().image_id, "m-1");
}

#[test]
fn user_data_is_not_shown() {
    let request = RunInstances { user_data: Some("c2VjcmV0".to_owned()), ..Default::default() };
    assert!(!format!("{request:?} {:?}", request.call()).contains("c2VjcmV0"));
}

// behaviour 06#15
#[test]
fn a_group_spells_the_disk_key_its_own_way_and_sends_pool_options_as_text() {
    let disk = LaunchDataDisk { kms_key_id: Some("k".to_owned()), ..Default::default() };
    let configuration = LaunchConfiguration { data_disk: vec![disk], ..Default::default() };
    let pool = ResourcePoolOptions {
        strategy: "PrivatePoolOnly".to_owned(),
        private_pool_ids: vec!["crp-1".to_owned()],
    };
    let config = LaunchTemplateConfig {
        v_switch_id: "vsw".to_owned(),
        weighted_capacity: Some(1.0),
        ..Default::default()
    };
    let request = CreateAutoProvisioningGroup {
        total_target_capacity: 1,
        launch_template_config: vec![config],
        launch_configuration: Some(configuration),
        resource_pool_options: Some(pool),
        ..Default::default()
    };
    let params = request.call().unwrap().query;
    let pairs: Vec<_> = params.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let options = r#"{"Strategy":"PrivatePoolOnly","PrivatePoolIds":["crp-1"]}"#;
    assert_eq!(
        pairs,
        [
            ("LaunchConfiguration.DataDisk.1.KmsKeyId", "k"),
            ("LaunchTemplateConfig.1.VSwitchId", "vsw"),
            ("LaunchTemplateConfig.1.WeightedCapacity", "1"),
            ("ResourcePoolOptions", options),
            ("TotalTargetCapacity", "1"),
        ]
    );
}

#[test]
fn every_launch_result_is_kept_with_its_code() {
    let body = br#"{"AutoProvisioningGroupId":"apg-1","LaunchResults":{"LaunchResult":[
        {"InstanceType":"a","ZoneId":"z","Amount":1,"InstanceIds":{"InstanceId":[]},"ErrorCode":"NoInstanceStock"},
        {"InstanceType":"b","ZoneId":"z","Amount":1,"InstanceIds":{"InstanceId":["i-1"]},"ErrorCode":""}]}}"#;
    let rows = CreateAutoProvisioningGroup::decode(body).unwrap().launch_results;
    assert_eq!(classify(&rows[0].error_code, 200), ErrorKind::NoStock);
    assert_eq!(rows[1].instance_ids, ["i-1"]);
}

// behaviour 06#18
#[tokio::test(start_paused = true)]
async fn the_zone_of_a_reservation_maps_in_both_spellings() {
    let item = |zone: &str| {
        format!(
            r#"{{"AllocatedResources":{{"AllocatedResource":[{{"{zone}":"cn-hangzhou-h","TotalAmount":3}}]}}}}"#
        )
    };
    let items = format!("{},{}", item("zoneId"), item("ZoneId"));
    let body = format!(r#"{{"CapacityReservationSet":{{"CapacityReservationItem":[{items}]}}}}"#);
    let script = Script::new([ok(&body)]);
    let private_pool_options_ids = vec!["crp-1".to_owned()];
    let request = DescribeCapacityReservations { private_pool_options_ids, ..Default::default() };
    let found = capacity_reservations(&client(&script), &request).await.unwrap();
    let zones: Vec<_> = found.iter().map(|r| &*r.allocated_resources[0].zone_id).collect();
    assert_eq!(zones, ["cn-hangzhou-h", "cn-hangzhou-h"]);
    assert_eq!(script.sent()[0].params()["PrivatePoolOptions.Ids"], r#"["crp-1"]"#);
}

#[tokio::test(start_paused = true)]
async fn assurances_are_asked_for_and_read_like_reservations() {
    let item = r#"{"PrivatePoolOptionsId":"eap-1","EndTime":"2026-10-30T06:32:00Z",
        "AllocatedResources":{"AllocatedResource":[{"zoneId":"cn-hangzhou-h","AvailableAmount":2}]}}"#;
    let body = format!(
        r#"{{"ElasticityAssuranceSet":{{"ElasticityAssuranceItem":[{item}]}},"NextToken":""}}"#
    );
    let script = Script::new([ok(&body)]);
    let private_pool_options_ids = vec!["eap-1".to_owned()];
    let request = DescribeElasticityAssurances { private_pool_options_ids, ..Default::default() };
    let found = elasticity_assurances(&client(&script), &request).await.unwrap();
    assert_eq!(found[0].private_pool_options_id, "eap-1");
    assert_eq!(found[0].allocated_resources[0].available_amount, Some(2));
    assert!(found[0].end_time.is_some());
    let sent = &script.sent()[0];
    assert_eq!(sent.params()["PrivatePoolOptions.Ids"], r#"["eap-1"]"#);
    assert_eq!(sent.params()["MaxResults"], "100");
}
