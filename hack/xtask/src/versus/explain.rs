//! What becomes of one seed.

use anyhow::Result;
use kwok_provider::catalog::InstanceTypes;
use serde::Serialize;
use serde_json::Value;

use super::oracle::Oracle;
use super::outcome::{Difference, Outcome};
use super::rules::{self, Case, Cause};
use super::shrink::smallest;
use super::{cluster, ours};

/// Every one of this many answers has to be ours for the plans to be equal.
const FIRST: usize = 4;
/// Most answers about a whole cluster, and about the smallest one.
const MOST: usize = 300;
/// Most answers about every smaller input on the way.
const MOST_SMALLER: usize = 12;

/// How one comparison ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Verdict {
    /// Every answer of upstream is ours.
    Equal,
    /// One of upstream's answers is ours; it draws among equals.
    Tie,
    /// No answer is ours, and a rule says why.
    Explained(Cause),
    /// No answer is ours, and no rule says why.
    Defect(Difference),
}

/// One seed, compared.
pub(super) struct Examined {
    /// The seed.
    pub(super) seed: u64,
    /// How it ended.
    pub(super) verdict: Verdict,
    /// All objects; those the difference needs, where there is one.
    objects: Vec<Value>,
    ours: Outcome,
    theirs: Vec<Outcome>,
}

impl Examined {
    /// Compares the cluster of `seed`.
    ///
    /// # Errors
    /// When one side cannot read the objects.
    pub(super) fn of(seed: u64, types: &InstanceTypes, oracle: &mut Oracle) -> Result<Self> {
        let mut objects = cluster::objects(seed);
        let mut ours = ours::decide(&objects, types)?;
        let mut theirs = oracle.ask(&objects, FIRST)?;
        let verdict =
            |verdict, objects, ours, theirs| Self { seed, verdict, objects, ours, theirs };
        if theirs.iter().all(|their| ours.difference(their).is_none()) {
            return Ok(verdict(Verdict::Equal, objects, ours, theirs));
        }
        theirs = until_equal(&ours, &objects, MOST, oracle)?;
        let Some(kind) = ours.mildest(&theirs) else {
            return Ok(verdict(Verdict::Tie, objects, ours, theirs));
        };
        objects = smallest(objects, |objects| {
            let plans = ours::decide(objects, types).and_then(|ours| {
                let theirs = until_equal(&ours, objects, MOST_SMALLER, oracle)?;
                Ok(ours.mildest(&theirs))
            });
            matches!(plans, Ok(difference) if difference == Some(kind))
        });
        ours = ours::decide(&objects, types)?;
        theirs = until_equal(&ours, &objects, MOST, oracle)?;
        let case = Case { kind, objects: &objects, ours: &ours, theirs: &theirs };
        let end = match ours.mildest(&theirs) {
            None => Verdict::Tie,
            Some(_) => rules::explain(&case).map_or(Verdict::Defect(kind), Verdict::Explained),
        };
        Ok(verdict(end, objects, ours, theirs))
    }

    /// Whether nobody knows why the plans differ.
    pub(super) fn is_defect(&self) -> bool {
        matches!(self.verdict, Verdict::Defect(_))
    }

    /// One line.
    pub(super) fn in_short(&self) -> String {
        format!("seed {}: {:?}, {} objects", self.seed, self.verdict, self.objects.len())
    }

    /// The verdict, the objects that it needs, our plan, and upstream's different ones.
    ///
    /// # Errors
    /// None that can happen: everything was read from JSON.
    pub(super) fn in_full(&self) -> Result<String> {
        let mut text = format!("{}\n\nOBJECTS\n", self.in_short());
        for object in &self.objects {
            text += &format!("{object}\n");
        }
        text += &format!("\nOURS\n{}\n", serde_json::to_string_pretty(&self.ours)?);
        let mut shown: Vec<&Outcome> = vec![];
        for their in &self.theirs {
            if shown.iter().all(|known| known.difference(their).is_some()) {
                shown.push(their);
                text += &format!("\nUPSTREAM\n{}\n", serde_json::to_string_pretty(their)?);
            }
        }
        Ok(text)
    }
}

/// Upstream's answers about `objects`, in growing batches until one is `ours` or there are about `most`.
fn until_equal(
    ours: &Outcome,
    objects: &[Value],
    most: usize,
    oracle: &mut Oracle,
) -> Result<Vec<Outcome>> {
    let mut theirs = vec![];
    while theirs.len() < most {
        let batch = (most - theirs.len()).min(theirs.len().max(FIRST));
        theirs.extend(oracle.ask(objects, batch)?);
        if ours.mildest(&theirs).is_none() {
            break;
        }
    }
    Ok(theirs)
}
