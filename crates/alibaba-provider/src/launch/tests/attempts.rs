//! Attempts against a cloud that refuses.

use std::collections::BTreeMap;
use std::sync::Arc;

use alibaba_sdk::ecs::{
    DescribeInstancesResponse, Instance as Row, MockEcsApi, RunInstances, RunInstancesResponse,
};
use alibaba_sdk::error::{ErrorKind, SdkError};
use karpenter_core::clock::Clock;
use karpenter_core::cloud_provider::CloudProviderError;
use parking_lot::Mutex;

use super::planning::{addresses, on_demand, planned};
use crate::api::disks::DiskCategory;
use crate::api::labels;
use crate::catalog::CapacityType;
use crate::cluster::Network;
use crate::launch::execute::{Launch, Launched};
use crate::launch::request::Order;
use crate::options::Options;
use crate::testing::{claim, class, noon, row};
use crate::unavailable::{Mark, Unavailable};

/// Answers of the cloud, in order: an instance id or a code.
type Script = Vec<Result<&'static str, SdkError>>;

fn refused(code: &str) -> SdkError {
    SdkError::service("RunInstances", 403, code, "refused")
}

/// What a launch over `script` ended with, what it sent, and what it marked.
struct Ended {
    result: Result<Launched, CloudProviderError>,
    sent: Vec<RunInstances>,
    marks: Unavailable,
}

async fn launch(script: Script, found: Vec<Row>) -> Ended {
    let (sent, answers) = (Arc::new(Mutex::new(vec![])), Mutex::new(script.into_iter()));
    let mut ecs = MockEcsApi::new();
    let record = sent.clone();
    ecs.expect_run_instances().returning(move |request| {
        record.lock().push(request.clone());
        let answer = answers.lock().next().expect("no more calls than answers");
        answer.map(|id| RunInstancesResponse {
            instance_id_sets: vec![id.to_owned()],
            ..RunInstancesResponse::default()
        })
    });
    ecs.expect_describe_instances().returning(move |_| {
        Ok(DescribeInstancesResponse { instances: found.clone(), ..Default::default() })
    });
    let (claim, class) = (claim([on_demand()]), class(&["h", "i"]));
    let rows = [(row("ecs.c7.large", 2, 4.0), 1.0), (row("ecs.g7.large", 2, 8.0), 2.0)];
    let plan = planned(&claim, &rows).expect("a plan");
    let (clock, options) = (Clock::simulated(noon()), Options::new("cn-hangzhou", "c1"));
    let (unavailable, addresses) = (Mutex::default(), Mutex::new(addresses(&["h", "i"])));
    let script = "bash -s -- --openapi-token t";
    let launch = Launch {
        ecs: &ecs,
        clock: &clock,
        options: &options,
        unavailable: &unavailable,
        addresses: &addresses,
        network: Network::Unknown,
        order: Order { claim: &claim, class: &class, default_role: "", password: None, tags: &[] },
        scripts: &BTreeMap::from([("amd64".to_owned(), script.into())]),
    };
    let result = launch.execute(&plan).await;
    let sent = std::mem::take(&mut *sent.lock());
    Ended { result, sent, marks: unavailable.into_inner() }
}

// behaviour 05#53
#[tokio::test(start_paused = true)]
async fn next_best_offering_is_tried_when_one_is_out_of_stock() {
    let ended = launch(vec![Err(refused("OperationDenied.NoStock")), Ok("i-1")], vec![]).await;
    assert!(matches!(ended.result, Ok(Launched::New { instance_id, .. }) if instance_id == "i-1"));
    let marked =
        ended.sent[0].v_switch_id.as_deref().expect("a vSwitch").trim_start_matches("vsw-");
    let mark = Mark::Offering("ecs.c7.large".into(), marked.into(), CapacityType::OnDemand);
    assert!(ended.marks.contains(&mark));
    assert_ne!(ended.sent[0].v_switch_id, ended.sent[1].v_switch_id);
}

// behaviour 05#54
#[tokio::test(start_paused = true)]
async fn launch_without_any_stock_lists_each_refusal_once() {
    let script = (0..4).map(|_| Err(refused("OperationDenied.NoStock"))).collect();
    let ended = launch(script, vec![]).await;
    let Err(CloudProviderError::InsufficientCapacity(text)) = ended.result else {
        panic!("{:?}", ended.result)
    };
    assert_eq!(text.matches("OperationDenied.NoStock").count(), 1, "{text}");
}

