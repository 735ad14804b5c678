//! `cargo xtask bench algebra`: nanoseconds per question about two requirement sets, three ways.
//!
//! *exact* is the algebra of the model layer, *masks* the closed world of a solve, *baseline* a hash map of hash sets.
//! Every way answers the same questions about the same sets; the answers are compared before anything is measured.

mod baseline;

use std::collections::HashSet;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use karpenter_core::decide::scheduling::masked::{MaskedSet, MaskedWorld};
use karpenter_core::model::label_rules::WellKnownLabels;
use karpenter_core::model::requirements::{AllowUndefined, Requirements};
use karpenter_core::testing::requirement_sets::RequirementSets;
use serde::Serialize;

use self::baseline::PlainSet;
use super::{Output, result};

/// A run takes at least this long.
const RUN: Duration = Duration::from_millis(20);
/// Runs of which the median counts.
const N_RUNS: usize = 9;

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A table or one JSON object.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,

    /// Instance types in the catalogue.
    #[arg(long, default_value_t = 400)]
    instance_types: usize,
}

/// One question, answered three ways.
#[derive(Debug, Serialize)]
struct Row {
    question: &'static str,
    sets: &'static str,
    pairs: usize,
    baseline_ns: f64,
    exact_ns: f64,
    masks_ns: f64,
    exact_ratio: f64,
    masks_ratio: f64,
}

#[derive(Debug, Serialize)]
struct Report {
    rows: Vec<Row>,
}

/// The same sets three ways, and who is asked about whom.
struct Bench<'a> {
    exact: Vec<Requirements>,
    plain: Vec<PlainSet>,
    masks: MaskedWorld<'a>,
    known: &'a WellKnownLabels,
    plain_known: HashSet<String>,
    /// Pools with every pod.
    pods_of_pools: Vec<(usize, usize)>,
    /// What a pool makes of a pod it can take, with every instance type.
    types_of_claims: Vec<(usize, usize)>,
    claims: Vec<usize>,
    types: Vec<usize>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let known = WellKnownLabels::core().with(well_known(arguments.instance_types));
    let mut bench = Bench::new(&RequirementSets::new(arguments.instance_types), &known);
    bench.agree()?;
    let rows = vec![
        bench.has_intersection(),
        bench.compatible(),
        bench.intersect(),
        bench.take_on(),
        bench.take_on_again(),
        bench.keep_types(),
    ];
    match arguments.output {
        Output::Json => result(&serde_json::to_string_pretty(&Report { rows })?),
        Output::Table => result(&table(&rows).to_string()),
    }
    Ok(())
}

/// All labels that instance types define.
fn well_known(n_types: usize) -> Vec<String> {
    let sets = RequirementSets::new(n_types).instance_types;
    let keys: std::collections::BTreeSet<String> =
        sets.iter().flat_map(Requirements::keys).map(ToString::to_string).collect();
    keys.into_iter().collect()
}

impl<'a> Bench<'a> {
    fn new(sets: &RequirementSets, known: &'a WellKnownLabels) -> Self {
        let mut exact = sets.pools.clone();
        let pools: Vec<usize> = (0..exact.len()).collect();
        let pods = push(&mut exact, sets.pods.iter().cloned());
        let pods_of_pools = pairs(&pools, &pods);
        let taken = pods_of_pools.iter().filter(|(pool, pod)| {
            exact[*pool].is_compatible(&exact[*pod], AllowUndefined::WellKnown(known))
        });
        let joined: Vec<_> =
            taken.map(|(pool, pod)| exact[*pool].intersect(&exact[*pod])).collect();
        let claims = push(&mut exact, joined);
        let n_asked = exact.len();
        let types = push(&mut exact, sets.instance_types.iter().cloned());
        Self {
            plain: exact.iter().map(PlainSet::new).collect(),
            masks: MaskedWorld::new(&exact, n_asked, known),
            plain_known: baseline::known(known),
            types_of_claims: pairs(&claims, &types),
            exact,
            known,
            pods_of_pools,
            claims,
            types,
        }
    }

