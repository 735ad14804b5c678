//! No instance type of a pool would do: how far they got, and the sentence upstream says of it.

use std::fmt;
use std::sync::Arc;

use crate::model::ids::{InstanceTypeName, LabelKey};
use crate::model::quantity::Quantity;
use crate::model::requirements::Requirements;
use crate::model::resources::{Resources, Unfit};

/// How far the instance types of a pool got.
#[derive(Debug, Clone, PartialEq)]
pub struct NoInstanceType {
    /// What a node would have to be.
    pub requirements: Arc<Requirements>,
    /// What the pod asks for, with itself as `pods`.
    pub requests: Resources,
    /// Smallest and largest amount that DaemonSets add; `None` without DaemonSets.
    pub daemons: Option<(Resources, Resources)>,
    /// Keys whose `minValues` is what fails; empty when it is not that.
    pub min_values: Vec<LabelKey>,
    /// How many types passed what.
    pub tally: Tally,
    /// The type with everything but enough resources that lacks least.
    pub nearest: Option<Nearest>,
}

/// How many instance types passed which of the three tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Types looked at.
    pub evaluated: usize,
    /// Types that meet the requirements.
    pub met: usize,
    /// Types with enough resources, and a suitable offering to go with them.
    pub fit: usize,
    /// Types with a suitable offering.
    pub offered: usize,
    /// Types that meet the requirements and fit.
    pub met_and_fit: usize,
    /// Types that meet the requirements and have a suitable offering.
    pub met_and_offered: usize,
}

/// An instance type that is too small only.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// The type.
    pub instance_type: InstanceTypeName,
    /// The first resource, by name, it has too little of.
    pub lacks: Unfit,
}

/// Requests of a million processors are nearly always a forgotten `m`.
const TYPO_CPU: i64 = 1_000_000;

/// Added to the sentence when nothing is the matter but the amount of processors.
const TYPO: &str = " (CPU request >= 1 Million, m vs M typo?)";

const NOT_FIT: &str = "no instance type has enough resources";

impl fmt::Display for NoInstanceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_head(f)?;
        write!(f, ", requirements={}, resources=", self.requirements)?;
        match &self.daemons {
            None => write!(f, "{}", self.requests)?,
            Some((min, max)) if min == max => write!(f, "{}", self.requests.add(min))?,
            Some((min, max)) => {
                write!(f, "min={}, max={}", self.requests.add(min), self.requests.add(max))?;
            }
        }
        if self.is_typo() {
            f.write_str(TYPO)?;
        }
        self.explain(f)
    }
}

impl NoInstanceType {
    /// The sentence without requirements and amounts.
    pub(super) fn head(&self) -> String {
        let mut head = String::new();
        // Writing to a text cannot fail.
        let _ = self.write_head(&mut head);
        if self.is_typo() {
            head.push_str(TYPO);
        }
        head
    }

    /// What the nearest type lacks, behind a semicolon; empty when none is too small only.
    pub fn nearest_lacks(&self) -> String {
        let text = |near: &Nearest| {
            let Nearest { instance_type, lacks } = near;
            format!("; {instance_type} lacks {} {}", lacks.excess(), lacks.name)
        };
        self.nearest.as_ref().map(text).unwrap_or_default()
    }

    fn write_head(&self, f: &mut impl fmt::Write) -> fmt::Result {
        if self.min_values.is_empty() {
            f.write_str(self.tally.head())
        } else {
            write!(f, "{}", MinValues(&self.min_values))
        }
    }

    /// Requests of [`TYPO_CPU`] and nothing else.
    fn is_typo(&self) -> bool {
        self.min_values.is_empty()
            && self.tally.head() == NOT_FIT
            && self.requests.get_or_zero("cpu") >= Quantity::from_units(TYPO_CPU)
    }

    /// What upstream does not say: how many types passed which test, and how much is missing.
    fn explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { evaluated, met, fit, offered, .. } = self.tally;
        write!(
            f,
            " [of {evaluated} instance types {met} met the requirements, {offered} had an offering, {fit} had room{}]",
            self.nearest_lacks()
        )
    }
}

impl Tally {
    /// The sentence upstream says for these counts.
    fn head(&self) -> &'static str {
        match (self.met > 0, self.fit > 0, self.offered > 0) {
            (false, false, false) => {
                "no instance type met the scheduling requirements or had enough resources or had a required offering"
            }
            (false, false, true) => {
                "no instance type met the scheduling requirements or had enough resources"
            }
            (false, true, false) => {
                "no instance type met the scheduling requirements or had a required offering"
            }
            (true, false, false) => {
                "no instance type had enough resources or had a required offering"
            }
            (false, true, true) => "no instance type met all requirements",
            (true, false, true) => NOT_FIT,
            (true, true, false) => "no instance type has the required offering",
            // Fitting implies a suitable offering, so of the three pairs the one without it never decides.
            (true, true, true) => {
                "no instance type which had enough resources and the required offering met the scheduling requirements"
            }
        }
    }
}

/// The sentence about keys that fall short of their minimum.
pub(super) struct MinValues<'a>(pub(super) &'a [LabelKey]);

impl fmt::Display for MinValues<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<&str> = self.0.iter().map(LabelKey::as_str).collect();
        write!(f, "minValues requirement is not met for label(s) (label(s)=[{}])", labels.join(" "))
    }
}
