//! The list that a process boots machines from.
//!
//! Source: docs/guide/fake-cloud.md; states of instances: Alibaba action DescribeInstances.

use crate::lab::{Lab, raw};

async fn get(lab: &Lab, query: &str) -> crate::lab::Answer {
    lab.send(raw("GET", &format!("/__fake/machines{query}"), &[], "")).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_machine_tells_state_user_data_address_zone_type_and_capacity() {
    let lab = Lab::new();
    let id = lab.launch(&[("UserData", "ZWNobyBoaQ==")]).await.ids().remove(0);
    let answer = get(&lab, "").await;
    let machine = answer.at("/machines/0");
    assert_eq!(machine["id"], id.as_str());
    assert_eq!(machine["providerId"], format!("cn-hangzhou.{id}"));
    assert_eq!(machine["state"], "Pending");
    assert_eq!(machine["userData"], "ZWNobyBoaQ==");
    assert_eq!(machine["zone"], "cn-hangzhou-h");
    assert_eq!(machine["privateIp"], "10.0.0.1");
    assert_eq!(machine["instanceType"], "ecs.g7.large");
    assert_eq!(machine["capacity"]["vcpu"], 2);
    assert_eq!(machine["capacity"]["memoryGib"], 8.0);
    assert_eq!(machine["capacity"]["architecture"], "x86");
    lab.advance(10);
    assert_eq!(get(&lab, "").await.at("/machines/0/state"), "Running");
}

#[tokio::test(start_paused = true)]
async fn a_reader_with_the_newest_version_waits_for_the_next_one() {
    let lab = Lab::new();
    let version = get(&lab, "").await.at("/version").as_str().unwrap().to_owned();
    let query = format!("?version={version}&wait=30s");
    let (news, ()) = tokio::join!(get(&lab, &query), async {
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        lab.launch(&[]).await;
    });
    assert_eq!(news.at("/machines").as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_reader_is_answered_when_a_state_changes_by_itself() {
    let lab = Lab::new();
    lab.launch(&[]).await;
    let version = get(&lab, "").await.at("/version").as_str().unwrap().to_owned();
    let query = format!("?version={version}&wait=30s");
    let (news, ()) = tokio::join!(get(&lab, &query), async {
        lab.advance(2);
    });
    assert_eq!(news.at("/machines/0/state"), "Starting");
}

#[tokio::test(start_paused = true)]
async fn a_reader_without_news_gets_the_same_list_after_its_wait() {
    let lab = Lab::new();
    let first = get(&lab, "").await;
    let version = first.at("/version").as_str().unwrap();
    let again = get(&lab, &format!("?version={version}&wait=1s")).await;
    assert_eq!(again.json, first.json);
}

#[tokio::test(start_paused = true)]
async fn a_machine_reports_that_it_stopped_and_that_it_runs_again() {
    let lab = Lab::new();
    let id = lab.launch(&[]).await.ids().remove(0);
    lab.advance(10);
    for state in ["Stopped", "Running"] {
        let body = format!("{{\"state\":\"{state}\"}}");
        let path = format!("/__fake/machines/{id}");
        let answer = lab.send(raw("POST", &path, &[], &body)).await.unwrap();
        assert_eq!((answer.status, answer.at("/state").as_str()), (200, Some(state)));
        assert_eq!(lab.cloud.instance(&id).unwrap().status.as_str(), state);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_question_names_the_field_and_the_fix() {
    let lab = Lab::new();
    for (method, path, body, status, field, fix) in [
        ("GET", "?versoin=1", "", 400, "versoin", "expected `version` or `wait`"),
        ("GET", "?wait=soon", "", 400, "wait", "90s"),
        ("GET", "?wait=2m", "", 400, "wait", "at most 60s"),
        ("POST", "/i-none", "{\"state\":\"Running\"}", 404, "id", "GET /__fake/machines"),
        ("POST", "/i-none", "{\"state\":\"Happy\"}", 400, "state", "`Running` or `Stopped`"),
    ] {
        let answer = lab.send(raw(method, &format!("/__fake/machines{path}"), &[], body)).await;
        let answer = answer.unwrap();
        assert_eq!((answer.status, answer.at("/error/field").as_str()), (status, Some(field)));
        assert!(answer.text.contains(fix), "{}", answer.text);
    }
}
