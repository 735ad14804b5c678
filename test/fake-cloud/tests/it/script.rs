//! Scripts: changes in their time, whoever looks and whenever.
//!
//! Source: docs/guide/fake-cloud.md.

use std::fs;

use fake_cloud::{FakeCloud, Market, Stock};

use crate::lab::{Answer, Lab, raw};

const SCRIPT: &str = "
steps:
  - at: 2m
    do:
      stock: {instanceType: ecs.g7.large, zone: cn-hangzhou-h, stock: unlimited}
  - at: 60s
    do:
      stock: {instanceType: ecs.g7.large, zone: cn-hangzhou-h, stock: {units: 0}}
  - at: 90s
    do:
      interrupt: {zone: cn-hangzhou-h}
  - at: 91s
    do:
      vanish: {id: i-none}
";

async fn put(lab: &Lab, text: &str) -> Answer {
    lab.send(raw("PUT", "/__fake/script", &[], text)).await.unwrap()
}

async fn show(lab: &Lab) -> Answer {
    lab.send(raw("GET", "/__fake/script", &[], "")).await.unwrap()
}

fn stock(lab: &Lab) -> Option<Stock> {
    lab.cloud.stock(Market::OnDemand, "ecs.g7.large", "cn-hangzhou-h")
}

#[tokio::test]
async fn steps_happen_in_the_order_of_their_time() {
    let lab = Lab::new();
    assert_eq!(put(&lab, SCRIPT).await.status, 200);
    let id = lab.launch(&[("SpotStrategy", "SpotAsPriceGo")]).await.ids().remove(0);
    for (wait, expected) in
        [(59, Stock::Unlimited), (1, Stock::Units(0)), (59, Stock::Units(0)), (1, Stock::Unlimited)]
    {
        lab.advance(wait);
        assert_eq!(stock(&lab), Some(expected));
    }
    let shown = show(&lab).await;
    assert_eq!(shown.at("/script/done/1/instances/0"), id.as_str());
    assert!(shown.at("/script/done/2/refused").as_str().unwrap().contains("i-none"));
    assert_eq!(shown.at("/script/done").as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_step_happens_at_its_own_time_even_if_nobody_looks_until_later() {
    let lab = Lab::new();
    put(&lab, SCRIPT).await;
    let id = lab.launch(&[("SpotStrategy", "SpotAsPriceGo")]).await.ids().remove(0);
    lab.advance(120);
    let interrupted = lab.cloud.instance(&id).unwrap().interrupted_at.unwrap();
    assert_eq!(interrupted.timestamp(), crate::lab::EPOCH + 90);
    lab.advance(270);
    assert!(lab.cloud.instance(&id).is_none(), "gone five minutes after its announcement");
}

#[tokio::test]
async fn a_script_that_is_ended_does_nothing_more() {
    let lab = Lab::new();
    put(&lab, SCRIPT).await;
    lab.send(raw("DELETE", "/__fake/script", &[], "")).await.unwrap();
    lab.advance(60);
    assert_eq!(stock(&lab), Some(Stock::Unlimited));
    assert!(show(&lab).await.at("/script").is_null());
}

#[tokio::test]
async fn a_wrong_script_names_the_step_and_starts_nothing() {
    let lab = Lab::new();
    for (text, field) in [
        ("steps: [{at: soon, do: {reset: {}}}]", "steps[0].at"),
        ("steps: [{at: 1s, do: {reset: {}}}, {at: 2s, do: {explode: {}}}]", "steps[1].do"),
        ("steps: [{at: 1s, do: {heal: {acton: x}}}]", "steps[0].do.heal.acton"),
        ("stepz: []", "stepz"),
        ("steps: [", "script"),
    ] {
        let answer = put(&lab, text).await;
        let got = answer.at("/error/field").as_str().unwrap_or("none");
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(got.starts_with(field), "{text}: {}", answer.text);
    }
    assert!(show(&lab).await.at("/script").is_null());
}

#[test]
fn a_script_file_is_read_at_start_and_goes_on_after_a_restart() {
    let dir = crate::restart::Dir::new();
    let script = dir.write("script.yaml", SCRIPT);
    let open = |config| FakeCloud::open(config).unwrap();
    let edit = |config: &mut fake_cloud::Config| {
        config.data = Some(dir.file());
        config.script = Some(script.clone());
    };
    let first = Lab::at(Lab::clock(), edit, open);
    first.advance(70);
    assert_eq!(stock(&first), Some(Stock::Units(0)));
    let second = Lab::at(first.into_clock(), edit, open);
    assert_eq!(stock(&second), Some(Stock::Units(0)), "the step is not repeated");
    second.advance(50);
    assert_eq!(stock(&second), Some(Stock::Unlimited), "the clock of the script went on");
}

#[test]
fn a_wrong_script_file_is_named_with_its_field() {
    let dir = crate::restart::Dir::new();
    let mut config = Lab::config(dir.file());
    config.script = Some(dir.write("bad.yaml", "steps: [{at: 1s, do: {heal: {}}}]"));
    let error = FakeCloud::open(config.clone()).err().unwrap().to_string();
    assert!(error.contains("bad.yaml") && error.contains("steps[0].do.heal"), "{error}");
    config.script = Some(dir.file().with_file_name("none.yaml"));
    let error = FakeCloud::open(config).err().unwrap().to_string();
    assert!(error.contains("none.yaml"), "{error}");
    assert!(!fs::exists(dir.file()).unwrap(), "nothing is written by a start that failed");
}
