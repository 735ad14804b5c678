//! Which tables are due.

use super::*;
use crate::testing::{at, market, noon, row};

fn options() -> Options {
    Options::new("cn-hangzhou", "c1")
}

fn wanted_types(names: &[&str], spot: &[&str]) -> Wanted {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    Wanted { types: owned(names), spot: owned(spot).into_iter().collect() }
}

#[test]
fn everything_is_due_at_the_start() {
    let plan = plan(&MarketView::default(), &Wanted::default(), &options(), noon());
    assert_eq!(plan.steps, [Refresh::Cluster, Refresh::Types, Refresh::Stock]);
}

#[test]
fn known_prices_wait_for_their_age_and_unknown_ones_are_read() {
    let mut view = market(&["h"], &[(row("ecs.g7.large", 2, 8.0), 1.0)]);
    view.cluster_read = Some(noon());
    let wanted = wanted_types(&["ecs.g7.large", "ecs.g9.large"], &["ecs.g7.large"]);
    let plan = plan(&view, &wanted, &options(), noon());
    let spot = Refresh::SpotPrice("ecs.g7.large".to_owned());
    assert_eq!(plan.steps, [spot, Refresh::Price("ecs.g9.large".to_owned())]);
    assert_eq!(plan.wake_at, Some(at("2026-08-01T12:05:00Z")));
}

#[test]
fn refused_prices_are_left_alone_for_a_while() {
    let mut view = market(&["h"], &[]);
    view.cluster_read = Some(noon());
    view.prices_paused_until = Some(noon() + refresh::DENIED_PAUSE);
    let plan_at = |now| plan(&view, &wanted_types(&["ecs.g9.large"], &[]), &options(), now);
    assert_eq!(plan_at(noon()).steps, []);
    assert!(
        plan_at(noon() + refresh::DENIED_PAUSE)
            .steps
            .contains(&Refresh::Price("ecs.g9.large".to_owned()))
    );
}
