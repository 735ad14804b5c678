//! What CI runs, step by step, with the time each step took.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Name of a step and its command.
const STEPS: [(&str, &[&str]); 8] = [
    ("format", &["cargo", "fmt", "--all", "--check"]),
    ("lint", &["cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    // The very command of the README; it includes the tidy rules as tests.
    ("test", &["cargo", "test", "--workspace"]),
    ("docs", &["cargo", "doc", "--workspace", "--no-deps", "--quiet"]),
    ("reference", &["cargo", "xtask", "docs", "--check"]),
    ("definitions", &["cargo", "xtask", "crds", "--check"]),
    ("chart", &["cargo", "xtask", "charts"]),
    ("behaviours", &["cargo", "xtask", "behaviours"]),
];

/// What is known of our dependencies; a step of its own, because not every machine has the tool.
const DEPENDENCIES: (&str, &[&str]) =
    ("dependencies", &["cargo", "deny", "check", "licenses", "bans", "sources"]);

/// Runs all steps and stops at the first that fails.
pub(crate) fn run(root: &Path) -> Result<()> {
    let dependencies = has_deny().then_some(DEPENDENCIES);
    if dependencies.is_none() {
        say("== dependencies: left out, cargo-deny is not installed");
    }
    for (name, command) in STEPS.into_iter().chain(dependencies) {
        say(&format!("== {name}: {}", command.join(" ")));
        let took = step(root, name, command)?;
        say(&format!("== {name}: ok in {:.0} s", took.as_secs_f64()));
    }
    Ok(())
}

fn has_deny() -> bool {
    let asked = Command::new("cargo").args(["deny", "--version"]).output();
    asked.is_ok_and(|answer| answer.status.success())
}

#[expect(clippy::disallowed_methods, reason = "times a command for people")]
fn step(root: &Path, name: &str, command: &[&str]) -> Result<Duration> {
    let started = std::time::Instant::now();
    let (program, arguments) = command.split_first().context("a step has a program")?;
    let status = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .env("RUSTDOCFLAGS", "-D warnings")
        .status()
        .with_context(|| format!("start {program}"))?;
    if !status.success() {
        bail!("{name} failed");
    }
    Ok(started.elapsed())
}

#[expect(clippy::print_stderr, reason = "progress of a command line tool")]
fn say(text: &str) {
    eprintln!("{text}");
}
