//! The cloud as a value.

use std::sync::Arc;

use axum::{Router, body::Body, extract};
use http::Request;
use parking_lot::Mutex;

use crate::{
    Config, auth::Nonces, calls::CallLog, fault::Faults, http::serve::serve, throttle::Throttles,
    world::World,
};

/// A fake cloud; clones share one world.
///
/// The router answers requests, the methods of this type are the levers and windows of a test.
///
/// Source: ours.
#[derive(Clone)]
pub struct FakeCloud {
    pub(crate) shared: Arc<Shared>,
}

/// What router and control side share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) state: Mutex<State>,
}

/// All that changes.
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) nonces: Nonces,
    pub(crate) faults: Faults,
    pub(crate) throttles: Throttles,
    pub(crate) calls: CallLog,
}

impl FakeCloud {
    /// A cloud with the default world of this configuration: networks, images, the cluster, every
    /// type in stock in every zone, no instances.
    pub fn new(config: Config) -> FakeCloud {
        let state = State {
            world: World::new(&config),
            nonces: Nonces::default(),
            faults: Faults::default(),
            throttles: Throttles::default(),
            calls: CallLog::default(),
        };
        FakeCloud { shared: Arc::new(Shared { config, state: Mutex::new(state) }) }
    }

    /// The whole cloud as one service for all hosts.
    ///
    /// The product is told by a path prefix (`/ecs`, `/vpc`, `/cs`, `/ram`, `/sts`, `/cms`) or by the
    /// `Host` header (`ecs.…`, `ecs-vpc.…`, `cs-anony-vpc.…`); any other host serves every action.
    pub fn router(&self) -> Router {
        let shared = Arc::clone(&self.shared);
        Router::new()
            .fallback(|extract::State(shared): extract::State<Arc<Shared>>, request: Request<Body>| async move {
                serve(&shared, request).await
            })
            .with_state(shared)
    }
}
