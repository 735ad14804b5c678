//! Marks block what they name, for as long as they last.

use std::time::Duration;

use karpenter_core::model::ids::{InstanceTypeName, Zone};

use super::*;
use crate::testing::{at, noon};

fn blocks(marks: &Unavailable, name: &str, cpu: u32, zone: &str, kind: CapacityType) -> bool {
    marks.blocks(Asked {
        instance_type: &InstanceTypeName::from(name),
        family: name.rsplit_once('.').map_or(name, |(family, _)| family),
        cpu,
        zone: &Zone::from(zone),
        capacity_type: kind,
    })
}

fn offering(name: &str, zone: &str) -> Mark {
    Mark::Offering(name.into(), zone.into(), CapacityType::Spot)
}

// behaviour 05#23
#[test]
fn mark_ends_three_minutes_after_the_last_refusal() {
    let (three, mut marks) = (Duration::from_secs(180), Unavailable::default());
    marks.mark(offering("ecs.g7.large", "h"), noon() + three);
    marks.mark(offering("ecs.g7.large", "h"), at("2026-08-01T12:02:00Z") + three);
    let is_blocked =
        |marks: &Unavailable| blocks(marks, "ecs.g7.large", 2, "h", CapacityType::Spot);
    assert!(!blocks(&marks, "ecs.g7.large", 2, "i", CapacityType::Spot));
    assert!(!blocks(&marks, "ecs.g7.large", 2, "h", CapacityType::OnDemand));
    marks.expire(at("2026-08-01T12:04:59Z"));
    assert!(is_blocked(&marks));
    marks.expire(at("2026-08-01T12:05:00Z"));
    assert!(!is_blocked(&marks));
}

// behaviour 05#24
#[test]
fn withdrawn_type_is_blocked_in_all_zones_and_capacity_types() {
    let mut marks = Unavailable::default();
    marks.mark(Mark::InstanceType("ecs.g5.large".into()), noon());
    for (zone, kind) in [("h", CapacityType::OnDemand), ("i", CapacityType::Spot)] {
        assert!(blocks(&marks, "ecs.g5.large", 2, zone, kind));
    }
    assert!(!blocks(&marks, "ecs.g5.xlarge", 4, "h", CapacityType::OnDemand));
}

// behaviour 05#25
#[test]
fn quota_blocks_the_family_from_the_refused_size_on() {
    let mut marks = Unavailable::default();
    let capacity_type = CapacityType::OnDemand;
    marks.mark(Mark::Family { family: "ecs.g7".into(), capacity_type, min_cpu: 32 }, noon());
    assert!(blocks(&marks, "ecs.g7.8xlarge", 32, "h", CapacityType::OnDemand));
    assert!(blocks(&marks, "ecs.g7.16xlarge", 64, "i", CapacityType::OnDemand));
    assert!(!blocks(&marks, "ecs.g7.4xlarge", 16, "h", CapacityType::OnDemand));
    assert!(!blocks(&marks, "ecs.g7.8xlarge", 32, "h", CapacityType::Spot));
}

#[test]
fn sequence_moves_with_marks_and_their_ends_only() {
    let mut marks = Unavailable::default();
    marks.mark(offering("ecs.g7.large", "h"), noon());
    let marked = marks.sequence();
    marks.expire(at("2026-08-01T11:00:00Z"));
    assert_eq!(marks.sequence(), marked);
    marks.expire(noon());
    assert_ne!(marks.sequence(), marked);
}

#[test]
fn an_offering_that_stays_out_of_stock_is_asked_for_less_and_less_often() {
    let (three, mut marks) = (Duration::from_secs(180), Unavailable::default());
    let mark = || offering("ecs.g7.large", "h");
    let mut now = noon();
    let mut pauses = vec![];
    for _ in 0..6 {
        marks.refuse(mark(), now, three);
        let refused_at = now;
        while marks.contains(&mark()) {
            now += Duration::from_secs(60);
            marks.expire(now);
        }
        pauses.push(now.duration_since(refused_at).as_secs() / 60);
    }
    assert_eq!(pauses, [3, 6, 12, 24, 24, 24]);
    // Not asked for, or not refused, for as long as the last pause: it starts anew.
    now += Duration::from_secs(25 * 60);
    marks.expire(now);
    marks.refuse(mark(), now, three);
    marks.expire(now + three);
    assert!(!marks.contains(&mark()));
}
