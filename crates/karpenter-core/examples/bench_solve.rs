//! Times the scheduling decision.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]
use karpenter_core::decide::scheduling::solve::solve;
use karpenter_core::testing::bench::{diverse_input, generic_input};
use std::time::Instant;
fn main() {
    for n in [1000, 10_000, 100_000] {
        for (name, input) in
            [("generic", generic_input(n, 400, 42)), ("diverse", diverse_input(n, 400, 42))]
        {
            let mut best = f64::MAX;
            let mut claims = 0;
            for _ in 0..7 {
                let start = Instant::now();
                let plan = solve(&input);
                best = best.min(start.elapsed().as_secs_f64());
                claims = plan.claims.len();
            }
            println!("{name} {n}: {:.2} ms, {claims} claims", best * 1e3);
        }
    }
}
