//! DescribeInstances and the other lists.
//!
//! Source: Alibaba actions DescribeInstances, DescribeInstanceTypes, DescribeImages,
//! DescribeSecurityGroups, DescribeZones and DescribeVSwitches.

use chrono::TimeDelta;

use crate::lab::{GROUP, IMAGE, Lab, VSWITCH_H, VSWITCH_I};

const INSTANCES: &str = "/Instances/Instance";

#[tokio::test]
async fn filters_narrow_the_list_and_unknown_ids_are_left_out() {
    let lab = Lab::new();
    let tag = [("Tag.1.Key", "pool"), ("Tag.1.Value", "a")];
    let a = lab.launch(&tag).await.ids().remove(0);
    let b = lab.launch(&[("VSwitchId", VSWITCH_I)]).await.ids().remove(0);
    let ids = format!("[\"{b}\",\"i-none\",\"{a}\"]");
    for (filter, expected) in [
        (vec![("InstanceIds", ids.as_str())], vec![&a, &b]),
        (vec![("InstanceIds", "[]")], vec![]),
        (vec![("Tag.1.Key", "pool")], vec![&a]),
        (vec![("Tag.1.Key", "pool"), ("Tag.1.Value", "b")], vec![]),
        (vec![("VSwitchId", VSWITCH_I)], vec![&b]),
        (vec![("ZoneId", "cn-hangzhou-h")], vec![&a]),
        (vec![("Status", "Running")], vec![]),
        (vec![("Status", "Pending"), ("InstanceType", "ecs.g7.large")], vec![&a, &b]),
        (
            vec![("Filter.1.Key", "CreationStartTime"), ("Filter.1.Value", "2026-01-02T03:05Z")],
            vec![],
        ),
    ] {
        let answer = lab.ecs("DescribeInstances", &filter).await;
        let found = answer.column(INSTANCES, "InstanceId");
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

#[tokio::test]
async fn row_carries_the_fields_of_the_service() {
    let lab = Lab::new();
    lab.launch(&[("Tag.1.Key", "a"), ("Tag.1.Value", "b")]).await;
    let answer = lab.ecs("DescribeInstances", &[]).await;
    let row = |pointer: &str| answer.at(&format!("{INSTANCES}/0{pointer}")).clone();
    assert_eq!(row("/CreationTime"), "2026-01-02T03:04Z");
    assert_eq!(row("/Memory"), 8192);
    assert_eq!(row("/Tags/Tag/0/TagKey"), "a");
    assert_eq!(row("/VpcAttributes/PrivateIpAddress/IpAddress/0"), "10.0.0.1");
    assert_eq!(row("/SecurityGroupIds/SecurityGroupId/0"), GROUP);
    assert_eq!(row("/SpotStrategy"), "NoSpot");
    assert_eq!(row("/OperationLocks/LockReason"), serde_json::json!([]));
}

// behaviour 06#61
#[tokio::test]
async fn page_size_outside_its_range_is_moved_to_the_nearest_bound() {
    let lab = Lab::new();
    for _ in 0..2 {
        lab.launch(&[("Amount", "60")]).await;
    }
    for (max, rows) in [("1", 10), ("50", 50), ("500", 100)] {
        let answer = lab.ecs("DescribeInstances", &[("MaxResults", max)]).await;
        assert_eq!(answer.column(INSTANCES, "InstanceId").len(), rows, "{max}");
    }
}

#[tokio::test]
async fn tokens_lead_through_all_instances_while_some_vanish() {
    let lab = Lab::new();
    let ids = lab.launch(&[("Amount", "25")]).await.ids();
    let first = lab.ecs("DescribeInstances", &[("MaxResults", "10")]).await;
    lab.cloud.vanish(&ids[0]);
    let token = first.at("/NextToken").as_str().unwrap().to_owned();
    let second = lab.ecs("DescribeInstances", &[("MaxResults", "10"), ("NextToken", &token)]).await;
    assert_eq!(second.column(INSTANCES, "InstanceId"), ids[10..20]);
    let token = second.at("/NextToken").as_str().unwrap().to_owned();
    let last = lab.ecs("DescribeInstances", &[("MaxResults", "10"), ("NextToken", &token)]).await;
    assert_eq!(last.column(INSTANCES, "InstanceId"), ids[20..]);
    assert_eq!(last.at("/NextToken"), "");
    let odd = lab.ecs("DescribeInstances", &[("NextToken", "***")]).await;
    assert_eq!(odd.code(), "InvalidParameter");
}

#[tokio::test]
async fn page_numbers_lead_through_all_instances() {
    let lab = Lab::new();
    let ids = lab.launch(&[("Amount", "12")]).await.ids();
    let page = [("PageNumber", "3"), ("PageSize", "5")];
    let answer = lab.ecs("DescribeInstances", &page).await;
    assert_eq!(answer.column(INSTANCES, "InstanceId"), ids[10..]);
    assert_eq!((answer.at("/TotalCount"), answer.at("/PageNumber")), (&12.into(), &3.into()));
}

// behaviour 06#13 (server side)
#[tokio::test]
async fn more_than_a_hundred_ids_are_refused() {
    let lab = Lab::new();
    for (n, code) in [(100, "OK"), (101, "InvalidParameter")] {
        let ids = serde_json::to_string(&vec!["i-x"; n]).unwrap();
        assert_eq!(lab.ecs("DescribeInstances", &[("InstanceIds", &ids)]).await.code(), code);
    }
}

// behaviour 06#39
#[tokio::test]
async fn filter_by_tag_ends_at_a_thousand_instances_and_tag_list_does_not() {
    let lab = Lab::new();
    for _ in 0..12 {
        lab.launch(&[("Amount", "100"), ("Tag.1.Key", "k")]).await;
    }
    let mut totals = Vec::new();
    for action in ["DescribeInstances", "ListTagResources"] {
        let (mut total, mut token) = (0, String::new());
        loop {
            let mut params = vec![("Tag.1.Key", "k"), ("MaxResults", "100")];
            params.extend((!token.is_empty()).then_some(("NextToken", token.as_str())));
            let list = match action {
                "DescribeInstances" => INSTANCES,
                _ => {
                    params.push(("ResourceType", "instance"));
                    "/TagResources/TagResource"
                }
            };
            let answer = lab.ecs(action, &params).await;
            total += answer.at(list).as_array().unwrap().len();
            token = answer.at("/NextToken").as_str().unwrap().to_owned();
            if token.is_empty() {
                break;
            }
        }
        totals.push(total);
    }
    assert_eq!(totals, [1000, 1200]);
}

#[tokio::test]
async fn new_instance_stays_invisible_for_the_describe_delay() {
    let lab = Lab::with(|config| config.timing.describe_delay = TimeDelta::seconds(5));
    lab.launch(&[]).await;
    for (wait, rows) in [(4, 0), (1, 1)] {
        lab.advance(wait);
        assert_eq!(lab.ecs("DescribeInstances", &[]).await.at("/TotalCount"), rows);
    }
}

#[tokio::test]
async fn instance_types_come_in_pages() {
    let lab = Lab::new();
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let mut params = vec![("MaxResults", "40")];
        params.extend((!token.is_empty()).then_some(("NextToken", token.as_str())));
        let answer = lab.rpc("DescribeInstanceTypes", "2014-05-26", &params).await;
        seen.extend(answer.column("/InstanceTypes/InstanceType", "InstanceTypeId"));
        token = answer.at("/NextToken").as_str().unwrap().to_owned();
        if token.is_empty() {
            break;
        }
    }
    let all: Vec<String> = lab.cloud.instance_types().into_iter().map(|t| t.id).collect();
    assert_eq!(seen, all);
    let one = [("InstanceTypes.1", "ecs.gn7i-c8g1.2xlarge")];
    let answer = lab.rpc("DescribeInstanceTypes", "2014-05-26", &one).await;
    let row = answer.at("/InstanceTypes/InstanceType/0");
    assert_eq!(
        (&row["GPUSpec"], &row["InstanceTypeFamily"]),
        (&"NVIDIA A10".into(), &"ecs.gn7i".into())
    );
}

// behaviour 06#23 (server side)
#[tokio::test]
async fn vswitches_write_tags_as_key_and_value_and_count_their_addresses() {
    let lab = Lab::new();
    lab.launch(&[("Amount", "3")]).await;
    let tag = [
        ("RegionId", "cn-hangzhou"),
        ("Tag.1.Key", "karpenter.sh/discovery"),
        ("Tag.1.Value", "my-cluster"),
    ];
    let answer = lab.rpc("DescribeVSwitches", "2016-04-28", &tag).await;
    let zones = answer.column("/VSwitches/VSwitch", "ZoneId");
    assert_eq!(zones, ["cn-hangzhou-h", "cn-hangzhou-i", "cn-hangzhou-j"]);
    assert_eq!(answer.at("/VSwitches/VSwitch/0/Tags/Tag/0/Key"), "karpenter.sh/discovery");
    assert_eq!(answer.at("/VSwitches/VSwitch/0/AvailableIpAddressCount"), 4089);
    let one = [("RegionId", "cn-hangzhou"), ("VSwitchId", VSWITCH_H)];
    let answer = lab.rpc("DescribeVSwitches", "2016-04-28", &one).await;
    assert_eq!(answer.at("/TotalCount"), 1);
}

#[tokio::test]
async fn security_groups_are_found_by_tag_and_count_their_members() {
    let lab = Lab::new();
    lab.launch(&[]).await;
    let filter = [("Tag.1.Key", "karpenter.sh/discovery"), ("IsQueryEcsCount", "true")];
    let answer = lab.ecs("DescribeSecurityGroups", &filter).await;
    let row = answer.at("/SecurityGroups/SecurityGroup/0");
    assert_eq!((&row["SecurityGroupId"], &row["EcsCount"]), (&GROUP.into(), &1.into()));
    assert_eq!(row["AvailableInstanceAmount"], 1999);
}

#[tokio::test]
async fn images_are_found_by_ids_family_name_and_status() {
    let lab = Lab::new();
    let optimized = "aliyun_3_x64_20G_container_optimized_alibase_20250629.vhd";
    let ids = format!("{IMAGE},{optimized},m-none");
    let x64 = "acs:alibaba_cloud_linux_3_2104_lts_x64";
    for (filter, total) in [
        (("ImageId", ids.as_str()), 2),
        (("ImageFamily", x64), 2),
        (("ImageName", "aliyun_3_*_alibase_2025*"), 3),
        (("Architecture", "arm64"), 1),
        (("ImageOwnerAlias", "self"), 1),
        (("Status", "Deprecated"), 0),
        (("Status", "ALL"), 6),
    ] {
        let answer = lab.ecs("DescribeImages", &[filter]).await;
        assert_eq!(answer.at("/TotalCount"), total, "{filter:?}");
    }
    let answer = lab.ecs("DescribeImageFromFamily", &[("ImageFamily", x64)]).await;
    assert_eq!(answer.at("/Image/ImageId"), IMAGE);
    let none = lab.ecs("DescribeImageFromFamily", &[("ImageFamily", "none")]).await;
    assert_eq!((none.status, none.at("/Image")), (200, &serde_json::Value::Null));
}

#[tokio::test]
async fn zones_list_the_types_they_have_in_stock() {
    let lab = Lab::new();
    lab.cloud.set_stock("ecs.g7.large", "cn-hangzhou-h", fake_cloud::Stock::Units(0));
    let answer = lab.ecs("DescribeZones", &[]).await;
    for (n, has) in [(0, false), (1, true)] {
        let types = answer.at(&format!("/Zones/Zone/{n}/AvailableInstanceTypes/InstanceTypes"));
        let types = types.as_array().unwrap();
        assert_eq!(types.contains(&"ecs.g7.large".into()), has);
    }
}
