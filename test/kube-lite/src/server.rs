//! The server value: settings, state behind one lock, and the router over it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State as Extract;
use http::{Request, Response};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::config::Config;
use crate::journal::DataError;
use crate::object::{Key, meta_str};
use crate::routes;
use crate::state::{Ctx, State};
use crate::verbs;
use crate::write_log::{Verb, WriteLog, WriteRecord};

/// Header that names the writer in the write log.
pub(crate) const ACTOR_HEADER: &str = "kube-lite-actor";

/// An embedded Kubernetes API server.
///
/// A clone is another handle on the same server. Nothing runs in the background but the
/// writing of snapshots: state changes only during requests.
///
/// Source: Kubernetes API.
#[derive(Debug, Clone)]
pub struct KubeLite {
    pub(crate) state: Arc<Mutex<State>>,
    pub(crate) max_body_bytes: usize,
}

/// The server refused an object that was to be installed.
#[derive(Debug, thiserror::Error)]
#[error("object refused: {message}")]
pub struct Refused {
    /// Message of the `Status` a client would have got.
    pub message: String,
}

impl KubeLite {
    /// A server in memory with the namespaces and priority classes a fresh cluster has.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self::of(State::new(config))
    }

    /// As [`KubeLite::new`], going on from what [`Config::data`] holds and keeping it up to date.
    ///
    /// Versions continue. A watch from before the restart goes on when its version lies in the
    /// journal, else it gets `410 Gone`. The directory is free again when every handle, client
    /// and watch of the server is gone.
    ///
    /// # Errors
    /// [`DataError`] when the directory cannot be used, is in use, or holds a file that is damaged
    /// before its end.
    ///
    /// Source: ours.
    pub fn open(config: Config) -> Result<Self, DataError> {
        Ok(Self::of(State::open(config)?))
    }

    fn of(state: State) -> Self {
        let max_body_bytes = state.config.max_body_bytes;
        let server = Self { state: Arc::new(Mutex::new(state)), max_body_bytes };
        server.install_defaults();
        server
    }

    /// The whole API as one service: mount it in process or serve it on a socket.
    pub fn router(&self) -> Router {
        Router::new().fallback(serve).with_state(self.clone())
    }

    /// A client in process whose writes carry `actor` in the write log.
    ///
    /// Must be called inside a tokio runtime.
    pub fn client(&self, actor: &str) -> kube::Client {
        let actor = http::HeaderValue::from_str(actor).ok();
        let service = self.router().map_request(move |mut request: Request<kube::client::Body>| {
            if let Some(actor) = &actor {
                request.headers_mut().insert(ACTOR_HEADER, actor.clone());
            }
            request
        });
        kube::Client::new(service, "default")
    }

    /// Defines a custom kind, as a POST of the definition does; takes JSON or the typed object.
    ///
    /// # Errors
    /// [`Refused`] when the value is no valid `CustomResourceDefinition` or exists already.
    pub fn install_crd(&self, definition: impl Serialize) -> Result<(), Refused> {
        let definition = serde_json::to_value(definition)
            .map_err(|error| Refused { message: error.to_string() })?;
        let mut state = self.state.lock();
        let ctx = self.ctx(&state, Verb::Create, "install");
        let refused = |error: crate::error::ApiError| Refused { message: error.to_string() };
        let kind = state.kind("apiextensions.k8s.io", "customresourcedefinitions");
        let kind = kind.map_err(refused)?;
        verbs::create(&mut state, &ctx, &kind, None, definition, Default::default())
            .map_err(refused)?;
        Ok(())
    }

    /// Everything written so far.
    pub fn write_log(&self) -> WriteLog {
        self.state.lock().writes.clone()
    }

    /// Number of writes in the log that `wanted` picks; copies nothing.
    pub fn count_writes(&self, wanted: impl Fn(&WriteRecord) -> bool) -> usize {
        self.state.lock().writes.records().iter().filter(|record| wanted(record)).count()
    }

    /// Version of the newest change.
    pub fn resource_version(&self) -> u64 {
        self.state.lock().store.version()
    }

    fn ctx(&self, state: &State, verb: Verb, actor: &str) -> Ctx {
        Ctx { now: now(state), actor: actor.to_owned(), dry_run: false, verb }
    }

    fn install_defaults(&self) {
        let mut state = self.state.lock();
        let ctx = self.ctx(&state, Verb::Create, "install");
        state.resume(&ctx);
        for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            let object = json!({"metadata": {"name": name}});
            install(&mut state, &ctx, ("", "namespaces"), object);
        }
        for (name, value) in
            [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)]
        {
            let object = json!({"metadata": {"name": name}, "value": value});
            install(&mut state, &ctx, ("scheduling.k8s.io", "priorityclasses"), object);
        }
    }
}

/// Time of the server's clock in whole seconds, RFC 3339.
pub(crate) fn now(state: &State) -> String {
    crate::time::text((state.config.clock)())
}

fn install(state: &mut State, ctx: &Ctx, (group, plural): (&str, &str), object: Value) {
    let kind = state.kind(group, plural).expect("invariant: a row of the built-in table");
    let key = Key::new("", meta_str(&object, "name").unwrap_or(""));
    if state.store.contains(&kind.id(), &key) {
        return;
    }
    verbs::create(state, ctx, &kind, None, object, Default::default())
        .expect("invariant: the first objects of a cluster are valid");
}

async fn serve(Extract(server): Extract<KubeLite>, request: Request<Body>) -> Response<Body> {
    routes::serve(&server, request).await
}
