//! A served cluster and a kubectl that talks to it.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kube_lite::actors::{Actors, Machine, spawn_all};
use kube_lite::{Clock, Config, KubeLite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A pod with one container, for `create -f -`.
pub(crate) const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
  - {name: main, image: pause, resources: {requests: {cpu: 100m}}}
";

/// A deployment of two pods.
pub(crate) const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: main, image: pause, resources: {requests: {cpu: 100m}}}
";

/// A server on a loopback socket; everything ends when it is dropped.
pub(crate) struct Cluster {
    pub(crate) server: KubeLite,
    actors: Option<Actors>,
    clock: Clock,
    address: String,
    home: PathBuf,
    serving: JoinHandle<()>,
}

/// What one command printed.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) ok: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Cluster {
    /// A server without actors; `None` when there is no kubectl here.
    pub(crate) async fn start() -> Option<Self> {
        if !has_kubectl() {
            return None;
        }
        let clock = clock();
        let server = KubeLite::new(Config::new(clock.clone(), 7));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let router = server.router();
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("serving");
        });
        let home = std::env::temp_dir().join(format!("kube-lite-{}", address.replace(':', "-")));
        fs::create_dir_all(&home).expect("a directory");
        Some(Self { server, actors: None, clock, address, home, serving })
    }

    /// As [`Self::start`], with all actors and one machine called `n1`.
    pub(crate) async fn with_actors() -> Option<Self> {
        let mut cluster = Self::start().await?;
        let mut config = kube_lite::actors::Config::new(cluster.clock.clone());
        config.pod_start = Duration::from_millis(20);
        config.pod_stop = Duration::from_millis(20);
        let actors = spawn_all(&cluster.server.client("actors"), &config);
        actors.kubelets.join(machine("n1")).await.expect("running");
        cluster.actors = Some(actors);
        Some(cluster)
    }

    /// Runs kubectl with these words; fails the test when kubectl fails.
    pub(crate) async fn ok(&self, words: &str) -> String {
        self.ok_with(words, "").await
    }

    /// As [`Self::ok`] with text on standard input.
    pub(crate) async fn ok_with(&self, words: &str, input: &str) -> String {
        let ran = self.run(words, input).await;
        assert!(ran.ok, "kubectl {words}: {} {}", ran.out, ran.err);
        ran.out
    }

    /// Runs kubectl, which must fail; returns what it complains about.
    pub(crate) async fn fails(&self, words: &str, input: &str) -> String {
        let ran = self.run(words, input).await;
        assert!(!ran.ok, "kubectl {words}: {}", ran.out);
        ran.err
    }

    /// Runs kubectl and takes what comes.
    pub(crate) async fn run(&self, words: &str, input: &str) -> Ran {
        let mut command = Command::new("kubectl");
        command
            .args(["--server", &format!("http://{}", self.address)])
            .args(words.split_whitespace())
            .env("HOME", &self.home)
            .env("KUBECACHEDIR", self.home.join("cache"))
            .env("KUBECONFIG", self.home.join("none"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let input = input.to_owned();
        let work = tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().expect("kubectl starts");
            let mut stdin = child.stdin.take().expect("a pipe");
            // A command that does not read its input closes the pipe.
            let _ = stdin.write_all(input.as_bytes());
            drop(stdin);
            child.wait_with_output().expect("kubectl ends")
        });
        let output = work.await.expect("no panic");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { ok: output.status.success(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.serving.abort();
        // A directory that is gone already needs no removal.
        let _ = fs::remove_dir_all(&self.home);
    }
}

#[expect(clippy::print_stderr, reason = "a skipped proof must be visible")]
fn has_kubectl() -> bool {
    let found = Command::new("kubectl").args(["version", "--client"]).output().is_ok();
    if !found {
        eprintln!("no kubectl on the path: this test has shown nothing");
    }
    found
}

#[expect(clippy::disallowed_methods, reason = "kubectl compares with the wall clock")]
fn clock() -> Clock {
    let (start, epoch) = (tokio::time::Instant::now(), Timestamp::now());
    Arc::new(move || {
        let elapsed = SignedDuration::try_from(start.elapsed()).expect("a short world");
        epoch.checked_add(elapsed).expect("a short world")
    })
}

fn machine(name: &str) -> Machine {
    let text = |(name, amount): (&str, &str)| (name.to_owned(), amount.to_owned());
    let capacity = [("cpu", "4"), ("memory", "8Gi"), ("pods", "20")];
    Machine {
        node_name: name.to_owned(),
        capacity: capacity.map(text).into(),
        allocatable: capacity.map(text).into(),
        ..Machine::default()
    }
}

/// The words of one line of a printed table.
pub(crate) fn words(line: &str) -> Vec<&str> {
    line.split("  ").map(str::trim).filter(|word| !word.is_empty()).collect()
}
