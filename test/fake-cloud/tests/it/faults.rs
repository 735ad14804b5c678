//! Faults, rate limits, and the record of calls.
//!
//! Source: Alibaba "Error codes" of ECS (Throttling, ServiceUnavailable) and "API throttling".

use std::time::Duration;

use fake_cloud::{FaultAnswer, FaultSpec, Outcome, RateLimit};

use crate::lab::{Lab, launch_params};

// behaviour 06#33 (server side)
#[tokio::test]
async fn lost_response_leaves_one_instance_that_a_retry_with_the_token_finds() {
    let lab = Lab::new();
    lab.cloud.fail("RunInstances", FaultSpec::response_lost());
    let params = launch_params(&[("ClientToken", "t")]);
    assert!(lab.try_ecs("RunInstances", &params).await.is_none());
    assert_eq!(lab.cloud.instances().len(), 1);
    let again = lab.ecs("RunInstances", &params).await;
    assert_eq!(again.ids(), [lab.cloud.instances()[0].id.clone()]);
    let outcomes: Vec<Outcome> = lab.cloud.calls().into_iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes, [Outcome::Broken { done: true }, Outcome::Ok]);
}

// behaviour 06#32 (server side)
#[tokio::test]
async fn fault_strikes_as_often_as_planned_and_before_the_effect() {
    let lab = Lab::new();
    lab.cloud.fail("RunInstances", FaultSpec::error(503, "ServiceUnavailable").times(2));
    for (status, code) in [(503, "ServiceUnavailable"), (503, "ServiceUnavailable"), (200, "OK")] {
        let answer = lab.launch(&[]).await;
        assert_eq!((answer.status, answer.code()), (status, code));
    }
    assert_eq!(lab.cloud.instances().len(), 1);
}

#[tokio::test]
async fn fault_may_wait_for_later_calls_and_is_kept_by_a_refused_one() {
    let lab = Lab::new();
    lab.cloud.fail("RunInstances", FaultSpec::response_lost().after(1));
    assert_eq!(lab.launch(&[]).await.code(), "OK");
    assert_eq!(lab.launch(&[("ImageId", "m-none")]).await.code(), "InvalidImageId.NotFound");
    assert!(lab.try_ecs("RunInstances", &launch_params(&[])).await.is_none());
    assert_eq!(lab.launch(&[]).await.code(), "OK");
    assert_eq!(lab.cloud.instances().len(), 3);
}

// behaviour 06#37 (server side)
#[tokio::test]
async fn lasting_fault_ends_when_it_is_healed() {
    let lab = Lab::new();
    lab.cloud.fail("RunInstances", FaultSpec::error(403, "IdempotentProcessing").always());
    for _ in 0..3 {
        assert_eq!(lab.launch(&[("ClientToken", "t")]).await.code(), "IdempotentProcessing");
    }
    lab.cloud.heal("RunInstances");
    assert_eq!(lab.launch(&[("ClientToken", "t")]).await.code(), "OK");
}

// behaviour 06#22 (server side)
#[tokio::test]
async fn gateway_page_and_half_document_are_no_json() {
    let lab = Lab::new();
    lab.cloud.fail("DescribeZones", FaultSpec::once(FaultAnswer::BadGateway));
    lab.cloud.fail("DescribeZones", FaultSpec::once(FaultAnswer::MalformedJson));
    let page = lab.ecs("DescribeZones", &[]).await;
    assert_eq!((page.status, &page.text[..6]), (502, "<html>"));
    let half = lab.ecs("DescribeZones", &[]).await;
    assert_eq!((half.status, half.json.is_null()), (200, true));
}

#[tokio::test(start_paused = true)]
async fn hanging_call_ends_by_the_timeout_of_the_caller() {
    let lab = Lab::new();
    let hang = FaultSpec::once(FaultAnswer::Hang).after_effect();
    lab.cloud.fail("RunInstances", hang);
    let call = lab.launch(&[]);
    assert!(tokio::time::timeout(Duration::from_secs(20), call).await.is_err());
    assert_eq!(lab.cloud.instances().len(), 1);
    assert_eq!(lab.cloud.calls()[0].status, 0);
}

// behaviour 06#34 (server side)
#[tokio::test]
async fn limit_per_minute_is_lifted_at_the_next_full_minute_and_only_for_its_action() {
    let lab = Lab::new();
    lab.cloud.throttle("DescribeZones", RateLimit::per_minute(2).with_retry_after());
    for code in ["OK", "OK", "Throttling.User", "Throttling.User"] {
        assert_eq!(lab.ecs("DescribeZones", &[]).await.code(), code);
    }
    assert_eq!(lab.ecs("DescribeRegions", &[]).await.code(), "OK");
    // behaviour 06#35 (server side)
    let throttled = lab.ecs("DescribeZones", &[]).await;
    assert_eq!(
        (throttled.status, &throttled.headers["x-acs-retry-after"]),
        (400, &"55000".parse().unwrap())
    );
    lab.advance(54);
    assert_eq!(lab.ecs("DescribeZones", &[]).await.code(), "Throttling.User");
    lab.advance(1);
    assert_eq!(lab.ecs("DescribeZones", &[]).await.code(), "OK");
}

#[tokio::test]
async fn record_tells_who_asked_what_and_what_came_of_it() {
    let lab = Lab::with(|config| config.call_log_limit = 2);
    for _ in 0..3 {
        lab.ecs("DescribeZones", &[]).await;
    }
    let failed = lab.ecs("DescribeImages", &[("Verbose", "x"), ("PageSize", "many")]).await;
    let calls = lab.cloud.calls();
    assert_eq!((calls.len(), lab.cloud.count("DescribeZones")), (2, 3));
    let last = &calls[1];
    assert_eq!((last.action.as_str(), last.access_key_id.as_str()), ("DescribeImages", "testid"));
    assert_eq!(last.params["PageSize"], "many");
    assert_eq!(last.outcome, Outcome::Refused("InvalidParameter".into()));
    assert_eq!(failed.at("/RequestId"), last.request_id.as_str());
    lab.cloud.forget_calls();
    assert_eq!(lab.cloud.counts().len(), 0);
}
