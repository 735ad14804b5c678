//! The world as separate programs that find each other over fixed loopback ports.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Process, free_port, lab};

/// How much faster than usual machines and pods are.
const SPEED: &str = "50";

/// Everything but the API server.
pub(crate) struct Parts {
    folder: PathBuf,
    kubeconfig: PathBuf,
    cloud_port: u16,
    cloud: Process,
    karpenter: Process,
    kubelets: Process,
    _scheduler: Process,
}

impl Parts {
    /// Starts all parts for the API server of `kubeconfig`, whose definitions are applied first, and waits
    /// until they say that they are ready.
    pub(crate) fn start(folder: &Path, kubeconfig: &Path) -> Self {
        let cloud_port = free_port();
        let crds = ["crds", "--output", "json", "--kubeconfig", path(kubeconfig)];
        Process::start(folder, "crds", lab(&crds)).until("part", "crds");
        let mut cloud = start_cloud(folder, cloud_port);
        let ready = cloud.until("part", "cloud");
        let url = url(cloud_port);
        let kubelets = [
            "kubelets",
            "--output",
            "json",
            "--speed",
            SPEED,
            "--kubeconfig",
            path(kubeconfig),
            "--cloud",
            &url,
        ];
        let mut kubelets = Process::start(folder, "kubelets", lab(&kubelets));
        let scheduler = ["scheduler", "--output", "json", "--kubeconfig", path(kubeconfig)];
        let mut scheduler = Process::start(folder, "scheduler", lab(&scheduler));
        let cluster = ready["cluster"].as_str().expect("the cloud names its cluster");
        let mut karpenter = start_karpenter(folder, kubeconfig, &url, cluster);
        kubelets.until("part", "kubelets");
        scheduler.until("part", "scheduler");
        karpenter.until("message", "starting");
        let (folder, kubeconfig) = (folder.to_owned(), kubeconfig.to_owned());
        Self { folder, kubeconfig, cloud_port, cloud, karpenter, kubelets, _scheduler: scheduler }
    }

    /// URL of the cloud.
    pub(crate) fn cloud_url(&self) -> String {
        url(self.cloud_port)
    }

    /// Ends the cloud where it stands and starts it again.
    pub(crate) fn restart_cloud(&mut self) {
        self.cloud.signal("KILL");
        self.cloud.until_ended();
        self.cloud = start_cloud(&self.folder, self.cloud_port);
        self.cloud.until("part", "cloud");
    }

    /// Ends the controller where it stands and starts it again.
    pub(crate) fn restart_karpenter(&mut self) {
        self.karpenter.signal("KILL");
        self.karpenter.until_ended();
        let cluster = self.cloud.until("part", "cloud");
        let cluster = cluster["cluster"].as_str().expect("the cloud names its cluster");
        self.karpenter =
            start_karpenter(&self.folder, &self.kubeconfig, &url(self.cloud_port), cluster);
    }

    /// Ends the machines' process and starts it again: the machines of the cloud go on.
    pub(crate) fn restart_kubelets(&mut self) {
        self.kubelets.signal("KILL");
        self.kubelets.until_ended();
        let url = url(self.cloud_port);
        let kubelets = [
            "kubelets",
            "--output",
            "json",
            "--speed",
            SPEED,
            "--kubeconfig",
            path(&self.kubeconfig),
            "--cloud",
            &url,
        ];
        self.kubelets = Process::start(&self.folder, "kubelets", lab(&kubelets));
        self.kubelets.until("part", "kubelets");
    }
}

fn start_cloud(folder: &Path, port: u16) -> Process {
    let listen = format!("127.0.0.1:{port}");
    let data = folder.join("cloud.json");
    let cloud = [
        "cloud",
        "--output",
        "json",
        "--speed",
        SPEED,
        "--family",
        "ecs.c6",
        "--listen",
        &listen,
        "--data",
        path(&data),
    ];
    Process::start(folder, "cloud", lab(&cloud))
}

fn start_karpenter(folder: &Path, kubeconfig: &Path, cloud: &str, cluster: &str) -> Process {
    let mut command = Command::new(karpenter());
    command
        .env("KUBECONFIG", kubeconfig)
        .env("REGION_ID", "cn-hangzhou")
        .env("CLUSTER_ID", cluster)
        .env("ALIBABA_CLOUD_ACCESS_KEY_ID", "testid")
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testsecret")
        .env("METRICS_PORT", "0")
        .env("HEALTH_PROBE_PORT", "0");
    for product in ["ECS", "VPC", "CS", "STS"] {
        command.env(format!("{product}_ENDPOINT"), cloud);
    }
    Process::start(folder, "karpenter", command)
}

/// The shipped controller. It belongs to another package, so cargo has built it only when that package is
/// part of the run; else it is built here, together with this one, so that nothing else is built anew.
fn karpenter() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_karpenter-lab")).with_file_name("karpenter");
    if !program.exists() {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "-p", "karpenter", "-p", "karpenter-lab"])
            .status();
        assert!(built.expect("cargo runs").success(), "the controller cannot be built");
    }
    program
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Paths of tests are text.
pub(crate) fn path(path: &Path) -> &str {
    path.to_str().expect("the folder for temporary files is text")
}
