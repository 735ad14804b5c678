//! Stock and prices.
//!
//! Source: Alibaba actions DescribeAvailableResource, DescribePrice and DescribeSpotPriceHistory.

use fake_cloud::{Market, Stock};

use crate::lab::{Answer, Lab};

/// Zone and category of every row of ecs.g7.large.
fn rows(answer: &Answer) -> Vec<(String, String)> {
    let zones = answer.at("/AvailableZones/AvailableZone").as_array().unwrap();
    zones
        .iter()
        .map(|zone| {
            let row = &zone["AvailableResources"]["AvailableResource"][0]["SupportedResources"]["SupportedResource"][0];
            (zone["ZoneId"].as_str().unwrap().into(), row["StatusCategory"].as_str().unwrap().into())
        })
        .collect()
}

async fn stock(lab: &Lab, more: &[(&str, &str)]) -> Answer {
    let params =
        [&[("DestinationResource", "InstanceType"), ("InstanceType", "ecs.g7.large")], more]
            .concat();
    lab.ecs("DescribeAvailableResource", &params).await
}

#[tokio::test]
async fn every_kind_of_stock_has_its_category() {
    let lab = Lab::new();
    for (stock_now, category) in [
        (Stock::Unlimited, "WithStock"),
        (Stock::Units(1), "WithStock"),
        (Stock::Units(0), "WithoutStock"),
        (Stock::Closing(1), "ClosedWithStock"),
        (Stock::Closing(0), "ClosedWithoutStock"),
    ] {
        lab.cloud.set_stock("ecs.g7.large", "cn-hangzhou-h", stock_now);
        let answer = stock(&lab, &[("ZoneId", "cn-hangzhou-h")]).await;
        assert_eq!(rows(&answer), [("cn-hangzhou-h".to_owned(), category.to_owned())]);
    }
    lab.cloud.set_market_stock(Market::OnDemand, "ecs.g7.large", "cn-hangzhou-h", None);
    assert_eq!(rows(&stock(&lab, &[]).await).len(), 2);
}

// behaviour 06#50
#[tokio::test]
async fn charge_type_and_strategy_choose_the_stock_table() {
    let lab = Lab::new();
    let zone = "cn-hangzhou-h";
    let set = |market, stock| lab.cloud.set_market_stock(market, "ecs.g7.large", zone, Some(stock));
    set(Market::OnDemand, Stock::Closing(5));
    set(Market::Spot, Stock::Units(0));
    set(Market::Subscription, Stock::Closing(0));
    for (params, category) in [
        (vec![], "ClosedWithStock"),
        (vec![("InstanceChargeType", "PostPaid"), ("SpotStrategy", "NoSpot")], "ClosedWithStock"),
        (vec![("SpotStrategy", "SpotAsPriceGo")], "WithoutStock"),
        (vec![("InstanceChargeType", "PrePaid")], "ClosedWithoutStock"),
    ] {
        assert_eq!(rows(&stock(&lab, &params).await)[0].1, category, "{params:?}");
    }
}

// behaviour 06#63
#[tokio::test]
async fn zone_category_leaves_the_row_of_a_type_alone() {
    let lab = Lab::new();
    lab.cloud.set_zone_category("cn-hangzhou-h", Some("WithoutStock"));
    let answer = stock(&lab, &[]).await;
    let zone = answer.at("/AvailableZones/AvailableZone/0");
    assert_eq!(
        (&zone["Status"], &zone["StatusCategory"]),
        (&"SoldOut".into(), &"WithoutStock".into())
    );
    assert_eq!(rows(&answer)[0].1, "WithStock");
    assert_eq!(lab.launch(&[]).await.code(), "OK");
}

#[tokio::test]
async fn disk_categories_depend_on_the_type() {
    let lab = Lab::new();
    for (of, entry) in [("ecs.g7.large", false), ("ecs.u1-c1m2.large", true)] {
        let params = [("DestinationResource", "SystemDisk"), ("InstanceType", of)];
        let answer = lab.ecs("DescribeAvailableResource", &params).await;
        assert_eq!(answer.text.contains("cloud_essd_entry"), entry, "{of}");
    }
}

