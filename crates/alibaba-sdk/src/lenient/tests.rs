//! Tolerance towards the forms the service really sends.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{from_slice, parse_time};
use crate::ecs::{DescribeInstancesResponse, DescribePriceResponse, DescribeZonesResponse};

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Row {
    #[serde(deserialize_with = "super::number")]
    count: u32,
    #[serde(deserialize_with = "super::optional_number")]
    limit: Option<f64>,
    #[serde(deserialize_with = "super::boolean")]
    flag: bool,
    #[serde(deserialize_with = "super::list")]
    list: Vec<String>,
    #[serde(deserialize_with = "super::tags")]
    tags: BTreeMap<String, String>,
}

fn row(text: &str) -> Row {
    from_slice(text.as_bytes()).unwrap()
}

// behaviour 06#16
#[test]
fn a_price_parses_as_number_and_as_text() {
    for price in [r#""0.165""#, "0.165"] {
        let body = format!(r#"{{"PriceInfo":{{"Price":{{"TradePrice":{price}}}}}}}"#);
        let response: DescribePriceResponse = from_slice(body.as_bytes()).unwrap();
        assert_eq!(
            response.price_info.price.trade_price.total_cmp(&0.165),
            std::cmp::Ordering::Equal
        );
    }
}

// behaviour 06#17
#[test]
fn every_documented_timestamp_form_parses() {
    let iso = |text| parse_time(text).unwrap().to_rfc3339();
    assert_eq!(iso("2017-12-10T04:04Z"), "2017-12-10T04:04:00+00:00");
    assert_eq!(iso("2017-12-10T04:04:05Z"), "2017-12-10T04:04:05+00:00");
    assert_eq!(iso("2017-12-10T04:04:05.250Z"), "2017-12-10T04:04:05.250+00:00");
    assert_eq!(iso("20190409T121826.922+0800"), "2019-04-09T04:18:26.922+00:00");
    assert_eq!(parse_time("yesterday"), None);
}

// behaviour 06#23
#[test]
fn tags_of_both_spellings_become_the_same_map() {
    let vpc = row(r#"{"tags":{"Tag":[{"Key":"a","Value":"1"},{"Key":"b"}]}}"#);
    let ecs =
        row(r#"{"tags":{"Tag":[{"TagKey":"a","TagValue":"1"},{"TagKey":"b","TagValue":""}]}}"#);
    assert_eq!(vpc, ecs);
    assert_eq!(vpc.tags.len(), 2);
}

// behaviour 06#24
#[test]
fn unknown_fields_and_nulls_do_not_disturb() {
    let body = br#"{"New":{"x":[1]},"NextToken":null,"Instances":{"Instance":[
        {"InstanceId":"i-1","Cpu":null,"Tags":null,"VpcAttributes":null,"Novel":1,"ExpiredTime":""}]}}"#;
    let response: DescribeInstancesResponse = from_slice(body).unwrap();
    assert_eq!(response.next_token, "");
    assert_eq!(response.instances[0].instance_id, "i-1");
    assert_eq!(response.instances[0].cpu, 0);
}

#[test]
fn null_absent_and_empty_lists_are_the_same() {
    for text in
        ["{}", r#"{"list":null}"#, r#"{"list":{}}"#, r#"{"list":{"Item":[]}}"#, r#"{"list":""}"#]
    {
        assert_eq!(row(text), Row::default(), "{text}");
    }
}

#[test]
fn numbers_and_booleans_parse_from_text_and_whole_floats_fit_integers() {
    let expect = Row { count: 8, limit: Some(1.5), flag: true, ..Row::default() };
    assert_eq!(row(r#"{"count":"8","limit":"1.5","flag":"True"}"#), expect);
    assert_eq!(row(r#"{"count":8.0,"limit":1.5,"flag":true}"#), expect);
    assert_eq!(row(r#"{"count":"","limit":"","flag":""}"#), Row::default());
    assert!(from_slice::<Row>(br#"{"count":-1}"#).is_err());
    assert!(from_slice::<Row>(br#"{"flag":"maybe"}"#).is_err());
}

#[test]
fn wrapper_names_carry_no_information() {
    let body = br#"{"Zones":{"Zone":[{"ZoneId":"z","AvailableInstanceTypes":{"InstanceTypes":["t"]},
        "AvailableDiskCategories":{"DiskCategories":["d"]},"AvailableResourceCreation":{"ResourceTypes":["r"]}}]}}"#;
    let zone = from_slice::<DescribeZonesResponse>(body).unwrap().zones.remove(0);
    assert_eq!(zone.available_instance_types, ["t"]);
    assert_eq!(zone.available_disk_categories, ["d"]);
    assert_eq!(zone.available_resource_creation, ["r"]);
}
