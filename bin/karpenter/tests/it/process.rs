//! The program: started with an environment of its own, watched, told to stop.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::http::get;
use crate::surroundings::{KEY_ID, SECRET, Surroundings};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What the program is started with.
pub(crate) struct Launch {
    folder: PathBuf,
    environment: BTreeMap<String, String>,
    arguments: Vec<String>,
}

impl Launch {
    /// Everything a working process needs to talk to `around`, in a folder named like the test.
    pub(crate) fn into(around: &Surroundings, test: &str) -> Self {
        let cloud = format!("http://127.0.0.1:{}", around.cloud_port);
        let mut launch = Self::at_api_port(around.api_port, test)
            .env("REGION_ID", "cn-hangzhou")
            .env("CLUSTER_ID", &around.cloud.cluster().id);
        for product in ["ECS", "VPC", "CS", "STS"] {
            launch = launch.env(&format!("{product}_ENDPOINT"), &cloud);
        }
        launch
    }

    /// A process that knows an API server and an access key, and neither region nor cluster.
    pub(crate) fn at_api_port(api_port: u16, test: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
        fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
        let kubeconfig = folder.join("kubeconfig");
        fs::write(&kubeconfig, kubeconfig_of(api_port)).expect("the kubeconfig can be written");
        let launch = Self { folder, environment: BTreeMap::new(), arguments: vec![] };
        launch
            .env("KUBECONFIG", &kubeconfig.to_string_lossy())
            .env("ALIBABA_CLOUD_ACCESS_KEY_ID", KEY_ID)
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SECRET)
            .env("METRICS_PORT", "0")
            .env("HEALTH_PROBE_PORT", "0")
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Adds a flag.
    pub(crate) fn arg(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// Starts the program.
    pub(crate) fn start(self) -> Process {
        let (out, err) = (self.folder.join("stdout"), self.folder.join("stderr"));
        let child = Command::new(env!("CARGO_BIN_EXE_karpenter"))
            .args(&self.arguments)
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(File::create(&out).expect("a file can be created"))
            .stderr(File::create(&err).expect("a file can be created"))
            .spawn()
            .expect("the program starts");
        Process { child, out, err }
    }
}

/// The program as it runs; killed when dropped.
pub(crate) struct Process {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Process {
    /// Complete lines logged so far, each read as JSON.
    pub(crate) fn logged(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.out).expect("standard output is text");
        let complete = text.rfind('\n').map_or("", |end| &text[..end]);
        complete.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// Everything written so far, logs and errors.
    pub(crate) fn said(&self) -> String {
        let read = |path| fs::read_to_string(path).expect("output is text");
        read(&self.out) + &read(&self.err)
    }

    /// Waits for a line with this message.
    pub(crate) fn until_logged(&mut self, message: &str) -> Value {
        self.until(message, |process| {
            process.logged().into_iter().find(|line| line["message"] == message)
        })
    }

    /// Port the server of this name listens on.
    pub(crate) fn port(&mut self, server: &str) -> u16 {
        let line = self.until(server, |process| {
            let mut lines = process.logged().into_iter();
            lines.find(|line| line["message"] == "listening" && line["server"] == server)
        });
        let port = line["port"].as_u64().expect("the port is a number");
        u16::try_from(port).expect("ports have sixteen bits")
    }

    /// Waits until the process says that it is ready.
    pub(crate) fn until_ready(&mut self) {
        let port = self.port("health");
        self.until("ready", |_| {
            get(port, "/readyz").ok().filter(|answer| answer.status == 200).map(drop)
        });
    }

    /// Looks again and again, while the process lives, until `seen` sees something.
    pub(crate) fn until<T>(&mut self, what: &str, mut seen: impl FnMut(&Self) -> Option<T>) -> T {
        let give_up = deadline();
        loop {
            if let Some(found) = seen(self) {
                return found;
            }
            if let Some(status) = self.child.try_wait().expect("the process can be asked") {
                panic!("ended with {status} before {what}:\n{}", self.said());
            }
            assert!(!is_over(give_up), "no {what}:\n{}", self.said());
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Sends a signal by name, for example `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(sent.expect("there is a command kill").success());
    }

    /// Waits for the end of the process; answers its status and how long that took.
    pub(crate) fn until_ended(&mut self) -> (ExitStatus, Duration) {
        let start = clock();
        loop {
            if let Some(status) = self.child.try_wait().expect("the process can be asked") {
                return (status, start.elapsed());
            }
            assert!(start.elapsed() < PATIENCE, "still runs:\n{}", self.said());
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

fn deadline() -> Instant {
    clock() + PATIENCE
}

fn is_over(deadline: Instant) -> bool {
    clock() > deadline
}

#[expect(clippy::disallowed_methods, reason = "the program under test runs on the wall clock")]
fn clock() -> Instant {
    Instant::now()
}

fn kubeconfig_of(port: u16) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: smoke\n\
         clusters:\n- name: smoke\n  cluster: {{server: \"http://127.0.0.1:{port}\"}}\n\
         contexts:\n- name: smoke\n  context: {{cluster: smoke, user: smoke}}\n\
         users:\n- name: smoke\n  user: {{}}\n"
    )
}
