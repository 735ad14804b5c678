//! The command line tool, where there is one.

use std::path::Path;
use std::process::Command;

/// Runs `kubectl` against the cluster of `kubeconfig`; `None`, and a visible line, where it is not installed.
///
/// Fails the test when the tool fails.
pub(crate) fn kubectl(kubeconfig: &Path, arguments: &[&str]) -> Option<String> {
    let ran = Command::new("kubectl").arg("--kubeconfig").arg(kubeconfig).args(arguments).output();
    let Ok(ran) = ran else {
        say(&format!("left out, kubectl is not installed: kubectl {}", arguments.join(" ")));
        return None;
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&ran.stdout), text(&ran.stderr));
    assert!(ran.status.success(), "kubectl {}:\n{out}{err}", arguments.join(" "));
    Some(out)
}

/// A line a person sees among the results of tests.
#[expect(clippy::print_stderr, reason = "what a test left out must be visible")]
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}
