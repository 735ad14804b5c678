//! The control API: what it changes, what it shows, how it refuses.
//!
//! Source: docs/guide/fake-cloud.md, for no cloud has levers.

use serde_json::Value;

use crate::lab::{Answer, Lab, VSWITCH_I, raw};

async fn post(lab: &Lab, lever: &str, body: &str) -> Answer {
    lab.send(raw("POST", &format!("/__fake/{lever}"), &[], body)).await.unwrap()
}

async fn get(lab: &Lab, path: &str) -> Answer {
    lab.send(raw("GET", &format!("/__fake/{path}"), &[], "")).await.unwrap()
}

#[tokio::test]
async fn stock_set_over_http_decides_launches() {
    let lab = Lab::new();
    let body =
        r#"{"instanceType": "ecs.g7.large", "zone": "cn-hangzhou-h", "stock": {"units": 1}}"#;
    assert_eq!(post(&lab, "stock", body).await.status, 200);
    assert_eq!(lab.launch(&[]).await.code(), "OK");
    assert_eq!(lab.launch(&[]).await.code(), "OperationDenied.NoStock");
    let rows = get(&lab, "stock?instanceType=ecs.g7.large&zone=cn-hangzhou-h").await;
    assert_eq!(rows.at("/stock/0/market"), "onDemand");
    assert_eq!(rows.at("/stock/0/stock/units"), 0);
    assert_eq!(rows.at("/stock/1/stock/units"), 1, "spot counts on its own");
}

#[tokio::test]
async fn a_fault_planned_over_http_strikes_as_often_as_told() {
    let lab = Lab::new();
    let body = r#"{"action": "DescribeZones", "answer": {"error": {"status": 503, "code": "ServiceUnavailable", "message": "m"}}, "skip": 1, "times": {"calls": 2}}"#;
    assert_eq!(post(&lab, "fault", body).await.status, 200);
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(lab.ecs("DescribeZones", &[]).await.code().to_owned());
    }
    assert_eq!(codes, ["OK", "ServiceUnavailable", "ServiceUnavailable", "OK"]);
    let lost = r#"{"action": "RunInstances", "answer": "connectionReset", "point": "afterEffect"}"#;
    assert_eq!(post(&lab, "fault", lost).await.status, 200);
    assert_eq!(get(&lab, "faults").await.at("/faults/planned/RunInstances/0/times"), 1);
    assert!(lab.try_ecs("RunInstances", &crate::lab::launch_params(&[])).await.is_none());
    assert_eq!(lab.cloud.instances().len(), 1, "done, only the answer was lost");
}