    /// # Errors
    /// When two ways give different answers.
    fn agree(&mut self) -> Result<()> {
        let allow = AllowUndefined::WellKnown(self.known);
        for (a, b) in self.pods_of_pools.iter().chain(&self.types_of_claims) {
            let (a, b) = (*a, *b);
            let exact = self.exact[a].is_compatible(&self.exact[b], allow);
            ensure!(exact == self.plain[a].is_compatible(&self.plain[b], &self.plain_known));
            let (x, y) = (self.masks.set(a), self.masks.set(b));
            ensure!(exact == self.masks.is_compatible(x, y), "masks of {a} and {b}");
            ensure!(exact == self.masks.meet(x, y), "meeting of {a} and {b}");
            ensure!(exact == self.masks.first_meeting(x, y), "first meeting of {a} and {b}");
            let both = PlainSet::new(&self.exact[a].intersect(&self.exact[b]));
            ensure!(both == self.plain[a].intersect(&self.plain[b]), "sum of {a} and {b}");
        }
        // Values that only instance types have are nobody's in a closed world, so only sets that are asked for are joined.
        for (a, b) in &self.pods_of_pools {
            let exact = self.exact[*a].intersect(&self.exact[*b]);
            let (x, y) = (self.masks.set(*a), self.masks.set(*b));
            ensure!(exact == self.masks.joined(x, y), "what {a} and {b} both say");
        }
        let mut rows = self.masks.rows(&self.sets(&self.types));
        for claim in &self.claims {
            let kept = rows.matching(self.masks.set(*claim), &self.masks);
            for (at, it) in self.types.iter().enumerate() {
                let exact = self.exact[*claim].is_intersecting(&self.exact[*it]);
                ensure!(exact == kept.contains(at), "row of {claim} at {it}");
            }
        }
        Ok(())
    }

    fn sets(&self, positions: &[usize]) -> Vec<MaskedSet> {
        positions.iter().map(|position| self.masks.set(*position)).collect()
    }

    fn set_pairs(&self, pairs: &[(usize, usize)]) -> Vec<(MaskedSet, MaskedSet)> {
        pairs.iter().map(|(a, b)| (self.masks.set(*a), self.masks.set(*b))).collect()
    }

    fn has_intersection(&self) -> Row {
        let sets = self.set_pairs(&self.types_of_claims);
        let Self { exact, plain, masks, types_of_claims: pairs, .. } = self;
        row(
            "has intersection",
            "claim, instance type",
            pairs.len(),
            [
                per_pair(pairs, |a, b| plain[a].is_intersecting(&plain[b])),
                per_pair(pairs, |a, b| exact[a].is_intersecting(&exact[b])),
                per_pair(&sets, |a, b| masks.is_compatible(a, b)),
            ],
        )
    }

    fn compatible(&self) -> Row {
        let sets = self.set_pairs(&self.pods_of_pools);
        let Self { exact, plain, masks, pods_of_pools: pairs, .. } = self;
        let allow = AllowUndefined::WellKnown(self.known);
        row(
            "compatible",
            "pool, pod",
            pairs.len(),
            [
                per_pair(pairs, |a, b| plain[a].is_compatible(&plain[b], &self.plain_known)),
                per_pair(pairs, |a, b| exact[a].is_compatible(&exact[b], allow)),
                per_pair(&sets, |a, b| masks.is_compatible(a, b)),
            ],
        )
    }

    /// What a trial works out; masks write it into one place that the next trial overwrites.
    fn intersect(&mut self) -> Row {
        let sets = self.set_pairs(&self.pods_of_pools);
        let Self { exact, plain, masks, pods_of_pools: pairs, .. } = self;
        let times = [
            per_pair(pairs, |a, b| plain[a].intersect(&plain[b])),
            per_pair(pairs, |a, b| exact[a].intersect(&exact[b])),
            per_pair(&sets, |a, b| {
                black_box(masks.join(a, b));
            }),
        ];
        row("intersect, for a trial", "pool, pod", pairs.len(), times)
    }

    /// What it takes to decide on a pair and to keep what becomes of it; masks find the number of the joined set.
    fn take_on(&mut self) -> Row {
        self.take_on_by("compatible, intersect and keep", MaskedWorld::first_meeting)
    }

    /// A solve asks again and again what a claim becomes with one more pod of the same kind.
    fn take_on_again(&mut self) -> Row {
        self.take_on_by("the same, for a pair met before", MaskedWorld::meet)
    }

