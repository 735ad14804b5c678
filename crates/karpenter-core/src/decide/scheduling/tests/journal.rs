//! A working state that was changed and rolled back is what it was.

use std::sync::Arc;

use proptest::prelude::*;

use super::random_clusters::clusters;
use crate::decide::scheduling::finish;
use crate::decide::scheduling::input::SchedulingInput;
use crate::decide::scheduling::solve::{Solver, solve};
use crate::model::pod::Pod;

/// Everything a later decision could look at, apart from memos.
fn state(solver: &Solver<'_>) -> String {
    let exact = |set| solver.world.get(set);
    let nodes = solver.nodes.all.iter();
    let nodes: Vec<_> = nodes
        .map(|node| (exact(node.set), &node.remaining, &node.ports, &node.volumes, &node.pods))
        .collect();
    let claims = solver.claims.iter();
    let claims: Vec<_> = claims
        .map(|claim| {
            let types: Vec<usize> = claim.types.ones().collect();
            let held: Vec<usize> = claim.held.ones().collect();
            (claim.template, exact(claim.set), types, &claim.total, &claim.ports, &claim.pods, held)
        })
        .collect();
    let limits: Vec<_> = solver.templates.iter().map(|t| t.remaining.amounts()).collect();
    let waiting: Vec<_> = solver.classes.all.iter().map(|class| class.n_waiting).collect();
    format!(
        "{nodes:?} {claims:?} {:?} {limits:?} {:?} {waiting:?} {:?} {:?} {} {:?}",
        solver.order,
        solver.reservations.left,
        solver.passed_over,
        solver.placed_at,
        solver.n_placed,
        solver.devices.as_ref().map(|desk| desk.ledger())
    )
}

/// Places some pods out of turn, takes it back, and plans.
pub(super) fn check(input: &SchedulingInput, n_kept: usize) -> Result<(), TestCaseError> {
    let pods: Vec<Arc<Pod>> = input.all_pods();
    let (Ok(mut touched), Ok(mut fresh)) = (Solver::of(input, &pods), Solver::of(input, &pods))
    else {
        return Ok(());
    };
    for pod in 0..pods.len().min(n_kept) {
        prop_assert_eq!(touched.place(pod), fresh.place(pod));
    }
    let (mark, before) = (touched.mark(), state(&touched));
    for pod in (n_kept..pods.len()).rev() {
        touched.place(pod);
    }
    touched.rollback(mark);
    prop_assert_eq!(state(&touched), before);
    for pod in n_kept..pods.len() {
        prop_assert_eq!(touched.place(pod), fresh.place(pod));
    }
    prop_assert_eq!(state(&touched), state(&fresh));
    let mut plain = Solver::of(input, &pods).map_err(|_| TestCaseError::fail("no pools"))?;
    let mark = plain.mark();
    plain.run();
    plain.rollback(mark);
    let left = plain.run();
    let mut solved = solve(input);
    plain.reservations.bind(&mut plain.claims);
    // What nodes cost is added to the report afterwards.
    solved.report.packing.clear();
    prop_assert_eq!(finish::plan(plain, &left), solved);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rollback_restores_everything(input in clusters(), n_kept in 0..8_usize) {
        check(&input, n_kept)?;
    }
}
