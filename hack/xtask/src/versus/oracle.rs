//! Upstream's scheduler, asked over a pipe.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::outcome::Outcome;

/// Why upstream cannot be asked.
#[derive(Debug)]
pub(crate) struct Missing;

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "upstream cannot be asked: there is no `go` on the PATH to build hack/upstream-oracle with; install Go 1.21 \
             or newer from https://go.dev/dl, or name a binary built elsewhere by --oracle",
        )
    }
}

impl std::error::Error for Missing {}

/// The binary `given`, or one built from hack/upstream-oracle.
///
/// # Errors
/// [`Missing`] without Go; a build that fails.
pub(crate) fn program(root: &Path, given: Option<&Path>) -> Result<PathBuf> {
    if let Some(given) = given {
        ensure!(given.is_file(), "--oracle names no file: {}", given.display());
        return Ok(given.to_owned());
    }
    if Command::new("go").arg("version").output().is_err() {
        bail!(Missing);
    }
    let program = root.join("target").join("upstream-oracle");
    let status = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(root.join("hack").join("upstream-oracle"))
        .env("GOTOOLCHAIN", "auto")
        .status()
        .context("start go")?;
    ensure!(status.success(), "hack/upstream-oracle does not build");
    Ok(program)
}

/// A running process that answers questions one by one; it ends with this value.
pub(super) struct Oracle {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

#[derive(Debug, Deserialize)]
struct Reply {
    #[serde(default)]
    runs: Option<Vec<Outcome>>,
    #[serde(default)]
    error: String,
}

impl Oracle {
    /// Starts `program` over the instance types of the file `catalog`.
    pub(super) fn start(program: &Path, catalog: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .args(["--lines", "--catalog"])
            .arg(catalog)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("start {}", program.display()))?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().context("the oracle has an output")?);
        Ok(Self { child, input, output })
    }

    /// What upstream decides about `objects`, `n_runs` times.
    ///
    /// # Errors
    /// When it cannot read them or is gone.
    pub(super) fn ask(&mut self, objects: &[Value], n_runs: usize) -> Result<Vec<Outcome>> {
        let question =
            json!({ "apiVersion": "v1", "kind": "List", "repeat": n_runs, "items": objects });
        let input = self.input.as_mut().context("the oracle listens")?;
        writeln!(input, "{question}").context("ask the oracle")?;
        input.flush().context("ask the oracle")?;
        let mut line = String::new();
        self.output.read_line(&mut line).context("hear the oracle")?;
        ensure!(!line.is_empty(), "the oracle ended");
        let reply: Reply = serde_json::from_str(&line).context("understand the oracle")?;
        match reply.runs {
            Some(runs) if reply.error.is_empty() => Ok(runs),
            _ => bail!("the oracle refuses: {}", reply.error),
        }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        drop(self.input.take());
        // It ends when its input does; its exit code says nothing.
        let _ = self.child.wait();
    }
}
