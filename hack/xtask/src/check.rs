//! Checks that need something this repository does not bring along; without it they say so.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use clap::Subcommand;

use crate::versus;

/// Variable that names the folder of `etcd` and `kube-apiserver`, as the tools of Kubernetes use it.
const ASSETS: &str = "KUBEBUILDER_ASSETS";

/// What can be checked.
#[derive(Debug, Subcommand)]
pub(crate) enum Check {
    /// Runs the world against a genuine kube-apiserver from the folder that KUBEBUILDER_ASSETS names.
    GenuineApi,
    /// Compares plans for random small clusters with those of the upstream scheduler; needs Go.
    VersusUpstream(versus::Arguments),
}

/// Runs one check.
///
/// # Errors
/// When it fails, or what it needs is there but incomplete.
pub(crate) fn run(root: &Path, check: &Check) -> Result<()> {
    match check {
        Check::GenuineApi => match std::env::var_os(ASSETS) {
            Some(folder) => genuine_api(root, &PathBuf::from(folder)),
            None => {
                say(&format!("genuine-api: left out, {ASSETS} is not set; nothing was checked"));
                Ok(())
            }
        },
        Check::VersusUpstream(arguments) => versus::run(root, arguments),
    }
}

fn genuine_api(root: &Path, assets: &Path) -> Result<()> {
    for program in ["etcd", "kube-apiserver"] {
        let path = assets.join(program);
        ensure!(path.is_file(), "{ASSETS} names a folder without {program}: {}", assets.display());
    }
    // The controller's own package takes part so that its program is built.
    let arguments = ["test", "-p", "karpenter", "-p", "karpenter-lab", "--test", "it", "genuine"];
    let status = Command::new("cargo")
        .args(arguments)
        .args(["--", "--nocapture"])
        .current_dir(root)
        .env(ASSETS, std::path::absolute(assets)?)
        .status()
        .context("start cargo")?;
    if !status.success() {
        bail!("genuine-api failed");
    }
    say("genuine-api: ok");
    Ok(())
}

#[expect(clippy::print_stderr, reason = "progress of a command line tool")]
fn say(text: &str) {
    eprintln!("{text}");
}