// behaviour 05#55
#[tokio::test(start_paused = true)]
async fn missing_permission_stops_the_launch() {
    let script = vec![Err(refused("OperationDenied.NoStock")), Err(refused("Forbidden.RAM"))];
    let ended = launch(script, vec![]).await;
    assert!(
        matches!(ended.result, Err(CloudProviderError::Create { reason, .. }) if reason == "Unauthorized")
    );
}

// behaviour 05#56
#[tokio::test(start_paused = true)]
async fn instance_of_a_lost_answer_is_found_by_its_tags() {
    let lost = SdkError::local("RunInstances", ErrorKind::Interrupted, "no answer");
    let existing = Row {
        instance_id: "i-lost".to_owned(),
        status: "Pending".to_owned(),
        creation_time: alibaba_sdk::parse_time("2026-08-01T12:00Z"),
        ..Row::default()
    };
    let ended = launch(vec![Err(lost)], vec![existing]).await;
    assert!(matches!(ended.result, Ok(Launched::Adopted(row)) if row.instance_id == "i-lost"));
    assert_eq!(ended.sent.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn instance_of_another_claim_of_the_same_name_is_not_adopted() {
    let of = |uid: &str| Row {
        instance_id: format!("i-{uid}"),
        status: "Pending".to_owned(),
        tags: BTreeMap::from([(labels::TAG_NODE_CLAIM_UID.to_owned(), uid.to_owned())]),
        ..Row::default()
    };
    let lost = || Err(SdkError::local("RunInstances", ErrorKind::Interrupted, "no answer"));
    let ended = launch(vec![lost()], vec![of("another"), of("uid-1")]).await;
    assert!(matches!(ended.result, Ok(Launched::Adopted(row)) if row.instance_id == "i-uid-1"));
    let ended = launch(vec![lost()], vec![of("another")]).await;
    assert!(ended.result.is_err(), "{:?}", ended.result);
}

// behaviour 05#57
#[tokio::test(start_paused = true)]
async fn launch_in_progress_is_repeated_with_the_same_token() {
    let busy = || Err(refused("IdempotentProcessing"));
    let ended = launch(vec![busy(), busy(), Ok("i-1")], vec![]).await;
    assert!(ended.result.is_ok());
    let tokens: Vec<_> = ended.sent.iter().map(|request| request.client_token.clone()).collect();
    assert!(tokens[0].is_some() && tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(tokens.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn refused_token_is_replaced_when_no_instance_is_found() {
    let ended = launch(vec![Err(refused("IdempotentParameterMismatch")), Ok("i-1")], vec![]).await;
    assert!(ended.result.is_ok());
    assert_ne!(ended.sent[0].client_token, ended.sent[1].client_token);
}

// behaviour 05#61
#[tokio::test(start_paused = true)]
async fn next_disk_category_is_tried_and_the_refused_one_remembered() {
    let ended = launch(vec![Err(refused("CategoryNotSupported")), Ok("i-1")], vec![]).await;
    assert!(ended.result.is_ok());
    let category = |at: usize| ended.sent[at].system_disk.as_ref().and_then(|d| d.category.clone());
    assert_eq!(
        (category(0).as_deref(), category(1).as_deref()),
        (Some("cloud_essd"), Some("cloud_auto"))
    );
    let zone = ended.sent[0].v_switch_id.as_deref().unwrap_or_default().trim_start_matches("vsw-");
    assert!(ended.marks.contains(&Mark::Disk {
        instance_type: "ecs.c7.large".into(),
        zone: zone.into(),
        category: DiskCategory::CloudEssd,
    }));
}

// behaviour 05#64
#[tokio::test(start_paused = true)]
async fn missing_balance_holds_back_all_launches() {
    let ended = launch(vec![Err(refused("InvalidAccountStatus.NotEnoughBalance"))], vec![]).await;
    assert!(
        matches!(ended.result, Err(CloudProviderError::Create { reason, .. }) if reason == "InsufficientBalance")
    );
    assert!(ended.marks.contains(&Mark::Account));
}