    fn take_on_by(
        &mut self,
        question: &'static str,
        by_masks: impl Fn(&mut MaskedWorld<'a>, MaskedSet, MaskedSet) -> bool,
    ) -> Row {
        let sets = self.set_pairs(&self.pods_of_pools);
        let Self { exact, plain, plain_known, masks, pods_of_pools: pairs, .. } = self;
        let allow = AllowUndefined::WellKnown(self.known);
        let times = [
            per_pair(pairs, |a, b| {
                let (a, b) = (&plain[a], &plain[b]);
                a.is_compatible(b, plain_known).then(|| a.intersect(b))
            }),
            per_pair(pairs, |a, b| {
                let (a, b) = (&exact[a], &exact[b]);
                a.is_compatible(b, allow).then(|| a.intersect(b))
            }),
            per_pair(&sets, |a, b| by_masks(masks, a, b)),
        ];
        row(question, "pool, pod", pairs.len(), times)
    }

    /// The question a solve asks most: which of all types a claim can still be.
    fn keep_types(&self) -> Row {
        let (members, asked) = (self.sets(&self.types), self.sets(&self.claims));
        let asked: Vec<_> = asked.into_iter().map(|claim| (claim, claim)).collect();
        let Self { exact, plain, masks, claims, types, .. } = self;
        let claims: Vec<(usize, usize)> = claims.iter().map(|claim| (*claim, 0)).collect();
        let mut rows = masks.rows(&members);
        row(
            "types of a claim",
            "claim, all types",
            claims.len(),
            [
                per_pair(&claims, |a, _| {
                    types.iter().filter(|b| plain[a].is_intersecting(&plain[**b])).count()
                }),
                per_pair(&claims, |a, _| {
                    types.iter().filter(|b| exact[a].is_intersecting(&exact[**b])).count()
                }),
                per_pair(&asked, |a, _| rows.matching(a, masks)),
            ],
        )
    }
}

fn pairs(a: &[usize], b: &[usize]) -> Vec<(usize, usize)> {
    a.iter().flat_map(|a| b.iter().map(move |b| (*a, *b))).collect()
}

/// Appends to `all`; returns the positions.
fn push(all: &mut Vec<Requirements>, sets: impl IntoIterator<Item = Requirements>) -> Vec<usize> {
    let first = all.len();
    all.extend(sets);
    (first..all.len()).collect()
}

fn row(
    question: &'static str,
    sets: &'static str,
    pairs: usize,
    [baseline_ns, exact_ns, masks_ns]: [f64; 3],
) -> Row {
    Row {
        question,
        sets,
        pairs,
        baseline_ns,
        exact_ns,
        masks_ns,
        exact_ratio: baseline_ns / exact_ns,
        masks_ratio: baseline_ns / masks_ns,
    }
}

/// Nanoseconds `ask` takes for one pair: the median of several runs over all pairs, repeated until a run is long enough.
fn per_pair<K: Copy, T>(pairs: &[(K, K)], mut ask: impl FnMut(K, K) -> T) -> f64 {
    let mut run = |rounds: u32| {
        let started = now();
        for _ in 0..rounds {
            for (a, b) in pairs {
                black_box(ask(black_box(*a), black_box(*b)));
            }
        }
        started.elapsed()
    };
    let mut rounds = 1;
    while run(rounds) < RUN {
        rounds *= 2;
    }
    let mut times: Vec<Duration> = (0..N_RUNS).map(|_| run(rounds)).collect();
    times.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let n_asked = f64::from(rounds) * pairs.len() as f64;
    times[N_RUNS / 2].as_secs_f64() * 1e9 / n_asked
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn now() -> Instant {
    Instant::now()
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    let header = ["question", "sets", "baseline ns", "exact ns", "masks ns", "exact ×", "masks ×"];
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    for row in rows {
        table.add_row([
            row.question.to_owned(),
            row.sets.to_owned(),
            format!("{:.0}", row.baseline_ns),
            format!("{:.0}", row.exact_ns),
            format!("{:.1}", row.masks_ns),
            format!("{:.1}", row.exact_ratio),
            format!("{:.0}", row.masks_ratio),
        ]);
    }
    for index in 2..7 {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
