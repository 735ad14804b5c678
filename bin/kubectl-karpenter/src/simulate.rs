//! `simulate scheduling`: objects from files become a plan.
//!
//! *Flow.* [`documents`] splits files into objects, [`admit`] adds what an API server would, [`objects`] decodes them by
//! the code the controller uses, [`workloads`] stand for pods nobody has made, [`world`] is the cluster they make
//! together, [`outcome`] what the engine decides about it, and [`table`] with [`no_place`] that for people; [`explained`] is all that
//! can be said of one pod.
//!
//! *Guarantees.* The same files give the same bytes. An object that cannot be read is named with its file, document,
//! member and what to do about it; the others go on.
//!
//! *Caveats.* Nothing is asked of a cloud: stock, prices and limits of an account are what the catalogue says. A NodePool
//! that says nothing of its condition counts as ready.
//!
//! *Errors.* A file, a catalogue or a scheduler's configuration that cannot be read ends the run.

pub mod admit;
pub mod complaint;
pub mod documents;
pub mod explained;
pub mod identity;
pub mod no_place;
pub mod objects;
pub mod outcome;
pub mod selectors;
pub mod supply;
pub mod table;
pub mod workload;
pub mod workloads;
pub mod world;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use karpenter_core::decide::default_spread::configuration::SchedulerConfig;
use karpenter_core::options::Options;
use kwok_provider::catalog::InstanceTypes;

pub use self::documents::Origin;
use self::objects::Objects;
use self::outcome::Outcome;
use self::world::World;
use crate::command::{Exit, Output, Scheduling, Surroundings};

/// Feeds the names of planned claims, which no output shows.
const SEED: u64 = 0;

/// Most bytes of one file.
const LIMIT: u64 = 256 << 20;

/// Plans what `arguments` name.
pub fn run(arguments: &Scheduling, mut around: Surroundings<'_>) -> Exit {
    match plan(arguments, &mut around) {
        Ok(exit) => exit,
        Err(message) => {
            say(around.notes, &format!("error: {message}"));
            Exit::Failed
        }
    }
}

fn plan(arguments: &Scheduling, around: &mut Surroundings<'_>) -> Result<Exit, String> {
    let types = catalog(arguments.catalog.as_deref())?;
    let scheduler = scheduler_config(arguments.scheduler_config.as_deref())?;
    let objects = read(&arguments.files, around.input)?;
    let world = World::new(objects, &types, around.clock.now());
    for complaint in &world.complaints {
        say(around.notes, &format!("error: {complaint}"));
    }
    for note in &world.notes {
        say(around.notes, &format!("note: {note}"));
    }
    let options = Options { default_spread: scheduler.default_constraints, ..arguments.options() };
    let input = world.scheduling_input(&types, options, SEED);
    let (plan, time) = outcome::solve_timed(&input, arguments.repeat, &around.clock);
    let mut outcome = Outcome::of(&input, &plan);
    for asked in arguments.explained() {
        match explained::explain(&input, &asked) {
            Some(explained) => outcome.explained.push(explained),
            None => {
                say(around.notes, &format!("note: Pod {asked}: is none that waits for a place"));
            }
        }
    }
    outcome.solve_ms = arguments.timing.then_some(time);
    let text = match arguments.output {
        Output::Table => table::render(&plan, &outcome),
        Output::Json => outcome.to_json(),
        Output::Yaml => outcome.to_yaml(),
    };
    // A reader that has gone is no reason to fail.
    let _ = around.out.write_all(text.as_bytes()).and_then(|()| around.out.flush());
    Ok(match (world.complaints.is_empty(), plan.unschedulable.is_empty()) {
        (false, _) => Exit::LeftOut,
        (true, false) => Exit::NoPlace,
        (true, true) => Exit::Done,
    })
}

fn catalog(path: Option<&Path>) -> Result<InstanceTypes, String> {
    let Some(path) = path else { return Ok(InstanceTypes::generic()) };
    let text = file(path)?;
    InstanceTypes::read(&text).map_err(|error| {
        format!(
            "catalogue {}: {error}; write it in the format of KWOK's instance_types.json",
            path.display()
        )
    })
}

/// What the scheduler is configured to do; nothing without a file.
///
/// # Errors
/// The file cannot be read, or says something that cannot be used.
fn scheduler_config(path: Option<&Path>) -> Result<SchedulerConfig, String> {
    let Some(path) = path else { return Ok(SchedulerConfig::default()) };
    let text = file(path)?;
    let value = serde_saphyr::from_str(&text).map_err(|error| error.without_snippet().to_string());
    value.and_then(SchedulerConfig::read).map_err(|problem| {
        format!(
            "scheduler's configuration {}: {problem}; write it as podTopologySpread: {{ defaultConstraints: [...] }}",
            path.display()
        )
    })
}

/// All objects of all files.
///
/// # Errors
/// The first file that cannot be read.
pub fn read(files: &[PathBuf], input: &mut dyn Read) -> Result<Objects, String> {
    let mut objects = Objects::default();
    for path in files {
        let (name, text) = if path.as_os_str() == "-" {
            ("standard input".to_owned(), bounded(input, "standard input")?)
        } else {
            (path.display().to_string(), file(path)?)
        };
        for document in documents::read(&name, &text) {
            match document {
                Ok(document) => objects.add(document),
                Err(complaint) => objects.complaints.push(complaint),
            }
        }
    }
    objects.expand_workloads();
    Ok(objects)
}

fn file(path: &Path) -> Result<String, String> {
    let name = path.display().to_string();
    let mut file = std::fs::File::open(path).map_err(|error| format!("{name}: {error}"))?;
    bounded(&mut file, &name)
}

/// All of `input` as text.
fn bounded(input: &mut dyn Read, name: &str) -> Result<String, String> {
    let mut text = String::new();
    let n_bytes = input.take(LIMIT + 1).read_to_string(&mut text);
    let n_bytes = n_bytes.map_err(|error| format!("{name}: {error}"))?;
    if u64::try_from(n_bytes).is_ok_and(|n| n > LIMIT) {
        return Err(format!("{name}: is larger than {} MiB; split it", LIMIT >> 20));
    }
    Ok(text)
}

/// A line; a reader that has gone is no reason to fail.
fn say(notes: &mut dyn Write, line: &str) {
    let _ = writeln!(notes, "{line}");
}
