//! A client service that can lose power: on a chosen request, before or after it reaches the server.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Method, Request, Response};
use kube::client::Body;
use parking_lot::Mutex;
use tower::Service;

/// The request that trips the wire.
#[derive(Debug, Clone)]
pub struct Trip {
    /// Method.
    pub method: Method,
    /// Text the path contains.
    pub path: &'static str,
    /// Text the path ends with.
    pub ending: &'static str,
}

/// What happens when the wire is tripped.
type Blow = Arc<dyn Fn() + Send + Sync>;

/// Whether the time has come.
type Condition = Box<dyn Fn() -> bool + Send + Sync>;

/// A wire under tension.
struct Armed {
    trip: Trip,
    when: Condition,
    blow: Blow,
}

/// Arms and disarms the wire; cloning shares it.
#[derive(Clone, Default)]
pub struct Tripwire(Arc<Mutex<Option<Armed>>>);

impl Tripwire {
    /// Calls `blow` instead of sending the first request that matches `trip`; that request is never answered.
    pub fn arm(&self, trip: Trip, blow: impl Fn() + Send + Sync + 'static) {
        self.arm_when(trip, || true, blow);
    }

    /// As [`Tripwire::arm`]; requests that come before `when` holds pass.
    pub fn arm_when(
        &self,
        trip: Trip,
        when: impl Fn() -> bool + Send + Sync + 'static,
        blow: impl Fn() + Send + Sync + 'static,
    ) {
        *self.0.lock() = Some(Armed { trip, when: Box::new(when), blow: Arc::new(blow) });
    }

    /// Whether the wire still waits for its request.
    pub fn is_armed(&self) -> bool {
        self.0.lock().is_some()
    }

    fn tripped(&self, request: &Request<Body>) -> Option<Blow> {
        let mut armed = self.0.lock();
        let Armed { trip, when, .. } = armed.as_ref()?;
        let path = request.uri().path();
        let matches = *request.method() == trip.method
            && path.contains(trip.path)
            && path.ends_with(trip.ending)
            && when();
        if matches { armed.take().map(|armed| armed.blow) } else { None }
    }
}

/// `S` behind a [`Tripwire`].
#[derive(Clone)]
pub struct Wired<S> {
    /// The service.
    pub inner: S,
    /// The wire.
    pub wire: Tripwire,
}

impl<S, B> Service<Request<Body>> for Wired<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: 'static,
    B: 'static,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<B>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.wire.tripped(&request) {
            Some(blow) => {
                blow();
                Box::pin(std::future::pending())
            }
            None => Box::pin(self.inner.call(request)),
        }
    }
}