#[tokio::test]
async fn denials_and_limits_come_and_go() {
    let lab = Lab::new();
    let code = async || lab.ecs("DescribeZones", &[]).await.code().to_owned();
    for (lever, body, expected) in [
        ("deny", r#"{"action": "DescribeZones"}"#, "Forbidden.RAM"),
        ("allow", r#"{"action": "DescribeZones"}"#, "OK"),
        (
            "throttle",
            r#"{"action": "DescribeZones", "calls": 0, "window": "1m"}"#,
            "Throttling.User",
        ),
        ("unthrottle", r#"{"action": "DescribeZones"}"#, "OK"),
        (
            "fault",
            r#"{"action": "DescribeZones", "answer": "badGateway", "times": "always"}"#,
            "no code",
        ),
        ("heal", r#"{"action": "DescribeZones"}"#, "OK"),
    ] {
        assert_eq!(post(&lab, lever, body).await.status, 200, "{lever}");
        assert_eq!(code().await, expected, "{lever}");
    }
}

#[tokio::test]
async fn an_interruption_takes_the_oldest_spot_instances_that_match() {
    let lab = Lab::new();
    let spot = [("SpotStrategy", "SpotAsPriceGo")];
    lab.launch(&[]).await;
    let first = lab.launch(&spot).await.ids().remove(0);
    lab.launch(&[("SpotStrategy", "SpotAsPriceGo"), ("VSwitchId", VSWITCH_I)]).await;
    let third = lab.launch(&spot).await.ids().remove(0);
    lab.launch(&spot).await;
    let answer = post(&lab, "interrupt", r#"{"zone": "cn-hangzhou-h", "count": 2}"#).await;
    assert_eq!(*answer.at("/instances"), serde_json::json!([first, third]));
    lab.advance(300);
    assert_eq!(lab.cloud.instances().len(), 3);
}

#[tokio::test]
async fn instances_vanish_stop_and_start_over_http() {
    let lab = Lab::new();
    let id = lab.launch(&[]).await.ids().remove(0);
    lab.advance(10);
    let by_id = format!(r#"{{"id": "{id}"}}"#);
    for (lever, status) in [("stop", "Stopped"), ("start", "Running")] {
        assert_eq!(post(&lab, lever, &by_id).await.status, 200);
        assert_eq!(get(&lab, &format!("instances/{id}")).await.at("/status"), status);
    }
    assert_eq!(post(&lab, "vanish", &by_id).await.status, 200);
    assert_eq!(get(&lab, &format!("instances/{id}")).await.status, 404);
    assert_eq!(post(&lab, "interrupt", &by_id).await.status, 404);
}

#[tokio::test]
async fn prices_quotas_addresses_and_timing_are_levers_too() {
    let lab = Lab::new();
    for (lever, body) in [
        ("price", r#"{"instanceType": "ecs.g7.large", "price": 0.75}"#),
        (
            "spot-price",
            r#"{"instanceType": "ecs.g7.large", "zone": "cn-hangzhou-h", "price": 0.25}"#,
        ),
        ("timing", r#"{"starting": "1m"}"#),
        ("available-ips", r#"{"vswitch": "vsw-bp1h0discovery0000000", "count": 1}"#),
    ] {
        assert_eq!(post(&lab, lever, body).await.status, 200, "{lever}");
    }
    let row = get(&lab, "prices?instanceType=ecs.g7.large&zone=cn-hangzhou-h").await;
    assert_eq!(
        (row.at("/prices/0/onDemand"), row.at("/prices/0/spot")),
        (&0.75.into(), &0.25.into())
    );
    assert_eq!(lab.launch(&[]).await.code(), "OK");
    assert_eq!(lab.launch(&[]).await.code(), "InvalidVSwitchId.IpNotEnough");
    lab.advance(61);
    assert_eq!(lab.cloud.running().len(), 0);
    lab.advance(1);
    assert_eq!(lab.cloud.running().len(), 1);
    let quota = r#"{"family": "ecs.g7", "vcpus": 2}"#;
    assert_eq!(post(&lab, "quota", quota).await.status, 200);
    assert_eq!(lab.launch(&[("VSwitchId", VSWITCH_I)]).await.code(), "QuotaExceed.ElasticQuota");
}

#[tokio::test]
async fn calls_are_shown_counted_and_forgotten() {
    let lab = Lab::new();
    lab.launch(&[]).await;
    lab.ecs("DescribeZones", &[]).await;
    lab.ecs("DescribeZones", &[]).await;
    let calls = get(&lab, "calls?limit=2").await;
    assert_eq!(calls.column("/calls", "action"), ["DescribeZones", "DescribeZones"]);
    let launches = get(&lab, "calls?action=RunInstances").await;
    assert_eq!(launches.at("/calls/0/params/InstanceType"), "ecs.g7.large");
    assert_eq!(get(&lab, "counts").await.at("/counts/DescribeZones"), 2);
    assert_eq!(post(&lab, "forget-calls", "").await.status, 200);
    assert_eq!(get(&lab, "counts").await.at("/counts"), &serde_json::json!({}));
}

#[tokio::test]
async fn a_reset_is_the_world_of_the_beginning() {
    let lab = Lab::new();
    lab.launch(&[]).await;
    lab.cloud.deny("DescribeZones");
    assert_eq!(post(&lab, "reset", "{}").await.status, 200);
    assert!(lab.cloud.instances().is_empty());
    assert_eq!(lab.ecs("DescribeZones", &[]).await.code(), "OK");
}

#[tokio::test]
async fn every_endpoint_of_the_index_answers_and_every_example_works() {
    let lab = Lab::new();
    let index = get(&lab, "").await;
    let rows = index.at("/endpoints").as_array().unwrap();
    assert!(rows.len() > 30, "{}", rows.len());
    for row in rows {
        let text = |name: &str| row[name].as_str().unwrap();
        assert!(!text("does").is_empty());
        let Some(example) = row.get("example") else { continue };
        let answer = lab.send(raw(text("method"), text("path"), &[], &example.to_string())).await;
        let answer = answer.unwrap();
        assert_eq!(answer.status, 200, "{}: {}", text("path"), answer.text);
    }
    let windows = rows.iter().filter(|row| row["method"] == "GET");
    for path in windows.filter_map(|row| row["path"].as_str()).filter(|path| !path.contains('{')) {
        assert_eq!(lab.send(raw("GET", path, &[], "")).await.unwrap().status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_refused_lever_names_field_and_fix_and_changes_nothing() {
    let lab = Lab::new();
    let before = get(&lab, "stock").await.text;
    for (lever, body, status, field, fix) in [
        (
            "stock",
            r#"{"instanceType": "g7", "zone": "cn-hangzhou-h"}"#,
            400,
            "instanceType",
            "ecs.",
        ),
        ("stock", r#"{"instanceType": "ecs.g7.large", "zone": "h"}"#, 400, "zone", "cn-hangzhou-h"),
        (
            "stock",
            r#"{"instanceType": "ecs.g7.large", "zone": "cn-hangzhou-h", "stok": 1}"#,
            400,
            "stok",
            "unknown field",
        ),
        ("stock", r#"{"zone": "cn-hangzhou-h"}"#, 400, "body", "missing field `instanceType`"),
        (
            "stock",
            r#"{"instanceType": "ecs.g7.large", "zone": "cn-hangzhou-h", "stock": {"units": -1}}"#,
            400,
            "stock.units",
            "u32",
        ),
        ("price", r#"{"instanceType": "ecs.g7.large", "price": -1}"#, 400, "price", "0 to 1000000"),
        (
            "fault",
            r#"{"action": "RunInstance", "answer": "hang"}"#,
            400,
            "action",
            "there are AssumeRole",
        ),
        (
            "fault",
            r#"{"action": "RunInstances", "answer": {"error": {"status": 200, "code": "c", "message": "m"}}}"#,
            400,
            "answer.error.status",
            "400 to 599",
        ),
        (
            "throttle",
            r#"{"action": "RunInstances", "calls": 1, "window": "1h"}"#,
            400,
            "window",
            "1s or 1m",
        ),
        ("interrupt", r#"{"id": "i-none"}"#, 404, "id", "GET /__fake/instances"),
        ("zone", r#"{"zone": "cn-hangzhou-h", "category": "Sold"}"#, 400, "category", "WithStock"),
        ("explode", "{}", 404, "path", "GET /__fake/"),
        ("reset", "{", 400, "body", "EOF"),
    ] {
        let answer = post(&lab, lever, body).await;
        let got = (answer.status, answer.at("/error/field").as_str().unwrap_or("none"));
        assert_eq!(got, (status, field), "{lever} {body}: {}", answer.text);
        assert!(answer.text.contains(fix), "{lever}: {}", answer.text);
    }
    assert_eq!(get(&lab, "stock").await.text, before);
}

#[tokio::test]
async fn a_body_over_one_mebibyte_is_refused() {
    let lab = Lab::new();
    let body = format!("{{\"name\": \"{}\"}}", "a".repeat(1 << 20));
    assert_eq!(post(&lab, "role", &body).await.status, 413);
    let long = format!("{{\"name\": \"{}\"}}", "a".repeat(1025));
    assert_eq!(post(&lab, "role", &long).await.at("/error/field"), "name");
}

#[tokio::test]
async fn an_unknown_path_below_the_control_api_is_a_404_in_json() {
    let lab = Lab::new();
    let answer = get(&lab, "a/b/c").await;
    assert_eq!(answer.status, 404);
    assert!(matches!(answer.json, Value::Object(_)), "{}", answer.text);
}
