//! A program: started with arguments, listened to, stopped or killed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Pause between two looks.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A program that runs; killed when dropped.
pub(crate) struct Process {
    name: String,
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Process {
    /// Starts `command`; what it says goes to files named `name` in `folder`.
    pub(crate) fn start(folder: &Path, name: &str, mut command: Command) -> Self {
        let (out, err) = (folder.join(format!("{name}.out")), folder.join(format!("{name}.err")));
        let file = |path: &Path| File::create(path).expect("a file can be created");
        let child = command.stdin(Stdio::null()).stdout(file(&out)).stderr(file(&err)).spawn();
        let child = child.unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        Self { name: name.to_owned(), child, out, err }
    }

    /// Complete lines on standard output that are JSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.out).unwrap_or_default();
        let complete = text.rfind('\n').map_or("", |end| &text[..end]);
        complete.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Everything it said.
    pub(crate) fn said(&self) -> String {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        read(&self.out) + &read(&self.err)
    }

    /// Waits for a line with `key` set to `value`.
    pub(crate) fn until(&mut self, key: &str, value: &str) -> Value {
        let give_up = clock() + PATIENCE;
        loop {
            if let Some(line) = self.lines().into_iter().find(|line| line[key] == value) {
                return line;
            }
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                panic!("{} ended with {status} before {key}={value}:\n{}", self.name, self.said());
            }
            assert!(clock() < give_up, "{}: no {key}={value}:\n{}", self.name, self.said());
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Sends a signal by name, for example `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(sent.expect("there is a command kill").success());
    }

    /// Waits for its end.
    pub(crate) fn until_ended(&mut self) -> ExitStatus {
        let give_up = clock() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                return status;
            }
            assert!(clock() < give_up, "{} still runs:\n{}", self.name, self.said());
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; either way nothing is left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The clock of the tests.
#[expect(clippy::disallowed_methods, reason = "the programs under test run on the wall clock")]
pub(crate) fn clock() -> Instant {
    Instant::now()
}

/// A fresh folder for the files of a test.
pub(crate) fn folder(test: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    // Left over from an earlier run, if it is there.
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the folder for temporary files can be written");
    path
}

/// The program under test.
pub(crate) fn lab(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_karpenter-lab"));
    command.args(arguments).env_remove("KUBECONFIG").env("RUST_LOG", "info");
    command
}

/// A port nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}
