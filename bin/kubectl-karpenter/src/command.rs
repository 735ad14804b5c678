//! The command line: arguments, and how a run ends.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use karpenter_core::clock::Clock;
use karpenter_core::model::ids::PodKey;
use karpenter_core::options::{MinValuesPolicy, Options, PackingPolicy, PreferencePolicy};

use crate::simulate;

/// What the scheduler of the node autoscaler would do, without a cluster.
#[derive(Debug, Clone, Parser)]
#[command(name = "kubectl-karpenter", bin_name = "kubectl karpenter", version)]
#[command(max_term_width = 120)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Decides on objects from files; nothing is asked of a cluster and nothing is changed.
    Simulate {
        /// What to decide.
        #[command(subcommand)]
        of: Simulate,
    },
}

/// What can be simulated.
#[derive(Debug, Clone, Subcommand)]
pub enum Simulate {
    /// Which pods go where, which nodes would be made for the others, what they cost, and why.
    Scheduling(Scheduling),
}

/// Arguments of `simulate scheduling`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Scheduling {
    /// Kubernetes objects as YAML or JSON, several documents and Lists included; - reads standard input.
    #[arg(short, long = "filename", value_name = "FILE", required = true, num_args = 1..)]
    pub files: Vec<PathBuf>,

    /// Instance types that can be launched, in the format of KWOK's instance_types.json [default: the 144 types of KWOK].
    #[arg(long, value_name = "FILE")]
    pub catalog: Option<PathBuf>,

    /// How much thought goes into the price of new nodes; an annotation of a NodePool comes before it.
    #[arg(long, value_name = "POLICY", value_enum, ignore_case = true, default_value_t = Packing::FirstFit)]
    pub packing_policy: Packing,

    /// What becomes of preferences of pods: tried first and given up one by one, or not looked at.
    #[arg(long, value_name = "POLICY", value_enum, ignore_case = true, default_value_t = Preferences::Respect)]
    pub preference_policy: Preferences,

    /// What becomes of minValues that cannot be met: no node, or a node with what can be met.
    #[arg(long, value_name = "POLICY", value_enum, ignore_case = true, default_value_t = MinValues::Strict)]
    pub min_values_policy: MinValues,

    /// Configuration of the scheduler; its podTopologySpread.defaultConstraints are the spread constraints of pods that
    /// have none.
    #[arg(long, value_name = "FILE")]
    pub scheduler_config: Option<PathBuf>,

    /// Also tells of this pod everything that was tried before it found its place, or why nothing would do; NAME of
    /// the namespace default, or NAMESPACE/NAME. May be repeated.
    #[arg(long, value_name = "POD")]
    pub explain: Vec<String>,

    /// How the plan is written.
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    pub output: Output,

    /// Also says how long the decision took, reading and writing left out.
    #[arg(long)]
    pub timing: bool,

    /// Decides this many times, for --timing; every time comes to the same plan.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "timing")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub repeat: u32,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  every object was read and every pod has a place
  1  nothing was planned: a file, the catalogue or the scheduler's configuration cannot be read
  2  the command line is wrong
  3  planned, but some object was left out because it cannot be read
  4  every object was read, and some pod has no place";

/// How pods are packed onto new nodes; none is ever dearer than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub enum Packing {
    /// A new node grows while some instance type holds its pods.
    FirstFit,
    /// A new node does not grow out of the instance types that are worth their price.
    CostGuard,
    /// As before, and then new nodes are packed anew wherever that is cheaper.
    CostOptimized,
}

/// What becomes of preferences of pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub enum Preferences {
    /// Tried first, given up one by one.
    Respect,
    /// Not looked at.
    Ignore,
}

/// What becomes of `minValues` that cannot be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub enum MinValues {
    /// No node is made.
    Strict,
    /// A node is made with what can be met.
    BestEffort,
}

/// How the plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Table,
    /// One JSON object.
    Json,
    /// The same as YAML.
    Yaml,
}

impl Scheduling {
    /// Pods whose way to their place is to be told.
    pub fn explained(&self) -> BTreeSet<PodKey> {
        let key = |text: &String| match text.split_once('/') {
            Some((namespace, name)) => PodKey::new(namespace, name),
            None => PodKey::new("default", text.as_str()),
        };
        self.explain.iter().map(key).collect()
    }

    /// The settings of the engine these arguments mean, without what they name files for.
    pub fn options(&self) -> Options {
        Options {
            packing_policy: match self.packing_policy {
                Packing::FirstFit => PackingPolicy::FirstFit,
                Packing::CostGuard => PackingPolicy::CostGuard,
                Packing::CostOptimized => PackingPolicy::CostOptimized,
            },
            preference_policy: match self.preference_policy {
                Preferences::Respect => PreferencePolicy::Respect,
                Preferences::Ignore => PreferencePolicy::Ignore,
            },
            min_values_policy: match self.min_values_policy {
                MinValues::Strict => MinValuesPolicy::Strict,
                MinValues::BestEffort => MinValuesPolicy::BestEffort,
            },
            ..Options::default()
        }
    }
}

/// What a run needs of the process around it.
pub struct Surroundings<'a> {
    /// Standard input.
    pub input: &'a mut dyn Read,
    /// Standard output: the plan.
    pub out: &'a mut dyn Write,
    /// Standard error: what was left out, and why nothing was planned.
    pub notes: &'a mut dyn Write,
    /// Time of the decision, and how long it takes.
    pub clock: Clock,
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Every object was read and every pod has a place.
    Done,
    /// Nothing was planned.
    Failed,
    /// Planned without some object that cannot be read.
    LeftOut,
    /// Some pod has no place.
    NoPlace,
}

impl Exit {
    /// The exit code of the process; a command line that is wrong ends with 2 before anything runs.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::LeftOut => 3,
            Self::NoPlace => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// Does what `line` says.
pub fn run(line: &CommandLine, surroundings: Surroundings<'_>) -> Exit {
    let Command::Simulate { of: Simulate::Scheduling(arguments) } = &line.command;
    simulate::run(arguments, surroundings)
}
