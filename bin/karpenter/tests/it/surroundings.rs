//! What the program is surrounded by: an API server with the shipped definitions, and a cloud.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use fake_cloud::FakeCloud;
use kube_lite::KubeLite;
use kube_lite::actors::{Actors, spawn_all};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::http::{Answer, send};

/// Secret of the only access key the cloud knows; must not show up anywhere.
pub(crate) const SECRET: &str = "kept-to-ourselves-7f3a";

/// Id of that key.
pub(crate) const KEY_ID: &str = "key-of-the-smoke-test";

/// Makes ids of the fakes; any number does.
const SEED: u64 = 7;

/// Both servers, on ports the system chose.
pub(crate) struct Surroundings {
    pub(crate) cloud: FakeCloud,
    pub(crate) cloud_port: u16,
    pub(crate) api_port: u16,
    pub(crate) launches: Gate,
    _actors: Actors,
    _runtime: Runtime,
}

impl Surroundings {
    /// Servers that answer, with nothing in them but the definitions of our kinds.
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime starts");
        let api = KubeLite::new(kube_lite::Config::new(Arc::new(now), SEED));
        for definition in definitions() {
            api.install_crd(definition).expect("the API server takes our definitions");
        }
        let mut config = fake_cloud::Config::new(Arc::new(now_in_chrono), SEED);
        config.access_keys = vec![fake_cloud::AccessKey::new(KEY_ID, SECRET)];
        let cloud = FakeCloud::new(config);
        cloud.edit_cluster(|cluster| cluster.network = "Flannel".to_owned());
        let launches = Gate::default();
        let (api_port, cloud_port) =
            (serve(&runtime, api.router()), serve(&runtime, launches.before(cloud.router())));
        let actors = {
            let _inside = runtime.enter();
            spawn_all(&api.client("cluster"), &kube_lite::actors::Config::new(Arc::new(now)))
        };
        Self { cloud, cloud_port, api_port, launches, _actors: actors, _runtime: runtime }
    }

    /// Creates a node class, a pool and a Deployment whose pods fit on no node there is.
    pub(crate) fn demand_nodes(&self, pods: u32) {
        let class = include_str!("../../../../test/scenarios/fixtures/user-ecsnodeclass.yaml");
        let pool = include_str!("../../../../test/scenarios/fixtures/user-nodepool.yaml");
        let classes = "/apis/karpenter.alibabacloud.com/v1alpha1/ecsnodeclasses";
        self.create(classes, &yaml(class));
        self.create("/apis/karpenter.sh/v1/nodepools", &yaml(pool));
        self.create("/apis/apps/v1/namespaces/default/deployments", &deployment(pods));
    }

    /// Asks the API server as a user would.
    pub(crate) fn api(&self, path: &str) -> Value {
        let answer = crate::http::get(self.api_port, path).expect("the API server answers");
        serde_json::from_str(&answer.body).expect("an answer is JSON")
    }

    fn create(&self, collection: &str, object: &Value) {
        let Answer { status, body } =
            send(self.api_port, "POST", collection, &object.to_string()).expect("it answers");
        assert_eq!(status, 201, "{collection}: {body}");
    }
}

/// Keeps launches waiting at the door of the cloud while it is closed.
#[derive(Clone, Default)]
pub(crate) struct Gate {
    closed: watch::Sender<bool>,
    waiting: Arc<AtomicUsize>,
}

impl Gate {
    /// Lets launches in, or keeps them out from now on.
    pub(crate) fn close(&self, closed: bool) {
        self.closed.send_replace(closed);
    }

    /// Launches that have come to the gate so far while it was closed.
    pub(crate) fn n_waited(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    fn before(&self, cloud: axum::Router) -> axum::Router {
        let gate = self.clone();
        cloud.layer(from_fn(move |request, next| gate.clone().pass(request, next)))
    }

    async fn pass(self, request: Request, next: Next) -> Response {
        let action = request.headers().get("x-acs-action");
        let mut closed = self.closed.subscribe();
        if action.is_some_and(|action| action == "RunInstances") && *closed.borrow() {
            self.waiting.fetch_add(1, Ordering::SeqCst);
            // The gate outlives all requests: its sender is in this very value.
            let _ = closed.wait_for(|closed| !closed).await;
        }
        next.run(request).await
    }
}

fn serve(runtime: &Runtime, router: axum::Router) -> u16 {
    let listener = runtime
        .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .expect("the system has a free port");
    let port = listener.local_addr().expect("a bound socket has an address").port();
    runtime.spawn(async move { axum::serve(listener, router).await });
    port
}

/// The definitions as users install them: the templates of the chart.
fn definitions() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../charts/karpenter-crd/templates");
    let entries = std::fs::read_dir(folder).expect("the chart is in the repository");
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    paths.iter().map(|path| yaml(&std::fs::read_to_string(path).expect("a text"))).collect()
}

/// Reads a template whose only actions are switches on lines of their own, all of them on.
fn yaml(template: &str) -> Value {
    let lines: Vec<&str> = template.lines().filter(|line| !line.starts_with("{{")).collect();
    serde_saphyr::from_str(&lines.join("\n")).expect("the file is YAML")
}

fn deployment(replicas: u32) -> Value {
    let requests = json!({ "cpu": "1", "memory": "1Gi" });
    let container = json!({
        "name": "main",
        "image": "registry.k8s.io/pause:3.10",
        "resources": { "requests": requests },
    });
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": "web", "namespace": "default" },
        "spec": {
            "replicas": replicas,
            "selector": { "matchLabels": { "app": "web" } },
            "template": {
                "metadata": { "labels": { "app": "web" } },
                "spec": { "containers": [container] },
            },
        },
    })
}

#[expect(clippy::disallowed_methods, reason = "the program under test runs on the wall clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

fn now_in_chrono() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp_nanos(
        i64::try_from(now().as_nanosecond()).expect("the year is below 2262"),
    )
}
