use prometheus_client::encoding::text::encode;

use super::*;

fn scraped(metrics: &SchedulerMetrics) -> String {
    let (mut registry, mut text) = (Registry::default(), String::new());
    metrics.register(&mut registry);
    encode(&mut text, &registry).expect("metrics are text");
    text
}

#[track_caller]
fn has(text: &str, line: &str) {
    assert!(text.lines().any(|own| own == line), "{line} in\n{text}");
}

// behaviour 02#232
#[test]
fn every_series_of_a_plan_has_its_labels_and_the_queue_goes_with_the_plan() {
    let metrics = SchedulerMetrics::default();
    let planning = metrics.planning("7".to_owned(), 5);
    let during = scraped(&metrics);
    has(
        &during,
        r#"karpenter_scheduler_queue_depth{controller="provisioner",scheduling_id="7"} 5"#,
    );
    drop(planning);
    let by_zone = BTreeMap::from([("flexible".to_owned(), 2), ("z1".to_owned(), 1)]);
    metrics.planned(&Tally { unschedulable: 3, unattempted: 2, ignored: 1, by_zone });
    metrics.decided(Duration::from_millis(1500));
    let after = scraped(&metrics);
    assert!(!after.contains("karpenter_scheduler_queue_depth{"), "{after}");
    has(&after, r#"karpenter_scheduler_unschedulable_pods_count{controller="provisioner"} 3"#);
    has(&after, r#"karpenter_scheduler_unattempted_pods_count{controller="provisioner"} 2"#);
    has(&after, "karpenter_scheduler_ignored_pods_count 1");
    let zone = "karpenter_scheduler_pending_pods_by_effective_zone_count";
    has(&after, &format!(r#"{zone}{{controller="provisioner",zone="flexible"}} 2"#));
    has(&after, &format!(r#"{zone}{{controller="provisioner",zone="z1"}} 1"#));
    has(&after, "karpenter_pods_scheduling_decision_duration_seconds_sum 1.5");
}

// behaviour 02#286
#[test]
fn nothing_to_plan_for_means_zero_of_everything() {
    let metrics = SchedulerMetrics::default();
    let by_zone = BTreeMap::from([("z1".to_owned(), 1)]);
    metrics.planned(&Tally { unschedulable: 3, unattempted: 2, ignored: 1, by_zone });
    metrics.planned(&Tally::default());
    let text = scraped(&metrics);
    has(&text, r#"karpenter_scheduler_unschedulable_pods_count{controller="provisioner"} 0"#);
    has(&text, r#"karpenter_scheduler_unattempted_pods_count{controller="provisioner"} 0"#);
    has(&text, "karpenter_scheduler_ignored_pods_count 0");
    assert!(!text.contains("zone=\"z1\""), "{text}");
}
