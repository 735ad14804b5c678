//! Bad weather between the controller and the API: requests are refused or their answers lost, watches break.
//!
//! What befalls a request depends on the seed and on how many requests came before it, so a world stays
//! repeatable.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body as Answer;
use futures::StreamExt;
use http::{Method, Request, Response, StatusCode};
use kube::client::Body;
use parking_lot::Mutex;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use tokio::sync::watch;
use tower::Service;

/// How bad it is; the default is fair weather. Shares are per thousand requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Storm {
    /// Refused with 429 or 500, in turn, before anything happens.
    pub refused: u32,
    /// Writes that are done and then answered with 504.
    pub lost: u32,
    /// Refuses every new watch with 503.
    pub no_watches: bool,
}

/// The weather; cloning shares it.
#[derive(Clone)]
pub struct Weather {
    state: Arc<Mutex<State>>,
    breaks: watch::Sender<u64>,
}

struct State {
    storm: Storm,
    dice: ChaCha8Rng,
    requests: u64,
    harmed: u64,
}

/// What befalls one request.
enum Fate {
    Served,
    Watch,
    Refused(StatusCode),
    Lost,
}

impl Weather {
    /// Fair weather.
    pub fn new(seed: u64) -> Self {
        let dice = ChaCha8Rng::seed_from_u64(seed);
        let state = State { storm: Storm::default(), dice, requests: 0, harmed: 0 };
        Self { state: Arc::new(Mutex::new(state)), breaks: watch::Sender::new(0) }
    }

    /// From now on it is like this.
    pub fn set(&self, storm: Storm) {
        self.state.lock().storm = storm;
    }

    /// Ends every watch that is open.
    pub fn break_watches(&self) {
        self.breaks.send_modify(|n| *n += 1);
    }

    /// Requests of the controller so far, refused ones included.
    pub fn n_requests(&self) -> u64 {
        self.state.lock().requests
    }

    /// Requests that were refused or whose answer was lost.
    pub fn n_harmed(&self) -> u64 {
        self.state.lock().harmed
    }

    fn fate(&self, request: &Request<Body>) -> Fate {
        let is_watch = request.uri().query().is_some_and(|query| query.contains("watch=true"));
        let mut state = self.state.lock();
        state.requests += 1;
        let fate = state.throw(request.method(), is_watch);
        state.harmed += u64::from(matches!(fate, Fate::Refused(_) | Fate::Lost));
        fate
    }
}

impl State {
    fn throw(&mut self, method: &Method, is_watch: bool) -> Fate {
        let roll = self.dice.random_range(0..1000);
        let Storm { refused, lost, no_watches } = self.storm;
        if is_watch {
            return if no_watches {
                Fate::Refused(StatusCode::SERVICE_UNAVAILABLE)
            } else {
                Fate::Watch
            };
        }
        if roll < refused {
            return Fate::Refused(match roll % 2 {
                0 => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            });
        }
        if *method != Method::GET && roll < refused + lost { Fate::Lost } else { Fate::Served }
    }
}

/// `S` out in the [`Weather`].
#[derive(Clone)]
pub struct Exposed<S> {
    /// The service.
    pub inner: S,
    /// The weather.
    pub weather: Weather,
}

impl<S> Service<Request<Body>> for Exposed<S>
where
    S: Service<Request<Body>, Response = Response<Answer>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Answer>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.weather.fate(&request) {
            Fate::Served => Box::pin(self.inner.call(request)),
            Fate::Refused(code) => Box::pin(std::future::ready(Ok(status(code)))),
            Fate::Lost => {
                let done = self.inner.call(request);
                Box::pin(async move { done.await.map(|_| status(StatusCode::GATEWAY_TIMEOUT)) })
            }
            Fate::Watch => {
                let opened = self.inner.call(request);
                let breaks = self.weather.breaks.subscribe();
                Box::pin(async move { opened.await.map(|answer| breakable(answer, breaks)) })
            }
        }
    }
}

/// A stream of events that ends with the next break.
fn breakable(answer: Response<Answer>, mut breaks: watch::Receiver<u64>) -> Response<Answer> {
    answer.map(|body| {
        let broken = Box::pin(async move {
            if breaks.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        });
        Answer::from_stream(body.into_data_stream().take_until(broken))
    })
}

/// The answer of a server that cannot serve. Source: Kubernetes API (Status).
fn status(code: StatusCode) -> Response<Answer> {
    let reason = match code {
        StatusCode::TOO_MANY_REQUESTS => "TooManyRequests",
        StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailable",
        StatusCode::GATEWAY_TIMEOUT => "Timeout",
        _ => "InternalError",
    };
    let body = serde_json::json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "bad weather", "reason": reason, "code": code.as_u16(),
    });
    let mut response = Response::new(Answer::from(body.to_string()));
    *response.status_mut() = code;
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}
