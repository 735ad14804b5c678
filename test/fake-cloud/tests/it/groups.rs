//! CreateAutoProvisioningGroup, type instant.
//!
//! Source: Alibaba action CreateAutoProvisioningGroup.

use fake_cloud::Stock;

use crate::lab::{Answer, GROUP, IMAGE, Lab, VSWITCH_H, VSWITCH_I, VSWITCH_J};

const ROWS: &str = "/LaunchResults/LaunchResult";

/// Three pools of ecs.g7.large, one per zone.
async fn group(lab: &Lab, more: &[(&str, &str)]) -> Answer {
    let mut params = vec![
        ("AutoProvisioningGroupType", "instant"),
        ("TotalTargetCapacity", "1"),
        ("PayAsYouGoTargetCapacity", "0"),
        ("SpotTargetCapacity", "1"),
        ("LaunchConfiguration.ImageId", IMAGE),
        ("LaunchConfiguration.SecurityGroupIds.1", GROUP),
        ("LaunchConfiguration.SystemDiskCategory", "cloud_essd"),
    ];
    let names: Vec<(String, &str)> = [VSWITCH_H, VSWITCH_I, VSWITCH_J]
        .into_iter()
        .enumerate()
        .flat_map(|(n, vswitch)| {
            let prefix = format!("LaunchTemplateConfig.{}.", n + 1);
            [
                (format!("{prefix}InstanceType"), "ecs.g7.large"),
                (format!("{prefix}VSwitchId"), vswitch),
                (format!("{prefix}WeightedCapacity"), "1.0"),
            ]
        })
        .collect();
    params.extend(names.iter().map(|(name, value)| (name.as_str(), *value)));
    params.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    params.extend_from_slice(more);
    lab.ecs("CreateAutoProvisioningGroup", &params).await
}

fn priced(prices: [f64; 3]) -> Lab {
    let lab = Lab::new();
    for (zone, price) in ["h", "i", "j"].into_iter().zip(prices) {
        lab.cloud.set_spot_price("ecs.g7.large", &format!("cn-hangzhou-{zone}"), price);
    }
    lab
}

// behaviour 06#41
#[tokio::test]
async fn sold_out_pools_become_error_rows_beside_the_success() {
    let lab = priced([0.1, 0.2, 0.3]);
    lab.cloud.set_stock("ecs.g7.large", "cn-hangzhou-h", Stock::Units(0));
    lab.cloud.set_stock("ecs.g7.large", "cn-hangzhou-i", Stock::Units(0));
    let answer = group(&lab, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut rows: Vec<(String, String)> =
        answer.column(ROWS, "ZoneId").into_iter().zip(answer.column(ROWS, "ErrorCode")).collect();
    rows.sort();
    let expected = [
        ("cn-hangzhou-h", "NoInstanceStock"),
        ("cn-hangzhou-i", "NoInstanceStock"),
        ("cn-hangzhou-j", ""),
    ];
    assert_eq!(rows, expected.map(|(zone, code)| (zone.to_owned(), code.to_owned())));
    assert_eq!(lab.cloud.instances().len(), 1);
    assert_eq!(lab.cloud.calls()[0].unknown_params, [""; 0]);
}

// behaviour 06#42
#[tokio::test]
async fn minimum_that_cannot_be_reached_leaves_no_instance() {
    let lab = priced([0.1, 0.2, 0.3]);
    for zone in ["cn-hangzhou-i", "cn-hangzhou-j"] {
        lab.cloud.set_stock("ecs.g7.large", zone, Stock::Units(0));
    }
    lab.cloud.set_stock("ecs.g7.large", "cn-hangzhou-h", Stock::Closing(1));
    let two =
        [("TotalTargetCapacity", "2"), ("SpotTargetCapacity", "2"), ("MinTargetCapacity", "2")];
    let answer = group(&lab, &two).await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    assert_eq!(lab.cloud.instances().len(), 0);
    assert_eq!(group(&lab, &[]).await.code(), "OK");
    assert_eq!(lab.cloud.instances().len(), 1);
}

// behaviour 06#43
#[tokio::test]
async fn lowest_price_takes_the_cheapest_pool_with_stock() {
    let lab = priced([0.3, 0.1, 0.2]);
    group(&lab, &[]).await;
    lab.cloud.set_stock("ecs.g7.large", "cn-hangzhou-i", Stock::Units(0));
    group(&lab, &[]).await;
    let zones: Vec<String> = lab.cloud.instances().into_iter().map(|i| i.zone).collect();
    assert_eq!(zones, ["cn-hangzhou-i", "cn-hangzhou-j"]);
}

// behaviour 06#43
#[tokio::test]
async fn prioritized_takes_the_lowest_priority_value() {
    let lab = Lab::new();
    let prioritized = [
        ("PayAsYouGoTargetCapacity", "1"),
        ("SpotTargetCapacity", "0"),
        ("PayAsYouGoAllocationStrategy", "prioritized"),
        ("LaunchTemplateConfig.1.Priority", "2"),
        ("LaunchTemplateConfig.2.Priority", "1"),
        ("LaunchTemplateConfig.3.Priority", "0"),
    ];
    let answer = group(&lab, &prioritized).await;
    assert_eq!(answer.column(ROWS, "SpotStrategy"), ["NoSpot"], "{}", answer.text);
    assert_eq!(lab.cloud.instances()[0].zone, "cn-hangzhou-j");
}

#[tokio::test]
async fn disk_category_falls_back_in_the_given_order() {
    let lab = Lab::new();
    let categories = [
        ("LaunchConfiguration.SystemDiskCategory", "cloud_essd_entry"),
        ("SystemDiskConfig.1.DiskCategory", "cloud_auto"),
        ("SystemDiskConfig.2.DiskCategory", "cloud_ssd"),
    ];
    assert_eq!(group(&lab, &categories).await.code(), "OK");
    assert_eq!(lab.cloud.instances()[0].system_disk.category, "cloud_auto");
}

#[tokio::test]
async fn group_that_is_not_instant_is_refused() {
    let answer = group(&Lab::new(), &[("AutoProvisioningGroupType", "maintain")]).await;
    assert_eq!(answer.code(), "InvalidParameter");
}

#[tokio::test]
async fn group_refused_half_way_leaves_no_instance() {
    let lab = Lab::new();
    let params = [
        ("TotalTargetCapacity", "2"),
        ("PayAsYouGoTargetCapacity", "1"),
        ("SpotAllocationStrategy", "nonsense"),
    ];
    assert_eq!(group(&lab, &params).await.code(), "InvalidParameter");
    assert_eq!(lab.cloud.instances().len(), 0);
}