#[tokio::test]
async fn price_is_split_by_resource() {
    let lab = Lab::new();
    lab.cloud.set_price("ecs.g7.large", Some(0.5));
    let params = [
        ("ResourceType", "instance"),
        ("InstanceType", "ecs.g7.large"),
        ("PriceUnit", "Hour"),
        ("SystemDisk.Category", "cloud_essd"),
        ("SystemDisk.Size", "20"),
        ("SystemDisk.PerformanceLevel", "PL0"),
        ("Amount", "2"),
    ];
    let answer = lab.ecs("DescribePrice", &params).await;
    let price = answer.at("/PriceInfo/Price");
    assert_eq!((&price["Currency"], &price["TradePrice"]), (&"CNY".into(), &1.042.into()));
    assert_eq!(price["DetailInfos"]["DetailInfo"][0]["Resource"], "instanceType");
    assert_eq!(price["DetailInfos"]["DetailInfo"][0]["TradePrice"], 1.0);
}

// behaviour 06#51
#[tokio::test]
async fn type_without_price_is_not_priced() {
    let lab = Lab::new();
    lab.cloud.set_price("ecs.g7.large", None);
    let answer = lab.ecs("DescribePrice", &[("InstanceType", "ecs.g7.large")]).await;
    assert_eq!((answer.status, answer.code()), (400, "PriceNotFound"));
}

// behaviour 06#52
#[tokio::test]
async fn spot_history_covers_every_zone_that_sells_and_at_most_thirty_days() {
    let lab = Lab::new();
    lab.cloud.set_market_stock(Market::Spot, "ecs.g7.large", "cn-hangzhou-j", None);
    let base = [("InstanceType", "ecs.g7.large"), ("NetworkType", "vpc")];
    let answer = lab.ecs("DescribeSpotPriceHistory", &base).await;
    let mut zones = answer.column("/SpotPrices/SpotPriceType", "ZoneId");
    assert_eq!(zones.len(), 8, "four full hours in two zones");
    zones.sort();
    zones.dedup();
    assert_eq!(zones, ["cn-hangzhou-h", "cn-hangzhou-i"]);
    let long = [&base[..], &[("StartTime", "2025-12-02T00:00:00Z")]].concat();
    let answer = lab.ecs("DescribeSpotPriceHistory", &long).await;
    assert_eq!(answer.code(), "InvalidParameter");
}

#[tokio::test]
async fn long_spot_history_comes_in_pages_by_offset() {
    let lab = Lab::new();
    let base = [
        ("InstanceType", "ecs.g7.large"),
        ("NetworkType", "vpc"),
        ("StartTime", "2025-12-10T00:00:00Z"),
    ];
    let (mut sizes, mut offset) = (Vec::new(), "0".to_owned());
    loop {
        let params = [&base[..], &[("Offset", offset.as_str())]].concat();
        let answer = lab.ecs("DescribeSpotPriceHistory", &params).await;
        sizes.push(answer.at("/SpotPrices/SpotPriceType").as_array().unwrap().len());
        let Some(next) = answer.at("/NextOffset").as_u64() else { break };
        offset = next.to_string();
    }
    assert_eq!(sizes, [1000, (23 * 24 + 4) * 3 - 1000]);
}

#[tokio::test]
async fn spot_price_moves_with_the_hour_and_stays_a_discount() {
    let lab = Lab::new();
    let list = lab.cloud.price("ecs.g7.large").unwrap();
    let mut prices = Vec::new();
    for _ in 0..24 {
        prices.push(lab.cloud.spot_price("ecs.g7.large", "cn-hangzhou-h").unwrap());
        lab.advance(3600);
    }
    assert!(prices.iter().all(|p| (0.16 * list..0.39 * list).contains(p)), "{prices:?}");
    prices.dedup();
    assert!(prices.len() > 12, "{prices:?}");
}
